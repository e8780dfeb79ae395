// FuseStream: latents and speaker embeddings side by side, piece by piece. A latent waits for the speaker frame at or
// behind its own time.
#include "diarization/fuse_stream.h"

#include <memory>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "graph/registry.h"
#include "nodes/fuse_rules.h"
#include "nodes/fuse_stream.pb.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

class FuseStreamNode : public StreamNode {
 public:
  static constexpr In<Frames> kLatent{"LATENT"};
  static constexpr In<Frames> kSpeaker{"SPEAKER"};
  static constexpr Out<Frames> kFrames{"FRAMES"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Latents and speaker embeddings side by side, on the time grid of the latents, piece by piece.")
        .Input(kLatent)
        .Input(kSpeaker)
        .Output(kFrames)
        .Options<options::FuseStream>()
        .Streams<options::FuseStream>(&FuseStreams<options::FuseStream>);
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::FuseStream>();
    resample_ = options.resample();
    fuse_ = FuseOptionsOf(options);
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<State>> NewState() const override { return std::make_unique<Fusing>(fuse_); }

  absl::Status Step(State& state, ItemContext& part) const override {
    auto& fusing = static_cast<Fusing&>(state);
    const Frames& latent = part.Get(kLatent);
    const Frames& speaker = part.Get(kSpeaker);
    ASSIGN_OR_RETURN(FrameSequence fused,
                     fusing.stream.Push({latent.values, latent.grid}, {speaker.values, speaker.grid}));
    // Pieces without frames have no grid that counts.
    if (latent.values.dim(0) > 0 && speaker.values.dim(0) > 0) {
      RETURN_IF_ERROR(CheckFuseRates(latent.grid, speaker.grid, resample_));
    }
    if (fusing.producer == nullptr) fusing.producer = FusedProducer(latent, speaker);
    part.Set(kFrames, Frames{std::move(fused.values), fused.grid, fusing.producer});
    return absl::OkStatus();
  }

  absl::Status Flush(State& state, ItemContext& last) const override {
    auto& fusing = static_cast<Fusing&>(state);
    ASSIGN_OR_RETURN(FrameSequence fused, fusing.stream.Flush());
    last.Set(kFrames, Frames{std::move(fused.values), fused.grid, fusing.producer});
    return absl::OkStatus();
  }

 private:
  struct Fusing : public State {
    explicit Fusing(const FuseOptions& options) : stream(options) {}
    FuseStream stream;
    std::shared_ptr<const std::string> producer;
  };

  bool resample_ = false;
  FuseOptions fuse_;
};

DIARFLOW_REGISTER_NODE("FuseStream", FuseStreamNode);

}  // namespace
}  // namespace diarflow
