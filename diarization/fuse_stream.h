// Latents and speaker embeddings side by side while they come in: what FuseFrames() makes of the whole, piece by piece.
#ifndef DIARFLOW_DIARIZATION_FUSE_STREAM_H_
#define DIARFLOW_DIARIZATION_FUSE_STREAM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "audio/time_grid.h"
#include "base/float_array.h"
#include "diarization/fuse_frames.h"

namespace diarflow {

// One recording; not thread-safe. A latent waits until a speaker frame is there whose centre lies at its own or behind.
class FuseStream {
 public:
  explicit FuseStream(const FuseOptions& options) : options_(options) {}

  // The next frames of both, of either none or some, [T, D] each; gives the latents that can be fused, [n, D1 + D2],
  // and where they lie. Behind a gap in either it begins anew: latents that still wait are lost. Errors of
  // FuseFrames(); kInvalidArgument for frames that lie before those given.
  absl::StatusOr<FrameSequence> Push(const FrameSequence& latent, const FrameSequence& speaker);

  // What is left. kInvalidArgument where there are latents but no speaker frame at all.
  absl::StatusOr<FrameSequence> Flush();

 private:
  // Frames that are still needed, in order.
  struct Kept {
    std::vector<float> values;
    int64_t width = 0;  // 0 before the first frames
    FrameGrid grid;     // of the first that is kept

    int64_t frames() const { return width == 0 ? 0 : static_cast<int64_t>(values.size()) / width; }
    absl::Status Check(const FrameSequence& more, const std::string& what) const;
    // REQUIRES: Check().
    bool IsBehindGap(const FrameSequence& more) const;
    void Append(const FrameSequence& more);
    // The first `count` frames go.
    void Drop(int64_t count);
    FrameSequence First(int64_t count) const;
  };

  absl::StatusOr<FrameSequence> Fuse(int64_t latents);

  FuseOptions options_;
  Kept latent_, speaker_;
};

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_FUSE_STREAM_H_
