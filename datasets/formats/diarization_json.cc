#include "datasets/formats/diarization_json.h"

#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"
#include "diarization/turns.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using Json = nlohmann::ordered_json;

// Numbers of a direction and confidences: as many digits as mean something.
double Rounded(double value, double parts) { return std::round(value * parts) / parts; }

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

void AppendList(const char* name, const std::vector<Json>& list, std::string* text) {
  absl::StrAppend(text, ",\n \"", name, "\": [");
  const char* separator = "\n  ";
  for (const Json& entry : list) {
    absl::StrAppend(text, separator, Dump(entry));
    separator = ",\n  ";
  }
  absl::StrAppend(text, "]");
}

}  // namespace

std::vector<OverlapStretch> OverlapsOf(const std::vector<DiarizedTurn>& turns) {
  // Who starts (+1) and stops (-1) at each boundary.
  std::map<int64_t, std::vector<std::pair<const std::string*, int>>> boundaries;
  for (const DiarizedTurn& turn : turns) {
    boundaries[turn.turn.start].push_back({&turn.turn.speaker, 1});
    boundaries[turn.turn.end()].push_back({&turn.turn.speaker, -1});
  }
  std::map<std::string, int> active;
  std::vector<OverlapStretch> overlaps;
  int64_t before = 0;
  for (const auto& [time, changes] : boundaries) {
    if (active.size() > 1 && time > before) {
      std::vector<std::string> speakers;
      for (const auto& [speaker, count] : active) speakers.push_back(speaker);
      if (!overlaps.empty() && overlaps.back().span.end == before && overlaps.back().speakers == speakers) {
        overlaps.back().span.end = time;
      } else {
        overlaps.push_back({{before, time}, speakers});
      }
    }
    for (const auto& [speaker, change] : changes) active[*speaker] += change;
    for (auto it = active.begin(); it != active.end();) it = it->second == 0 ? active.erase(it) : std::next(it);
    before = time;
  }
  return overlaps;
}

std::string FormatDiarizationJson(const std::string& uri, int64_t duration, const Diarization& diarization,
                                  bool ended_early) {
  int64_t all = 0;
  std::map<std::string, int64_t> count;
  std::vector<Json> turns;
  for (const DiarizedTurn& turn : diarization.turns) {
    all += turn.turn.duration;
    ++count[turn.turn.speaker];
    turns.push_back({{"start", ToSeconds(turn.turn.start)},
                     {"end", ToSeconds(turn.turn.end())},
                     {"speaker", turn.turn.speaker},
                     {"confidence", Rounded(turn.confidence, 1e3)}});
  }
  std::vector<Json> speakers;
  for (const DiarizedSpeaker& speaker : diarization.speakers) {
    Json embedding = Json::array();
    for (const float value : speaker.direction) embedding.push_back(Rounded(value, 1e6));
    speakers.push_back({{"name", speaker.name},
                        {"seconds", ToSeconds(speaker.duration)},
                        {"share", all > 0 ? Rounded(ToSeconds(speaker.duration) / ToSeconds(all), 1e4) : 0},
                        {"turns", count[speaker.name]},
                        {"embedding", embedding}});
  }
  std::vector<Json> overlaps;
  for (const OverlapStretch& overlap : OverlapsOf(diarization.turns)) {
    overlaps.push_back({{"start", ToSeconds(overlap.span.start)},
                        {"end", ToSeconds(overlap.span.end)},
                        {"speakers", overlap.speakers}});
  }
  std::string text = absl::StrCat("{\"recording\": ", Dump(uri), ", \"duration\": ", Dump(ToSeconds(duration)));
  if (ended_early) absl::StrAppend(&text, ", \"ended_early\": true");
  AppendList("speakers", speakers, &text);
  AppendList("turns", turns, &text);
  AppendList("overlaps", overlaps, &text);
  absl::StrAppend(&text, "}\n");
  return text;
}

}  // namespace diarflow
