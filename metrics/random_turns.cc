#include "metrics/random_turns.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace diarflow {
namespace {

int64_t Below(int64_t n, std::mt19937_64* random) {
  return static_cast<int64_t>((*random)() % static_cast<uint64_t>(n));
}

}  // namespace

Recording RandomTurns(const RandomTurnsOptions& options, std::mt19937_64* random) {
  Recording recording = {options.uri, {}};
  for (int i = 0; i < options.num_turns; ++i) {
    Turn turn;
    turn.start = options.grid * Below(options.length / options.grid, random);
    turn.duration = options.grid * (1 + Below(options.longest / options.grid, random));
    turn.duration = std::min(turn.duration, options.length - turn.start);
    turn.speaker = absl::StrCat(options.speaker_prefix, Below(options.num_speakers, random));
    const bool overlaps = std::any_of(recording.turns.begin(), recording.turns.end(), [&turn](const Turn& other) {
      return other.speaker == turn.speaker && other.start < turn.end() && turn.start < other.end();
    });
    if (!overlaps || options.own_overlap) recording.turns.push_back(turn);
  }
  return recording;
}

Recording RandomConversation(const std::string& uri, int64_t length, std::mt19937_64* random) {
  constexpr int64_t kMillisecond = 1000;
  Recording recording = {uri, {}};
  int64_t last_end[4] = {0, 0, 0, 0};
  int64_t time = 0;
  while (time < length) {
    const int64_t speaker = Below(4, random);
    // A gap of -4.3 to 4 s to the end of the turn before.
    int64_t start = std::max(time + kMillisecond * (Below(8300, random) - 4300), last_end[speaker]);
    start = std::max<int64_t>(start, 0);
    const int64_t end = start + kMillisecond * (100 + Below(Below(3, random) == 0 ? 14000 : 5000, random));
    recording.turns.push_back({start, end - start, absl::StrCat("speaker", speaker)});
    last_end[speaker] = end;
    time = std::max(time, end);
  }
  return recording;
}

Recording RandomHypothesis(const Recording& reference, int64_t jitter, std::mt19937_64* random) {
  Recording hypothesis = {reference.uri, {}};
  for (const Turn& turn : reference.turns) {
    const int64_t kind = Below(10, random);
    if (kind == 0) continue;
    const int64_t start = std::max<int64_t>(0, turn.start + Below(2 * jitter + 1, random) - jitter);
    const int64_t end = std::max(start + 1, turn.end() + Below(2 * jitter + 1, random) - jitter);
    const Turn& named_by =
        kind == 1 ? reference.turns[Below(static_cast<int64_t>(reference.turns.size()), random)] : turn;
    hypothesis.turns.push_back({start, end - start, absl::StrCat("cluster_", named_by.speaker)});
    if (kind == 2) hypothesis.turns.push_back({start + turn.duration / 2, turn.duration, "invented"});
  }
  return hypothesis;
}

}  // namespace diarflow
