// Windows of a recording in which speakers have numbers of their own, made one: what a network with full attention says
// of overlapping stretches, whole.
//
// Each new window's columns are permuted so that they agree best with what is there where both lie (the greatest sum of
// products of activities), then every frame is the mean over the windows that it is in.
#ifndef DIARFLOW_DIARIZATION_STITCH_WINDOWS_H_
#define DIARFLOW_DIARIZATION_STITCH_WINDOWS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "base/float_array.h"

namespace diarflow {

class WindowStitcher {
 public:
  // REQUIRES: num_speakers > 0.
  explicit WindowStitcher(int num_speakers) : speakers_(num_speakers) {}

  // Activity [T, num_speakers], 0 to 1, of the frames from `first` on. kInvalidArgument: another shape, a number that
  // is not finite, frames that were forgotten, or a gap in front.
  absl::Status Add(int64_t first, const FloatArray& activity);

  // Activity [T, num_speakers] of the frames [begin, end). REQUIRES: forgotten() <= begin <= end <= end().
  FloatArray Activity(int64_t begin, int64_t end) const;

  // Frames before this one are of no more use.
  void Forget(int64_t before);

  int64_t forgotten() const { return first_; }
  int64_t end() const { return first_ + static_cast<int64_t>(counts_.size()); }

 private:
  int speakers_;
  int64_t first_ = 0;
  std::vector<float> sums_;  // [frames, speakers]
  std::vector<int> counts_;
};

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_STITCH_WINDOWS_H_
