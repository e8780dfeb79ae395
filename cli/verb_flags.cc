#include "cli/verb_flags.h"

#include <algorithm>
#include <cstdio>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/suggest.h"
#include "graph/runtime.h"

namespace diarflow {
namespace {

const VerbFlag* Find(const std::vector<VerbFlag>& flags, absl::string_view name) {
  const auto found =
      std::find_if(flags.begin(), flags.end(), [name](const VerbFlag& flag) { return flag.name == name; });
  return found == flags.end() ? nullptr : &*found;
}

absl::Status Unknown(const std::vector<VerbFlag>& flags, const std::string& name) {
  std::vector<std::string> known;
  for (const VerbFlag& flag : flags) known.push_back(flag.name);
  return absl::InvalidArgumentError(
      absl::StrCat("there is no flag --", name, DidYouMean(name, known), " (--help lists all)"));
}

}  // namespace

std::string VerbArguments::Get(const std::string& name, absl::string_view otherwise) const {
  const auto found = values.find(name);
  return found == values.end() ? std::string(otherwise) : found->second.back();
}

absl::StatusOr<VerbArguments> ParseVerbFlags(const std::vector<VerbFlag>& flags,
                                             const std::vector<std::string>& arguments) {
  VerbArguments parsed;
  bool flags_end = false;
  for (size_t i = 1; i < arguments.size(); ++i) {
    absl::string_view text = arguments[i];
    if (flags_end || text == "-" || !absl::ConsumePrefix(&text, "-")) {
      parsed.positional.push_back(arguments[i]);
      continue;
    }
    absl::ConsumePrefix(&text, "-");
    flags_end = text.empty();
    if (flags_end) continue;
    const size_t equals = text.find('=');
    const bool has_value = equals != absl::string_view::npos;
    const std::string name(text.substr(0, equals));
    std::string value(has_value ? text.substr(equals + 1) : "");
    if (name == "help" || name == "h") {
      parsed.help = true;
      continue;
    }
    const VerbFlag* flag = Find(flags, name);
    if (flag != nullptr && !flag->value.empty()) {
      if (!has_value && i + 1 < arguments.size()) value = arguments[++i];
      if (value.empty())
        return absl::InvalidArgumentError(absl::StrCat("--", name, " needs a value: --", name, "=VALUE"));
      parsed.values[name].push_back(value);
      continue;
    }
    bool on = flag != nullptr;
    if (flag == nullptr && !has_value) flag = Find(flags, absl::StripPrefix(name, "no"));
    if (flag == nullptr || !flag->value.empty()) return Unknown(flags, name);
    if (has_value && !absl::SimpleAtob(value, &on)) {
      return absl::InvalidArgumentError(absl::StrCat("--", name, "=", value, ": it is true or false"));
    }
    parsed.values[flag->name].push_back(on ? "true" : "false");
  }
  return parsed;
}

absl::StatusOr<int> Choice(const VerbArguments& arguments, const std::string& flag,
                           const std::vector<std::string>& names) {
  const std::string value = arguments.Get(flag, names[0]);
  const auto found = std::find(names.begin(), names.end(), value);
  if (found != names.end()) return static_cast<int>(found - names.begin());
  return absl::InvalidArgumentError(absl::StrCat("--", flag, " is \"", value, "\", must be ",
                                                 absl::StrJoin(names, " or "), DidYouMean(value, names)));
}

absl::Status InFlag(const std::string& flag, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("--", flag, ": ", status.message()));
}

int ExitCodeOf(const absl::StatusOr<int>& code) {
  if (code.ok()) return *code;
  std::fprintf(stderr, "%s\n", std::string(code.status().message()).c_str());
  return kExitBadConfiguration;
}

std::string VerbFlagsHelp(const std::vector<VerbFlag>& flags) {
  constexpr size_t kLine = 100;
  constexpr absl::string_view kIndent = "      ";
  std::string text;
  for (const VerbFlag& flag : flags) {
    absl::StrAppend(&text, "  --", flag.name, flag.value.empty() ? "" : "=", flag.value, "\n");
    std::string line(kIndent);
    for (const absl::string_view word : absl::StrSplit(flag.help, ' ', absl::SkipEmpty())) {
      if (line.size() + word.size() > kLine && line.size() > kIndent.size()) {
        absl::StrAppend(&text, absl::StripSuffix(line, " "), "\n");
        line = std::string(kIndent);
      }
      absl::StrAppend(&line, word, " ");
    }
    absl::StrAppend(&text, absl::StripSuffix(line, " "), "\n");
  }
  return text;
}

}  // namespace diarflow
