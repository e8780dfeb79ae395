#include "diarization/turns.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

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

}  // namespace
}  // namespace diarflow
