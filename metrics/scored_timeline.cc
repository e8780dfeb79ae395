#include "metrics/scored_timeline.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr size_t kMaxSpeakers = 4096;

enum class Kind : int8_t { kReference, kHypothesis, kRegion, kCollar };

// Something starts (step 1) or ends (step -1).
struct Event {
  int64_t time = 0;
  int32_t speaker = 0;
  Kind kind = Kind::kRegion;
  int8_t step = 0;
};

// The numbers of the speakers of `recording`, turn by turn.
absl::StatusOr<std::vector<int32_t>> NumberSpeakers(const Recording& recording, std::vector<std::string>* names) {
  absl::flat_hash_map<absl::string_view, int32_t> found;
  std::vector<std::pair<int64_t, absl::string_view>> first_starts;
  std::vector<int32_t> of_turn;
  of_turn.reserve(recording.turns.size());
  for (const Turn& turn : recording.turns) {
    const auto [entry, is_new] = found.try_emplace(turn.speaker, static_cast<int32_t>(first_starts.size()));
    if (is_new) first_starts.emplace_back(turn.start, turn.speaker);
    int64_t& first_start = first_starts[entry->second].first;
    first_start = std::min(first_start, turn.start);
    of_turn.push_back(entry->second);
  }
  if (first_starts.size() > kMaxSpeakers) {
    return absl::OutOfRangeError(absl::StrCat("recording \"", recording.uri, "\" names ", first_starts.size(),
                                              " speakers; scores take up to ", kMaxSpeakers));
  }
  std::sort(first_starts.begin(), first_starts.end());
  std::vector<int32_t> number(first_starts.size());
  for (size_t i = 0; i < first_starts.size(); ++i) {
    names->emplace_back(first_starts[i].second);
    number[found[first_starts[i].second]] = static_cast<int32_t>(i);
  }
  for (int32_t& speaker : of_turn) speaker = number[speaker];
  return of_turn;
}

// Who is active now, in how many turns.
class ActiveSet {
 public:
  explicit ActiveSet(size_t num_speakers) : place_(num_speakers, -1) {}

  void Step(int32_t speaker, int8_t step) {
    turns_ += step;
    int32_t& place = place_[speaker];
    if (place < 0) {
      place = static_cast<int32_t>(speakers_.size());
      speakers_.push_back({speaker, step});
      return;
    }
    speakers_[place].turns += step;
    if (speakers_[place].turns != 0) return;
    // The last one takes its place.
    speakers_[place] = speakers_.back();
    place_[speakers_[place].speaker] = place;
    place_[speaker] = -1;
    speakers_.pop_back();
  }

  bool empty() const { return speakers_.empty(); }
  int64_t turns() const { return turns_; }

  ActiveRange AppendTo(bool collapse, std::vector<ActiveSpeaker>* active) const {
    const auto begin = static_cast<int64_t>(active->size());
    active->insert(active->end(), speakers_.begin(), speakers_.end());
    if (collapse) {
      for (size_t i = begin; i < active->size(); ++i) (*active)[i].turns = 1;
    }
    return {begin, static_cast<int64_t>(active->size())};
  }

 private:
  std::vector<ActiveSpeaker> speakers_;
  std::vector<int32_t> place_;
  int64_t turns_ = 0;
};

std::vector<TimeSpan> ExtentOf(const std::vector<const Recording*>& recordings) {
  TimeSpan extent = {std::numeric_limits<int64_t>::max(), 0};
  for (const Recording* recording : recordings) {
    for (const Turn& turn : recording->turns) {
      extent.start = std::min(extent.start, turn.start);
      extent.end = std::max(extent.end, turn.end());
    }
  }
  if (extent.start >= extent.end) return {};
  return {extent};
}

// Ends before starts at the same instant, so that turns that touch never count as an overlap.
std::vector<Event> CollectEvents(const Recording& reference, const std::vector<int32_t>& reference_numbers,
                                 const Recording& hypothesis, const std::vector<int32_t>& hypothesis_numbers,
                                 const std::vector<TimeSpan>& region, int64_t collar) {
  std::vector<Event> events;
  events.reserve(2 * (region.size() + hypothesis.turns.size()) + (collar > 0 ? 6 : 2) * reference.turns.size());
  const auto add = [&events](int64_t start, int64_t end, int32_t speaker, Kind kind) {
    events.push_back({start, speaker, kind, 1});
    events.push_back({end, speaker, kind, -1});
  };
  for (const TimeSpan& span : region) add(span.start, span.end, 0, Kind::kRegion);
  for (size_t i = 0; i < reference.turns.size(); ++i) {
    const Turn& turn = reference.turns[i];
    add(turn.start, turn.end(), reference_numbers[i], Kind::kReference);
    if (collar == 0) continue;
    add(turn.start - collar, turn.start + collar, 0, Kind::kCollar);
    add(turn.end() - collar, turn.end() + collar, 0, Kind::kCollar);
  }
  for (size_t i = 0; i < hypothesis.turns.size(); ++i) {
    const Turn& turn = hypothesis.turns[i];
    add(turn.start, turn.end(), hypothesis_numbers[i], Kind::kHypothesis);
  }
  std::sort(events.begin(), events.end(),
            [](const Event& a, const Event& b) { return a.time != b.time ? a.time < b.time : a.step < b.step; });
  return events;
}

// Walks along the events and fills in the stretches.
absl::Status Cut(const std::vector<Event>& events, const TimelineOptions& options, ScoredTimeline* timeline) {
  ActiveSet reference(timeline->reference_speakers.size());
  ActiveSet hypothesis(timeline->hypothesis_speakers.size());
  int64_t depth[4] = {0, 0, 0, 0};
  int64_t most_reference = 0;
  int64_t most_hypothesis = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    depth[static_cast<int>(event.kind)] += event.step;
    if (event.kind == Kind::kReference) reference.Step(event.speaker, event.step);
    if (event.kind == Kind::kHypothesis) hypothesis.Step(event.speaker, event.step);
    if (i + 1 == events.size() || events[i + 1].time == event.time) continue;
    if (depth[static_cast<int>(Kind::kRegion)] == 0) continue;
    const TimeSpan span = {event.time, events[i + 1].time};
    const bool scored = depth[static_cast<int>(Kind::kCollar)] == 0 && !(options.skip_overlap && reference.turns() > 1);
    if (scored) AppendJoined(span, &timeline->scored);
    if (reference.empty() && hypothesis.empty()) continue;
    most_reference = std::max(most_reference, reference.turns());
    most_hypothesis = std::max(most_hypothesis, hypothesis.turns());
    Stretch stretch;
    stretch.start = span.start;
    stretch.length = span.length();
    stretch.scored = scored;
    stretch.reference = reference.AppendTo(options.collapse_same_speaker, &timeline->active);
    stretch.hypothesis = hypothesis.AppendTo(options.collapse_same_speaker, &timeline->active);
    timeline->stretches.push_back(stretch);
  }
  if (events.empty()) return absl::OkStatus();
  __extension__ using Int128 = __int128;
  const Int128 greatest_sum =
      static_cast<Int128>(most_reference + 1) * (most_hypothesis + 1) * (events.back().time - events.front().time);
  if (greatest_sum <= std::numeric_limits<int64_t>::max()) return absl::OkStatus();
  return absl::OutOfRangeError(absl::StrCat("up to ", most_reference, " reference turns and ", most_hypothesis,
                                            " hypothesis turns overlap: the sums might not fit 64 bits"));
}

}  // namespace

absl::StatusOr<ScoredTimeline> BuildScoredTimeline(const Recording& reference, const Recording& hypothesis,
                                                   const std::optional<std::vector<TimeSpan>>& region,
                                                   const TimelineOptions& options) {
  RETURN_IF_ERROR(CheckTurns(reference));
  RETURN_IF_ERROR(CheckTurns(hypothesis));
  if (region.has_value()) RETURN_IF_ERROR(CheckSpans({reference.uri, *region}));
  if (options.collar < 0 || options.collar > kMaxMicroseconds) {
    return absl::InvalidArgumentError(
        absl::StrCat("a collar of ", options.collar, " us on each side: it must lie between 0 and 10^9 seconds"));
  }
  std::vector<TimeSpan> spans;
  if (region.has_value()) {
    spans = *region;
  } else if (options.default_region == DefaultRegion::kReferenceExtent) {
    spans = ExtentOf({&reference});
  } else {
    spans = ExtentOf({&reference, &hypothesis});
  }
  ScoredTimeline timeline;
  ASSIGN_OR_RETURN(const std::vector<int32_t> reference_numbers,
                   NumberSpeakers(reference, &timeline.reference_speakers));
  ASSIGN_OR_RETURN(const std::vector<int32_t> hypothesis_numbers,
                   NumberSpeakers(hypothesis, &timeline.hypothesis_speakers));
  const std::vector<Event> events =
      CollectEvents(reference, reference_numbers, hypothesis, hypothesis_numbers, spans, options.collar);
  timeline.stretches.reserve(events.size());
  timeline.active.reserve(2 * events.size());
  if (const absl::Status status = Cut(events, options, &timeline); !status.ok()) {
    return absl::Status(status.code(), absl::StrCat("recording \"", reference.uri, "\": ", status.message()));
  }
  return timeline;
}

std::vector<int64_t> CoOccurrence(const ScoredTimeline& timeline, bool scored_only) {
  const size_t columns = timeline.hypothesis_speakers.size();
  std::vector<int64_t> together(timeline.reference_speakers.size() * columns, 0);
  for (const Stretch& stretch : timeline.stretches) {
    if (scored_only && !stretch.scored) continue;
    for (int64_t r = stretch.reference.begin; r < stretch.reference.end; ++r) {
      const ActiveSpeaker& reference = timeline.active[r];
      for (int64_t h = stretch.hypothesis.begin; h < stretch.hypothesis.end; ++h) {
        const ActiveSpeaker& hypothesis = timeline.active[h];
        together[reference.speaker * columns + hypothesis.speaker] +=
            stretch.length * reference.turns * hypothesis.turns;
      }
    }
  }
  return together;
}

}  // namespace diarflow
