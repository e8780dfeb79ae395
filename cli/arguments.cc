#include "cli/arguments.h"

#include <algorithm>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/suggest.h"

namespace diarflow {
namespace {

constexpr char kSet[] = "set";

bool IsProgramFlag(absl::string_view name) {
  return absl::FindCommandLineFlag(name) != nullptr ||
         (absl::ConsumePrefix(&name, "no") && absl::FindCommandLineFlag(name) != nullptr);
}

}  // namespace

absl::StatusOr<Arguments> SplitArguments(const std::vector<std::string>& arguments, const Pipeline& pipeline) {
  std::vector<std::string> own = {kSet};
  for (const ParamConfig& param : pipeline.config().param()) own.push_back(param.name());
  Arguments split;
  for (size_t i = 0; i < arguments.size(); ++i) {
    absl::string_view argument = arguments[i];
    if (argument == "--") {
      split.rest.insert(split.rest.end(), arguments.begin() + static_cast<ptrdiff_t>(i), arguments.end());
      break;
    }
    if (i == 0 || argument == "-" || !absl::ConsumePrefix(&argument, "-")) {
      split.rest.push_back(arguments[i]);
      continue;
    }
    absl::ConsumePrefix(&argument, "-");
    const size_t equals = argument.find('=');
    const std::string name(argument.substr(0, equals));
    if (name == "help" || name == "h") {
      split.help = true;
      continue;
    }
    if (std::find(own.begin(), own.end(), name) == own.end()) {
      if (!IsProgramFlag(name)) {
        std::vector<std::string> known = own;
        for (const auto& [flag_name, flag] : absl::GetAllFlags()) known.emplace_back(flag_name);
        return absl::InvalidArgumentError(
            absl::StrCat("there is no flag --", name, DidYouMean(name, known), " (--help lists all)"));
      }
      split.rest.push_back(arguments[i]);
      continue;
    }
    std::string value;
    if (equals != absl::string_view::npos) {
      value = std::string(argument.substr(equals + 1));
    } else if (i + 1 < arguments.size()) {
      value = arguments[++i];
    } else {
      return absl::InvalidArgumentError(absl::StrCat("--", name, " needs a value: --", name, "=VALUE"));
    }
    if (name == kSet)
      split.assignments.push_back(value);
    else
      split.params.emplace(name, value);
  }
  return split;
}

absl::StatusOr<std::vector<std::string>> SetProgramFlags(const std::vector<std::string>& arguments) {
  std::vector<std::string> positional;
  for (size_t i = 1; i < arguments.size(); ++i) {
    absl::string_view argument = arguments[i];
    if (argument == "--") {
      positional.insert(positional.end(), arguments.begin() + static_cast<ptrdiff_t>(i) + 1, arguments.end());
      break;
    }
    if (argument == "-" || !absl::ConsumePrefix(&argument, "-")) {
      positional.push_back(arguments[i]);
      continue;
    }
    absl::ConsumePrefix(&argument, "-");
    const size_t equals = argument.find('=');
    absl::string_view name = argument.substr(0, equals);
    std::string value = equals == absl::string_view::npos ? "" : std::string(argument.substr(equals + 1));
    absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name);
    if (flag == nullptr && absl::ConsumePrefix(&name, "no")) {
      flag = absl::FindCommandLineFlag(name);
      value = "false";
    } else if (equals == absl::string_view::npos && flag->IsOfType<bool>()) {
      value = "true";
    } else if (equals == absl::string_view::npos) {
      if (i + 1 == arguments.size()) {
        return absl::InvalidArgumentError(absl::StrCat("--", name, " needs a value: --", name, "=VALUE"));
      }
      value = arguments[++i];
    }
    std::string error;
    if (!flag->ParseFrom(value, &error)) {
      return absl::InvalidArgumentError(absl::StrCat("--", name, "=", value, ": ", error));
    }
  }
  return positional;
}

}  // namespace diarflow
