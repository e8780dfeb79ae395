#include "models/windows.h"

#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;

std::vector<float> Values(const FloatArray& array) { return {array.begin(), array.end()}; }

TEST(WindowsTest, SlicesTheFirstAxis) {
  const FloatArray samples = FloatArray::Copy({4}, {1, 2, 3, 4});
  EXPECT_THAT(Values(Slice(samples, 1, 3)), ElementsAre(2, 3));
  EXPECT_THAT(Values(Slice(samples, 4, 4)), ElementsAre());
  const FloatArray frames = FloatArray::Copy({3, 2}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(Slice(frames, 1, 3).ShapeString(), "[2, 2]");
  EXPECT_THAT(Values(Slice(frames, 1, 3)), ElementsAre(3, 4, 5, 6));
  EXPECT_EQ(Slice(FloatArray::Zeros({0, 2}), 0, 0).ShapeString(), "[0, 2]");
}

TEST(WindowsTest, Repeats) {
  const FloatArray samples = FloatArray::Copy({3}, {1, 2, 3});
  EXPECT_THAT(Values(RepeatToLength(samples, 7)), ElementsAre(1, 2, 3, 1, 2, 3, 1));
  EXPECT_THAT(Values(RepeatToLength(samples, 2)), ElementsAre(1, 2));
}

// The embedding of a window is its first sample and its last one.
TEST(WindowsTest, EveryWindowOnceAndInOrder) {
  WindowEncoder encoder;
  encoder.name = "Ends";
  encoder.min_window = 2;
  encoder.max_window = 10;
  encoder.dimension = 2;
  encoder.at_once = [](int64_t window) { return 12 / window; };
  std::vector<int64_t> passes;
  encoder.embed = [&](const FloatArray& samples, const FrameGrid& grid, int64_t begin, int64_t end, float* results) {
    passes.push_back(end - begin);
    for (int64_t w = begin; w < end; ++w) {
      *results++ = samples[grid.Begin(w)];
      *results++ = samples[grid.End(w) - 1];
    }
    return absl::OkStatus();
  };
  const FloatArray audio = FloatArray::Copy({10}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  ASSERT_OK_AND_ASSIGN(const FloatArray windows, EmbedWindows(encoder, audio, 4, 2));
  EXPECT_THAT(Values(windows), ElementsAre(0, 3, 2, 5, 4, 7, 6, 9));
  EXPECT_THAT(passes, ElementsAre(3, 1));
  // One is left over.
  ASSERT_OK_AND_ASSIGN(const FloatArray thirds, EmbedWindows(encoder, audio, 3, 3));
  EXPECT_THAT(Values(thirds), ElementsAre(0, 2, 3, 5, 6, 8));
  ASSERT_OK_AND_ASSIGN(const FloatArray repeated, EmbedWindows(encoder, Slice(audio, 0, 3), 8, 1));
  EXPECT_THAT(Values(repeated), ElementsAre(0, 1));
  EXPECT_THAT(EmbedWindows(encoder, audio, 1, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, "Ends: a window of 1 samples; it may have 2 to 10"));
  EXPECT_THAT(EmbedWindows(encoder, audio, 11, 1), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(EmbedWindows(encoder, audio, 4, 0),
              StatusIs(absl::StatusCode::kInvalidArgument, "Ends: a hop of 0 samples; at least 1"));
  encoder.embed = [](const FloatArray&, const FrameGrid&, int64_t begin, int64_t, float*) {
    return begin > 0 ? absl::InternalError("broken") : absl::OkStatus();
  };
  EXPECT_THAT(EmbedWindows(encoder, audio, 4, 2), StatusIs(absl::StatusCode::kInternal));
}

TEST(WindowsTest, PassesHoldOneLengthEach) {
  const auto at_once = [](int64_t length) { return 6 / length; };
  EXPECT_THAT(PassesOfOneLength({2, 7, 2, 3, 2, 2, 7}, at_once),
              ElementsAre(ElementsAre(0, 2, 4), ElementsAre(5), ElementsAre(3), ElementsAre(1), ElementsAre(6)));
  EXPECT_THAT(PassesOfOneLength({}, at_once), ElementsAre());
}

}  // namespace
}  // namespace diarflow
