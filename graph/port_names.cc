#include "graph/port_names.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/suggest.h"

namespace diarflow {

PortName SplitPort(absl::string_view entry) {
  const std::vector<std::string> parts = absl::StrSplit(entry, absl::MaxSplits(':', 1));
  return parts.size() == 1 ? PortName{"", parts[0]} : PortName{parts[0], parts[1]};
}

std::string JoinPort(const PortName& name) {
  return name.port.empty() ? name.name : absl::StrCat(name.port, ":", name.name);
}

bool IsName(absl::string_view name) {
  return !name.empty() && absl::ascii_isalpha(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

bool IsNamePath(absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  return std::all_of(parts.begin(), parts.end(), &IsName);
}

std::vector<PortMatch> MatchPorts(absl::string_view type, absl::string_view field,
                                  const std::vector<std::string>& ports,
                                  const google::protobuf::RepeatedPtrField<std::string>& entries) {
  std::vector<PortMatch> matches;
  std::set<int> used;
  for (const std::string& entry : entries) {
    const PortName name = SplitPort(entry);
    PortMatch match;
    match.name = name.name;
    if (name.port.empty() && ports.size() == 1) match.port = 0;
    const auto named = std::find(ports.begin(), ports.end(), name.port);
    if (named != ports.end()) match.port = static_cast<int>(named - ports.begin());
    if (ports.empty()) {
      match.error = absl::StrCat("\"", entry, "\": ", type, " has no ", field);
    } else if (match.port < 0 && name.port.empty()) {
      match.error = absl::StrCat("\"", entry, "\" names no port: write PORT:", name.name, " with one of ",
                                 absl::StrJoin(ports, ", "));
    } else if (match.port < 0) {
      match.error = absl::StrCat("there is no ", field, " \"", name.port, "\"", DidYouMean(name.port, ports), " (",
                                 absl::StrJoin(ports, ", "), ")");
    } else if (!used.insert(match.port).second) {
      match.error = absl::StrCat(field, " \"", ports[match.port], "\" is connected twice");
      match.port = -1;
    }
    matches.push_back(std::move(match));
  }
  return matches;
}

}  // namespace diarflow
