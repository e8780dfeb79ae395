#include "pages/diarization_page_json.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "nlohmann/json.hpp"
#include "pages/diarization_summary.h"

namespace diarflow {
namespace {

// Fields stay in the order in which they are set.
using Json = nlohmann::ordered_json;

Json SpansJson(const std::vector<TimeSpan>& spans) {
  Json json = Json::array();
  for (const TimeSpan& span : spans) json.push_back({span.start, span.end});
  return json;
}

Json LevelsJson(const std::vector<std::vector<TimeSpan>>& levels) {
  Json json = Json::array();
  for (size_t level = 0; level < levels.size(); ++level) {
    for (const TimeSpan& span : levels[level]) json.push_back({span.start, span.end, static_cast<int64_t>(level)});
  }
  return json;
}

void AddLanes(const ViewLanes& lanes, Json* json) {
  Json& speakers = (*json)["speakers"] = Json::array();
  for (const ViewSpeaker& speaker : lanes.speakers) {
    speakers.push_back(
        {{"name", speaker.name}, {"colour", ColourClass(speaker.colour)}, {"bars", BarsOf(speaker.colour)}});
  }
  Json& turns = (*json)["turns"] = Json::array();
  for (const ViewTurn& turn : lanes.turns) {
    turns.push_back({turn.span.start, turn.span.length(), turn.speaker, turn.confidence});
  }
}

Json ReferenceJson(const ViewLanes& lanes, const ErrorTimeline& errors) {
  Json json = Json::object();
  AddLanes(lanes, &json);
  json["scored"] = SpansJson(errors.timeline.scored);
  json["missed"] = LevelsJson(ErrorLevels(errors, &StretchErrors::missed));
  json["false alarm"] = LevelsJson(ErrorLevels(errors, &StretchErrors::false_alarm));
  json["confusion"] = LevelsJson(ErrorLevels(errors, &StretchErrors::confusion));
  return json;
}

int Level(double sample) {
  constexpr double kFullHeight = 127;
  return std::isfinite(sample) ? static_cast<int>(std::lround(std::clamp(sample, -1.0, 1.0) * kFullHeight)) : 0;
}

}  // namespace

std::string DiarizationPageJson(const DiarizationPageInput& input, const DiarizationView& view) {
  Json json = {{"duration", std::max<int64_t>(1, input.duration)}, {"extent", view.extent}};
  AddLanes(view.result, &json);
  json["overlap"] = SpansJson(view.overlap);
  Json peaks = Json::array();
  for (const auto& [least, greatest] : input.peaks) {
    for (const float peak : {least, greatest}) {
      peaks.push_back(Level(peak / view.loudness));
    }
  }
  json["peaks"] = std::move(peaks);
  json["reference"] = view.reference.has_value() ? ReferenceJson(*view.reference, view.errors->errors) : Json();
  // "<" occurs within names only, where an escape says the same.
  return absl::StrReplaceAll(json.dump(-1, ' ', false, Json::error_handler_t::replace), {{"<", "\\u003c"}});
}

}  // namespace diarflow
