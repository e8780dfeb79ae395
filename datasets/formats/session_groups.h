// Which sessions belong together, because the same people speak in them: a text file with a line
//
//   uri group
//
// for each recording. Blanks, CRLF, byte order mark, blank lines and comments with ";;" are treated as in RTTM files
// (rttm.h). What the groups are for: metrics/session_bootstrap.h.
#ifndef DIARFLOW_DATASETS_FORMATS_SESSION_GROUPS_H_
#define DIARFLOW_DATASETS_FORMATS_SESSION_GROUPS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diarflow {

// uri -> group. `name` stands before line numbers in errors. kInvalidArgument, "name:line: ...": not two fields, a
// recording in two groups. A line that is there twice does no harm.
absl::StatusOr<std::map<std::string, std::string>> ParseSessionGroups(absl::string_view text, absl::string_view name);

// ParseSessionGroups() of a file. Errors of ForEachLineOfFile() as well.
absl::StatusOr<std::map<std::string, std::string>> ReadSessionGroups(const std::string& path);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_FORMATS_SESSION_GROUPS_H_
