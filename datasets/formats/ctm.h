// CTM, the file format of words with their times (NIST "time marked conversation"). A line is a word:
//
//   uri channel start duration word [confidence [type [speaker]]]
//
// with start and duration in seconds. One file may hold many recordings; names and words hold no blanks.
//
// Reading is as lenient as in RTTM files (rttm.h): blanks and tabs in any number, CRLF, a byte order mark, blank lines,
// comments that start with ";;", digits beyond the microsecond (rounded). A confidence or speaker of "NA" in any case
// is one that is not stated; a duration may be 0. The channel is kept, since some programs write the speaker there.
//
// Writing is byte-stable: recordings by the bytes of their uri, words by start, duration, speaker and word, LF, three
// decimals (start and end rounded to the nearest millisecond, halves up), always with all eight fields: channel 1 where
// none is given, "NA" for what is not stated, type "lex".
#ifndef DIARFLOW_DATASETS_FORMATS_CTM_H_
#define DIARFLOW_DATASETS_FORMATS_CTM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diarflow {

struct TimedWord {
  int64_t start = 0;  // microseconds
  int64_t duration = 0;
  std::string word;
  std::string channel;  // empty: "1"
  std::optional<double> confidence;
  std::string type;     // "lex", "noise", ...; empty: "lex"
  std::string speaker;  // empty: not stated

  int64_t end() const { return start + duration; }
};

bool operator==(const TimedWord& a, const TimedWord& b);

struct Transcript {
  std::string uri;
  std::vector<TimedWord> words;
};

// Recordings in the order of their first line, words in the order of their lines. `name` stands before line numbers in
// errors. kInvalidArgument, "name:line: ...": fewer than five fields or more than eight, a time or confidence that is
// none.
absl::StatusOr<std::vector<Transcript>> ParseCtm(absl::string_view text, absl::string_view name);

// ParseCtm() of a file, which is read line by line. Errors of ForEachLineOfFile() as well.
absl::StatusOr<std::vector<Transcript>> ReadCtm(const std::string& path);

// kInvalidArgument, naming the recording and the word: a negative time, a confidence that is not finite, a field that
// is empty or holds white space.
absl::StatusOr<std::string> FormatCtm(const std::vector<Transcript>& transcripts);

// FormatCtm() into a file, whole or not at all.
absl::Status WriteCtm(const std::string& path, const std::vector<Transcript>& transcripts);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_FORMATS_CTM_H_
