#include "cli/arguments.h"

#include <algorithm>
#include <iterator>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/suggest.h"

namespace diarflow {
namespace {

constexpr char kSet[] = "set";

// Those that absl handles without a flag behind them.
constexpr absl::string_view kUsageFlags[] = {"help",        "helpfull",  "helpmatch", "helpon",
                                             "helppackage", "helpshort", "version"};

bool IsProgramFlag(absl::string_view name) {
  if (std::find(std::begin(kUsageFlags), std::end(kUsageFlags), name) != std::end(kUsageFlags)) return true;
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
      split.params[name] = value;
  }
  return split;
}

}  // namespace diarflow
