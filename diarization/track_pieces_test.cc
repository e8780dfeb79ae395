#include "diarization/track_pieces.h"

#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SegmentationFrameOfTest, IsTheFrameThatOwnsTheCentre) {
  for (int i = -50; i < 3000; ++i) {
    // Frame f stands for the samples 270 f + 360 to 270 f + 629.
    const int centre = 160 * i + 200;
    int f = -100;
    while (270 * (f + 1) + 360 <= centre) ++f;
    ASSERT_EQ(SegmentationFrameOf(i), f) << i;
  }
}

WindowScores ScoresOf(const std::vector<uint8_t>& likeliest) {
  WindowScores scores;
  scores.likeliest = likeliest;
  scores.speaker.resize(likeliest.size());
  scores.somebody.resize(likeliest.size());
  scores.two.resize(likeliest.size());
  return scores;
}

// `count` frames of each set, in turn.
std::vector<uint8_t> Runs(const std::vector<std::pair<int, uint8_t>>& runs) {
  std::vector<uint8_t> sets;
  for (const auto& [count, set] : runs) sets.insert(sets.end(), static_cast<size_t>(count), set);
  return sets;
}

std::vector<int> FeaturesIn(int first_frame, int last_frame) {
  std::vector<int> features;
  for (int i = 0; i < 2000; ++i) {
    const int frame = SegmentationFrameOf(i);
    if (frame >= first_frame && frame <= last_frame) features.push_back(i);
  }
  return features;
}

TEST(SelectTracksTest, TakesSpeechOfOneAlone) {
  // 0: 30 frames alone, then both for 40, then 1 alone for 50; nobody; 2 never.
  const WindowScores scores = ScoresOf(Runs({{10, 0}, {30, 1}, {40, 3}, {50, 2}, {100, 0}}));
  const std::vector<TrackSelection> tracks = SelectTracks(scores, 390, {});
  ASSERT_EQ(tracks.size(), 2u);
  EXPECT_EQ(tracks[0].speaker, 0);
  EXPECT_EQ(tracks[0].clean_frames, 30);
  EXPECT_EQ(tracks[0].features, FeaturesIn(10, 39));
  EXPECT_EQ(tracks[1].speaker, 1);
  EXPECT_EQ(tracks[1].clean_frames, 50);
  EXPECT_EQ(tracks[1].features, FeaturesIn(80, 129));
}

TEST(SelectTracksTest, OfFewCleanFramesAllAreTaken) {
  const WindowScores few = ScoresOf(Runs({{10, 0}, {23, 1}, {40, 3}, {50, 2}}));
  const std::vector<TrackSelection> tracks = SelectTracks(few, 390, {});
  ASSERT_EQ(tracks.size(), 2u);
  EXPECT_EQ(tracks[0].clean_frames, 23);
  EXPECT_EQ(tracks[0].features, FeaturesIn(10, 72));
  const WindowScores enough = ScoresOf(Runs({{10, 0}, {24, 1}, {40, 3}, {50, 2}}));
  EXPECT_EQ(SelectTracks(enough, 390, {})[0].features, FeaturesIn(10, 33));
}

TEST(SelectTracksTest, TooLittleIsNoTrack) {
  // Four frames of 270 samples hold 6 or 7 of 160, five at least 8.
  EXPECT_THAT(SelectTracks(ScoresOf(Runs({{10, 0}, {4, 4}, {50, 0}})), 390, {}), IsEmpty());
  ASSERT_EQ(SelectTracks(ScoresOf(Runs({{10, 0}, {5, 4}, {50, 0}})), 390, {}).size(), 1u);
  EXPECT_EQ(SelectTracks(ScoresOf(Runs({{10, 0}, {5, 4}, {50, 0}})), 390, {})[0].speaker, 2);
  // Where the audio ends, so do the features.
  EXPECT_THAT(SelectTracks(ScoresOf(Runs({{589, 1}})), 7, {}), IsEmpty());
  EXPECT_THAT(SelectTracks(ScoresOf(Runs({{589, 1}})), 0, {}), IsEmpty());
  EXPECT_THAT(SelectTracks(ScoresOf({}), 998, {}), IsEmpty());
  const std::vector<TrackSelection> tracks = SelectTracks(ScoresOf(Runs({{589, 1}})), 500, {});
  ASSERT_EQ(tracks.size(), 1u);
  EXPECT_EQ(tracks[0].features.back(), 499);
}

TEST(SelectTracksTest, RandomSetsGiveWhatADirectLookGives) {
  std::mt19937 random(5);
  for (int round = 0; round < 100; ++round) {
    std::vector<uint8_t> sets;
    while (sets.size() < 300) {
      const uint8_t set = std::vector<uint8_t>{0, 1, 2, 4, 3, 5, 6}[random() % 7];
      sets.insert(sets.end(), 1 + random() % 40, set);
    }
    const auto num_features = static_cast<int>(random() % 600);
    TrackOptions options;
    options.least_clean_frames = static_cast<int>(random() % 60);
    options.least_features = 1 + static_cast<int>(random() % 60);
    const std::vector<TrackSelection> tracks = SelectTracks(ScoresOf(sets), num_features, options);
    size_t t = 0;
    for (int k = 0; k < kLocalSpeakers; ++k) {
      int clean = 0;
      for (const uint8_t set : sets) clean += set == (1 << k) ? 1 : 0;
      std::vector<int> features;
      for (int i = 0; i < num_features; ++i) {
        const int centre = 160 * i + 200 - 360;
        if (centre < 0 || centre / 270 >= static_cast<int>(sets.size())) continue;
        const int set = sets[static_cast<size_t>(centre / 270)];
        const bool takes = clean < options.least_clean_frames ? (set >> k) % 2 == 1 : set == (1 << k);
        if (takes) features.push_back(i);
      }
      if (static_cast<int>(features.size()) < options.least_features) continue;
      ASSERT_LT(t, tracks.size()) << round;
      ASSERT_EQ(tracks[t].speaker, k) << round;
      ASSERT_EQ(tracks[t].clean_frames, clean) << round;
      ASSERT_EQ(tracks[t].features, features) << round;
      ++t;
    }
    ASSERT_EQ(t, tracks.size()) << round;
  }
}

TEST(CutEvenlyTest, CoversAllWithEvenPieces) {
  const TrackOptions options;
  for (int begin : {0, 7}) {
    for (int length = 1; length < 1000; ++length) {
      const std::vector<ColumnRange> pieces = CutEvenly(begin, begin + length, options);
      if (length < 1.25 * 75) {
        ASSERT_THAT(pieces, ElementsAre(ColumnRange{begin, begin + length})) << length;
        continue;
      }
      const auto steps = static_cast<size_t>((length - 75 + 36) / 37);
      ASSERT_EQ(pieces.size(), steps + 1) << length;
      ASSERT_EQ(pieces.front().begin, begin) << length;
      ASSERT_EQ(pieces.back().end, begin + length) << length;
      for (size_t i = 0; i < pieces.size(); ++i) {
        ASSERT_EQ(pieces[i].size(), 75) << length;
        // To the nearest column.
        const double even = begin + static_cast<double>(i) * (length - 75) / static_cast<double>(steps);
        ASSERT_LE(std::fabs(pieces[i].begin - even), 0.5 + 1e-9) << length << ", piece " << i;
        if (i == 0) continue;
        ASSERT_GT(pieces[i].begin, pieces[i - 1].begin) << length;
        ASSERT_LE(pieces[i].begin - pieces[i - 1].begin, 37) << length;
      }
    }
  }
  EXPECT_THAT(CutEvenly(5, 5, options), IsEmpty());
  EXPECT_THAT(CutEvenly(5, 4, options), IsEmpty());
}

TrackSelection Track(const std::vector<int>& features) {
  TrackSelection track;
  track.features = features;
  return track;
}

TEST(CutAtGapsTest, CutsWhereTheTrackPauses) {
  std::vector<int> features;
  for (int i = 0; i < 20; ++i) features.push_back(i);
  for (int i = 0; i < 10; ++i) features.push_back(39 + i);
  EXPECT_THAT(CutAtGaps(Track(features), {}), ElementsAre(ColumnRange{0, 15}));
  for (size_t i = 20; i < 30; ++i) ++features[i];
  EXPECT_THAT(CutAtGaps(Track(features), {}), ElementsAre(ColumnRange{0, 10}, ColumnRange{10, 15}));
  // An odd number of frames: the last column is of one.
  features.push_back(100);
  EXPECT_THAT(CutAtGaps(Track(features), {}),
              ElementsAre(ColumnRange{0, 10}, ColumnRange{10, 15}, ColumnRange{15, 16}));
  // A gap inside of a column.
  features.insert(features.begin(), -1);
  EXPECT_THAT(CutAtGaps(Track(features), {}), ElementsAre(ColumnRange{0, 11}, ColumnRange{11, 16}));
  EXPECT_THAT(CutAtGaps(Track({4}), {}), ElementsAre(ColumnRange{0, 1}));
  EXPECT_THAT(CutAtGaps(Track({4, 400}), {}), ElementsAre(ColumnRange{0, 1}));
  EXPECT_THAT(CutAtGaps(Track({}), {}), IsEmpty());
}

TEST(CutAtGapsTest, NoRangeReachesOverAGapAndNoOtherCutIsMade) {
  std::mt19937 random(6);
  for (int round = 0; round < 300; ++round) {
    TrackOptions options;
    options.longest_gap = 1 + static_cast<int>(random() % 30);
    std::vector<int> features = {static_cast<int>(random() % 20)};
    while (static_cast<int>(features.size()) < 1 + round % 80) {
      features.push_back(features.back() + (random() % 5 == 0 ? 1 + static_cast<int>(random() % 50) : 1));
    }
    const std::vector<ColumnRange> ranges = CutAtGaps(Track(features), options);
    const auto columns = static_cast<int>(features.size() + 1) / 2;
    const auto gap_before = [&](size_t i) {
      return i > 0 && i < features.size() && features[i] - features[i - 1] > options.longest_gap;
    };
    int next = 0;
    for (const ColumnRange& range : ranges) {
      ASSERT_EQ(range.begin, next) << round;
      ASSERT_GT(range.size(), 0) << round;
      next = range.end;
      // Only its last column may have a gap inside.
      for (auto i = static_cast<size_t>(2 * range.begin + 1); i + 1 < static_cast<size_t>(2 * range.end); ++i) {
        ASSERT_FALSE(gap_before(i)) << round;
      }
      const auto end = static_cast<size_t>(2 * range.end);
      ASSERT_TRUE(range.end == columns || gap_before(end) || gap_before(end - 1)) << round;
    }
    ASSERT_EQ(next, columns) << round;
  }
}

}  // namespace
}  // namespace diarflow
