// Fuse: latents and speaker embeddings side by side, on the time grid of the latents.
#include <utility>

#include "base/status_macros.h"
#include "diarization/fuse_frames.h"
#include "graph/registry.h"
#include "nodes/fuse.pb.h"
#include "nodes/fuse_rules.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

class FuseNode : public MapNode {
 public:
  static constexpr In<Frames> kLatent{"LATENT"};
  static constexpr OptionalIn<Frames> kSpeaker{"SPEAKER"};
  static constexpr Out<Frames> kFrames{"FRAMES"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Latents and speaker embeddings side by side, or one of them, on the time grid of the latents.")
        .Input(kLatent)
        .Input(kSpeaker)
        .Output(kFrames)
        .Options<options::Fuse>()
        .Streams<options::Fuse>(&FuseRules)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::Fuse>();
    resample_ = options.resample() || options.placement() == options::Fuse::STRETCHED;
    fuse_ = FuseOptionsOf(options);
    if (options.placement() == options::Fuse::STRETCHED) fuse_.placement = FramePlacement::kStretched;
    if (options.parts() == options::Fuse::LATENT) fuse_.parts = FuseParts::kLatent;
    if (options.parts() == options::Fuse::SPEAKER) fuse_.parts = FuseParts::kSpeaker;
    if (context.IsConnected(kSpeaker)) return absl::OkStatus();
    if (options.has_parts() && options.parts() != options::Fuse::LATENT) {
      return absl::InvalidArgumentError("parts names SPEAKER, but nothing comes in there");
    }
    fuse_.parts = FuseParts::kLatent;
    return absl::OkStatus();
  }

  absl::Status Process(ItemContext& item) const override {
    const Frames& latent = item.Get(kLatent);
    if (fuse_.parts == FuseParts::kLatent) {
      ASSIGN_OR_RETURN(FloatArray fused, FuseFrames({latent.values, latent.grid}, {}, fuse_));
      item.Set(kFrames, Frames{std::move(fused), latent.grid, latent.producer});
      return absl::OkStatus();
    }
    const Frames& speaker = *item.Get(kSpeaker);
    ASSIGN_OR_RETURN(FloatArray fused, FuseFrames({latent.values, latent.grid}, {speaker.values, speaker.grid}, fuse_));
    // The grids are sane now: FuseFrames has looked at them.
    RETURN_IF_ERROR(CheckFuseRates(latent.grid, speaker.grid, resample_));
    item.Set(kFrames, Frames{std::move(fused), latent.grid,
                             fuse_.parts == FuseParts::kSpeaker ? speaker.producer : FusedProducer(latent, speaker)});
    return absl::OkStatus();
  }

 private:
  static StreamRules FuseRules(const options::Fuse& options, absl::Span<const StreamProperties> inputs) {
    StreamRules rules = FuseStreams(options, inputs);
    if (options.placement() == options::Fuse::STRETCHED || options.parts() == options::Fuse::LATENT) rules.takes = {};
    // What is not connected is unknown.
    if (options.parts() == options::Fuse::LATENT) rules.gives[0].width = inputs[0].width;
    if (options.parts() == options::Fuse::SPEAKER) rules.gives[0].width = inputs[1].width;
    return rules;
  }

  bool resample_ = false;
  FuseOptions fuse_;
};

DIARFLOW_REGISTER_NODE("Fuse", FuseNode);

}  // namespace
}  // namespace diarflow
