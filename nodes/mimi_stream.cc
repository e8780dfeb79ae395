// MimiStream: audio at 24 kHz, piece by piece, to the continuous latent of Mimi. The state goes from piece to piece, so
// a recording of any length gives what it gives as a whole.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "models/mimi/mimi.h"
#include "nodes/mimi_model.h"
#include "nodes/mimi_stream.pb.h"
#include "nodes/mimi_taps.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

// What a step takes at most, samples: 10 s. It bounds the memory.
constexpr int64_t kMostSamples = 240000;

StreamRules MimiStreams(const options::MimiStream& options, absl::Span<const StreamProperties> inputs) {
  return MimiRules(InfoOf(options.tap()).tap);
}

class MimiStreamNode : public StreamNode {
 public:
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr Uses<MimiModelResource> kModel{"MODEL"};
  static constexpr Out<Frames> kFrames{"FRAMES"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("The continuous latent of Mimi, piece by piece without seams; 24 kHz in, 12.5 or 25 Hz out.")
        .Input(kAudio)
        .Resource(kModel)
        .Output(kFrames)
        .Options<options::MimiStream>()
        .Streams<options::MimiStream>(&MimiStreams);
  }

  absl::Status Open(OpenContext& context) override {
    model_ = context.Get(kModel);
    const MimiTapInfo tap = InfoOf(context.options<options::MimiStream>().tap());
    tap_ = tap.tap;
    producer_ = std::make_shared<const std::string>(absl::StrCat(model_->encoder->Description(), ", ", tap.name));
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<State>> NewState() const override {
    ASSIGN_OR_RETURN(MimiState mimi, model_->encoder->NewState(1, tap_));
    return std::make_unique<Encoding>(std::move(mimi));
  }

  absl::Status Step(State& state, ItemContext& part) const override {
    auto& encoding = static_cast<Encoding&>(state);
    const Audio& audio = part.Get(kAudio);
    RETURN_IF_ERROR(CheckSampleRate(audio, kMimiSampleRate, "Mimi"));
    if (audio.samples.shape().size() != 1) {
      return absl::InvalidArgumentError(absl::StrCat("audio is [N]; here is ", audio.samples.ShapeString()));
    }
    if (encoding.begun && audio.start_sample < encoding.next_sample) {
      return BackwardsError(audio.start_sample, encoding.next_sample);
    }
    if (!encoding.begun || audio.start_sample > encoding.next_sample) encoding.BeginAt(audio.start_sample);
    encoding.begun = true;
    encoding.waiting.insert(encoding.waiting.end(), audio.samples.begin(), audio.samples.end());
    encoding.next_sample += audio.samples.size();
    part.AddMediaTime(audio.seconds());
    return Encode(encoding, part);
  }

  absl::Status Flush(State& state, ItemContext& last) const override {
    auto& encoding = static_cast<Encoding&>(state);
    // The last frame is filled up with silence, as in a whole recording.
    const size_t frame = kMimiFrameSamples;
    encoding.waiting.resize((encoding.waiting.size() + frame - 1) / frame * frame, 0);
    return Encode(encoding, last);
  }

 private:
  struct Encoding : public State {
    explicit Encoding(MimiState state) : mimi(std::move(state)) {}
    // At the start, and behind a gap: less than a frame in front of it is lost.
    void BeginAt(int64_t sample) {
      mimi.Reset();
      waiting.clear();
      frames = 0;
      first_sample = next_sample = sample;
    }
    MimiState mimi;
    std::vector<float> waiting;  // less than a frame of the coarsest rate, between two steps
    bool begun = false;
    int64_t first_sample = 0;
    int64_t next_sample = 0;
    int64_t frames = 0;  // given so far
  };

  // All whole frames that wait.
  absl::Status Encode(Encoding& encoding, ItemContext& part) const {
    const auto ready = static_cast<int64_t>(encoding.waiting.size()) / kMimiFrameSamples * kMimiFrameSamples;
    std::vector<float> values;
    int64_t width = 0, frames = 0;
    for (int64_t begin = 0; begin < ready; begin += kMostSamples) {
      const int64_t size = std::min(kMostSamples, ready - begin);
      FloatArray samples = FloatArray::Zeros({size});
      std::copy_n(encoding.waiting.begin() + begin, size, samples.mutable_data());
      ASSIGN_OR_RETURN(const std::vector<FloatArray> encoded, model_->encoder->Step(encoding.mimi, {samples}));
      values.insert(values.end(), encoded[0].begin(), encoded[0].end());
      frames += encoded[0].dim(0);
      width = encoded[0].dim(1);
    }
    encoding.waiting.erase(encoding.waiting.begin(), encoding.waiting.begin() + ready);
    const int64_t hop = MimiTapFrameSamples(tap_);
    const FrameGrid grid = {kMimiSampleRate, hop, hop, encoding.first_sample + encoding.frames * hop};
    encoding.frames += frames;
    part.Set(kFrames, Frames{FloatArray::Copy({frames, width}, values), grid, producer_});
    return absl::OkStatus();
  }

  std::shared_ptr<const MimiModelResource> model_;
  MimiTap tap_ = MimiTap::kLatent12;
  std::shared_ptr<const std::string> producer_;
};

DIARFLOW_REGISTER_NODE("MimiStream", MimiStreamNode);

}  // namespace
}  // namespace diarflow
