// Resample: audio of any rate to one rate.
#include "audio/resample.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "audio/time_grid.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "nodes/payloads.h"
#include "nodes/resample.pb.h"

namespace diarflow {
namespace {

absl::Status CheckResample(const options::Resample& options) {
  if (options.sample_rate() >= 1 && options.sample_rate() <= kMaxSampleRate) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("sample_rate is ", options.sample_rate(), " Hz, must lie in 1 to ", kMaxSampleRate));
}

StreamRules ResampleStreams(const options::Resample& options, absl::Span<const StreamProperties> inputs) {
  StreamRules rules;
  rules.gives = {{options.sample_rate(), {}, {}}};
  return rules;
}

class ResampleNode : public MapNode {
 public:
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr Out<Audio> kResampled{"AUDIO"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Brings audio to one sample rate, without delay (soxr, very high quality).")
        .Input(kAudio)
        .Output(kResampled)
        .Options<options::Resample>(&CheckResample)
        .Streams<options::Resample>(&ResampleStreams)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    sample_rate_ = context.options<options::Resample>().sample_rate();
    return absl::OkStatus();
  }

  absl::Status Process(ItemContext& item) const override {
    const Audio& audio = item.Get(kAudio);
    ASSIGN_OR_RETURN(FloatArray samples, Resample(audio.samples, audio.sample_rate, sample_rate_));
    item.AddMediaTime(audio.seconds());
    item.Set(kResampled, Audio{std::move(samples), sample_rate_,
                               ResampledLength(audio.start_sample, audio.sample_rate, sample_rate_)});
    return absl::OkStatus();
  }

 private:
  int sample_rate_ = 0;
};

DIARFLOW_REGISTER_NODE("Resample", ResampleNode);

}  // namespace
}  // namespace diarflow
