// One picture of a verification experiment: both score histograms and the DET curve, as SVG.
//
// The left half shows the density of target and non-target scores over common bins (each histogram has the area 1) with
// the threshold of the equal error rate. The right half is the detection error trade-off curve on normal-deviate axes
// (Martin et al., "The DET curve in assessment of detection task performance", Eurospeech 1997), where Gaussian scores
// make a straight line, with the points of the equal error rate and of each minDCF. A rate of 0 or 1 is infinitely far
// away there and drawn on the border.
//
// The SVG stands alone: no scripts, no network, fonts of the reader's machine; colours follow the reader's light or
// dark setting. Equal input gives equal bytes. Curves of many trials are thinned out to what the eye can see.
#ifndef DIARFLOW_METRICS_SCORE_PLOT_H_
#define DIARFLOW_METRICS_SCORE_PLOT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metrics/eer.h"

namespace diarflow {

struct ScorePlotSystem {
  std::string name;  // UTF-8; bytes that are none are shown as a replacement mark
  VerificationScores scores;
};

struct ScorePlot {
  std::string title;
  std::string subtitle;  // may be empty
  ScorePlotSystem system;
  // More DET curves, without histograms: other systems on the same trials, a floor.
  std::vector<ScorePlotSystem> others;
  // One marked point for each.
  std::vector<DetectionCostModel> cost_models = {{0.01, 1, 1}, {0.05, 1, 1}};
};

// The bytes of the SVG file. Errors as in eer.h; kInvalidArgument also for an infinite score.
absl::StatusOr<std::string> ScorePlotSvg(const ScorePlot& plot);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_SCORE_PLOT_H_
