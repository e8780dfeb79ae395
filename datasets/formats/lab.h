// LAB, labelled spans: what a voice activity detector finds, or what Audacity exports. A line is a span:
//
//   onset offset label
//
// in seconds. A file is one recording, named like the file. The label is the rest of the line and may hold blanks.
//
// Blanks, CRLF, byte order mark, blank lines, comments with ";;" and rounding are treated as in RTTM files (rttm.h).
// HTK's label files look alike, but count in units of 100 ns: their times are read as seconds, and are refused when
// they reach 10^9.
//
// Writing is byte-stable: spans by onset, offset and label, one blank between fields, LF, three decimals (onset and
// offset rounded to the nearest millisecond, halves up; a span that this empties is left out).
#ifndef DIARFLOW_DATASETS_FORMATS_LAB_H_
#define DIARFLOW_DATASETS_FORMATS_LAB_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "diarization/turns.h"

namespace diarflow {

struct LabeledSpan {
  TimeSpan span;
  std::string label;

  friend bool operator==(const LabeledSpan& a, const LabeledSpan& b) { return a.span == b.span && a.label == b.label; }
  friend bool operator<(const LabeledSpan& a, const LabeledSpan& b) {
    return a.span == b.span ? a.label < b.label : a.span < b.span;
  }
  friend std::ostream& operator<<(std::ostream& out, const LabeledSpan& labeled) {
    return out << labeled.span << " \"" << labeled.label << "\"";
  }
};

// Spans in the order of their lines. `name` stands before line numbers in errors. kInvalidArgument, "name:line: ...": a
// line without label, a time that is none, a span that ends where it starts or before.
absl::StatusOr<std::vector<LabeledSpan>> ParseLab(absl::string_view text, absl::string_view name);

// ParseLab() of a file, which is read line by line. Errors of ForEachLineOfFile() as well.
absl::StatusOr<std::vector<LabeledSpan>> ReadLab(const std::string& path);

// kInvalidArgument: a span that starts below 0, ends where it starts or before, or ends after 10^9 seconds; a label
// that is empty, begins or ends with white space, or holds a line end.
absl::StatusOr<std::string> FormatLab(const std::vector<LabeledSpan>& spans);

// FormatLab() into a file, whole or not at all.
absl::Status WriteLab(const std::string& path, const std::vector<LabeledSpan>& spans);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_FORMATS_LAB_H_
