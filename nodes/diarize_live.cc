// DiarizeLive: sound as it comes in to turns as they are decided.
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "diarization/diarizer.h"
#include "diarization/online_diarizer.h"
#include "graph/registry.h"
#include "nodes/diarization.h"
#include "nodes/diarize_live.pb.h"
#include "nodes/payloads.h"
#include "nodes/segmentation_model.h"
#include "nodes/voice_model.h"

namespace diarflow {
namespace {

OnlineOptions OnlineOptionsOf(const options::DiarizeLive& options) {
  OnlineOptions online;
  online.latency = options.latency();
  online.overlap_bias = options.overlap_bias();
  online.least_turn = options.least_turn();
  return online;
}

absl::Status CheckDiarizeLive(const options::DiarizeLive& options) {
  return CheckOnlineOptions(OnlineOptionsOf(options));
}

class DiarizeLiveNode : public StreamNode {
 public:
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr Uses<SegmentationModelResource> kSegmentation{"SEGMENTATION"};
  static constexpr Uses<VoiceModelResource> kVoices{"VOICES"};
  static constexpr Out<LiveTurns> kTurns{"TURNS"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Sound at 16 kHz, piece by piece, to turns as they are decided; speakers keep their names.")
        .Input(kAudio)
        .Resource(kSegmentation)
        .Resource(kVoices)
        .Output(kTurns)
        .Options<options::DiarizeLive>(&CheckDiarizeLive);
  }

  absl::Status Open(OpenContext& context) override {
    options_ = OnlineOptionsOf(context.options<options::DiarizeLive>());
    segmentation_ = context.Get(kSegmentation)->model;
    voices_ = context.Get(kVoices)->encoder;
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<State>> NewState() const override {
    return std::make_unique<Live>(segmentation_, voices_, options_);
  }

  absl::Status Step(State& state, ItemContext& part) const override {
    auto& live = static_cast<Live&>(state);
    const Audio& audio = part.Get(kAudio);
    RETURN_IF_ERROR(CheckSampleRate(audio, kDiarizerSampleRate, "the live diarization"));
    LiveTurns turns;
    // What was lost on the way, or came before, is silence.
    const int64_t missing = audio.start_sample - live.next_sample;
    if (missing > 0) {
      ASSIGN_OR_RETURN(turns.records, live.diarizer.Gap(missing));
    }
    ASSIGN_OR_RETURN(std::vector<LiveRecord> records, live.diarizer.Push(audio.samples));
    for (LiveRecord& record : records) turns.records.push_back(std::move(record));
    live.next_sample = audio.start_sample + audio.samples.size();
    if (live.next_sample < 0 || live.next_sample > kDiarizerMaxSamples) {
      return absl::InvalidArgumentError(absl::StrCat("a piece that ends at sample ", live.next_sample));
    }
    turns.position = MicrosecondsFromSamples(live.next_sample, kDiarizerSampleRate);
    part.AddMediaTime(audio.seconds());
    part.Set(kTurns, std::move(turns));
    return absl::OkStatus();
  }

  absl::Status Flush(State& state, ItemContext& last) const override {
    auto& live = static_cast<Live&>(state);
    LiveTurns turns;
    ASSIGN_OR_RETURN(turns.records, live.diarizer.Flush());
    turns.position = MicrosecondsFromSamples(live.diarizer.position(), kDiarizerSampleRate);
    last.Set(kTurns, std::move(turns));
    return absl::OkStatus();
  }

 private:
  struct Live : public State {
    Live(SegmentationModel::Ptr segmentation, std::shared_ptr<const VoiceEncoder> voices, const OnlineOptions& options)
        : diarizer(std::move(segmentation), std::move(voices), options) {}
    OnlineDiarizer diarizer;
    int64_t next_sample = 0;
  };

  OnlineOptions options_;
  SegmentationModel::Ptr segmentation_;
  std::shared_ptr<const VoiceEncoder> voices_;
};

DIARFLOW_REGISTER_NODE("DiarizeLive", DiarizeLiveNode);

}  // namespace
}  // namespace diarflow
