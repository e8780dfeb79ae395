#include "audio/fbank_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace diarflow {

absl::StatusOr<FloatArray> FbankStream::Push(const FloatArray& samples) {
  if (samples.shape().size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the filter bank takes the samples of one channel, [N], not ", samples.ShapeString()));
  }
  const FrameGrid grid = fbank_->grid();
  // With a hop beyond the window some samples belong to no frame.
  const int64_t skipped = std::min(skip_, samples.size());
  std::vector<float> ready = pending_;
  ready.insert(ready.end(), samples.begin() + skipped, samples.end());
  const int64_t count = grid.NumWholeFrames(static_cast<int64_t>(ready.size()));
  FloatArray frames = FloatArray::Zeros({0, fbank_->options().num_bins});
  if (count > 0) {
    ASSIGN_OR_RETURN(frames, fbank_->Compute(FloatArray::Copy({static_cast<int64_t>(ready.size())}, ready)));
  }
  const int64_t next = count * grid.hop;
  const int64_t there = std::min(next, static_cast<int64_t>(ready.size()));
  ready.erase(ready.begin(), ready.begin() + there);
  pending_ = std::move(ready);
  skip_ = skip_ - skipped + next - there;
  num_frames_ += count;
  return frames;
}

}  // namespace diarflow
