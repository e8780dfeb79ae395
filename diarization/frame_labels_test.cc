#include "diarization/frame_labels.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kMs = 1000;
constexpr FrameLabelRule kRules[] = {FrameLabelRule::kMajority, FrameLabelRule::kOuter, FrameLabelRule::kFractional};

FrameLabelOptions Options(FrameLabelRule rule, int num_speakers = 4, Rational rate = Rational(25, 2)) {
  FrameLabelOptions options;
  options.rule = rule;
  options.num_speakers = num_speakers;
  options.frame_rate = rate;
  return options;
}

std::vector<float> Values(const FrameLabels& labels) { return {labels.values.begin(), labels.values.end()}; }

std::vector<float> Column(const FrameLabels& labels, int64_t k) {
  std::vector<float> column;
  for (int64_t i = 0; i < labels.values.dim(0); ++i) column.push_back(labels.values[i * labels.values.dim(1) + k]);
  return column;
}

// A frame is unit * p / q microseconds, and all times are multiples of unit.
struct Grid {
  int64_t unit;
  int64_t p;
  int64_t q;
  Rational Rate() const { return Rational(kMicrosecondsPerSecond * q, unit * p); }
};

// 25/2, 25, 50, 100/7 frames per second, and coarse, odd and very short ones.
constexpr Grid kGrids[] = {{kMs, 80, 1}, {kMs, 40, 1}, {kMs, 20, 1}, {kMs, 70, 1}, {10 * kMs, 8, 1}, {1, 7, 3},
                           {1, 100, 7},  {1, 1, 1},    {3, 5, 2},    {kMs, 1, 1},  {kMs, 999, 2}};

Recording RandomRecording(const Grid& grid, int num_speakers, std::mt19937_64* random) {
  const int64_t frame = std::max<int64_t>(1, grid.p / grid.q);
  Recording recording{"generated", {}};
  const int turns = static_cast<int>((*random)() % 20);
  for (int i = 0; i < turns; ++i) {
    int64_t start = static_cast<int64_t>((*random)() % static_cast<uint64_t>(30 * frame));
    int64_t length = 1 + static_cast<int64_t>((*random)() % static_cast<uint64_t>(4 * frame));
    // Edges of frames are where rules go wrong.
    if ((*random)() % 3 == 0) start -= start % frame;
    if ((*random)() % 3 == 0) length = frame * (1 + length / frame);
    if ((*random)() % 5 == 0) length = std::max<int64_t>(1, frame / 2);
    recording.turns.push_back(
        {start * grid.unit, length * grid.unit, absl::StrCat("s", (*random)() % static_cast<uint64_t>(num_speakers))});
  }
  return recording;
}

TimeSpan RandomCrop(const Grid& grid, std::mt19937_64* random) {
  const uint64_t frame = static_cast<uint64_t>(std::max<int64_t>(1, grid.p / grid.q));
  int64_t start = static_cast<int64_t>((*random)() % (10 * frame));
  if ((*random)() % 2 == 0) start -= start % static_cast<int64_t>(frame);
  const int64_t end = start + 1 + static_cast<int64_t>((*random)() % (25 * frame));
  return {start * grid.unit, end * grid.unit};
}

// Labels by counting ticks of unit / q microseconds, a frame being p of them.
class SlowLabels {
 public:
  SlowLabels(const Recording& recording, const TimeSpan& crop, int64_t num_frames, FrameLabelRule rule,
             const Grid& grid)
      : recording_(recording), crop_(crop), frames_(num_frames), rule_(rule), grid_(grid) {
    for (const Turn& turn : recording.turns) {
      if (std::count(names_.begin(), names_.end(), turn.speaker) == 0) names_.push_back(turn.speaker);
    }
    std::sort(names_.begin(), names_.end());
  }

  std::vector<float> Of(const std::string& name) const {
    std::vector<float> labels;
    for (int64_t i = 0; i < frames_; ++i)
      labels.push_back(rule_ == FrameLabelRule::kOuter ? Outer(name, i) : Count(name, i));
    return labels;
  }

  std::vector<std::string> Order(SpeakerOrder order) const {
    std::vector<std::tuple<int64_t, int64_t, int64_t, std::string>> keys;
    for (const std::string& name : names_) {
      const std::vector<float> labels = Of(name);
      int64_t first = 0;
      while (first < frames_ && labels[static_cast<size_t>(first)] == 0) ++first;
      int64_t instant = Ticks(crop_.start);
      const bool ends_at_crop = rule_ == FrameLabelRule::kOuter && instant > 0 && Active(name, instant - 1);
      while (!ends_at_crop && first < frames_ && !Active(name, instant)) ++instant;
      int64_t start = instant;
      while (start > 0 && Active(name, start - 1)) --start;
      if (order == SpeakerOrder::kSessionArrival) {
        first = instant = start = 0;
        while (!Active(name, start)) ++start;
      } else if (first == frames_) {
        continue;
      }
      keys.emplace_back(first, instant, start, name);
    }
    std::sort(keys.begin(), keys.end());
    std::vector<std::string> names;
    for (const auto& key : keys) names.push_back(std::get<3>(key));
    return names;
  }

 private:
  int64_t Ticks(int64_t microseconds) const { return microseconds / grid_.unit * grid_.q; }

  bool Active(const std::string& name, int64_t tick) const {
    for (const Turn& turn : recording_.turns) {
      if (turn.speaker == name && Ticks(turn.start) <= tick && tick < Ticks(turn.end())) return true;
    }
    return false;
  }

  float Count(const std::string& name, int64_t frame) const {
    int64_t active = 0;
    for (int64_t tick = frame * grid_.p; tick < (frame + 1) * grid_.p && tick < Ticks(crop_.length()); ++tick) {
      active += Active(name, Ticks(crop_.start) + tick) ? 1 : 0;
    }
    if (rule_ == FrameLabelRule::kMajority) return active > grid_.p - active ? 1 : 0;
    return static_cast<float>(static_cast<double>(active) / static_cast<double>(grid_.p));
  }

  // floor(on * rate) <= frame <= floor(off * rate), multiplied out.
  float Outer(const std::string& name, int64_t frame) const {
    for (const Turn& turn : recording_.turns) {
      if (turn.speaker != name || turn.start >= crop_.end) continue;
      const int64_t on = Ticks(turn.start) - Ticks(crop_.start);
      const int64_t off = Ticks(std::min(turn.end(), crop_.end)) - Ticks(crop_.start);
      if ((frame + 1) * grid_.p > on && frame * grid_.p <= off) return 1;
    }
    return 0;
  }

  const Recording& recording_;
  const TimeSpan crop_;
  const int64_t frames_;
  const FrameLabelRule rule_;
  const Grid grid_;
  std::vector<std::string> names_;
};

TEST(FrameLabelsTest, RulesByHand) {
  // Frames of 80 ms. A: half of frame 0, a millisecond more than half of frame 1, frame 3 up to its edge.
  const Recording recording = {
      "m",
      {{40 * kMs, 81 * kMs, "A"}, {50 * kMs, 20 * kMs, "A"}, {240 * kMs, 80 * kMs, "A"}, {200 * kMs, 20 * kMs, "B"}}};
  const TimeSpan crop = {0, 480 * kMs};
  ASSERT_OK_AND_ASSIGN(FrameLabels labels, LabelFrames(recording, crop, 6, Options(FrameLabelRule::kMajority, 2)));
  EXPECT_EQ(labels.values.shape(), (std::vector<int64_t>{6, 2}));
  EXPECT_THAT(Column(labels, 0), ElementsAre(0, 1, 0, 1, 0, 0));
  EXPECT_THAT(Column(labels, 1), ElementsAre(0, 0, 0, 0, 0, 0));
  EXPECT_THAT(labels.speakers, ElementsAre("A"));
  ASSERT_OK_AND_ASSIGN(labels, LabelFrames(recording, crop, 6, Options(FrameLabelRule::kOuter, 2)));
  EXPECT_THAT(Column(labels, 0), ElementsAre(1, 1, 0, 1, 1, 0));
  EXPECT_THAT(Column(labels, 1), ElementsAre(0, 0, 1, 0, 0, 0));
  EXPECT_THAT(labels.speakers, ElementsAre("A", "B"));
  ASSERT_OK_AND_ASSIGN(labels, LabelFrames(recording, crop, 6, Options(FrameLabelRule::kFractional, 2)));
  EXPECT_THAT(Column(labels, 0), ElementsAre(.5f, 41 / 80.f, 0, 1, 0, 0));
  EXPECT_THAT(Column(labels, 1), ElementsAre(0, 0, .25f, 0, 0, 0));
}

TEST(FrameLabelsTest, CropsCutAndMoveTurns) {
  const Recording recording = {"m", {{100 * kMs, 400 * kMs, "A"}, {0, 200 * kMs, "B"}}};
  ASSERT_OK_AND_ASSIGN(FrameLabels labels,
                       LabelFrames(recording, {200 * kMs, 400 * kMs}, 3, Options(FrameLabelRule::kFractional, 1)));
  EXPECT_THAT(Values(labels), ElementsAre(1, 1, .5f));
  EXPECT_THAT(labels.speakers, ElementsAre("A"));
  EXPECT_THAT(labels.dropped, IsEmpty());
  // B ends where the crop starts: the outer rule marks its frame 0.
  ASSERT_OK_AND_ASSIGN(labels, LabelFrames(recording, {200 * kMs, 400 * kMs}, 3, Options(FrameLabelRule::kOuter, 2)));
  EXPECT_THAT(Values(labels), ElementsAre(1, 1, 0, 1, 0, 1));
  EXPECT_THAT(labels.speakers, ElementsAre("B", "A"));
  ASSERT_OK_AND_ASSIGN(labels, LabelFrames(recording, {600 * kMs, 700 * kMs}, 1, Options(FrameLabelRule::kOuter, 2)));
  EXPECT_THAT(Values(labels), ElementsAre(0, 0));
  EXPECT_THAT(labels.speakers, IsEmpty());
}

TEST(FrameLabelsTest, OrderOfSpeakers) {
  // First of the session: C, D (by name), A, B. In the crop A is there first, then B and D in one frame.
  const Recording recording = {"m",
                               {{0, 80 * kMs, "D"},
                                {0, 160 * kMs, "C"},
                                {100 * kMs, 700 * kMs, "A"},
                                {250 * kMs, 200 * kMs, "B"},
                                {241 * kMs, 300 * kMs, "D"},
                                {400 * kMs, 10 * kMs, "C"}}};
  FrameLabelOptions options = Options(FrameLabelRule::kMajority, 2);
  ASSERT_OK_AND_ASSIGN(FrameLabels labels, LabelFrames(recording, {160 * kMs, 480 * kMs}, 4, options));
  EXPECT_THAT(labels.speakers, ElementsAre("A", "D"));
  EXPECT_THAT(labels.dropped, ElementsAre("B"));
  options = FrameLabelOptionsOf(ProtocolRules::kOriginal);
  EXPECT_EQ(options.num_speakers, 4);
  EXPECT_EQ(options.frame_rate, Rational(25, 2));
  ASSERT_OK_AND_ASSIGN(labels, LabelFrames(recording, {480 * kMs, 640 * kMs}, 2, options));
  EXPECT_THAT(labels.speakers, ElementsAre("C", "D", "A", "B"));
  EXPECT_THAT(Values(labels), ElementsAre(0, 1, 1, 0, 0, 0, 1, 0));
  options.num_speakers = 2;
  ASSERT_OK_AND_ASSIGN(labels, LabelFrames(recording, {480 * kMs, 640 * kMs}, 2, options));
  EXPECT_THAT(labels.dropped, ElementsAre("A", "B"));
  EXPECT_THAT(Values(labels), ElementsAre(0, 1, 0, 0));
  options.surplus = SurplusSpeakers::kError;
  EXPECT_THAT(LabelFrames(recording, {480 * kMs, 640 * kMs}, 2, options),
              StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("\"m\""), HasSubstr("A, B"))));
  options.num_speakers = 4;
  EXPECT_OK(LabelFrames(recording, {480 * kMs, 640 * kMs}, 2, options));
  const FrameLabelOptions honest = FrameLabelOptionsOf(ProtocolRules::kHonest);
  EXPECT_EQ(honest.rule, FrameLabelRule::kMajority);
  EXPECT_EQ(honest.order, SpeakerOrder::kCropArrival);
}

TEST(FrameLabelsTest, EqualToCountingTicks) {
  std::mt19937_64 random(1);
  int dropped = 0;
  for (int round = 0; round < 1500; ++round) {
    const Grid& grid = kGrids[static_cast<size_t>(round) % std::size(kGrids)];
    const Recording recording = RandomRecording(grid, 1 + round % 6, &random);
    const TimeSpan crop = RandomCrop(grid, &random);
    FrameLabelOptions options = Options(kRules[random() % 3], 1 + static_cast<int>(random() % 5), grid.Rate());
    if (random() % 3 == 0) options.order = SpeakerOrder::kSessionArrival;
    const int64_t frames = WholeFrames(crop.length(), grid.Rate()) + static_cast<int64_t>(random() % 3);
    SCOPED_TRACE(absl::StrCat("round ", round));
    ASSERT_OK_AND_ASSIGN(const FrameLabels labels, LabelFrames(recording, crop, frames, options));
    const SlowLabels slow(recording, crop, frames, options.rule, grid);
    std::vector<std::string> order = labels.speakers;
    order.insert(order.end(), labels.dropped.begin(), labels.dropped.end());
    ASSERT_EQ(order, slow.Order(options.order));
    ASSERT_EQ(labels.values.shape(), (std::vector<int64_t>{frames, options.num_speakers}));
    ASSERT_EQ(labels.dropped.empty(), order.size() <= static_cast<size_t>(options.num_speakers));
    dropped += labels.dropped.empty() ? 0 : 1;
    for (int k = 0; k < options.num_speakers; ++k) {
      const auto column = static_cast<size_t>(k);
      const std::vector<float> expected =
          column < order.size() ? slow.Of(order[column]) : std::vector<float>(static_cast<size_t>(frames), 0);
      ASSERT_EQ(Column(labels, k), expected) << "column " << k;
    }
  }
  EXPECT_GT(dropped, 100);
}

TEST(FrameLabelsTest, CropsOnFramesArePiecesOfTheWhole) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 600; ++round) {
    const Grid& grid = kGrids[static_cast<size_t>(round) % 5];
    const Recording recording = RandomRecording(grid, 4, &random);
    FrameLabelOptions options = Options(kRules[round % 3], 4, grid.Rate());
    options.order = SpeakerOrder::kSessionArrival;
    const int64_t frame = grid.unit * grid.p;
    ASSERT_OK_AND_ASSIGN(const FrameLabels whole, LabelFrames(recording, {0, 40 * frame}, 40, options));
    const int64_t first = static_cast<int64_t>(random() % 30);
    const int64_t frames = 1 + static_cast<int64_t>(random() % 10);
    const TimeSpan crop = {first * frame, (first + frames) * frame};
    ASSERT_OK_AND_ASSIGN(const FrameLabels piece, LabelFrames(recording, crop, frames, options));
    EXPECT_THAT(Values(piece),
                ElementsAreArray(whole.values.begin() + 4 * first, whole.values.begin() + 4 * (first + frames)));
    EXPECT_EQ(piece.speakers, whole.speakers);
  }
}

TEST(FrameLabelsTest, ColumnsAreSortedByTheirFirstFrame) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 500; ++round) {
    const Grid& grid = kGrids[static_cast<size_t>(round) % std::size(kGrids)];
    ASSERT_OK_AND_ASSIGN(const FrameLabels labels,
                         LabelFrames(RandomRecording(grid, 5, &random), RandomCrop(grid, &random), 12,
                                     Options(kRules[round % 3], 5, grid.Rate())));
    int64_t last = 0;
    for (int64_t k = 0; k < 5; ++k) {
      const std::vector<float> column = Column(labels, k);
      const int64_t first = std::find_if(column.begin(), column.end(), [](float v) { return v > 0; }) - column.begin();
      EXPECT_GE(first, last);
      EXPECT_EQ(first == 12, k >= static_cast<int64_t>(labels.speakers.size()));
      last = first;
    }
  }
}

TEST(FrameLabelsTest, NumbersOfFrames) {
  EXPECT_EQ(WholeFrames(0, Rational(25, 2)), 0);
  EXPECT_EQ(TouchedFrames(0, Rational(25, 2)), 0);
  EXPECT_EQ(WholeFrames(79999, Rational(25, 2)), 0);
  EXPECT_EQ(TouchedFrames(1, Rational(25, 2)), 1);
  EXPECT_EQ(WholeFrames(80000, Rational(25, 2)), 1);
  EXPECT_EQ(TouchedFrames(80000, Rational(25, 2)), 1);
  EXPECT_EQ(TouchedFrames(80001, Rational(25, 2)), 2);
  EXPECT_EQ(WholeFrames(90 * kMicrosecondsPerSecond, Rational(25, 2)), 1125);
  EXPECT_EQ(WholeFrames(kMicrosecondsPerSecond, Rational(100, 7)), 14);
  EXPECT_EQ(TouchedFrames(kMicrosecondsPerSecond, Rational(100, 7)), 15);
  EXPECT_EQ(WholeFrames(kMaxMicroseconds, Rational(kMicrosecondsPerSecond)), kMaxMicroseconds);
}

TEST(FrameLabelsTest, HugeNumbersAreExact) {
  const Recording recording = {"m", {{0, kMaxMicroseconds, "A"}, {kMaxMicroseconds - 60000, 60000, "B"}}};
  const TimeSpan crop = {kMaxMicroseconds - 200000, kMaxMicroseconds};
  ASSERT_OK_AND_ASSIGN(FrameLabels labels, LabelFrames(recording, crop, 4, Options(FrameLabelRule::kFractional, 2)));
  EXPECT_THAT(Values(labels), ElementsAre(1, 0, 1, .25f, .5f, .5f, 0, 0));
  // A hair slower than 12.5 per second: exactly half of a frame becomes less than that.
  constexpr int64_t kLong = 8000000000000000000;
  const Recording half = {"m", {{0, 40000, "A"}}};
  for (const auto& [num, expected] : {std::pair<int64_t, float>{kLong, 0.f}, {kLong - 1, 0.f}, {kLong + 13, 1.f}}) {
    const Rational rate(num, kLong / 25 * 2);
    ASSERT_OK_AND_ASSIGN(labels, LabelFrames(half, {0, 80000}, 1, Options(FrameLabelRule::kMajority, 1, rate)));
    EXPECT_THAT(Values(labels), ElementsAre(expected)) << num;
  }
}

TEST(FrameLabelsTest, BadInput) {
  const Recording recording = {"meeting", {{0, 1000, "A"}}};
  const TimeSpan crop = {0, 1000000};
  const auto refused = [&](const Recording& of, const TimeSpan& span, int64_t frames,
                           const FrameLabelOptions& options) {
    EXPECT_THAT(LabelFrames(of, span, frames, options), StatusIs(absl::StatusCode::kInvalidArgument));
  };
  refused({"meeting", {{0, 0, "A"}}}, crop, 1, {});
  refused({"meeting", {{0, 1, ""}}}, crop, 1, {});
  for (const TimeSpan& bad : {TimeSpan{-1, 5}, {5, 5}, {6, 5}, {0, kMaxMicroseconds + 1}}) {
    refused(recording, bad, 1, {});
  }
  refused(recording, crop, -1, {});
  refused(recording, crop, std::numeric_limits<int64_t>::max(), {});
  for (const Rational& bad : {Rational(0), Rational(-25, 2), Rational(1000001)}) {
    refused(recording, crop, 1, Options(FrameLabelRule::kMajority, 1, bad));
  }
  for (const int bad : {0, -1, 1001}) refused(recording, crop, 1, Options(FrameLabelRule::kMajority, bad));
  EXPECT_OK(LabelFrames(recording, crop, 0, {}));
  EXPECT_OK(LabelFrames({"empty", {}}, crop, 3, {}));
}

}  // namespace
}  // namespace diarflow
