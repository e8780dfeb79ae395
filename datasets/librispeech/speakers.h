// SPEAKERS.TXT of LibriSpeech: who reads. After comments (";") a line is
//
//   14   | F | train-clean-360  | 25.03 | Kristin LeMoine
//
// number, sex, subset, minutes of speech and name. A name may hold "|". Blanks around fields are not part of them.
#ifndef DIARFLOW_DATASETS_LIBRISPEECH_SPEAKERS_H_
#define DIARFLOW_DATASETS_LIBRISPEECH_SPEAKERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diarflow {

struct LibriSpeechSpeaker {
  std::string id;
  std::string sex;  // "F" or "M"
  std::string subset;
  int64_t duration = 0;  // microseconds
  std::string name;
};

bool operator==(const LibriSpeechSpeaker& a, const LibriSpeechSpeaker& b);

// In the order of the lines. kInvalidArgument, "name:line: ...": fewer than five fields, an empty number or subset,
// another sex, minutes that are none, a number that was there before.
absl::StatusOr<std::vector<LibriSpeechSpeaker>> ParseLibriSpeechSpeakers(absl::string_view text,
                                                                         absl::string_view name);

// The same of a file. Errors of ForEachLineOfFile() as well.
absl::StatusOr<std::vector<LibriSpeechSpeaker>> ReadLibriSpeechSpeakers(const std::string& path);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_LIBRISPEECH_SPEAKERS_H_
