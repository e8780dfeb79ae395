#include "diarization/window_scores.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "diarization/powerset.h"

namespace diarflow {
namespace {

constexpr int kAtOnce = 2;

}  // namespace

absl::StatusOr<WindowScores> ScoreWindow(const FloatArray& log_probabilities, double overlap_bias, int64_t num_frames) {
  ASSIGN_OR_RETURN(const Powerset powerset, Powerset::Create(kLocalSpeakers, kAtOnce));
  const auto classes = static_cast<int64_t>(powerset.classes().size());
  if (log_probabilities.shape().size() != 2 || log_probabilities.dim(1) != classes) {
    return absl::InvalidArgumentError(absl::StrCat("segmentation: log-probabilities are [T, ", classes, "]; here is ",
                                                   log_probabilities.ShapeString()));
  }
  if (log_probabilities.FirstNotFinite() >= 0) {
    return absl::InvalidArgumentError("segmentation: a log-probability is not finite");
  }
  WindowScores scores;
  const auto frames = static_cast<size_t>(log_probabilities.dim(0));
  scores.speaker.resize(frames);
  scores.somebody.resize(frames);
  scores.two.resize(frames);
  scores.likeliest.resize(frames);
  for (size_t f = 0; f < std::min(frames, static_cast<size_t>(std::max<int64_t>(num_frames, 0))); ++f) {
    const float* row = log_probabilities.data() + static_cast<int64_t>(f) * classes;
    const auto likeliest = static_cast<size_t>(std::max_element(row, row + classes) - row);
    for (const int k : powerset.classes()[likeliest]) scores.likeliest[f] |= static_cast<uint8_t>(1 << k);
    std::vector<double> probability(static_cast<size_t>(classes));
    double sum = 0;
    for (size_t c = 0; c < probability.size(); ++c) {
      const double bias = powerset.classes()[c].size() == 2 ? overlap_bias : 0;
      // Relative to the likeliest: no overflow.
      probability[c] = std::exp(row[c] + bias - row[likeliest]);
      sum += probability[c];
    }
    for (size_t c = 0; c < probability.size(); ++c) {
      const auto share = static_cast<float>(probability[c] / sum);
      for (const int k : powerset.classes()[c]) scores.speaker[f][static_cast<size_t>(k)] += share;
      if (!powerset.classes()[c].empty()) scores.somebody[f] += share;
      if (powerset.classes()[c].size() == 2) scores.two[f] += share;
    }
  }
  return scores;
}

}  // namespace diarflow
