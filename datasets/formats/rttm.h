// RTTM, the file format of speaker turns (NIST Rich Transcription 2009 evaluation plan, appendix A). A line is a turn:
//
//   SPEAKER uri channel onset duration <NA> <NA> speaker <NA> <NA>
//
// with onset and duration in seconds. One file may hold many recordings; names hold no blanks.
//
// Reading is lenient on what programs get wrong and nothing else: blanks and tabs in any number, CRLF, a byte order
// mark, blank lines, comments that start with ";;", a missing tenth field, digits beyond the microsecond (rounded).
// Other line types of the standard (SPKR-INFO, LEXEME, NOSCORE, ...) are skipped. The channel is not kept: all channels
// of a uri are one recording. Names are bytes: "NA" and "nan" are speakers like any other.
//
// Writing is byte-stable: recordings by the bytes of their uri, turns by onset, duration and speaker, channel 1, LF,
// three decimals. Onset and end are rounded to the nearest millisecond, halves up, so that turns that touch still do. A
// turn that rounding empties (it is shorter than a millisecond) is left out: the format has no turns without duration.
#ifndef DIARFLOW_DATASETS_FORMATS_RTTM_H_
#define DIARFLOW_DATASETS_FORMATS_RTTM_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "diarization/turns.h"

namespace diarflow {

// Recordings in the order of their first line, turns in the order of their lines. `name` stands before line numbers in
// errors. kInvalidArgument, "name:line: ...": a line of an unknown type, the wrong number of fields, a time that is
// none, a duration of 0. Text without turns gives no recordings.
absl::StatusOr<std::vector<Recording>> ParseRttm(absl::string_view text, absl::string_view name);

// ParseRttm() of a file, which is read line by line. Errors of ForEachLineOfFile() as well.
absl::StatusOr<std::vector<Recording>> ReadRttm(const std::string& path);

// kInvalidArgument: see CheckTurns(); also for a uri or speaker that is empty or holds white space. Recordings of the
// same uri are written as one; a recording without turns leaves no trace.
absl::StatusOr<std::string> FormatRttm(const std::vector<Recording>& recordings);

// FormatRttm() into a file, whole or not at all.
absl::Status WriteRttm(const std::string& path, const std::vector<Recording>& recordings);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_FORMATS_RTTM_H_
