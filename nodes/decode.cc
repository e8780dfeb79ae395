// Decode: an utterance's file, or its piece of it, to samples.
#include "audio/decode.h"

#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "graph/registry.h"
#include "nodes/decode.pb.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

absl::Status CheckDecode(const options::Decode& options) {
  if (options.has_channel() && options.channel() < 0)
    return absl::InvalidArgumentError("channel is negative; the first is 0");
  return absl::OkStatus();
}

class DecodeNode : public MapNode {
 public:
  static constexpr In<Utterance> kUtterance{"UTTERANCE"};
  static constexpr Out<Audio> kAudio{"AUDIO"};

  static void Contract(ContractBuilder& contract) {
    contract
        .Summary(
            "Reads a file, or a piece of one: WAV, FLAC, Ogg, MP3, through ffmpeg others; one channel or the mean of "
            "all.")
        .Input(kUtterance)
        .Output(kAudio)
        .Options<options::Decode>(&CheckDecode)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::Decode>();
    if (options.has_channel()) channel_ = options.channel();
    ffmpeg_ = options.ffmpeg();
    return absl::OkStatus();
  }

  absl::Status Process(ItemContext& item) const override {
    const Utterance& utterance = item.Get(kUtterance);
    DecodeOptions options;
    options.channel = utterance.channel.has_value() ? utterance.channel : channel_;
    options.ffmpeg = ffmpeg_;
    if (utterance.start != Rational(0)) options.start_seconds = utterance.start;
    options.num_seconds = utterance.length;
    ASSIGN_OR_RETURN(Waveform waveform, DecodeAudio(utterance.path, options));
    Audio audio{std::move(waveform.samples), waveform.sample_rate, waveform.start_sample};
    item.AddMediaTime(audio.seconds());
    item.Set(kAudio, std::move(audio));
    return absl::OkStatus();
  }

 private:
  std::optional<int> channel_;
  bool ffmpeg_ = true;
};

DIARFLOW_REGISTER_NODE("Decode", DecodeNode);

}  // namespace
}  // namespace diarflow
