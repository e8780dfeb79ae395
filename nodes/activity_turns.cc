// ActivityTurns: the activities of speakers, piece by piece, to turns.
#include "diarization/activity_turns.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "diarization/turns.h"
#include "graph/registry.h"
#include "nodes/activity_turns.pb.h"
#include "nodes/diarization.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

ActivityTurnOptions OptionsOf(const options::ActivityTurns& options) {
  return {options.threshold(), options.median_frames(), options.least_turn()};
}

absl::Status CheckActivityTurns(const options::ActivityTurns& options) {
  return CheckActivityTurnOptions(OptionsOf(options));
}

class ActivityTurnsNode : public StreamNode {
 public:
  static constexpr In<Frames> kActivity{"ACTIVITY"};
  static constexpr OptionalIn<Audio> kAudio{"AUDIO"};
  static constexpr Out<LiveTurns> kTurns{"TURNS"};

  static void Contract(ContractBuilder& contract) {
    contract
        .Summary(
            "Activities of speakers to turns, piece by piece. With AUDIO, what the frames were made of, no turn "
            "reaches beyond its end.")
        .Input(kActivity)
        .Input(kAudio)
        .Output(kTurns)
        .Options<options::ActivityTurns>(&CheckActivityTurns);
  }

  absl::Status Open(OpenContext& context) override {
    options_ = OptionsOf(context.options<options::ActivityTurns>());
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<State>> NewState() const override { return std::make_unique<Deciding>(); }

  absl::Status Step(State& state, ItemContext& part) const override {
    auto& deciding = static_cast<Deciding&>(state);
    if (const Audio* audio = part.Get(kAudio); audio != nullptr) {
      const int64_t end = audio->start_sample + audio->samples.size();
      if (audio->sample_rate <= 0 || audio->start_sample < 0 ||
          end / audio->sample_rate >= kMaxMicroseconds / kMicrosecondsPerSecond) {
        return absl::InvalidArgumentError("the audio has no place in time");
      }
      deciding.audio_end = std::max(deciding.audio_end.value_or(0), MicrosecondsFromSamples(end, audio->sample_rate));
    }
    LiveTurns turns;
    const FloatArray& activity = part.Get(kActivity).values;
    if (!deciding.turns && activity.shape().size() == 2 && activity.dim(0) > 0) {
      if (activity.dim(1) < 1 || activity.dim(1) > kMostSpeakers) {
        return absl::InvalidArgumentError(absl::StrCat("activities are [T, speakers], 1 to ", kMostSpeakers,
                                                       " of them; here is ", activity.ShapeString()));
      }
      deciding.turns.emplace(static_cast<int>(activity.dim(1)), options_);
    }
    if (deciding.turns && !activity.empty()) {
      ASSIGN_OR_RETURN(turns.records, deciding.turns->Push(activity, part.Get(kActivity).grid));
    }
    if (deciding.turns) turns.position = deciding.turns->position();
    part.Set(kTurns, std::move(turns));
    return absl::OkStatus();
  }

  absl::Status Flush(State& state, ItemContext& last) const override {
    auto& deciding = static_cast<Deciding&>(state);
    LiveTurns turns;
    if (deciding.turns) {
      turns.records = deciding.turns->Flush(deciding.audio_end.value_or(kMaxMicroseconds));
      turns.position = deciding.turns->position();
    }
    turns.position = deciding.audio_end.value_or(turns.position);
    last.Set(kTurns, std::move(turns));
    return absl::OkStatus();
  }

 private:
  static constexpr int64_t kMostSpeakers = 1000;

  struct Deciding : public State {
    std::optional<ActivityTurns> turns;
    std::optional<int64_t> audio_end;  // microseconds
  };

  ActivityTurnOptions options_;
};

DIARFLOW_REGISTER_NODE("ActivityTurns", ActivityTurnsNode);

}  // namespace
}  // namespace diarflow
