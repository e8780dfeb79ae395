// AdapterStream: latents, piece by piece, to the activity of each speaker: the adapter in windows, stitched.
#include "diarization/adapter_stream.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "nodes/adapter_model.h"
#include "nodes/adapter_stream.pb.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

AdapterWindows WindowsOf(const options::AdapterStream& options) {
  return {options.window_frames(), options.hop_frames(), options.latency_frames()};
}

absl::Status CheckAdapterStream(const options::AdapterStream& options) {
  return CheckAdapterWindows(WindowsOf(options));
}

StreamRules AdapterStreams(const options::AdapterStream& options, absl::Span<const StreamProperties> inputs) {
  StreamRules rules;
  rules.gives = {{inputs[0].sample_rate, inputs[0].frame_rate, {}}};
  return rules;
}

class AdapterStreamNode : public StreamNode {
 public:
  static constexpr In<Frames> kFrames{"FRAMES"};
  static constexpr Uses<AdapterModelResource> kModel{"MODEL"};
  static constexpr Out<Frames> kActivity{"FRAMES"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Who speaks when in recordings of any length: the adapter in overlapping windows, made one.")
        .Input(kFrames)
        .Resource(kModel)
        .Output(kActivity)
        .Options<options::AdapterStream>(&CheckAdapterStream)
        .Streams<options::AdapterStream>(&AdapterStreams);
  }

  absl::Status Open(OpenContext& context) override {
    windows_ = WindowsOf(context.options<options::AdapterStream>());
    adapter_ = context.Get(kModel)->adapter;
    producer_ = std::make_shared<const std::string>(adapter_->Description());
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<State>> NewState() const override {
    return std::make_unique<Adapting>(adapter_, windows_);
  }

  absl::Status Step(State& state, ItemContext& part) const override {
    auto& adapting = static_cast<Adapting&>(state);
    const Frames& frames = part.Get(kFrames);
    if (frames.values.shape().size() == 2 && frames.values.dim(0) > 0) {
      const FrameGrid& grid = frames.grid;
      RETURN_IF_ERROR(CheckGrid("latents", grid));
      const int64_t expected = adapting.begun ? adapting.grid.Begin(adapting.frames) : grid.first_sample;
      if (grid.first_sample < expected) return BackwardsError(grid.first_sample, expected);
      // Behind a gap the stream begins anew: what was not decided yet is lost.
      if (!adapting.begun || grid.first_sample > expected || grid.hop != adapting.grid.hop) {
        adapting.stream = AdapterStream(adapter_, windows_);
        adapting.grid = grid;
        adapting.frames = 0;
      }
      adapting.begun = true;
    }
    const int64_t decided = adapting.stream.decided();
    ASSIGN_OR_RETURN(FloatArray activity, adapting.stream.Push(frames.values));
    adapting.frames += frames.values.dim(0);
    return Give(adapting, decided, std::move(activity), part);
  }

  absl::Status Flush(State& state, ItemContext& last) const override {
    auto& adapting = static_cast<Adapting&>(state);
    const int64_t decided = adapting.stream.decided();
    ASSIGN_OR_RETURN(FloatArray activity, adapting.stream.Flush());
    return Give(adapting, decided, std::move(activity), last);
  }

 private:
  struct Adapting : public State {
    Adapting(Adapter::Ptr adapter, const AdapterWindows& windows) : stream(std::move(adapter), windows) {}
    AdapterStream stream;
    FrameGrid grid;  // of the stream's first frame
    bool begun = false;
    int64_t frames = 0;
  };

  absl::Status Give(const Adapting& adapting, int64_t first, FloatArray activity, ItemContext& part) const {
    FrameGrid grid = adapting.grid;
    grid.first_sample = grid.Begin(first);
    part.Set(kActivity, Frames{std::move(activity), grid, producer_});
    return absl::OkStatus();
  }

  AdapterWindows windows_;
  Adapter::Ptr adapter_;
  std::shared_ptr<const std::string> producer_;
};

DIARFLOW_REGISTER_NODE("AdapterStream", AdapterStreamNode);

}  // namespace
}  // namespace diarflow
