#include "audio/augment/level.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"

namespace diarflow {

absl::StatusOr<std::vector<ActiveSpan>> MergeSpans(absl::Span<const ActiveSpan> spans, int64_t num_samples) {
  std::vector<ActiveSpan> sorted;
  for (const ActiveSpan& span : spans) {
    if (span.begin < 0 || span.end < span.begin || span.end > num_samples) {
      return absl::InvalidArgumentError(absl::StrCat("the span of samples [", span.begin, ", ", span.end,
                                                     ") does not lie within [0, ", num_samples, ")"));
    }
    if (span.begin < span.end) sorted.push_back(span);
  }
  std::sort(sorted.begin(), sorted.end(), [](const ActiveSpan& a, const ActiveSpan& b) { return a.begin < b.begin; });
  std::vector<ActiveSpan> merged;
  for (const ActiveSpan& span : sorted) {
    if (!merged.empty() && span.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, span.end);
    } else {
      merged.push_back(span);
    }
  }
  return merged;
}

double GainFromDb(double db) { return std::pow(10.0, db / 20); }

double Energy(absl::Span<const float> samples) {
  double sum = 0;
  for (const float x : samples) sum += static_cast<double>(x) * x;
  return sum;
}

absl::Status ApplyGainDb(double db, absl::Span<float> samples) {
  if (std::isnan(db) || db == std::numeric_limits<double>::infinity()) {
    return absl::InvalidArgumentError(absl::StrCat("a gain of ", db, " dB: it must be a number"));
  }
  const double gain = GainFromDb(db);
  for (float& x : samples) x = static_cast<float>(x * gain);
  return absl::OkStatus();
}

double Peak(absl::Span<const float> samples) {
  double peak = 0;
  for (const float x : samples) peak = std::max(peak, std::abs(static_cast<double>(x)));
  return peak;
}

absl::StatusOr<double> NormalizePeak(double peak, absl::Span<float> samples) {
  if (!(peak > 0 && std::isfinite(peak))) {
    return absl::InvalidArgumentError(absl::StrCat("a peak of ", peak, " to scale to: it must be above 0"));
  }
  for (size_t i = 0; i < samples.size(); ++i) {
    if (!std::isfinite(samples[i])) {
      return absl::InvalidArgumentError(absl::StrCat("sample ", i, " is not finite: the peak cannot be scaled"));
    }
  }
  const double found = Peak(samples);
  if (found == 0) return absl::InvalidArgumentError("all samples are 0: there is no peak to scale");
  const double gain = peak / found;
  for (float& x : samples) x = static_cast<float>(x * gain);
  return gain;
}

}  // namespace diarflow
