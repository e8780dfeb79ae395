// The diarization adapter over recordings of any length, as latents come in: windows, stitched (stitch_windows.h).
//
//   AdapterStream stream(adapter, {});
//   ASSIGN_OR_RETURN(const FloatArray decided, stream.Push(latents));   // [n, 4]; n frames behind those given before
//   ...
//   ASSIGN_OR_RETURN(const FloatArray last, stream.Flush());
//
// A window ends at every multiple of the hop, and at the end; it reaches back by its length, or to the start. A frame
// is decided once it lies `latency_frames` before the end of a window. What comes out does not depend on how the
// latents are cut into pieces. State: the latents and activities of a window.
#ifndef DIARFLOW_DIARIZATION_ADAPTER_STREAM_H_
#define DIARFLOW_DIARIZATION_ADAPTER_STREAM_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "diarization/stitch_windows.h"
#include "models/adapter/adapter.h"

namespace diarflow {

struct AdapterWindows {
  // 90 s at 12.5 frames a second, what the adapter is trained on, and half of it.
  int64_t window_frames = 1125;
  int64_t hop_frames = 562;
  // By default every window that a frame is in has its say. Live, less.
  int64_t latency_frames = 563;
};

// kInvalidArgument, naming the option: 1 <= hop_frames <= window_frames <= kAdapterMaxFrames,
// 0 <= latency_frames <= window_frames - hop_frames.
absl::Status CheckAdapterWindows(const AdapterWindows& windows);

class AdapterStream {
 public:
  // REQUIRES: windows that CheckAdapterWindows() passes.
  AdapterStream(Adapter::Ptr adapter, const AdapterWindows& windows);

  // The next latents [T, input_width], T >= 0, to the activities [n, num_speakers], 0 to 1, that are decided with them.
  // Errors of Adapter::Logits(); then the state is lost.
  absl::StatusOr<FloatArray> Push(const FloatArray& latents);
  // Decides what is left. Then the stream is over: push no more.
  absl::StatusOr<FloatArray> Flush();

  // Frames given so far.
  int64_t decided() const { return decided_; }

 private:
  // A window that ends at frame `end`.
  absl::Status RunWindow(int64_t end);
  // The frames decided up to `until`.
  FloatArray Decide(int64_t until);

  Adapter::Ptr adapter_;
  AdapterWindows windows_;
  WindowStitcher stitcher_;
  // Frames [first_, first_ + size / width) of the stream.
  std::vector<float> latents_;
  int64_t first_ = 0;
  int64_t position_ = 0;
  int64_t next_end_;
  int64_t last_end_ = 0;
  int64_t decided_ = 0;
};

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_ADAPTER_STREAM_H_
