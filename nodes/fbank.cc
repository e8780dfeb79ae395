// Fbank: Kaldi's log mel filter bank.
#include "audio/fbank.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "nodes/fbank.pb.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

absl::StatusOr<Fbank> MakeFbank(const options::Fbank& options) {
  FbankOptions fbank;
  fbank.num_bins = options.num_bins();
  fbank.sample_rate = options.sample_rate();
  fbank.window = options.window_samples();
  fbank.hop = options.hop_samples();
  return Fbank::Create(fbank);
}

absl::Status CheckFbank(const options::Fbank& options) { return MakeFbank(options).status(); }

StreamRules FbankStreams(const options::Fbank& options, absl::Span<const StreamProperties> inputs) {
  StreamRules rules;
  rules.takes = {{options.sample_rate(), {}, {}}};
  rules.gives = {{{}, FrameRate::Of(options.sample_rate(), options.hop_samples()), options.num_bins()}};
  return rules;
}

class FbankNode : public MapNode {
 public:
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr Out<Frames> kFrames{"FRAMES"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Log mel filter bank as Kaldi computes it, without mean subtraction.")
        .Input(kAudio)
        .Output(kFrames)
        .Options<options::Fbank>(&CheckFbank)
        .Streams<options::Fbank>(&FbankStreams)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    ASSIGN_OR_RETURN(fbank_, MakeFbank(context.options<options::Fbank>()));
    producer_ = std::make_shared<const std::string>(absl::StrCat("log mel, ", fbank_->options().num_bins, " bins"));
    return absl::OkStatus();
  }

  absl::Status Process(ItemContext& item) const override {
    const Audio& audio = item.Get(kAudio);
    RETURN_IF_ERROR(CheckSampleRate(audio, fbank_->options().sample_rate, "Fbank"));
    ASSIGN_OR_RETURN(FloatArray frames, fbank_->Compute(audio.samples));
    item.AddMediaTime(audio.seconds());
    FrameGrid grid = fbank_->grid();
    grid.first_sample += audio.start_sample;
    item.Set(kFrames, Frames{std::move(frames), grid, producer_});
    return absl::OkStatus();
  }

 private:
  std::optional<Fbank> fbank_;
  std::shared_ptr<const std::string> producer_;
};

DIARFLOW_REGISTER_NODE("Fbank", FbankNode);

}  // namespace
}  // namespace diarflow
