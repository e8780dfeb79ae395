#include "metrics/eer.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "metrics/equal_error_walk.h"

namespace diarflow {
namespace {

absl::Status CheckClass(const std::vector<double>& scores, const char* name) {
  if (scores.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no ", name, " trial: error rates need trials of both classes"));
  }
  const auto bad = std::find_if(scores.begin(), scores.end(), [](double score) { return std::isnan(score); });
  if (bad == scores.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the score of ", name, " trial ", bad - scores.begin(), " (counted from 0) is NaN"));
}

ScoreSummary Summarize(const std::vector<double>& scores) {
  ScoreSummary summary;
  summary.count = static_cast<int64_t>(scores.size());
  double sum = 0;
  for (double score : scores) sum += score;
  summary.mean = sum / static_cast<double>(scores.size());
  double squares = 0;
  for (double score : scores) squares += (score - summary.mean) * (score - summary.mean);
  summary.standard_deviation = std::sqrt(squares / static_cast<double>(scores.size()));
  const auto [min, max] = std::minmax_element(scores.begin(), scores.end());
  summary.min = *min;
  summary.max = *max;
  return summary;
}

}  // namespace

absl::Status CheckScores(const VerificationScores& scores) {
  RETURN_IF_ERROR(CheckClass(scores.target, "target"));
  return CheckClass(scores.nontarget, "non-target");
}

absl::Status CheckCostModel(const DetectionCostModel& model) {
  if (!(model.p_target > 0 && model.p_target < 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the prior of a target trial is ", model.p_target, "; it must lie between 0 and 1"));
  }
  if (!(model.c_miss > 0 && model.c_fa > 0) || std::isinf(model.c_miss) || std::isinf(model.c_fa)) {
    return absl::InvalidArgumentError(absl::StrCat("the costs of a miss and of a false accept are ", model.c_miss,
                                                   " and ", model.c_fa, "; both must be positive"));
  }
  return absl::OkStatus();
}

absl::StatusOr<DetCurve> DetCurve::Create(const VerificationScores& scores) {
  RETURN_IF_ERROR(CheckScores(scores));
  std::vector<double> target = scores.target;
  std::vector<double> nontarget = scores.nontarget;
  std::sort(target.begin(), target.end(), std::greater<double>());
  std::sort(nontarget.begin(), nontarget.end(), std::greater<double>());

  DetCurve curve;
  curve.num_target_ = static_cast<int64_t>(target.size());
  curve.num_nontarget_ = static_cast<int64_t>(nontarget.size());
  const auto add = [&curve](double threshold, int64_t hits, int64_t false_accepts) {
    const int64_t misses = curve.num_target_ - hits;
    curve.points_.push_back({threshold, false_accepts, misses,
                             static_cast<double>(false_accepts) / static_cast<double>(curve.num_nontarget_),
                             static_cast<double>(misses) / static_cast<double>(curve.num_target_)});
  };
  add(std::numeric_limits<double>::infinity(), 0, 0);
  size_t t = 0;
  size_t n = 0;
  while (t < target.size() || n < nontarget.size()) {
    const double threshold =
        n == nontarget.size() || (t < target.size() && target[t] > nontarget[n]) ? target[t] : nontarget[n];
    while (t < target.size() && target[t] == threshold) ++t;
    while (n < nontarget.size() && nontarget[n] == threshold) ++n;
    add(threshold, static_cast<int64_t>(t), static_cast<int64_t>(n));
  }
  return curve;
}

EqualError DetCurve::FindEqualError() const {
  EqualErrorWalk walk(num_target_, num_nontarget_);
  size_t i = 1;
  while (!walk.Reached(num_target_ - points_[i].false_rejects, points_[i].false_accepts)) ++i;
  return {walk.rate(), points_[i].threshold};
}

absl::StatusOr<MinDcfPoint> DetCurve::FindMinDcf(const DetectionCostModel& model) const {
  RETURN_IF_ERROR(CheckCostModel(model));
  const double miss = model.c_miss * model.p_target;
  const double false_accept = model.c_fa * (1 - model.p_target);
  MinDcfPoint best;
  best.cost = std::numeric_limits<double>::infinity();
  for (const DetPoint& point : points_) {
    const double cost =
        (miss * point.false_reject_rate + false_accept * point.false_accept_rate) / std::min(miss, false_accept);
    if (cost < best.cost) best = {cost, point};
  }
  return best;
}

absl::StatusOr<double> EqualErrorRate(const VerificationScores& scores) {
  ASSIGN_OR_RETURN(const DetCurve curve, DetCurve::Create(scores));
  return curve.FindEqualError().rate;
}

absl::StatusOr<double> MinDcf(const VerificationScores& scores, const DetectionCostModel& model) {
  ASSIGN_OR_RETURN(const DetCurve curve, DetCurve::Create(scores));
  ASSIGN_OR_RETURN(const MinDcfPoint best, curve.FindMinDcf(model));
  return best.cost;
}

absl::StatusOr<ScoreStatistics> ComputeScoreStatistics(const VerificationScores& scores) {
  RETURN_IF_ERROR(CheckScores(scores));
  ScoreStatistics statistics;
  statistics.target = Summarize(scores.target);
  statistics.nontarget = Summarize(scores.nontarget);
  statistics.min = std::min(statistics.target.min, statistics.nontarget.min);
  statistics.max = std::max(statistics.target.max, statistics.nontarget.max);
  return statistics;
}

}  // namespace diarflow
