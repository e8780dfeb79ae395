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
  static constexpr In<Frames> kSpeaker{"SPEAKER"};
  static constexpr Out<Frames> kFrames{"FRAMES"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Latents and speaker embeddings side by side, on the time grid of the latents.")
        .Input(kLatent)
        .Input(kSpeaker)
        .Output(kFrames)
        .Options<options::Fuse>()
        .Streams<options::Fuse>(&FuseStreams<options::Fuse>)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::Fuse>();
    resample_ = options.resample();
    fuse_ = FuseOptionsOf(options);
    return absl::OkStatus();
  }

  absl::Status Process(ItemContext& item) const override {
    const Frames& latent = item.Get(kLatent);
    const Frames& speaker = item.Get(kSpeaker);
    ASSIGN_OR_RETURN(FloatArray fused, FuseFrames({latent.values, latent.grid}, {speaker.values, speaker.grid}, fuse_));
    // The grids are sane now: FuseFrames has looked at them.
    RETURN_IF_ERROR(CheckFuseRates(latent.grid, speaker.grid, resample_));
    item.Set(kFrames, Frames{std::move(fused), latent.grid, FusedProducer(latent, speaker)});
    return absl::OkStatus();
  }

 private:
  bool resample_ = false;
  FuseOptions fuse_;
};

DIARFLOW_REGISTER_NODE("Fuse", FuseNode);

}  // namespace
}  // namespace diarflow
