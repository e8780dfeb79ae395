#include "diarization/fuse_stream.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace diarflow {

absl::Status FuseStream::Kept::Check(const FrameSequence& more, const std::string& what) const {
  if (more.values.shape().size() != 2) {
    return absl::InvalidArgumentError(absl::StrCat(what, " frames are [T, D]; here is ", more.values.ShapeString()));
  }
  if (more.values.dim(0) == 0) return absl::OkStatus();
  if (more.values.dim(1) == 0) return absl::InvalidArgumentError(absl::StrCat(what, " frames without numbers"));
  RETURN_IF_ERROR(CheckGrid(absl::StrCat(what, " frames"), more.grid));
  // No sum of positions overflows.
  if (more.values.dim(0) > kMaxGridSamples / more.grid.hop) {
    return absl::InvalidArgumentError(absl::StrCat(more.values.dim(0), " ", what, " frames, one every ", more.grid.hop,
                                                   " samples, are more than a recording has"));
  }
  if (width == 0) return absl::OkStatus();
  const bool same = more.values.dim(1) == width && more.grid.sample_rate == grid.sample_rate &&
                    more.grid.hop == grid.hop && more.grid.window == grid.window;
  if (!same || more.grid.first_sample < grid.Begin(frames())) {
    return absl::InvalidArgumentError(absl::StrCat(what, " frames ", more.values.ShapeString(), " from sample ",
                                                   more.grid.first_sample, " on do not follow those before, ", width,
                                                   " wide, up to ", grid.Begin(frames())));
  }
  return absl::OkStatus();
}

bool FuseStream::Kept::IsBehindGap(const FrameSequence& more) const {
  return width > 0 && more.values.dim(0) > 0 && more.grid.first_sample > grid.Begin(frames());
}

void FuseStream::Kept::Append(const FrameSequence& more) {
  if (more.values.dim(0) == 0) return;
  if (frames() == 0) {
    width = more.values.dim(1);
    grid = more.grid;
  }
  values.insert(values.end(), more.values.begin(), more.values.end());
}

void FuseStream::Kept::Drop(int64_t count) {
  values.erase(values.begin(), values.begin() + count * width);
  grid.first_sample = grid.Begin(count);
}

FrameSequence FuseStream::Kept::First(int64_t count) const {
  FloatArray first = FloatArray::Zeros({count, width});
  std::copy_n(values.begin(), first.size(), first.mutable_data());
  return {std::move(first), grid};
}

absl::StatusOr<FrameSequence> FuseStream::Push(const FrameSequence& latent, const FrameSequence& speaker) {
  RETURN_IF_ERROR(latent_.Check(latent, "latent"));
  RETURN_IF_ERROR(speaker_.Check(speaker, "speaker"));
  if (latent_.IsBehindGap(latent) || speaker_.IsBehindGap(speaker)) {
    latent_ = Kept();
    speaker_ = Kept();
  }
  latent_.Append(latent);
  speaker_.Append(speaker);
  int64_t ready = 0;
  if (speaker_.frames() > 0) {
    const Rational last = speaker_.grid.CentreSeconds(speaker_.frames() - 1);
    while (ready < latent_.frames() && latent_.grid.CentreSeconds(ready) <= last) ++ready;
  }
  return Fuse(ready);
}

absl::StatusOr<FrameSequence> FuseStream::Flush() { return Fuse(latent_.frames()); }

absl::StatusOr<FrameSequence> FuseStream::Fuse(int64_t latents) {
  if (latents == 0) return FrameSequence{FloatArray::Zeros({0, latent_.width + speaker_.width}), latent_.grid};
  if (speaker_.frames() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are no speaker frames to be brought to ", latents, " latent frames"));
  }
  FrameSequence fused;
  fused.grid = latent_.grid;
  ASSIGN_OR_RETURN(fused.values, FuseFrames(latent_.First(latents), speaker_.First(speaker_.frames()), options_));
  latent_.Drop(latents);
  // Of the speaker frames in front of the next latent, the last one is still its neighbour.
  int64_t past = 0;
  while (past + 1 < speaker_.frames() && speaker_.grid.CentreSeconds(past + 1) <= latent_.grid.CentreSeconds(0)) {
    ++past;
  }
  speaker_.Drop(past);
  return fused;
}

}  // namespace diarflow
