#include "diarization/stitch_windows.h"

#include <algorithm>
#include <cassert>

#include "absl/strings/str_cat.h"
#include "diarization/speaker_mapping.h"

namespace diarflow {

absl::Status WindowStitcher::Add(int64_t first, const FloatArray& activity) {
  if (activity.shape().size() != 2 || activity.dim(1) != speakers_ || activity.FirstNotFinite() >= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("a window's activity is finite numbers [T, ", speakers_, "]; here is ", activity.ShapeString()));
  }
  if (first < first_ || first > end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a window begins at frame ", first, "; frames ", first_, " to ", end(), " are known"));
  }
  const int64_t frames = activity.dim(0);
  const int64_t overlap = std::min(frames, end() - first);
  const auto width = static_cast<size_t>(speakers_);
  // [the window's speakers, speakers so far].
  std::vector<double> agreement(width * width, 0);
  for (int64_t t = 0; t < overlap; ++t) {
    const auto known = static_cast<size_t>(first - first_ + t);
    for (size_t i = 0; i < width; ++i) {
      const double value = std::max(0.0f, activity[t * speakers_ + static_cast<int64_t>(i)]);
      for (size_t j = 0; j < width; ++j) {
        agreement[i * width + j] +=
            value * std::max(0.0f, sums_[known * width + j] / static_cast<float>(counts_[known]));
      }
    }
  }
  std::vector<int> column = MaximumWeightAssignment(agreement, speakers_, speakers_);
  // Who has nothing in common with anybody takes what is free, in order.
  std::vector<bool> taken(width, false);
  for (const int j : column) {
    if (j >= 0) taken[static_cast<size_t>(j)] = true;
  }
  // The own column first: without an overlap nobody changes.
  for (size_t i = 0; i < width; ++i) {
    if (column[i] < 0 && !taken[i]) {
      column[i] = static_cast<int>(i);
      taken[i] = true;
    }
  }
  for (size_t i = 0; i < width; ++i) {
    if (column[i] >= 0) continue;
    const auto free = std::find(taken.begin(), taken.end(), false);
    column[i] = static_cast<int>(free - taken.begin());
    *free = true;
  }
  const auto needed = static_cast<size_t>(std::max(end(), first + frames) - first_);
  sums_.resize(needed * width, 0);
  counts_.resize(needed, 0);
  for (int64_t t = 0; t < frames; ++t) {
    const auto frame = static_cast<size_t>(first - first_ + t);
    ++counts_[frame];
    for (size_t i = 0; i < width; ++i) {
      sums_[frame * width + static_cast<size_t>(column[i])] += activity[t * speakers_ + static_cast<int64_t>(i)];
    }
  }
  return absl::OkStatus();
}

FloatArray WindowStitcher::Activity(int64_t begin, int64_t end) const {
  assert(first_ <= begin && begin <= end && end <= this->end());
  FloatArray activity = FloatArray::Zeros({end - begin, speakers_});
  float* out = activity.mutable_data();
  for (int64_t frame = begin; frame < end; ++frame) {
    const auto known = static_cast<size_t>(frame - first_);
    for (int s = 0; s < speakers_; ++s) {
      *out++ =
          sums_[known * static_cast<size_t>(speakers_) + static_cast<size_t>(s)] / static_cast<float>(counts_[known]);
    }
  }
  return activity;
}

void WindowStitcher::Forget(int64_t before) {
  const int64_t gone = std::clamp<int64_t>(before - first_, 0, static_cast<int64_t>(counts_.size()));
  counts_.erase(counts_.begin(), counts_.begin() + gone);
  sums_.erase(sums_.begin(), sums_.begin() + gone * speakers_);
  first_ += gone;
}

}  // namespace diarflow
