// CutWindows: a recording to its overlapping windows, until one reaches the end; the last one is as short as it is.
#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "graph/registry.h"
#include "models/windows.h"
#include "nodes/cut_windows.pb.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

absl::Status CheckCutWindows(const options::CutWindows& options) {
  if (options.window_samples() < 1) return absl::InvalidArgumentError("window_samples must be positive");
  if (options.hop_samples() < 1 || options.hop_samples() > options.window_samples()) {
    return absl::InvalidArgumentError(absl::StrCat("hop_samples is ", options.hop_samples(),
                                                   "; it may be 1 to window_samples, so that nothing is left out"));
  }
  return absl::OkStatus();
}

class CutWindowsNode : public ExpandNode {
 public:
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr Out<Audio> kWindow{"WINDOW"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("A recording to overlapping windows, each a part of its own.")
        .Input(kAudio)
        .Output(kWindow)
        .Options<options::CutWindows>(&CheckCutWindows);
  }

  absl::Status Open(OpenContext& context) override {
    options_ = context.options<options::CutWindows>();
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<Parts>> Begin(const ItemContext& item) const override {
    const Audio& audio = item.Get(kAudio);
    if (audio.samples.shape().size() != 1 || audio.samples.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the recording has no samples [N]; here is ", audio.samples.ShapeString()));
    }
    if (audio.sample_rate <= 0) return absl::InvalidArgumentError("the audio has no sample rate");
    return std::make_unique<Windows>(&audio, &options_);
  }

 private:
  class Windows : public Parts {
   public:
    Windows(const Audio* audio, const options::CutWindows* options) : audio_(audio), options_(options) {}

    absl::StatusOr<bool> Next(SourceContext& part) override {
      if (done_) return false;
      const int64_t begin = next_++ * options_->hop_samples();
      const int64_t end = std::min(begin + options_->window_samples(), audio_->samples.size());
      done_ = end == audio_->samples.size();
      part.SetItem(absl::StrCat("window ", next_ - 1));
      part.Set(kWindow, Audio{Slice(audio_->samples, begin, end), audio_->sample_rate, audio_->start_sample + begin});
      return true;
    }

   private:
    const Audio* audio_;
    const options::CutWindows* options_;
    int64_t next_ = 0;
    bool done_ = false;
  };

  options::CutWindows options_;
};

DIARFLOW_REGISTER_NODE("CutWindows", CutWindowsNode);

}  // namespace
}  // namespace diarflow
