// The windows of a recording, without a network.
#include <cstdint>
#include <limits>

#include "base/status_matchers.h"
#include "diarization/diarizer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

TEST(NumWindowsTest, UntilOneReachesTheEnd) {
  for (const int64_t window : {10, 7}) {
    for (int64_t hop = 1; hop <= window; ++hop) {
      WindowOptions options;
      options.window_samples = window;
      options.hop_samples = hop;
      for (int64_t samples = 0; samples < 60; ++samples) {
        int64_t count = 1;
        while ((count - 1) * hop + window < samples) ++count;
        EXPECT_EQ(NumWindows(samples, options), count) << samples << " samples, " << window << ", " << hop;
      }
    }
  }
}

TEST(FramesWithinTest, AFrameCountsWhileItsCentreLiesInTheRecording) {
  EXPECT_EQ(FramesWithin(160000, 589), 589);
  EXPECT_EQ(FramesWithin(1 << 30, 589), 589);
  // The centres of frames 0 and 1 are 495.5 and 765.5.
  EXPECT_EQ(FramesWithin(766, 589), 2);
  EXPECT_EQ(FramesWithin(765, 589), 1);
  EXPECT_EQ(FramesWithin(496, 589), 1);
  EXPECT_EQ(FramesWithin(495, 589), 0);
  EXPECT_EQ(FramesWithin(496, 0), 0);
}

TEST(CheckWindowOptionsTest, EveryOptionHasItsRange) {
  EXPECT_OK(CheckWindowOptions({}));
  const auto expect = [](WindowOptions options, const char* message) {
    EXPECT_THAT(CheckWindowOptions(options), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  };
  expect({100, 50, 1, 0}, "window_samples is 100; it may be ");
  expect({int64_t{1} << 40, 50, 1, 0}, "window_samples is 1099511627776");
  expect({160000, 0, 1, 0}, "hop_samples is 0");
  expect({160000, 160001, 1, 0}, "hop_samples is 160001");
  expect({160000, 40000, 0, 0}, "embed_every is 0");
  expect({160000, 40000, 5, 0}, "embed_every is 5");
  expect({160000, 40000, 2, 21}, "overlap_bias is 21");
  expect({160000, 40000, 2, std::numeric_limits<double>::quiet_NaN()}, "overlap_bias is nan");
}

}  // namespace
}  // namespace diarflow
