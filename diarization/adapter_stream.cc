#include "diarization/adapter_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace diarflow {

absl::Status CheckAdapterWindows(const AdapterWindows& windows) {
  if (windows.window_frames < 1 || windows.window_frames > kAdapterMaxFrames) {
    return absl::InvalidArgumentError(
        absl::StrCat("window_frames is ", windows.window_frames, "; it may be 1 to ", kAdapterMaxFrames));
  }
  if (windows.hop_frames < 1 || windows.hop_frames > windows.window_frames) {
    return absl::InvalidArgumentError(
        absl::StrCat("hop_frames is ", windows.hop_frames, "; it may be 1 to window_frames, ", windows.window_frames));
  }
  const int64_t most = windows.window_frames - windows.hop_frames;
  if (windows.latency_frames < 0 || windows.latency_frames > most) {
    return absl::InvalidArgumentError(absl::StrCat("latency_frames is ", windows.latency_frames,
                                                   "; it may be 0 to window_frames - hop_frames, ", most,
                                                   ": what lies further back is in no later window"));
  }
  return absl::OkStatus();
}

AdapterStream::AdapterStream(Adapter::Ptr adapter, const AdapterWindows& windows)
    : adapter_(std::move(adapter)),
      windows_(windows),
      stitcher_(adapter_->config().num_speakers()),
      next_end_(windows.hop_frames) {}

absl::StatusOr<FloatArray> AdapterStream::Push(const FloatArray& latents) {
  const int64_t width = adapter_->config().input_width();
  if (latents.shape().size() != 2 || (latents.dim(0) > 0 && latents.dim(1) != width)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the adapter takes latents [T, ", width, "]; here is ", latents.ShapeString()));
  }
  // Windows reach no further than what is there, so pieces of any length give the same windows.
  const int64_t total = latents.dim(0);
  std::vector<float> given;
  for (int64_t taken = 0; taken < total;) {
    const int64_t more = std::min(total - taken, next_end_ - position_);
    latents_.insert(latents_.end(), latents.data() + taken * width, latents.data() + (taken + more) * width);
    taken += more;
    position_ += more;
    if (position_ < next_end_) continue;
    RETURN_IF_ERROR(RunWindow(next_end_));
    next_end_ += windows_.hop_frames;
    const FloatArray decided = Decide(last_end_ - windows_.latency_frames);
    given.insert(given.end(), decided.begin(), decided.end());
  }
  const int64_t speakers = adapter_->config().num_speakers();
  return FloatArray::Copy({static_cast<int64_t>(given.size()) / speakers, speakers}, given);
}

absl::StatusOr<FloatArray> AdapterStream::Flush() {
  if (position_ > last_end_) RETURN_IF_ERROR(RunWindow(position_));
  return Decide(position_);
}

absl::Status AdapterStream::RunWindow(int64_t end) {
  const int64_t width = adapter_->config().input_width();
  const int64_t begin = std::max<int64_t>(0, end - windows_.window_frames);
  const int64_t gone = begin - first_;
  latents_.erase(latents_.begin(), latents_.begin() + gone * width);
  first_ = begin;
  ASSIGN_OR_RETURN(const std::vector<FloatArray> logits,
                   adapter_->Logits({FloatArray::Copy({end - begin, width}, latents_)}));
  RETURN_IF_ERROR(stitcher_.Add(begin, Sigmoid(logits[0])));
  last_end_ = end;
  return absl::OkStatus();
}

FloatArray AdapterStream::Decide(int64_t until) {
  until = std::max(until, decided_);
  FloatArray activity = stitcher_.Activity(decided_, until);
  decided_ = until;
  // The next window still looks back at what is decided.
  stitcher_.Forget(std::min(decided_, last_end_ - windows_.window_frames));
  return activity;
}

}  // namespace diarflow
