// ResampleStream: audio of any rate to one rate, piece by piece.
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "audio/resample.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "nodes/payloads.h"
#include "nodes/resample_stream.pb.h"

namespace diarflow {
namespace {

absl::Status CheckResampleStream(const options::ResampleStream& options) {
  if (options.sample_rate() >= 1 && options.sample_rate() <= kMaxSampleRate) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("sample_rate is ", options.sample_rate(), " Hz, must lie in 1 to ", kMaxSampleRate));
}

StreamRules ResampleStreams(const options::ResampleStream& options, absl::Span<const StreamProperties> inputs) {
  StreamRules rules;
  rules.gives = {{options.sample_rate(), {}, {}}};
  return rules;
}

class ResampleStreamNode : public StreamNode {
 public:
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr Out<Audio> kResampled{"AUDIO"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Brings audio to one sample rate, piece by piece without seams (soxr, very high quality).")
        .Input(kAudio)
        .Output(kResampled)
        .Options<options::ResampleStream>(&CheckResampleStream)
        .Streams<options::ResampleStream>(&ResampleStreams);
  }

  absl::Status Open(OpenContext& context) override {
    sample_rate_ = context.options<options::ResampleStream>().sample_rate();
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<State>> NewState() const override { return std::make_unique<Resampling>(); }

  absl::Status Step(State& state, ItemContext& part) const override {
    auto& resampling = static_cast<Resampling&>(state);
    const Audio& audio = part.Get(kAudio);
    // A stream begins anew behind a gap: what was held back of the sound in front of it, some hundredths of a second,
    // is lost with it.
    if (resampling.stream && audio.start_sample < resampling.next_sample) {
      return BackwardsError(audio.start_sample, resampling.next_sample);
    }
    if (!resampling.stream || audio.start_sample > resampling.next_sample ||
        audio.sample_rate != resampling.stream->from_hz()) {
      if (audio.start_sample < 0) return absl::InvalidArgumentError("the audio begins before its start");
      resampling.next_sample = audio.start_sample;
      ASSIGN_OR_RETURN(resampling.stream, ResampleStream::Create(audio.sample_rate, sample_rate_));
      resampling.first_sample = ResampledLength(audio.start_sample, audio.sample_rate, sample_rate_);
    }
    const int64_t start = resampling.first_sample + resampling.stream->position();
    ASSIGN_OR_RETURN(FloatArray samples, resampling.stream->Push(audio.samples));
    resampling.next_sample = audio.start_sample + audio.samples.size();
    part.AddMediaTime(audio.seconds());
    part.Set(kResampled, Audio{std::move(samples), sample_rate_, start});
    return absl::OkStatus();
  }

  absl::Status Flush(State& state, ItemContext& last) const override {
    auto& resampling = static_cast<Resampling&>(state);
    Audio tail{FloatArray::Zeros({0}), sample_rate_, 0};
    if (resampling.stream) {
      tail.start_sample = resampling.first_sample + resampling.stream->position();
      ASSIGN_OR_RETURN(tail.samples, resampling.stream->Flush());
    }
    last.Set(kResampled, std::move(tail));
    return absl::OkStatus();
  }

 private:
  struct Resampling : public State {
    std::optional<ResampleStream> stream;
    int64_t first_sample = 0;  // of the output
    int64_t next_sample = 0;   // of the input
  };

  int sample_rate_ = 0;
};

DIARFLOW_REGISTER_NODE("ResampleStream", ResampleStreamNode);

}  // namespace
}  // namespace diarflow
