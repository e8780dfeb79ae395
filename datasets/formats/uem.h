// UEM, the file format of evaluation regions ("un-partitioned evaluation map" of the NIST evaluations). A line is a
// span to be scored:
//
//   uri channel start end
//
// in seconds. A recording may have several spans. Blanks, CRLF, byte order mark, blank lines, comments with ";;",
// channels and rounding are treated as in RTTM files (rttm.h).
#ifndef DIARFLOW_DATASETS_FORMATS_UEM_H_
#define DIARFLOW_DATASETS_FORMATS_UEM_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "diarization/turns.h"

namespace diarflow {

// Regions in the order of their first line, spans in the order of their lines. `name` stands before line numbers in
// errors. kInvalidArgument, "name:line: ...": not four fields, a time that is none, a span that ends where it starts or
// before.
absl::StatusOr<std::vector<EvaluationRegion>> ParseUem(absl::string_view text, absl::string_view name);

// ParseUem() of a file, which is read line by line. Errors of ForEachLineOfFile() as well.
absl::StatusOr<std::vector<EvaluationRegion>> ReadUem(const std::string& path);

// Byte-stable: regions by the bytes of their uri, spans by start and end, channel 1, LF, three decimals (start and end
// rounded to the nearest millisecond, halves up; a span that this empties is left out).
// kInvalidArgument: see CheckSpans(); also for a uri that is empty or holds white space.
absl::StatusOr<std::string> FormatUem(const std::vector<EvaluationRegion>& regions);

// FormatUem() into a file, whole or not at all.
absl::Status WriteUem(const std::string& path, const std::vector<EvaluationRegion>& regions);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_FORMATS_UEM_H_
