// Speaker verification scores: equal error rate, detection cost and the curve that both are points of.
//
// A trial is accepted when its score is at or above the threshold. With a threshold s,
//   false-accept rate FAR(s) = share of the non-target trials with score >= s,
//   false-reject rate FRR(s) = share of the target trials with score <  s   (the miss rate).
// Trials with equal scores are accepted together: no order of the input can change a result.
//
// Equal error rate. The vertices (FAR, 1 - FRR) of the ROC are joined by straight lines; the rate is FAR where the line
// meets FAR = FRR (the root of 1 - x = TPR(x)). This is the convention of scikit-learn's roc_curve with scipy's brentq,
// used by NeMo among others. Other conventions, such as max(FAR, FRR) at the nearest vertex, differ by about 1 /
// (number of trials of the smaller class).
//
// Detection cost (NIST speaker recognition evaluations), normalised by what a system without ears reaches:
//   DCF(s) = [c_miss p FRR(s) + c_fa (1 - p) FAR(s)] / min(c_miss p, c_fa (1 - p)),   p = prior of a target trial;
// minDCF is its minimum over all thresholds, those included that accept or reject everything; so minDCF <= 1.
//
// Errors, kInvalidArgument: a score that is NaN (the message says which), no target or no non-target trial. Infinite
// scores are fine: they have an order.
#ifndef DIARFLOW_METRICS_EER_H_
#define DIARFLOW_METRICS_EER_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace diarflow {

// The scores of a trial list by class, higher = more likely the same speaker.
struct VerificationScores {
  std::vector<double> target;
  std::vector<double> nontarget;
};

// OK when there are trials of both classes and no score is NaN.
absl::Status CheckScores(const VerificationScores& scores);

// A vertex of the curve: what is accepted and rejected with one threshold.
struct DetPoint {
  double threshold = 0;
  int64_t false_accepts = 0;  // non-target trials at or above the threshold
  int64_t false_rejects = 0;  // target trials below it
  double false_accept_rate = 0;
  double false_reject_rate = 0;
};

struct EqualError {
  double rate = 0;  // 0 to 1; above 0.5 when the scores are upside down
  // The highest score that, as a threshold, makes FAR >= FRR.
  double threshold = 0;
};

// Costs and the prior of the detection cost. p_target 0.01 and 0.05 are usual.
struct DetectionCostModel {
  double p_target = 0.01;  // inside (0, 1)
  double c_miss = 1;       // > 0
  double c_fa = 1;         // > 0
};

// kInvalidArgument unless the numbers are in their ranges.
absl::Status CheckCostModel(const DetectionCostModel& model);

struct MinDcfPoint {
  double cost = 0;  // normalised
  DetPoint point;   // where it is reached; of equal ones that with the highest threshold
};

// All vertices of the detection error trade-off curve, from the threshold +infinity (nothing accepted: FAR 0, FRR 1)
// down the distinct scores to the lowest (everything accepted: FAR 1, FRR 0). Sorts once; the figures below read it.
class DetCurve {
 public:
  static absl::StatusOr<DetCurve> Create(const VerificationScores& scores);

  const std::vector<DetPoint>& points() const { return points_; }
  int64_t num_target() const { return num_target_; }
  int64_t num_nontarget() const { return num_nontarget_; }

  EqualError FindEqualError() const;
  // kInvalidArgument: see CheckCostModel().
  absl::StatusOr<MinDcfPoint> FindMinDcf(const DetectionCostModel& model = {}) const;

 private:
  DetCurve() = default;

  int64_t num_target_ = 0;
  int64_t num_nontarget_ = 0;
  std::vector<DetPoint> points_;
};

// The single figures, for who needs one only.
absl::StatusOr<double> EqualErrorRate(const VerificationScores& scores);
absl::StatusOr<double> MinDcf(const VerificationScores& scores, const DetectionCostModel& model = {});

struct ScoreSummary {
  int64_t count = 0;
  double mean = 0;
  double standard_deviation = 0;  // divided by count
  double min = 0;
  double max = 0;
};

struct ScoreStatistics {
  ScoreSummary target;
  ScoreSummary nontarget;
  // Over both classes.
  double min = 0;
  double max = 0;
};

absl::StatusOr<ScoreStatistics> ComputeScoreStatistics(const VerificationScores& scores);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_EER_H_
