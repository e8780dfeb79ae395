#include "diarization/turns.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();

TEST(TurnsTest, OrderIsStartDurationSpeaker) {
  const std::vector<Turn> sorted = {{1, 1, "z"}, {2, 1, "b"}, {2, 1, "c"}, {2, 3, "a"}};
  std::vector<Turn> turns = sorted;
  do {
    std::vector<Turn> copy = turns;
    std::sort(copy.begin(), copy.end());
    EXPECT_EQ(copy, sorted);
  } while (std::next_permutation(turns.begin(), turns.end()));
}

TEST(TurnsTest, Checks) {
  EXPECT_OK(CheckTurns({"x", {{0, 1, "A"}, {kMaxMicroseconds - 1, 1, "NA"}, {0, 1, "A"}}}));
  for (const Turn& bad : std::vector<Turn>{{-1, 5, "A"},
                                           {0, 0, "A"},
                                           {5, -1, "A"},
                                           {0, 1, ""},
                                           {kMaxMicroseconds, 1, "A"},
                                           {1, kHuge, "A"},
                                           {kHuge, 1, "A"}}) {
    EXPECT_THAT(CheckTurns({"meeting", {{0, 1, "A"}, bad}}),
                StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("\"meeting\""), HasSubstr("turn 1 "))))
        << bad;
  }
  EXPECT_OK(CheckSpans({"x", {{0, 1}, {0, kMaxMicroseconds}}}));
  for (const TimeSpan& bad : std::vector<TimeSpan>{{-1, 2}, {3, 3}, {4, 3}, {0, kMaxMicroseconds + 1}}) {
    EXPECT_THAT(CheckSpans({"meeting", {{0, 1}, bad}}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"meeting\"")))
        << bad;
  }
}

TEST(TurnsTest, SamplesToMicroseconds) {
  EXPECT_EQ(MicrosecondsFromSamples(0, 16000), 0);
  EXPECT_EQ(MicrosecondsFromSamples(1, 16000), 63);  // 62.5
  EXPECT_EQ(MicrosecondsFromSamples(2, 16000), 125);
  EXPECT_EQ(MicrosecondsFromSamples(1, 24000), 42);  // 41.67
  EXPECT_EQ(MicrosecondsFromSamples(1, 48000), 21);  // 20.83
  EXPECT_EQ(MicrosecondsFromSamples(1, 44100), 23);  // 22.68
  EXPECT_EQ(MicrosecondsFromSamples(44100, 44100), kMicrosecondsPerSecond);
  EXPECT_EQ(MicrosecondsFromSamples(int64_t{768000} * 999999999, 768000), kMaxMicroseconds - kMicrosecondsPerSecond);
  for (int64_t frame = 0; frame < 1000; ++frame) EXPECT_EQ(MicrosecondsFromSamples(frame * 1920, 24000), frame * 80000);
}

TEST(TurnsTest, MicrosecondsToSeconds) {
  EXPECT_EQ(FormatExactSeconds(0), "0");
  EXPECT_EQ(FormatExactSeconds(10), "0.00001");
  EXPECT_EQ(FormatExactSeconds(10500000), "10.5");
  EXPECT_EQ(FormatExactSeconds(100000000), "100");
  EXPECT_EQ(ToSeconds(10500000), 10.5);
}

TEST(JoinSpansTest, ByHand) {
  EXPECT_THAT(JoinSpans({}), IsEmpty());
  EXPECT_THAT(JoinSpans({{5, 7}, {0, 2}, {2, 4}, {8, 9}}), ElementsAre(TimeSpan{0, 4}, TimeSpan{5, 7}, TimeSpan{8, 9}));
  EXPECT_THAT(JoinSpans({{0, 9}, {1, 2}, {8, 10}}), ElementsAre(TimeSpan{0, 10}));
}

// Instant by instant: the same instants are covered, no two results touch, and every start and end is one of the input.
TEST(JoinSpansTest, CoversTheSame) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    Random random(seed);
    std::vector<TimeSpan> spans;
    std::vector<bool> covered(60), joined_covers(60);
    const auto cover = [](const TimeSpan& span, std::vector<bool>* into) {
      std::fill(into->begin() + span.start, into->begin() + span.end, true);
    };
    for (int64_t n = random.Below(10); n > 0; --n) {
      const int64_t start = random.Below(50);
      spans.push_back({start, start + 1 + random.Below(9)});
      cover(spans.back(), &covered);
    }
    int64_t last_end = -1;
    for (const TimeSpan& span : JoinSpans(spans)) {
      EXPECT_GT(span.start, last_end);
      last_end = span.end;
      cover(span, &joined_covers);
      EXPECT_TRUE(std::any_of(spans.begin(), spans.end(), [&](const TimeSpan& s) { return s.start == span.start; }));
    }
    EXPECT_EQ(covered, joined_covers) << seed;
  }
}

}  // namespace
}  // namespace diarflow
