#include "metrics/window_order_scores.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/random.h"
#include "base/status_macros.h"
#include "metrics/session_order_error.h"

namespace diarflow {
namespace {

using Columns = std::vector<int64_t>;

// Frames [first, first + count) of a session.
struct Window {
  int64_t index = 0, first = 0, count = 0;
};

// `says(window)` is what a system says of a window: [count, K], row-major.
template <typename Says>
absl::StatusOr<SessionTally> TallyWindows(const FloatArray& labels, int64_t length, const Says& says) {
  const int64_t frames = labels.dim(0), width = labels.dim(1);
  SessionTally tally;
  for (Window window; window.first < frames; window.first += length, ++window.index) {
    window.count = std::min(length, frames - window.first);
    ChannelLabels reference{static_cast<int>(width), {}};
    for (int64_t i = window.first * width; i < (window.first + window.count) * width; ++i) {
      reference.active.push_back(labels[i] > 0.5f ? 1 : 0);
    }
    ASSIGN_OR_RETURN(const SessionOrderCounts counts,
                     CountSessionOrderErrors(reference, {static_cast<int>(width), says(window)}));
    if (counts.speech == 0) continue;
    tally.total += 2 * counts.speech;
    tally.missed += 2 * counts.missed;
    tally.false_alarm += 2 * counts.false_alarm;
    tally.confusion += counts.confusion_halves;
    tally.windows += counts.rate();
    ++tally.num_windows;
  }
  return tally;
}

// Perfect but for the names: column k of a window is column order(window)[k] of the labels.
template <typename Order>
absl::StatusOr<SessionTally> TallyReordered(const FloatArray& labels, int64_t length, const Order& order) {
  const int64_t width = labels.dim(1);
  return TallyWindows(labels, length, [&](const Window& window) {
    const Columns columns = order(window);
    std::vector<uint8_t> active;
    for (int64_t t = window.first; t < window.first + window.count; ++t) {
      for (const int64_t column : columns) active.push_back(labels[t * width + column] > 0.5f ? 1 : 0);
    }
    return active;
  });
}

Columns GivenOrder(int64_t width) {
  Columns columns(static_cast<size_t>(width));
  std::iota(columns.begin(), columns.end(), 0);
  return columns;
}

}  // namespace

absl::StatusOr<SessionTally> TallyWindowActivity(const FloatArray& labels, int64_t window, const FloatArray& activity,
                                                 double threshold, int median_frames) {
  const int64_t width = labels.dim(1);
  std::vector<float> around(static_cast<size_t>(median_frames));
  const auto middle = around.begin() + median_frames / 2;
  return TallyWindows(labels, window, [&](const Window& place) {
    std::vector<uint8_t> active;
    for (int64_t t = 0; t < place.count; ++t) {
      for (int64_t k = 0; k < width; ++k) {
        for (int i = 0; i < median_frames; ++i) {
          const int64_t at = t + i - median_frames / 2;
          around[static_cast<size_t>(i)] =
              at >= 0 && at < place.count ? activity[(place.first + at) * width + k] : 0.0f;
        }
        std::nth_element(around.begin(), middle, around.end());
        active.push_back(*middle > threshold ? 1 : 0);
      }
    }
    return active;
  });
}

absl::StatusOr<SessionTally> TallyOneColumn(const FloatArray& labels, int64_t window) {
  const int64_t width = labels.dim(1);
  return TallyWindows(labels, window, [&](const Window& place) {
    std::vector<uint8_t> active(static_cast<size_t>(place.count * width), 0);
    for (int64_t t = 0; t < place.count; ++t) {
      const float* row = labels.data() + (place.first + t) * width;
      active[static_cast<size_t>(t * width)] = *std::max_element(row, row + width) > 0.5f ? 1 : 0;
    }
    return active;
  });
}

absl::StatusOr<SessionTally> TallyArrivalOrder(const FloatArray& labels, int64_t window) {
  const int64_t width = labels.dim(1);
  return TallyReordered(labels, window, [&](const Window& place) {
    std::vector<int64_t> arrival(static_cast<size_t>(width), place.count);
    for (int64_t t = place.count - 1; t >= 0; --t) {
      for (int64_t k = 0; k < width; ++k) {
        if (labels[(place.first + t) * width + k] > 0.5f) arrival[static_cast<size_t>(k)] = t;
      }
    }
    Columns columns = GivenOrder(width);
    std::stable_sort(columns.begin(), columns.end(), [&arrival](int64_t a, int64_t b) {
      return arrival[static_cast<size_t>(a)] < arrival[static_cast<size_t>(b)];
    });
    return columns;
  });
}

absl::StatusOr<SessionTally> TallyRandomOrder(const FloatArray& labels, int64_t window, uint64_t seed) {
  return TallyReordered(labels, window, [&](const Window& place) {
    Columns columns = GivenOrder(labels.dim(1));
    Random(seed, static_cast<uint64_t>(place.index)).Shuffle(&columns);
    return columns;
  });
}

}  // namespace diarflow
