#include "datasets/corpus_statistics.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

ManifestEntry Entry(const std::string& utterance, const std::string& split, const std::string& speaker,
                    int64_t duration) {
  ManifestEntry entry;
  entry.audio = utterance + ".wav";
  entry.utterance = utterance;
  entry.split = split;
  entry.speaker = speaker;
  if (duration > 0) entry.duration = duration;
  return entry;
}

TEST(CorpusStatisticsTest, CountsByHand) {
  const std::vector<ManifestEntry> entries = {Entry("a", "dev", "", 100), Entry("b", "train", "", 50),
                                              Entry("c", "dev", "X", 0)};
  const std::vector<Recording> labels = {
      {"b", {{0, 10, "A"}, {10, 10, "A"}, {15, 10, "B"}}},
      {"a", {{5, 20, "A"}, {10, 10, "A"}, {90, 20, "C"}}},
      {"lost", {{0, 4, "D"}}},
  };
  const std::vector<EvaluationRegion> regions = {{"a", {{50, 100}, {0, 60}}}, {"lost", {{1, 2}}}};
  ASSERT_OK_AND_ASSIGN(const std::vector<SplitStatistics> splits, CorpusStatistics(entries, labels, regions));
  ASSERT_THAT(splits, SizeIs(3));
  EXPECT_EQ(splits[0].split, "dev");
  EXPECT_EQ(splits[0].files, 2);
  EXPECT_EQ(splits[0].speakers, 3);  // A, C, X
  EXPECT_EQ(splits[0].audio, 100);
  EXPECT_EQ(splits[0].scored, 100);
  EXPECT_EQ(splits[0].turns, 3);
  EXPECT_EQ(splits[0].speaker_time, 50);
  EXPECT_EQ(splits[0].speech, 40);
  EXPECT_EQ(splits[0].overlap, 0);  // A with A
  EXPECT_EQ(splits[0].median_turn, 20);
  EXPECT_EQ(splits[1].split, "train");
  EXPECT_EQ(splits[1].speech, 25);
  EXPECT_EQ(splits[1].overlap, 5);
  EXPECT_DOUBLE_EQ(splits[1].overlap_percent(), 20);
  EXPECT_EQ(splits[2].split, "");
  EXPECT_EQ(splits[2].files, 0);
  EXPECT_EQ(splits[2].turns, 1);
  EXPECT_EQ(splits[2].scored, 1);
  SplitStatistics hours;
  hours.audio = 3600000000;
  hours.speaker_time = 5400000000;
  hours.speech = 1800000000;
  EXPECT_DOUBLE_EQ(hours.audio_hours(), 1);
  EXPECT_DOUBLE_EQ(hours.speaker_hours(), 1.5);
  EXPECT_DOUBLE_EQ(hours.speech_hours(), .5);
  EXPECT_DOUBLE_EQ(SplitStatistics().overlap_percent(), 0);
  EXPECT_THAT(CorpusStatistics({}, {}, {}), IsOkAndHolds(SizeIs(0)));
}

// Microsecond by microsecond.
struct SlowCounts {
  int64_t speech = 0, overlap = 0, speaker_time = 0, scored = 0;
};

SlowCounts CountSlowly(const std::vector<Recording>& labels, const std::vector<EvaluationRegion>& regions,
                       const std::set<std::string>& uris, int64_t end) {
  SlowCounts counts;
  for (int64_t time = 0; time < end; ++time) {
    for (const Recording& recording : labels) {
      if (uris.count(recording.uri) == 0) continue;
      std::set<std::string> active;
      for (const Turn& turn : recording.turns) {
        if (time < turn.start || time >= turn.end()) continue;
        active.insert(turn.speaker);
        ++counts.speaker_time;
      }
      counts.speech += active.empty() ? 0 : 1;
      counts.overlap += active.size() >= 2 ? 1 : 0;
    }
    for (const EvaluationRegion& region : regions) {
      counts.scored += uris.count(region.uri) > 0 &&
                               std::any_of(region.spans.begin(), region.spans.end(),
                                           [&](const TimeSpan& span) { return span.start <= time && time < span.end; })
                           ? 1
                           : 0;
    }
  }
  return counts;
}

TEST(CorpusStatisticsTest, AgreesWithSlowCounting) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    std::vector<ManifestEntry> entries;
    std::vector<Recording> labels;
    std::vector<EvaluationRegion> regions;
    std::map<std::string, std::set<std::string>> uris;
    std::map<std::string, std::vector<int64_t>> durations;
    for (int64_t i = 0; i < 4; ++i) {
      const std::string uri = absl::StrCat("r", i);
      const std::string split = random.Below(2) == 0 ? "train" : "dev";
      entries.push_back(Entry(uri, split, "", 60));
      uris[split].insert(uri);
      labels.push_back({uri, {}});
      regions.push_back({uri, {}});
      for (int64_t n = random.Below(8); n > 0; --n) {
        labels.back().turns.push_back({random.Below(40), 1 + random.Below(20), absl::StrCat("s", random.Below(3))});
        durations[split].push_back(labels.back().turns.back().duration);
      }
      for (int64_t n = random.Below(4); n > 0; --n) {
        const int64_t start = random.Below(40);
        regions.back().spans.push_back({start, start + 1 + random.Below(20)});
      }
    }
    ASSERT_OK_AND_ASSIGN(const std::vector<SplitStatistics> splits, CorpusStatistics(entries, labels, regions));
    ASSERT_EQ(splits.size(), uris.size());
    for (const SplitStatistics& split : splits) {
      const SlowCounts slow = CountSlowly(labels, regions, uris[split.split], 60);
      EXPECT_EQ(split.speech, slow.speech) << seed;
      EXPECT_EQ(split.overlap, slow.overlap) << seed;
      EXPECT_EQ(split.speaker_time, slow.speaker_time) << seed;
      EXPECT_EQ(split.scored, slow.scored) << seed;
      std::vector<int64_t>& sorted = durations[split.split];
      std::sort(sorted.begin(), sorted.end());
      EXPECT_EQ(split.turns, static_cast<int64_t>(sorted.size()));
      const size_t n = sorted.size();
      EXPECT_EQ(split.median_turn, n == 0 ? 0 : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2) << seed;
    }
  }
}

TEST(CorpusStatisticsTest, RefusesWhatCannotBeCounted) {
  EXPECT_THAT(CorpusStatistics({Entry("a", "x", "", 1), Entry("a", "y", "", 1)}, {}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("two entries are named a")));
  EXPECT_THAT(CorpusStatistics({}, {{"a", {{0, 0, "A"}}}}, {}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CorpusStatistics({}, {}, {{"a", {{5, 5}}}}), StatusIs(absl::StatusCode::kInvalidArgument));
  const int64_t most = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(CorpusStatistics({Entry("a", "x", "", most), Entry("b", "x", "", most)}, {}, {}),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("\"x\"")));
}

}  // namespace
}  // namespace diarflow
