// MeasurePeaks: the outline of a recording's sound, from its pieces.
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "graph/registry.h"
#include "nodes/diarization.h"
#include "nodes/payloads.h"
#include "pages/peaks.h"

namespace diarflow {
namespace {

constexpr int kPerSecond = 10;
constexpr size_t kLongestGap = 24 * 3600 * kPerSecond;

class MeasurePeaksNode : public CollectNode {
 public:
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr Out<SoundPeaks> kPeaks{"PEAKS"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("The least and the greatest sample of every tenth of a second of a recording, for pictures.")
        .Input(kAudio)
        .Output(kPeaks);
  }

  absl::Status Begin() override {
    peaks_.peaks.clear();
    return absl::OkStatus();
  }

  absl::Status Add(ItemContext& part) override {
    const Audio& audio = part.Get(kAudio);
    if (audio.sample_rate <= 0 || audio.start_sample < 0)
      return absl::InvalidArgumentError("the audio has no place in time");
    // Pieces overlap: the later one has the word. What lies between pieces is silence.
    const auto first = static_cast<size_t>(audio.start_sample * kPerSecond / audio.sample_rate);
    if (first > peaks_.peaks.size() + kLongestGap) {
      return absl::FailedPreconditionError(
          absl::StrCat("a piece begins at sample ", audio.start_sample, ", more than a day behind the one before it"));
    }
    peaks_.peaks.resize(first);
    const int64_t columns = (audio.samples.size() * kPerSecond + audio.sample_rate - 1) / audio.sample_rate;
    const std::vector<std::pair<float, float>> more = PeaksOf(
        absl::MakeSpan(audio.samples.data(), static_cast<size_t>(audio.samples.size())), static_cast<int>(columns));
    peaks_.peaks.insert(peaks_.peaks.end(), more.begin(), more.end());
    return absl::OkStatus();
  }

  absl::Status Finish(FinishContext& context) override {
    context.Set(kPeaks, std::move(peaks_));
    peaks_ = SoundPeaks();
    return absl::OkStatus();
  }

 private:
  SoundPeaks peaks_;
};

DIARFLOW_REGISTER_NODE("MeasurePeaks", MeasurePeaksNode);

}  // namespace
}  // namespace diarflow
