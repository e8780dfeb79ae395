// The text form of word alignments of LibriSpeech (the files SPEAKER-CHAPTER.alignment.txt of the published
// "LibriSpeech alignments", made with the Montreal Forced Aligner). A line is an utterance:
//
//   1272-128104-0000 ",MISTER,QUILTER,,IS," "0.500,0.800,1.270,1.400,1.530,2.04"
//
// words, separated by commas, and where each ends, in seconds from the beginning of the utterance. Each word begins
// where the one before it ends, the first at 0. An empty word is silence. Words hold no blank, comma or quote.
//
// ASCII letters become lower case, other bytes stay as they are. Blanks, CRLF, byte order mark, blank lines, comments
// with ";;" and rounding are treated as in RTTM files (rttm.h).
#ifndef DIARFLOW_DATASETS_FORMATS_LIBRISPEECH_ALIGNMENT_H_
#define DIARFLOW_DATASETS_FORMATS_LIBRISPEECH_ALIGNMENT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "datasets/manifest.h"

namespace diarflow {

struct UtteranceAlignment {
  std::string utterance;
  std::vector<AlignedToken> tokens;  // at least one; ends never fall
};

inline bool operator==(const UtteranceAlignment& a, const UtteranceAlignment& b) {
  return a.utterance == b.utterance && a.tokens == b.tokens;
}

// Utterances in the order of their lines. `name` stands before line numbers in errors. kInvalidArgument,
// "name:line: ...": another form, words and times of different number, a time that is none or falls, an utterance that
// was there before.
absl::StatusOr<std::vector<UtteranceAlignment>> ParseLibriSpeechAlignment(absl::string_view text,
                                                                          absl::string_view name);

// ParseLibriSpeechAlignment() of a file, which is read line by line. Errors of ForEachLineOfFile() as well.
absl::StatusOr<std::vector<UtteranceAlignment>> ReadLibriSpeechAlignment(const std::string& path);

// Byte-stable: utterances by their bytes, ASCII letters in upper case, LF, times exact and as short as they can be.
// kInvalidArgument, naming the utterance: no token, a name that is empty or holds white space, a name that is there
// twice, a word with white space, a comma or a quote, an end that is negative, falls or lies after 10^9 seconds.
absl::StatusOr<std::string> FormatLibriSpeechAlignment(const std::vector<UtteranceAlignment>& alignments);

// FormatLibriSpeechAlignment() into a file, whole or not at all.
absl::Status WriteLibriSpeechAlignment(const std::string& path, const std::vector<UtteranceAlignment>& alignments);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_FORMATS_LIBRISPEECH_ALIGNMENT_H_
