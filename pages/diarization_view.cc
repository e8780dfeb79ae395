#include "pages/diarization_view.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "datasets/formats/diarization_json.h"

namespace diarflow {
namespace {

constexpr int kCertain = 1000;

absl::Status CheckInput(const DiarizationPageInput& input) {
  if (input.duration < 0 || input.duration > kMaxMicroseconds) {
    return absl::InvalidArgumentError(
        absl::StrCat("the duration of \"", input.title, "\" is ", input.duration, " us; it must be 0 to 10^15"));
  }
  for (const DiarizedTurn& turn : input.result.turns) {
    if (turn.confidence >= 0 && turn.confidence <= 1) continue;
    return absl::InvalidArgumentError(absl::StrCat("the turn of ", turn.turn.speaker, " at ", turn.turn.start,
                                                   " us has the confidence ", turn.confidence, "; it must be 0 to 1"));
  }
  if (input.region.has_value() && !input.reference.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", input.title, "\" has a scored region but no reference; give both, or none"));
  }
  return absl::OkStatus();
}

// So that sums of durations fit 64 bits.
absl::Status CheckSum(const Recording& recording) {
  int64_t left = std::numeric_limits<int64_t>::max();
  for (const Turn& turn : recording.turns) {
    if (turn.duration > left) {
      return absl::OutOfRangeError(absl::StrCat("the turns of \"", recording.uri, "\" are too long to be added up"));
    }
    left -= turn.duration;
  }
  return absl::OkStatus();
}

Recording RecordingOf(const DiarizationPageInput& input) {
  Recording recording = {input.title.empty() ? "recording" : input.title, {}};
  for (const DiarizedTurn& turn : input.result.turns) recording.turns.push_back(turn.turn);
  return recording;
}

struct NamedTurn {
  const Turn* turn = nullptr;
  int confidence = kCertain;
};

// `names` from top to bottom; speakers of turns who are not among them follow.
ViewLanes MakeLanes(const std::vector<std::string>& names, std::vector<NamedTurn> turns) {
  ViewLanes lanes;
  std::map<std::string, int> places;
  const auto place_of = [&lanes, &places](const std::string& name) {
    const auto [place, is_new] = places.emplace(name, static_cast<int>(lanes.speakers.size()));
    if (is_new) {
      lanes.speakers.emplace_back();
      lanes.speakers.back().name = name;
    }
    return place->second;
  };
  for (const std::string& name : names) place_of(name);
  std::sort(turns.begin(), turns.end(), [](const NamedTurn& a, const NamedTurn& b) {
    if (!(*a.turn == *b.turn)) return *a.turn < *b.turn;
    return a.confidence < b.confidence;
  });
  for (const NamedTurn& named : turns) {
    const int place = place_of(named.turn->speaker);
    lanes.turns.push_back({{named.turn->start, named.turn->end()}, place, named.confidence});
    ViewSpeaker& speaker = lanes.speakers[static_cast<size_t>(place)];
    speaker.time += named.turn->duration;
    ++speaker.turns;
  }
  for (size_t i = 0; i < lanes.speakers.size(); ++i) lanes.speakers[i].colour = static_cast<int>(i);
  return lanes;
}

absl::Status AddReference(const DiarizationPageInput& input, const Recording& hypothesis, DiarizationView* view) {
  ViewErrors errors;
  ASSIGN_OR_RETURN(errors.errors, MakeErrorTimeline(*input.reference, hypothesis, input.region, input.der));
  ASSIGN_OR_RETURN(errors.jer, ScoreJer(*input.reference, hypothesis, input.region));
  std::vector<NamedTurn> turns;
  for (const Turn& turn : input.reference->turns) {
    turns.push_back({&turn});
    view->extent = std::max(view->extent, turn.end());
  }
  view->reference = MakeLanes(errors.errors.der.reference_speakers, std::move(turns));
  view->errors = std::move(errors);
  return absl::OkStatus();
}

void ColourByMapping(const ErrorTimeline& errors, ViewLanes* lanes) {
  std::map<std::string, int> reference_of;
  for (size_t h = 0; h < errors.reference_of.size(); ++h) {
    reference_of[errors.der.hypothesis_speakers[h]] = errors.reference_of[h];
  }
  for (ViewSpeaker& speaker : lanes->speakers) {
    const auto found = reference_of.find(speaker.name);
    speaker.colour = found == reference_of.end() ? -1 : found->second;
    if (speaker.colour >= 0) speaker.mapped_to = errors.der.reference_speakers[static_cast<size_t>(speaker.colour)];
  }
}

// One knock on the table must not make a flat line of the speech.
double LoudnessOf(const std::vector<std::pair<float, float>>& peaks) {
  constexpr double kLeast = 1.0 / 127;
  std::vector<double> loudness;
  for (const auto& [least, greatest] : peaks) {
    if (std::isfinite(least) && std::isfinite(greatest)) loudness.push_back(std::max(-least, greatest));
  }
  if (loudness.empty()) return 1;
  const auto place = loudness.begin() + static_cast<std::ptrdiff_t>((loudness.size() - 1) * 99 / 100);
  std::nth_element(loudness.begin(), place, loudness.end());
  return std::clamp(*place, kLeast, 1.0);
}

}  // namespace

int64_t ViewLanes::time() const {
  int64_t time = 0;
  for (const ViewSpeaker& speaker : speakers) time += speaker.time;
  return time;
}

int64_t TimeOf(const std::vector<TimeSpan>& spans) {
  int64_t time = 0;
  for (const TimeSpan& span : spans) time += span.length();
  return time;
}

absl::StatusOr<DiarizationView> MakeDiarizationView(const DiarizationPageInput& input) {
  RETURN_IF_ERROR(CheckInput(input));
  const Recording hypothesis = RecordingOf(input);
  RETURN_IF_ERROR(CheckTurns(hypothesis));
  RETURN_IF_ERROR(CheckSum(hypothesis));
  if (input.reference.has_value()) {
    RETURN_IF_ERROR(CheckTurns(*input.reference));
    RETURN_IF_ERROR(CheckSum(*input.reference));
  }
  DiarizationView view;
  view.extent = std::max<int64_t>(1, input.duration);
  std::vector<NamedTurn> turns;
  for (const DiarizedTurn& turn : input.result.turns) {
    turns.push_back({&turn.turn, static_cast<int>(std::lround(turn.confidence * kCertain))});
    view.extent = std::max(view.extent, turn.turn.end());
  }
  std::vector<std::string> names;
  if (input.reference.has_value()) {
    RETURN_IF_ERROR(AddReference(input, hypothesis, &view));
    const ErrorTimeline& errors = view.errors->errors;
    for (const int h : errors.hypothesis_rows) names.push_back(errors.der.hypothesis_speakers[static_cast<size_t>(h)]);
  }
  for (const DiarizedSpeaker& speaker : input.result.speakers) names.push_back(speaker.name);
  view.result = MakeLanes(names, std::move(turns));
  if (view.errors.has_value()) ColourByMapping(view.errors->errors, &view.result);
  view.loudness = LoudnessOf(input.peaks);
  std::vector<TimeSpan> spoken, overlaps;
  for (const ViewTurn& turn : view.result.turns) spoken.push_back(turn.span);
  for (const OverlapStretch& stretch : OverlapsOf(input.result.turns)) overlaps.push_back(stretch.span);
  view.speech = JoinSpans(std::move(spoken));
  view.overlap = JoinSpans(std::move(overlaps));
  return view;
}

}  // namespace diarflow
