// VoiceStream: speaker embeddings of windows, at their centres, while the audio comes in.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "models/windows.h"
#include "nodes/payloads.h"
#include "nodes/voice_model.h"
#include "nodes/voice_stream.pb.h"

namespace diarflow {
namespace {

// Both networks take .1 s at least; longer windows than a minute say nothing about a moment.
constexpr int kLeastWindow = kVoiceSampleRate / 10;
constexpr int kMostWindow = 60 * kVoiceSampleRate;

absl::Status CheckVoiceStream(const options::VoiceStream& options) {
  if (options.window_samples() < kLeastWindow || options.window_samples() > kMostWindow) {
    return absl::InvalidArgumentError(absl::StrCat("window_samples is ", options.window_samples(), "; it may be ",
                                                   kLeastWindow, " to ", kMostWindow));
  }
  if (options.hop_samples() >= 1 && options.hop_samples() <= kMostWindow) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("hop_samples is ", options.hop_samples(), "; it may be 1 to ", kMostWindow));
}

StreamRules VoiceStreams(const options::VoiceStream& options, absl::Span<const StreamProperties> inputs) {
  StreamRules rules;
  rules.takes = {{kVoiceSampleRate, {}, {}}};
  rules.gives = {{{}, FrameRate::Of(kVoiceSampleRate, options.hop_samples()), {}}};
  return rules;
}

class VoiceStreamNode : public StreamNode {
 public:
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr Uses<VoiceModelResource> kModel{"MODEL"};
  static constexpr Out<Frames> kEmbeddings{"EMBEDDINGS"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Speaker embeddings for windows of audio, at their centres, piece by piece; 16 kHz in.")
        .Input(kAudio)
        .Resource(kModel)
        .Output(kEmbeddings)
        .Options<options::VoiceStream>(&CheckVoiceStream)
        .Streams<options::VoiceStream>(&VoiceStreams);
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::VoiceStream>();
    encoder_ = context.Get(kModel)->encoder;
    window_ = options.window_samples();
    hop_ = options.hop_samples();
    producer_ = std::make_shared<const std::string>(
        absl::StrCat(encoder_->Description(), ", windows of ", window_, " samples every ", hop_));
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<State>> NewState() const override { return std::make_unique<Hearing>(); }

  absl::Status Step(State& state, ItemContext& part) const override {
    auto& hearing = static_cast<Hearing&>(state);
    const Audio& audio = part.Get(kAudio);
    RETURN_IF_ERROR(CheckSampleRate(audio, kVoiceSampleRate, "the speaker encoder"));
    if (audio.samples.shape().size() != 1) {
      return absl::InvalidArgumentError(absl::StrCat("audio is [N]; here is ", audio.samples.ShapeString()));
    }
    if (hearing.begun && audio.start_sample < hearing.next_sample) {
      return BackwardsError(audio.start_sample, hearing.next_sample);
    }
    if (!hearing.begun || audio.start_sample > hearing.next_sample) hearing.BeginAt(audio.start_sample);
    hearing.begun = true;
    hearing.kept.insert(hearing.kept.end(), audio.samples.begin(), audio.samples.end());
    hearing.next_sample += audio.samples.size();
    // What lies between two windows.
    const int64_t between = std::min(hearing.skip, static_cast<int64_t>(hearing.kept.size()));
    hearing.kept.erase(hearing.kept.begin(), hearing.kept.begin() + between);
    hearing.skip -= between;
    part.AddMediaTime(audio.seconds());
    std::vector<FloatArray> windows;
    int64_t place = 0;
    const auto size = static_cast<int64_t>(hearing.kept.size());
    // Where hops are longer than windows, the next window may begin in what is still to come.
    for (; hearing.skip == 0 && place + window_ <= size; place += hop_) {
      FloatArray window = FloatArray::Zeros({window_});
      std::copy_n(hearing.kept.begin() + place, window_, window.mutable_data());
      windows.push_back(std::move(window));
    }
    RETURN_IF_ERROR(Embed(hearing, windows, part));
    const int64_t gone = std::min(place, size);
    hearing.kept.erase(hearing.kept.begin(), hearing.kept.begin() + gone);
    hearing.begin += place;
    hearing.skip += place - gone;
    return absl::OkStatus();
  }

  absl::Status Flush(State& state, ItemContext& last) const override {
    auto& hearing = static_cast<Hearing&>(state);
    std::vector<FloatArray> windows;
    // A recording shorter than a window is repeated until it fills one.
    if (hearing.given == 0 && !hearing.kept.empty()) {
      windows.push_back(
          RepeatToLength(FloatArray::Copy({static_cast<int64_t>(hearing.kept.size())}, hearing.kept), window_));
    }
    return Embed(hearing, windows, last);
  }

 private:
  struct Hearing : public State {
    // At the start, and behind a gap: no window reaches over it.
    void BeginAt(int64_t sample) {
      kept.clear();
      skip = 0;
      begin = next_sample = sample;
    }

    std::vector<float> kept;  // from the first sample of the next window on
    int64_t begin = 0;        // where that stands in the recording
    int64_t skip = 0;         // samples in front of it that are still to come
    bool begun = false;
    int64_t next_sample = 0;
    int64_t given = 0;  // embeddings
  };

  // The embeddings of windows, of which the first begins at hearing.begin.
  absl::Status Embed(Hearing& hearing, const std::vector<FloatArray>& windows, ItemContext& part) const {
    ASSIGN_OR_RETURN(const std::vector<FloatArray> embeddings, encoder_->Embed(windows));
    const int64_t width = embeddings.empty() ? 0 : embeddings[0].size();
    FloatArray values = FloatArray::Zeros({static_cast<int64_t>(embeddings.size()), width});
    float* out = values.mutable_data();
    for (const FloatArray& embedding : embeddings) out = std::copy(embedding.begin(), embedding.end(), out);
    hearing.given += static_cast<int64_t>(embeddings.size());
    part.Set(kEmbeddings, Frames{std::move(values), {kVoiceSampleRate, hop_, window_, hearing.begin}, producer_});
    return absl::OkStatus();
  }

  std::shared_ptr<const VoiceEncoder> encoder_;
  int64_t window_ = 0, hop_ = 0;
  std::shared_ptr<const std::string> producer_;
};

DIARFLOW_REGISTER_NODE("VoiceStream", VoiceStreamNode);

}  // namespace
}  // namespace diarflow
