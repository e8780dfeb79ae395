// OverlapStream: pieces of audio, cut anew, so that the windows of each piece, one behind the other, are the windows of
// the whole. A node that works on windows then needs no state and may work on several pieces at once.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "nodes/overlap_stream.pb.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

constexpr int kMostSamples = 1 << 26;

absl::Status CheckOverlapStream(const options::OverlapStream& options) {
  if (options.window_samples() < 1 || options.window_samples() > kMostSamples) {
    return absl::InvalidArgumentError(
        absl::StrCat("window_samples is ", options.window_samples(), "; it may be 1 to ", kMostSamples));
  }
  if (options.hop_samples() >= 1 && options.hop_samples() <= kMostSamples) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("hop_samples is ", options.hop_samples(), "; it may be 1 to ", kMostSamples));
}

StreamRules OverlapStreams(const options::OverlapStream& options, absl::Span<const StreamProperties> inputs) {
  StreamRules rules;
  rules.gives = {{inputs[0].sample_rate, {}, {}}};
  return rules;
}

class OverlapStreamNode : public StreamNode {
 public:
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr Out<Audio> kPieces{"AUDIO"};

  static void Contract(ContractBuilder& contract) {
    contract
        .Summary(
            "Pieces of audio that overlap so that the windows of the pieces are those of the whole; a piece that ends "
            "no window is empty. A recording shorter than a window comes as it is.")
        .Input(kAudio)
        .Output(kPieces)
        .Options<options::OverlapStream>(&CheckOverlapStream)
        .Streams<options::OverlapStream>(&OverlapStreams);
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::OverlapStream>();
    window_ = options.window_samples();
    hop_ = options.hop_samples();
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<State>> NewState() const override { return std::make_unique<Cutting>(); }

  absl::Status Step(State& state, ItemContext& part) const override {
    auto& cutting = static_cast<Cutting&>(state);
    const Audio& audio = part.Get(kAudio);
    if (audio.samples.shape().size() != 1 || audio.sample_rate <= 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("audio is [N] at some rate; here is ", audio.samples.ShapeString(), " at ", audio.sample_rate));
    }
    if (cutting.begun && audio.sample_rate != cutting.sample_rate) {
      return absl::FailedPreconditionError(absl::StrCat("the rate changes from ", cutting.sample_rate, " to ",
                                                        audio.sample_rate, " Hz within a recording"));
    }
    if (cutting.begun && audio.start_sample < cutting.next_sample) {
      return BackwardsError(audio.start_sample, cutting.next_sample);
    }
    if (!cutting.begun || audio.start_sample > cutting.next_sample) cutting.BeginAt(audio.start_sample);
    cutting.begun = true;
    cutting.sample_rate = audio.sample_rate;
    cutting.kept.insert(cutting.kept.end(), audio.samples.begin(), audio.samples.end());
    cutting.next_sample += audio.samples.size();
    cutting.Skip();
    const auto size = static_cast<int64_t>(cutting.kept.size());
    const int64_t windows = cutting.skip > 0 || size < window_ ? 0 : (size - window_) / hop_ + 1;
    const int64_t end = windows == 0 ? 0 : (windows - 1) * hop_ + window_;
    Give(cutting, end, part);
    cutting.given += windows;
    cutting.begin += windows * hop_;
    cutting.skip += windows * hop_;
    cutting.Skip();
    return absl::OkStatus();
  }

  absl::Status Flush(State& state, ItemContext& last) const override {
    auto& cutting = static_cast<Cutting&>(state);
    Give(cutting, cutting.given == 0 ? static_cast<int64_t>(cutting.kept.size()) : 0, last);
    return absl::OkStatus();
  }

 private:
  struct Cutting : public State {
    // At the start, and behind a gap: no window reaches over it.
    void BeginAt(int64_t sample) {
      kept.clear();
      skip = 0;
      begin = next_sample = sample;
    }
    // What lies in front of the next window goes.
    void Skip() {
      const int64_t gone = std::min(skip, static_cast<int64_t>(kept.size()));
      kept.erase(kept.begin(), kept.begin() + gone);
      skip -= gone;
    }

    std::vector<float> kept;  // from the first sample of the next window on
    int64_t begin = 0;        // where that stands in the recording
    int64_t skip = 0;         // samples in front of it that are still to come, where hops are longer than windows
    bool begun = false;
    int sample_rate = 0;
    int64_t next_sample = 0;
    int64_t given = 0;  // windows
  };

  // The first `size` samples of what is kept.
  static void Give(const Cutting& cutting, int64_t size, ItemContext& part) {
    FloatArray samples = FloatArray::Zeros({size});
    std::copy_n(cutting.kept.begin(), size, samples.mutable_data());
    part.Set(kPieces, Audio{std::move(samples), cutting.sample_rate, cutting.begin});
  }

  int64_t window_ = 0, hop_ = 0;
};

DIARFLOW_REGISTER_NODE("OverlapStream", OverlapStreamNode);

}  // namespace
}  // namespace diarflow
