// Trials across sessions from a folder of recordings, as VoxCeleb lays it out: speaker/session/utterance.wav.
//
// Recordings are cut into pieces of equal length, without overlap, from their start; the rest is left out. Of every
// unordered pair of pieces from two different sessions one trial is made: target when the speaker is the same,
// non-target when not. Pairs from one session are left out: room and microphone would tell the answer.
#ifndef DIARFLOW_DATASETS_COUNCIL_CROSS_SESSION_TRIALS_H_
#define DIARFLOW_DATASETS_COUNCIL_CROSS_SESSION_TRIALS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "datasets/trial_list.h"

namespace diarflow {

struct Recording {
  std::string path;  // speaker/session/utterance.wav
  int64_t num_samples = 0;
  int sample_rate = 0;  // Hz
};

// `piece_seconds` > 0: utterances "path#t=START,END"; 0: whole recordings, "path". The trials are in byte order of the
// paths, then of time, first by the enrolment side; the order of `recordings` does not matter.
// kInvalidArgument: a path without three parts, two recordings of one path, negative seconds, no trial of a class.
absl::StatusOr<TrialList> CrossSessionTrials(std::vector<Recording> recordings, int piece_seconds);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_COUNCIL_CROSS_SESSION_TRIALS_H_
