#include "metrics/der_floors.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

std::vector<Turn> SortedTurns(const Recording& recording) {
  std::vector<Turn> turns = recording.turns;
  std::sort(turns.begin(), turns.end());
  return turns;
}

}  // namespace

Recording OneSpeakerHypothesis(const Recording& reference) {
  Recording hypothesis = {reference.uri, {}};
  for (const Turn& turn : SortedTurns(reference)) {
    if (hypothesis.turns.empty() || turn.start > hypothesis.turns.back().end()) {
      hypothesis.turns.push_back({turn.start, turn.duration, "speaker"});
    } else {
      Turn& last = hypothesis.turns.back();
      last.duration = std::max(last.end(), turn.end()) - last.start;
    }
  }
  return hypothesis;
}

Recording OracleWithoutOverlap(const Recording& reference) {
  const std::vector<Turn> turns = SortedTurns(reference);
  struct Event {
    int64_t time;
    bool starts;
    size_t turn;
  };
  std::vector<Event> events;
  for (size_t i = 0; i < turns.size(); ++i) {
    events.push_back({turns[i].start, true, i});
    events.push_back({turns[i].end(), false, i});
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.time < b.time; });
  Recording hypothesis = {reference.uri, {}};
  std::set<size_t> active;  // the first is the one that goes on
  for (size_t i = 0; i < events.size(); ++i) {
    if (events[i].starts) {
      active.insert(events[i].turn);
    } else {
      active.erase(events[i].turn);
    }
    if (active.empty() || i + 1 == events.size() || events[i + 1].time == events[i].time) continue;
    const std::string& speaker = turns[*active.begin()].speaker;
    const int64_t duration = events[i + 1].time - events[i].time;
    if (!hypothesis.turns.empty()) {
      Turn& last = hypothesis.turns.back();
      if (last.end() == events[i].time && last.speaker == speaker) {
        last.duration += duration;
        continue;
      }
    }
    hypothesis.turns.push_back({events[i].time, duration, speaker});
  }
  return hypothesis;
}

absl::StatusOr<DerComponents> RandomSpeakersSum(const Recording& reference,
                                                const std::optional<std::vector<TimeSpan>>& region,
                                                const DerOptions& options,
                                                const RandomSpeakersOptions& random_options) {
  if (random_options.num_speakers < 1 || random_options.draws < 1) {
    return absl::InvalidArgumentError(absl::StrCat(random_options.draws, " draws of ", random_options.num_speakers,
                                                   " random speakers: ask for 1 of both at least"));
  }
  RETURN_IF_ERROR(CheckTurns(reference));
  Recording hypothesis = OneSpeakerHypothesis(reference);
  SplitMix64 random(random_options.seed);
  DerComponents sum;
  for (int draw = 0; draw < random_options.draws; ++draw) {
    for (Turn& turn : hypothesis.turns) turn.speaker = absl::StrCat(random.Below(random_options.num_speakers));
    ASSIGN_OR_RETURN(const FileDer file, ScoreDer(reference, hypothesis, region, options));
    sum += file.components;
  }
  return sum;
}

}  // namespace diarflow
