// Line by line through text files of any size: only one block and one line are in memory.
#ifndef DIARFLOW_DATASETS_FORMATS_TEXT_LINES_H_
#define DIARFLOW_DATASETS_FORMATS_TEXT_LINES_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace diarflow {

// Takes a line without its end; an error ends the reading.
using LineFunction = std::function<absl::Status(absl::string_view line)>;

// Calls `take` for every line of `text`, in order. A line ends with LF, CRLF or the text; a byte order mark at the
// start is skipped. An error of `take` comes back with "name:line: " before its message, lines counted from 1.
absl::Status ForEachLine(absl::string_view text, absl::string_view name, const LineFunction& take);

// The same for a file, read block by block. Errors: kNotFound, kPermissionDenied or kDataLoss with the path and the
// system's reason; kInvalidArgument for a line of more than a megabyte (that is no text file).
absl::Status ForEachLineOfFile(const std::string& path, const LineFunction& take);

// The fields of a line: what blanks and tabs separate, however many. Other bytes belong to fields.
std::vector<absl::string_view> SplitFields(absl::string_view line);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_FORMATS_TEXT_LINES_H_
