// What Fuse and FuseStream have in common.
#ifndef DIARFLOW_NODES_FUSE_RULES_H_
#define DIARFLOW_NODES_FUSE_RULES_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "diarization/fuse_frames.h"
#include "graph/registry.h"
#include "nodes/fuse.pb.h"
#include "nodes/payloads.h"

namespace diarflow {

inline FrameNormalise NormaliseOf(options::Fuse::Normalise normalise) {
  switch (normalise) {
    case options::Fuse::NONE: return FrameNormalise::kNone;
    case options::Fuse::LAYER_NORM: return FrameNormalise::kLayerNorm;
    case options::Fuse::L2: break;
  }
  return FrameNormalise::kL2;
}

// Options: Fuse or FuseStream.
template <typename Options>
FuseOptions FuseOptionsOf(const Options& options) {
  FuseOptions fuse;
  fuse.interpolation =
      options.interpolation() == options::Fuse::NEAREST ? FrameInterpolation::kNearest : FrameInterpolation::kLinear;
  fuse.latent = NormaliseOf(options.normalise_latent());
  fuse.speaker = NormaliseOf(options.normalise_speaker());
  return fuse;
}

template <typename Options>
StreamRules FuseStreams(const Options& options, absl::Span<const StreamProperties> inputs) {
  StreamRules rules;
  rules.takes.resize(2);
  if (!options.resample()) rules.takes[1].frame_rate = inputs[0].frame_rate;
  rules.gives = {{inputs[0].sample_rate, inputs[0].frame_rate, {}}};
  if (inputs[0].width && inputs[1].width) rules.gives[0].width = *inputs[0].width + *inputs[1].width;
  return rules;
}

// The two may have the same rate only, unless the option says otherwise. REQUIRES: grids that FuseFrames() takes.
inline absl::Status CheckFuseRates(const FrameGrid& latent, const FrameGrid& speaker, bool resample) {
  if (resample || latent.Rate() == speaker.Rate()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("LATENT has ", latent.Rate().ToString(),
                                                    " frames a second and SPEAKER ", speaker.Rate().ToString(),
                                                    ": where that is meant, set the option resample: true"));
}

inline std::shared_ptr<const std::string> FusedProducer(const Frames& latent, const Frames& speaker) {
  const auto producer = [](const Frames& frames) { return frames.producer ? *frames.producer : "frames"; };
  return std::make_shared<const std::string>(absl::StrCat(producer(latent), " beside ", producer(speaker)));
}

}  // namespace diarflow

#endif  // DIARFLOW_NODES_FUSE_RULES_H_
