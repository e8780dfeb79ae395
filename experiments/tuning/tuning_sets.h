// What the constants of the diarization are chosen on, and what they are then looked at on.
#ifndef DIARFLOW_EXPERIMENTS_TUNING_TUNING_SETS_H_
#define DIARFLOW_EXPERIMENTS_TUNING_TUNING_SETS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "diarization/turns.h"

namespace diarflow {

struct LabelledSession {
  std::string set;
  FloatArray samples;  // [N] at 16 kHz
  Recording reference;
};

// The set "trn": the ten training clips of the excerpts. "dt": the four development and test clips. "call": the
// telephone call of two people. "joined": all clips one behind the other in the order dev, trn01 to trn09, trn00, tst,
// 7 minutes with 27 speakers. Errors of DecodeAudio() and ReadRttm().
absl::StatusOr<std::vector<LabelledSession>> ExcerptSets();

// Simulated sessions of the council set in rooms with noise, two minutes each, of 2, 3 and 4 speakers: four of each
// number in "simT" (speakers spk01 to spk04) and "simH" (spk05 to spk09, held out).
absl::StatusOr<std::vector<LabelledSession>> SimulatedSets();

}  // namespace diarflow

#endif  // DIARFLOW_EXPERIMENTS_TUNING_TUNING_SETS_H_
