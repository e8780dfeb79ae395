#include "datasets/corpus_statistics.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr double kMicrosecondsPerHour = 3600e6;

// Adds up to the largest number and stays there.
void AddTo(int64_t value, int64_t* sum) {
  if (__builtin_add_overflow(*sum, value, sum)) *sum = std::numeric_limits<int64_t>::max();
}

// What is gathered of a split before it is a SplitStatistics.
struct Gathered {
  SplitStatistics sums;
  std::set<std::string> speakers;
  std::vector<int64_t> durations;
};

// An edge of a turn; the end of one at an instant comes before the start of another.
struct Edge {
  int64_t time;
  int change;
  absl::string_view speaker;
  friend bool operator<(const Edge& a, const Edge& b) {
    return a.time != b.time ? a.time < b.time : a.change < b.change;
  }
};

void AddRecording(const Recording& recording, Gathered* to) {
  std::vector<Edge> edges;
  for (const Turn& turn : recording.turns) {
    edges.push_back({turn.start, 1, turn.speaker});
    edges.push_back({turn.end(), -1, turn.speaker});
    to->speakers.insert(turn.speaker);
    to->durations.push_back(turn.duration);
    AddTo(turn.duration, &to->sums.speaker_time);
  }
  std::sort(edges.begin(), edges.end());
  absl::flat_hash_map<absl::string_view, int> running;
  int active = 0;
  int64_t before = 0;
  for (const Edge& edge : edges) {
    const int64_t length = edge.time - before;
    if (active >= 1) AddTo(length, &to->sums.speech);
    if (active >= 2) AddTo(length, &to->sums.overlap);
    before = edge.time;
    int& own = running[edge.speaker];
    const int was = own > 0 ? 1 : 0;
    own += edge.change;
    active += (own > 0 ? 1 : 0) - was;
  }
}

int64_t Median(std::vector<int64_t> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

absl::StatusOr<SplitStatistics> Finish(Gathered gathered) {
  SplitStatistics& sums = gathered.sums;
  sums.turns = static_cast<int64_t>(gathered.durations.size());
  sums.speakers = static_cast<int64_t>(gathered.speakers.size());
  sums.median_turn = Median(std::move(gathered.durations));
  for (const int64_t sum : {sums.audio, sums.scored, sums.speaker_time, sums.speech}) {
    if (sum == std::numeric_limits<int64_t>::max()) {
      return absl::OutOfRangeError(absl::StrCat("the split \"", sums.split, "\" lasts longer than can be counted"));
    }
  }
  return std::move(sums);
}

}  // namespace

double SplitStatistics::audio_hours() const { return static_cast<double>(audio) / kMicrosecondsPerHour; }
double SplitStatistics::speaker_hours() const { return static_cast<double>(speaker_time) / kMicrosecondsPerHour; }
double SplitStatistics::speech_hours() const { return static_cast<double>(speech) / kMicrosecondsPerHour; }
double SplitStatistics::overlap_percent() const {
  return speech == 0 ? 0 : 100 * static_cast<double>(overlap) / static_cast<double>(speech);
}

absl::StatusOr<std::vector<SplitStatistics>> CorpusStatistics(const std::vector<ManifestEntry>& entries,
                                                              const std::vector<Recording>& labels,
                                                              const std::vector<EvaluationRegion>& regions) {
  std::vector<Gathered> splits;
  absl::flat_hash_map<std::string, size_t> place_of_split;
  absl::flat_hash_map<absl::string_view, size_t> place_of_utterance;
  const auto place_of = [&](const std::string& split) {
    const auto [place, is_new] = place_of_split.try_emplace(split, splits.size());
    if (is_new) splits.emplace_back().sums.split = split;
    return place->second;
  };
  for (const ManifestEntry& entry : entries) {
    const size_t place = place_of(entry.split);
    if (!place_of_utterance.try_emplace(entry.name(), place).second) {
      return absl::InvalidArgumentError(absl::StrCat("two entries are named ", entry.name()));
    }
    Gathered& split = splits[place];
    ++split.sums.files;
    AddTo(entry.duration.value_or(0), &split.sums.audio);
    if (!entry.speaker.empty()) split.speakers.insert(entry.speaker);
  }
  // What has no entry comes last, apart from entries without a split.
  Gathered rest;
  bool any_rest = false;
  const auto split_of = [&](const std::string& uri) {
    const auto found = place_of_utterance.find(uri);
    if (found != place_of_utterance.end()) return &splits[found->second];
    any_rest = true;
    return &rest;
  };
  for (const Recording& recording : labels) {
    RETURN_IF_ERROR(CheckTurns(recording));
    AddRecording(recording, split_of(recording.uri));
  }
  for (const EvaluationRegion& region : regions) {
    RETURN_IF_ERROR(CheckSpans(region));
    SplitStatistics& sums = split_of(region.uri)->sums;
    for (const TimeSpan& span : JoinSpans(region.spans)) AddTo(span.length(), &sums.scored);
  }
  if (any_rest) splits.push_back(std::move(rest));
  std::vector<SplitStatistics> statistics;
  for (Gathered& split : splits) {
    ASSIGN_OR_RETURN(SplitStatistics finished, Finish(std::move(split)));
    statistics.push_back(std::move(finished));
  }
  return statistics;
}

}  // namespace diarflow
