// Fuse: latents and speaker embeddings side by side, on the time grid of the latents.
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "diarization/fuse_frames.h"
#include "graph/registry.h"
#include "nodes/fuse.pb.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

FrameNormalise NormaliseOf(options::Fuse::Normalise normalise) {
  switch (normalise) {
    case options::Fuse::NONE: return FrameNormalise::kNone;
    case options::Fuse::LAYER_NORM: return FrameNormalise::kLayerNorm;
    case options::Fuse::L2: break;
  }
  return FrameNormalise::kL2;
}

StreamRules FuseStreams(const options::Fuse& options, absl::Span<const StreamProperties> inputs) {
  StreamRules rules;
  rules.takes.resize(2);
  if (!options.resample()) rules.takes[1].frame_rate = inputs[0].frame_rate;
  rules.gives = {{inputs[0].sample_rate, inputs[0].frame_rate, {}}};
  if (inputs[0].width && inputs[1].width) rules.gives[0].width = *inputs[0].width + *inputs[1].width;
  return rules;
}

class FuseNode : public MapNode {
 public:
  static constexpr In<Frames> kLatent{"LATENT"};
  static constexpr In<Frames> kSpeaker{"SPEAKER"};
  static constexpr Out<Frames> kFrames{"FRAMES"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Latents and speaker embeddings side by side, on the time grid of the latents.")
        .Input(kLatent)
        .Input(kSpeaker)
        .Output(kFrames)
        .Options<options::Fuse>()
        .Streams<options::Fuse>(&FuseStreams)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::Fuse>();
    resample_ = options.resample();
    fuse_.interpolation =
        options.interpolation() == options::Fuse::NEAREST ? FrameInterpolation::kNearest : FrameInterpolation::kLinear;
    fuse_.latent = NormaliseOf(options.normalise_latent());
    fuse_.speaker = NormaliseOf(options.normalise_speaker());
    return absl::OkStatus();
  }

  absl::Status Process(ItemContext& item) const override {
    const Frames& latent = item.Get(kLatent);
    const Frames& speaker = item.Get(kSpeaker);
    ASSIGN_OR_RETURN(FloatArray fused, FuseFrames({latent.values, latent.grid}, {speaker.values, speaker.grid}, fuse_));
    // The grids are sane now: FuseFrames has looked at them.
    if (!resample_ && latent.grid.Rate() != speaker.grid.Rate()) {
      return absl::FailedPreconditionError(absl::StrCat("LATENT has ", latent.grid.Rate().ToString(),
                                                        " frames a second and SPEAKER ", speaker.grid.Rate().ToString(),
                                                        ": where that is meant, set the option resample: true"));
    }
    item.Set(
        kFrames,
        Frames{std::move(fused), latent.grid,
               std::make_shared<const std::string>(absl::StrCat(ProducerOf(latent), " beside ", ProducerOf(speaker)))});
    return absl::OkStatus();
  }

 private:
  static std::string ProducerOf(const Frames& frames) { return frames.producer ? *frames.producer : "frames"; }

  bool resample_ = false;
  FuseOptions fuse_;
};

DIARFLOW_REGISTER_NODE("Fuse", FuseNode);

}  // namespace
}  // namespace diarflow
