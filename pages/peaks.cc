#include "pages/peaks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace diarflow {

std::vector<std::pair<float, float>> PeaksOf(absl::Span<const float> samples, int columns) {
  const size_t count = std::min(samples.size(), static_cast<size_t>(std::max(0, columns)));
  std::vector<std::pair<float, float>> peaks(count);
  for (size_t c = 0; c < count; ++c) {
    const size_t end = (c + 1) * samples.size() / count;
    bool any = false;
    for (size_t i = c * samples.size() / count; i < end; ++i) {
      const float sample = samples[i];
      if (!std::isfinite(sample)) continue;
      peaks[c].first = any ? std::min(peaks[c].first, sample) : sample;
      peaks[c].second = any ? std::max(peaks[c].second, sample) : sample;
      any = true;
    }
  }
  return peaks;
}

}  // namespace diarflow
