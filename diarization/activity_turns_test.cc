#include "diarization/activity_turns.h"

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "diarization/turns.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr FrameGrid kGrid = {24000, 1920, 1920, 0};
constexpr int64_t kFrame = 80000;  // microseconds

// A string for each speaker: '#' speaks, '.' does not.
FloatArray Drawn(const std::vector<std::string>& speakers) {
  const auto frames = static_cast<int64_t>(speakers[0].size()), width = static_cast<int64_t>(speakers.size());
  FloatArray activity = FloatArray::Zeros({frames, width});
  for (int64_t s = 0; s < width; ++s) {
    for (int64_t t = 0; t < frames; ++t) {
      activity.mutable_data()[t * width + s] = speakers[s][t] == '#' ? 0.9f : 0.1f;
    }
  }
  return activity;
}

std::string Text(const LiveRecord& record) {
  return absl::StrCat(record.kind == LiveRecord::kStarted ? "start " : "end ", record.speaker, " ",
                      record.start / kFrame,
                      record.kind == LiveRecord::kEnded ? absl::StrCat(" ", record.end / kFrame) : "");
}

std::vector<std::string> TurnsOf(const FloatArray& activity, const ActivityTurnOptions& options,
                                 int64_t end = 1 << 30) {
  ActivityTurns turns(static_cast<int>(activity.dim(1)), options);
  std::vector<std::string> texts;
  const auto pushed = turns.Push(activity, kGrid);
  EXPECT_OK(pushed);
  for (const LiveRecord& record : *pushed) texts.push_back(Text(record));
  for (const LiveRecord& record : turns.Flush(end)) texts.push_back(Text(record));
  return texts;
}

TEST(ActivityTurnsTest, RunsAreTurns) {
  ActivityTurnOptions options;
  options.median_frames = 1;
  EXPECT_THAT(TurnsOf(Drawn({"..###..#", ".....###"}), options),
              ElementsAre("start speaker1 2", "end speaker1 2 5", "start speaker2 5", "start speaker1 7",
                          "end speaker1 7 8", "end speaker2 5 8"));
  // In the order of the first turns, not of the columns; of two at once the first column.
  EXPECT_THAT(TurnsOf(Drawn({"..#", ".##", ".##"}), options)[0], "start speaker1 1");
  EXPECT_THAT(TurnsOf(Drawn({"....", "...."}), options), IsEmpty());
  options.least_turn = 0.2;
  EXPECT_THAT(TurnsOf(Drawn({"##.###.#"}), options), ElementsAre("start speaker1 3", "end speaker1 3 6"));
}

TEST(ActivityTurnsTest, TheMedianFillsAndDrops) {
  ActivityTurnOptions options;
  options.median_frames = 3;
  EXPECT_THAT(TurnsOf(Drawn({"##.##..#..###"}), options),
              ElementsAre("start speaker1 0", "end speaker1 0 5", "start speaker1 10", "end speaker1 10 13"));
  // Behind the end is silence: a single last frame goes.
  EXPECT_THAT(TurnsOf(Drawn({"....#"}), options), IsEmpty());
}

TEST(ActivityTurnsTest, NoTurnReachesBeyondTheRecording) {
  ActivityTurnOptions options;
  options.median_frames = 1;
  ActivityTurns turns(1, options);
  ASSERT_OK(turns.Push(Drawn({".##"}), kGrid));
  const std::vector<LiveRecord> last = turns.Flush(200000);
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].end, 200000);
  EXPECT_NEAR(last[0].confidence, 0.9, 1e-6);
}

TEST(ActivityTurnsTest, AGapEndsTurns) {
  ActivityTurnOptions options;
  options.median_frames = 3;
  ActivityTurns turns(1, options);
  ASSERT_OK_AND_ASSIGN(std::vector<LiveRecord> records, turns.Push(Drawn({".###"}), kGrid));
  FrameGrid later = kGrid;
  later.first_sample = kGrid.Begin(10);
  ASSERT_OK_AND_ASSIGN(std::vector<LiveRecord> more, turns.Push(Drawn({"###."}), later));
  records.insert(records.end(), more.begin(), more.end());
  more = turns.Flush(1 << 30);
  records.insert(records.end(), more.begin(), more.end());
  std::vector<std::string> texts;
  for (const LiveRecord& record : records) texts.push_back(Text(record));
  EXPECT_THAT(texts, ElementsAre("start speaker1 1", "end speaker1 1 4", "start speaker1 10", "end speaker1 10 13"));
}

// However the frames are cut, and against a median by definition.
TEST(ActivityTurnsTest, AgreesWithTheDefinitionInAnyPieces) {
  std::minstd_rand random(5);
  for (int round = 0; round < 200; ++round) {
    const int frames = 1 + static_cast<int>(random() % 60), width = 1 + static_cast<int>(random() % 3);
    ActivityTurnOptions options;
    options.median_frames = 1 + 2 * static_cast<int>(random() % 5);
    options.least_turn = 0.08 * static_cast<double>(random() % 4);
    FloatArray activity = FloatArray::Zeros({frames, width});
    for (int64_t i = 0; i < activity.size(); ++i)
      activity.mutable_data()[i] = static_cast<float>(random() % 100) / 100.f;
    ActivityTurns turns(width, options);
    std::vector<LiveRecord> records;
    for (int64_t begin = 0; begin < frames;) {
      const int64_t end = std::min<int64_t>(frames, begin + random() % 9);
      FloatArray part = FloatArray::Zeros({end - begin, width});
      std::copy_n(activity.data() + begin * width, part.size(), part.mutable_data());
      FrameGrid grid = kGrid;
      grid.first_sample = kGrid.Begin(begin);
      ASSERT_OK_AND_ASSIGN(const std::vector<LiveRecord> more, turns.Push(part, grid));
      records.insert(records.end(), more.begin(), more.end());
      begin = end;
    }
    const std::vector<LiveRecord> last = turns.Flush(frames * kFrame);
    records.insert(records.end(), last.begin(), last.end());
    std::vector<std::pair<int64_t, int64_t>> expected, found;
    for (int s = 0; s < width; ++s) {
      int64_t begin = -1;
      for (int64_t t = 0; t <= frames; ++t) {
        std::vector<float> around;
        for (int64_t u = t - options.median_frames / 2; u <= t + options.median_frames / 2; ++u) {
          around.push_back(u < 0 || u >= frames ? 0 : activity[u * width + s]);
        }
        std::sort(around.begin(), around.end());
        const bool active = t < frames && around[around.size() / 2] > options.threshold;
        if (active && begin < 0) begin = t;
        if (!active && begin >= 0) {
          if (0.08 * static_cast<double>(t - begin) >= options.least_turn - 1e-9) {
            expected.push_back({begin * kFrame, t * kFrame});
          }
          begin = -1;
        }
      }
    }
    for (const LiveRecord& record : records) {
      if (record.kind == LiveRecord::kEnded) found.push_back({record.start, record.end});
    }
    std::sort(expected.begin(), expected.end());
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, expected) << round;
  }
}

TEST(ActivityTurnsTest, TurnsReachUpToTheLatestInstant) {
  ActivityTurnOptions options;
  options.median_frames = 1;
  // 25 frames of 80 ms are the last two seconds.
  const FloatArray activity = Drawn({std::string(25, '#')});
  const FrameGrid grid = {16000, 1280, 1280, (1000000000 - 2) * int64_t{16000}};
  ActivityTurns turns(1, options), late(1, options);
  ASSERT_OK(turns.Push(activity, grid));
  const std::vector<LiveRecord> last = turns.Flush(kMaxMicroseconds);
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].end, kMaxMicroseconds);
  EXPECT_THAT(late.Push(activity, {16000, 1280, 1280, grid.first_sample + 1}),
              StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("end after 10^9 seconds")));
  EXPECT_THAT(late.Push(activity, {16000, 1280, 1280, grid.first_sample + 3 * 16000}),
              StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("end after 10^9 seconds")));
}

TEST(ActivityTurnsTest, BadInputIsAStatus) {
  const auto code = absl::StatusCode::kInvalidArgument;
  ActivityTurns turns(2, {});
  EXPECT_THAT(turns.Push(FloatArray::Zeros({3, 1}), kGrid), StatusIs(code));
  FloatArray nan = FloatArray::Zeros({1, 2});
  nan.mutable_data()[1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(turns.Push(nan, kGrid), StatusIs(code));
  EXPECT_THAT(turns.Push(FloatArray::Zeros({1, 2}), {24000, 1920, 1920, -1}), StatusIs(code));
  EXPECT_THAT(turns.Push(FloatArray::Zeros({1, 2}), {0, 1920, 1920, 0}), StatusIs(code));
  EXPECT_THAT(turns.Push(FloatArray::Zeros({1, 2}), {24000, 1920, 1920, std::numeric_limits<int64_t>::max()}),
              StatusIs(code));
  EXPECT_THAT(turns.Push(FloatArray::Zeros({1, 2}), {24000, 1920, 0, 0}), StatusIs(code));
  EXPECT_THAT(turns.Push(FloatArray::Zeros({1, 2}), {1, std::numeric_limits<int64_t>::max(), 1, 0}), StatusIs(code));
  ASSERT_OK(turns.Push(FloatArray::Zeros({1, 2}), kGrid));
  EXPECT_THAT(turns.Push(FloatArray::Zeros({1, 2}), kGrid), StatusIs(code, testing::HasSubstr("do not follow")));
  EXPECT_OK(CheckActivityTurnOptions({}));
  for (const double threshold : {0.0, 1.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THAT(CheckActivityTurnOptions({threshold, 5, 0}), StatusIs(code));
  }
  for (const int median : {0, 4, -1, 100001}) EXPECT_THAT(CheckActivityTurnOptions({0.5, median, 0}), StatusIs(code));
  EXPECT_THAT(CheckActivityTurnOptions({0.5, 5, -1}), StatusIs(code));
}

}  // namespace
}  // namespace diarflow
