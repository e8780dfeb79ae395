// Words to speakers: where one program says what was said and another who spoke.
//
// A word belongs to the speaker with whom it has most time in common; where it has none in common with anybody, to the
// nearest turn, if that is near enough. Turns of one speaker that overlap count once.
#ifndef DIARFLOW_DATASETS_ASSIGN_WORDS_H_
#define DIARFLOW_DATASETS_ASSIGN_WORDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/formats/ctm.h"
#include "diarization/turns.h"

namespace diarflow {

struct AssignWordsOptions {
  // How far the nearest turn may be from a word that lies in none, microseconds.
  int64_t reach = kMicrosecondsPerSecond;
};

// For each word its speaker, empty where there is none; of several who fit as well the first by name. A word without
// duration counts as one of a microsecond. Words and turns in any order and of any times; O(w k log t) for w words and
// t turns of k speakers.
std::vector<std::string> AssignWords(const std::vector<TimedWord>& words, const std::vector<Turn>& turns,
                                     const AssignWordsOptions& options = {});

// What everyone said, to be read: "[0:01:23] Ann: words", a line for each change of the speaker, words by their start,
// each line with the time of its first word. Words without a speaker stand behind "?".
std::string FormatSpokenText(const std::vector<TimedWord>& words);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_ASSIGN_WORDS_H_
