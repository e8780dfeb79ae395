#include "datasets/simulator/coverage.h"

#include <algorithm>
#include <iterator>

namespace diarflow {

// The stretch that begins at `at`, split off from the one around it where there is none yet.
std::map<int64_t, int>::iterator Coverage::Cut(int64_t at) {
  auto next = depth_from_.lower_bound(at);
  if (next != depth_from_.end() && next->first == at) return next;
  const int depth = next == depth_from_.begin() ? 0 : std::prev(next)->second;
  return depth_from_.emplace_hint(next, at, depth);
}

void Coverage::Add(int64_t begin, int64_t end) {
  if (begin >= end) return;
  auto stretch = Cut(begin);
  const auto stop = Cut(end);
  while (stretch != stop) {
    const auto next = std::next(stretch);
    const int64_t length = next->first - stretch->first;
    const int before = stretch->second++;
    if (before == 0) covered_ += length;
    if (before == 1) overlapped_ += length;
    stretch = next;
  }
}

int64_t Coverage::LatestStart(int64_t earliest, int64_t latest, int64_t length, int64_t amount) const {
  // Going back to latest - length the interval only gains; further back it also loses at its end.
  const int64_t limit = std::max(earliest, latest - length);
  int64_t gained = 0;
  int64_t best = latest;
  auto next = depth_from_.lower_bound(latest);
  int64_t right = latest;
  while (gained < amount && right > limit && next != depth_from_.begin()) {
    --next;
    const int64_t left = std::max(next->first, limit);
    if (next->second == 1 && left < right) {
      const int64_t take = std::min(right - left, amount - gained);
      gained += take;
      best = right - take;
    }
    right = left;
  }
  return best;
}

}  // namespace diarflow
