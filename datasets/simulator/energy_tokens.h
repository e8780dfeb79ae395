// Speech and silence of a recording whose words nobody has aligned, found by energy: what a simulator of conversations
// needs so that it cuts in pauses and not in words.
//
//   ASSIGN_OR_RETURN(entry.tokens, EnergyTokens(waveform.samples, waveform.sample_rate, {}));
//
// The rule, on frames of 10 ms and the mean of their squared samples (a level in dBFS: 0 for a constant 1):
//   1. Frames below `floor_dbfs` are digital silence; the others are measured: the loud level is that of their 10th
//      loudest (of their loudest hundredth, where that is more; of their loudest third, where they are few), the noise
//      level is that below which a twentieth lies.
//   2. Sound begins with a frame at `above_noise_db` over the noise, but at least `loud_range_db` below the loud level
//      and at most `least_range_db` below it: a recording without pauses has no noise to measure. It goes on while
//      frames are at most `hysteresis_db` below that.
//   3. Silences inside that are shorter than min_silence become sound; then sounds shorter than min_speech become
//      silence; then silences shorter than min_silence at the beginning and the end become sound. Lengths are counted
//      in whole frames.
// What is loud through and through, noise as well, is sound.
//
// The defaults are chosen on the voices set. Its noise lies 11 to 90 dB below the loud level: 35 dB below loud alone
// would take 65 % of klettres for speech and nearly all of the telephone prompts (98 %), this rule takes 44 % and
// 79 to 89 %.
#ifndef DIARFLOW_DATASETS_SIMULATOR_ENERGY_TOKENS_H_
#define DIARFLOW_DATASETS_SIMULATOR_ENERGY_TOKENS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/float_array.h"
#include "datasets/manifest.h"

namespace diarflow {

// The word of a stretch of sound. Silence is "", as in every list of tokens.
inline constexpr absl::string_view kSpeechToken = "<speech>";

struct EnergyTokensOptions {
  double loud_range_db = 35;
  double least_range_db = 15;
  double above_noise_db = 8;
  double hysteresis_db = 3;
  double floor_dbfs = -80;
  int64_t min_silence = 100000;  // microseconds
  int64_t min_speech = 50000;    // microseconds
};

// Tokens of samples [N]: sound and silence in turns, the last one up to the end, in microseconds from the first sample
// (the nearest to a sample's position). Only "" when all is silent. The result does not change with the level of the
// recording while the floor is out of play.
// kInvalidArgument: no sample or another shape; a sample that is NaN or infinite (the message says which); a rate
// outside 100 Hz to kMaxSampleRate; decibels outside 0 to 400 (the floor: -400 to 0), a negative time, a least_range_db
// above loud_range_db.
absl::StatusOr<std::vector<AlignedToken>> EnergyTokens(const FloatArray& samples, int sample_rate,
                                                       const EnergyTokensOptions& options);

// Microseconds of all tokens that are not silence. REQUIRES: ends that never fall.
int64_t SpeechDuration(const std::vector<AlignedToken>& tokens);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_SIMULATOR_ENERGY_TOKENS_H_
