#include "diarization/fuse_frames.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

__extension__ using Int128 = __int128;

constexpr double kLayerNormEpsilon = 1e-5;

absl::Status CheckFrames(const char* name, const FrameSequence& frames) {
  RETURN_IF_ERROR(CheckGrid(absl::StrCat(name, " frames"), frames.grid));
  const FloatArray& values = frames.values;
  if (values.shape().size() != 2 || values.dim(1) == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("the ", name, " frames have the shape ", values.ShapeString(), "; [T, D] is needed"));
  }
  const int64_t bad = values.FirstNotFinite();
  if (bad < 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("number ", bad % values.dim(1), " of ", name, " frame ", bad / values.dim(1), " is ", values[bad]));
}

// Twice the centre of a frame, in samples.
Int128 TwiceCentre(const FrameGrid& grid, int64_t frame) {
  return 2 * (Int128{grid.first_sample} + Int128{frame} * grid.hop) + grid.window;
}

// A place among frames: `frame`, and `part` of the way to the next, 0 up to 1. `past_half`: more than half.
struct Place {
  int64_t frame = 0;
  double part = 0;
  bool past_half = false;
};

// Where frame `frame` of `grid` lies among the `count` frames of `among`.
Place PlaceOf(const FrameGrid& grid, int64_t frame, const FrameGrid& among, int64_t count) {
  // Centres in seconds are TwiceCentre / (2 rate): their difference, counted in hops of `among`, is num / den.
  const Int128 num = TwiceCentre(grid, frame) * among.sample_rate - TwiceCentre(among, 0) * grid.sample_rate;
  const Int128 den = Int128{2} * among.hop * grid.sample_rate;
  if (num <= 0) return {};
  if (num >= den * (count - 1)) return {count - 1, 0, false};
  const Int128 rest = num % den;
  return {static_cast<int64_t>(num / den), static_cast<double>(rest) / static_cast<double>(den), 2 * rest > den};
}

// Row `place` of [T, width], between two rows where it lies between them.
float* CopyPlace(const FloatArray& values, const Place& place, FrameInterpolation interpolation, float* out) {
  const int64_t width = values.dim(1);
  const bool next = interpolation == FrameInterpolation::kNearest && place.past_half;
  const float* a = values.data() + (place.frame + (next ? 1 : 0)) * width;
  if (interpolation == FrameInterpolation::kNearest || place.part == 0) return std::copy_n(a, width, out);
  for (int64_t d = 0; d < width; ++d) {
    *out++ = static_cast<float>(a[d] * (1 - place.part) + a[width + d] * place.part);
  }
  return out;
}

// The frames of `from`, all of them, spread over `count` frames.
absl::StatusOr<FloatArray> Stretched(const FrameSequence& from, int64_t count, FrameInterpolation interpolation) {
  RETURN_IF_ERROR(CheckFrames("speaker", from));
  const int64_t frames = from.values.dim(0);
  if (frames == 0 && count > 0) return absl::InvalidArgumentError("there are no speaker frames to be stretched");
  FloatArray result = FloatArray::Zeros({count, from.values.dim(1)});
  float* out = result.mutable_data();
  for (int64_t i = 0; i < count; ++i) {
    Place place;
    if (count > 1) {
      const Int128 num = Int128{i} * (frames - 1);
      const Int128 rest = num % (count - 1);
      place = {static_cast<int64_t>(num / (count - 1)), static_cast<double>(rest) / static_cast<double>(count - 1),
               2 * rest > count - 1};
    }
    out = CopyPlace(from.values, place, interpolation, out);
  }
  return result;
}

}  // namespace

absl::StatusOr<FloatArray> FramesAtCentres(const FrameSequence& from, const FrameGrid& grid, int64_t count,
                                           FrameInterpolation interpolation) {
  RETURN_IF_ERROR(CheckGrid("wanted frames", grid));
  RETURN_IF_ERROR(CheckFrames("speaker", from));
  if (count < 0) return absl::InvalidArgumentError(absl::StrCat(count, " frames are wanted"));
  const int64_t frames = from.values.dim(0), width = from.values.dim(1);
  FloatArray result = FloatArray::Zeros({count, width});
  if (count == 0) return result;
  if (frames == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are no speaker frames to be brought to ", count,
                     " latent frames: the recording may be shorter than one window of the speaker encoder"));
  }
  float* out = result.mutable_data();
  for (int64_t i = 0; i < count; ++i) {
    out = CopyPlace(from.values, PlaceOf(grid, i, from.grid, frames), interpolation, out);
  }
  return result;
}

FloatArray NormaliseFrames(const FloatArray& frames, FrameNormalise normalise) {
  if (normalise == FrameNormalise::kNone || frames.empty()) return frames;
  const int64_t width = frames.dim(1);
  FloatArray result = FloatArray::Zeros(frames.shape());
  float* out = result.mutable_data();
  for (const float* row = frames.begin(); row != frames.end(); row += width) {
    double mean = 0, squares = 0;
    if (normalise == FrameNormalise::kLayerNorm) {
      for (int64_t d = 0; d < width; ++d) mean += row[d];
      mean /= static_cast<double>(width);
    }
    for (int64_t d = 0; d < width; ++d) squares += (row[d] - mean) * (row[d] - mean);
    const double size = normalise == FrameNormalise::kLayerNorm
                            ? std::sqrt(squares / static_cast<double>(width) + kLayerNormEpsilon)
                            : std::sqrt(squares);
    for (int64_t d = 0; d < width; ++d) *out++ = size > 0 ? static_cast<float>((row[d] - mean) / size) : 0.0f;
  }
  return result;
}

absl::StatusOr<FloatArray> FuseFrames(const FrameSequence& latent, const FrameSequence& speaker,
                                      const FuseOptions& options) {
  RETURN_IF_ERROR(CheckFrames("latent", latent));
  const int64_t frames = latent.values.dim(0), left = latent.values.dim(1);
  if (options.parts == FuseParts::kLatent) return NormaliseFrames(latent.values, options.latent);
  ASSIGN_OR_RETURN(const FloatArray moved, options.placement == FramePlacement::kStretched
                                               ? Stretched(speaker, frames, options.interpolation)
                                               : FramesAtCentres(speaker, latent.grid, frames, options.interpolation));
  if (options.parts == FuseParts::kSpeaker) return NormaliseFrames(moved, options.speaker);
  const int64_t right = moved.dim(1);
  const FloatArray first = NormaliseFrames(latent.values, options.latent);
  const FloatArray second = NormaliseFrames(moved, options.speaker);
  FloatArray fused = FloatArray::Zeros({frames, left + right});
  if (frames == 0) return fused;
  float* out = fused.mutable_data();
  for (int64_t t = 0; t < frames; ++t) {
    out = std::copy_n(first.data() + t * left, left, out);
    out = std::copy_n(second.data() + t * right, right, out);
  }
  return fused;
}

}  // namespace diarflow
