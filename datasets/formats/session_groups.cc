#include "datasets/formats/session_groups.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "datasets/formats/text_lines.h"

namespace diarflow {
namespace {

absl::Status AddLine(absl::string_view line, std::map<std::string, std::string>* groups) {
  const std::vector<absl::string_view> fields = SplitFields(line);
  if (fields.empty() || absl::StartsWith(fields[0], ";;")) return absl::OkStatus();
  if (fields.size() != 2) {
    return absl::InvalidArgumentError(absl::StrCat("a line is `uri group`, two fields; here are ", fields.size()));
  }
  const auto [known, is_new] = groups->try_emplace(std::string(fields[0]), fields[1]);
  if (is_new || known->second == fields[1]) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the recording \"", fields[0], "\" is in two groups, \"",
                                                 known->second, "\" and \"", fields[1], "\""));
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> ParseSessionGroups(absl::string_view text, absl::string_view name) {
  std::map<std::string, std::string> groups;
  RETURN_IF_ERROR(ForEachLine(text, name, [&](absl::string_view line) { return AddLine(line, &groups); }));
  return groups;
}

absl::StatusOr<std::map<std::string, std::string>> ReadSessionGroups(const std::string& path) {
  std::map<std::string, std::string> groups;
  RETURN_IF_ERROR(ForEachLineOfFile(path, [&](absl::string_view line) { return AddLine(line, &groups); }));
  return groups;
}

}  // namespace diarflow
