// CollectTurns: turns as they are decided to who spoke when in the whole recording.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "diarization/turns.h"
#include "graph/registry.h"
#include "nodes/diarization.h"

namespace diarflow {
namespace {

class CollectTurnsNode : public CollectNode {
 public:
  static constexpr In<LiveTurns> kTurns{"TURNS"};
  static constexpr Out<DiarizedRecording> kDiarization{"DIARIZATION"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("The turns of a recording, as they are decided, as one.").Input(kTurns).Output(kDiarization);
  }

  absl::Status Begin() override {
    recording_ = DiarizedRecording();
    return absl::OkStatus();
  }

  absl::Status Add(ItemContext& part) override {
    const LiveTurns& turns = part.Get(kTurns);
    recording_.duration = std::max(recording_.duration, turns.position);
    for (const LiveRecord& record : turns.records) {
      if (record.kind == LiveRecord::kRevised) Rename(record.speaker, record.other);
      if (record.kind != LiveRecord::kEnded) continue;
      Recording checked{"turns", {{record.start, record.end - record.start, record.speaker}}};
      RETURN_IF_ERROR(CheckTurns(checked));
      recording_.result.turns.push_back({std::move(checked.turns[0]), record.confidence});
    }
    return absl::OkStatus();
  }

  absl::Status Finish(FinishContext& context) override {
    auto& turns = recording_.result.turns;
    if (context.ended_early() && turns.empty()) {
      context.Skip();
      return absl::OkStatus();
    }
    std::sort(turns.begin(), turns.end(), [](const DiarizedTurn& a, const DiarizedTurn& b) { return a.turn < b.turn; });
    std::map<std::string, size_t> places;
    auto& speakers = recording_.result.speakers;
    for (const DiarizedTurn& turn : turns) {
      const auto [place, is_new] = places.emplace(turn.turn.speaker, speakers.size());
      if (is_new) speakers.push_back({turn.turn.speaker, {}, 0});
      speakers[place->second].duration += turn.turn.duration;
      recording_.duration = std::max(recording_.duration, turn.turn.end());
    }
    recording_.uri = context.item();
    recording_.ended_early = context.ended_early();
    context.Set(kDiarization, std::move(recording_));
    recording_ = DiarizedRecording();
    return absl::OkStatus();
  }

 private:
  void Rename(const std::string& from, const std::string& to) {
    for (DiarizedTurn& turn : recording_.result.turns) {
      if (turn.turn.speaker == from) turn.turn.speaker = to;
    }
  }

  DiarizedRecording recording_;
};

DIARFLOW_REGISTER_NODE("CollectTurns", CollectTurnsNode);

}  // namespace
}  // namespace diarflow
