// Two streams of frames on different grids, made one: latents, and speaker embeddings brought to the latents' times.
//
//   ASSIGN_OR_RETURN(const FloatArray fused, FuseFrames({latents, latent_grid}, {embeddings, embedding_grid}, {}));
//
// Each latent frame has a centre in seconds (FrameGrid::CentreSeconds), and so has each speaker frame: an embedding
// sits in the middle of its window. Both are fractions, compared exactly, so grids at 24 kHz and at 16 kHz meet without
// drift. Before the first and behind the last speaker frame, that one is taken.
//
// Errors: kInvalidArgument for frames that are not [T, D], have no width, or hold a NaN or an infinite number, for a
// grid that cannot be (CheckGrid()), and for speaker frames of which there are none, unless there are no latents
// either. The result holds no NaN.
#ifndef DIARFLOW_DIARIZATION_FUSE_FRAMES_H_
#define DIARFLOW_DIARIZATION_FUSE_FRAMES_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "audio/time_grid.h"
#include "base/float_array.h"

namespace diarflow {

enum class FrameInterpolation {
  kNearest,  // the frame with the nearest centre; of two, the earlier
  kLinear,   // between the two frames around
};

enum class FrameNormalise {
  kNone,
  kL2,         // each frame divided by its length; a frame of zeros stays so
  kLayerNorm,  // each frame less its mean, divided by sqrt(variance + 1e-5)
};

struct FrameSequence {
  FloatArray values;  // [T, D]
  FrameGrid grid;
};

// The frames of `from` at the centres of frames 0 to `count` - 1 of `grid`: [count, D].
absl::StatusOr<FloatArray> FramesAtCentres(const FrameSequence& from, const FrameGrid& grid, int64_t count,
                                           FrameInterpolation interpolation);

// Each row of [T, D] on its own. REQUIRES: two axes, finite numbers.
FloatArray NormaliseFrames(const FloatArray& frames, FrameNormalise normalise);

enum class FramePlacement {
  kCentres,    // by the centres in seconds, as above
  kStretched,  // speaker frame 0 at latent 0 and the last at the last, evenly between: grids do not count
};

enum class FuseParts { kBoth, kLatent, kSpeaker };

struct FuseOptions {
  FrameInterpolation interpolation = FrameInterpolation::kLinear;
  FrameNormalise latent = FrameNormalise::kL2;
  // After the interpolation.
  FrameNormalise speaker = FrameNormalise::kL2;
  FramePlacement placement = FramePlacement::kCentres;
  // What the result has of the two.
  FuseParts parts = FuseParts::kBoth;
};

// [T1, D1] and [T2, D2] to [T1, D1 + D2] on the grid of `latent`. With kLatent `speaker` is not looked at.
absl::StatusOr<FloatArray> FuseFrames(const FrameSequence& latent, const FrameSequence& speaker,
                                      const FuseOptions& options);

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_FUSE_FRAMES_H_
