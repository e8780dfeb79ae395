// How sure a verification figure is: percentile intervals from a bootstrap over speakers.
//
// Trials are not independent: a speaker's voice is in thousands of them. What a new test set would change are the
// speakers, so whole speakers are drawn with replacement, as many as there are (Bolle, Ratha, Pankanti, "Error analysis
// of pattern recognition systems - the subsets bootstrap", CVIU 93, 2004). A trial joins two speakers, as an edge joins
// two vertices of a network, and its weight follows the bootstrap of vertices (Snijders, Borgatti, "Non-parametric
// standard errors and tests for network statistics", Connections 22, 1999). With m_s = how often speaker s was drawn,
//   a non-target trial of speakers a and b counts m_a m_b times: every copy of a meets every copy of b;
//   a target trial of speaker s counts m_s times: every copy of s brings its own trials along. Trials between two
//   copies of one speaker would be target trials that the list does not hold; there are none.
// A bootstrap over trials instead would give intervals that are much too narrow.
//
// The interval of level c goes from the (1 - c) / 2 to the (1 + c) / 2 quantile of the replicates (linear between
// neighbours). Few speakers make a coarse interval: with 9 of them read it as an order of magnitude.
//
// Deterministic: the generator is part of this library (SplitMix64; a speaker is the high word of a 64 x 64 bit
// product), and counts are integers. The same trials in any order, options and seed give the same numbers everywhere.
#ifndef DIARFLOW_METRICS_BOOTSTRAP_H_
#define DIARFLOW_METRICS_BOOTSTRAP_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "metrics/eer.h"
#include "metrics/resampling.h"

namespace diarflow {

struct SpeakerTrial {
  double score = 0;
  bool target = false;
  // Any numbers >= 0; equal for a target trial, different otherwise.
  int32_t enrol_speaker = 0;
  int32_t test_speaker = 0;
};

struct BootstrapOptions {
  int replicates = 1000;     // >= 1
  double confidence = 0.95;  // inside (0, 1)
  uint64_t seed = 1;
  // One interval of minDCF for each.
  std::vector<DetectionCostModel> cost_models = {{0.01, 1, 1}, {0.05, 1, 1}};
};

struct VerificationIntervals {
  Interval eer;                   // rates, 0 to 1
  std::vector<Interval> min_dcf;  // as BootstrapOptions::cost_models
  int num_speakers = 0;           // those in at least one trial
  int replicates = 0;
};

// Sorts once, then walks all trials once per replicate. A draw that leaves no target or no non-target trial says
// nothing and is drawn again.
// kInvalidArgument: an option out of its range, a NaN score, a trial whose label contradicts its speakers, no trial of
// a class.
absl::StatusOr<VerificationIntervals> BootstrapOverSpeakers(const std::vector<SpeakerTrial>& trials,
                                                            const BootstrapOptions& options = {});

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_BOOTSTRAP_H_
