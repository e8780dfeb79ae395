#include "audio/augment/level.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

constexpr double kPi = 3.14159265358979323846;

std::vector<float> Sine(double amplitude) {
  std::vector<float> sine;
  for (int n = 0; n < 16000; ++n) sine.push_back(static_cast<float>(amplitude * std::sin(2 * kPi * n * 0.01)));
  return sine;
}

TEST(LevelTest, KnownValues) {
  EXPECT_EQ(Energy({}), 0);
  EXPECT_DOUBLE_EQ(Energy(std::vector<float>{3, -4}), 25);
  EXPECT_DOUBLE_EQ(GainFromDb(20), 10);
}

TEST(LevelTest, GainChangesTheLevelByItsDecibels) {
  for (const double db : {-40.0, -6.0, 0.0, 3.5, 20.0}) {
    std::vector<float> sine = Sine(0.3);
    const double before = Energy(sine);
    ASSERT_OK(ApplyGainDb(db, absl::MakeSpan(sine)));
    EXPECT_NEAR(10 * std::log10(Energy(sine) / before), db, 1e-5);
  }
  std::vector<float> muted = {1, 2};
  ASSERT_OK(ApplyGainDb(-std::numeric_limits<double>::infinity(), absl::MakeSpan(muted)));
  EXPECT_EQ(Peak(muted), 0);
  EXPECT_THAT(ApplyGainDb(std::nan(""), absl::MakeSpan(muted)), StatusIs(absl::StatusCode::kInvalidArgument));
}

// Against a mask with a cell for every sample.
TEST(LevelTest, SpansMergeAsAMaskDoes) {
  Random random(5);
  for (int round = 0; round < 300; ++round) {
    const int64_t length = 1 + random.Below(60);
    std::vector<ActiveSpan> spans;
    std::vector<bool> mask(static_cast<size_t>(length), false);
    for (int64_t i = random.Below(6); i > 0; --i) {
      ActiveSpan span;
      span.begin = random.Below(length + 1);
      span.end = span.begin + random.Below(length - span.begin + 1);
      for (int64_t n = span.begin; n < span.end; ++n) mask[static_cast<size_t>(n)] = true;
      spans.push_back(span);
    }
    ASSERT_OK_AND_ASSIGN(const std::vector<ActiveSpan> merged, MergeSpans(spans, length));
    std::vector<bool> again(mask.size(), false);
    int64_t last = -1;
    for (const ActiveSpan& span : merged) {
      EXPECT_GT(span.begin, last);  // apart from the one before: neither overlap nor touch
      EXPECT_LT(span.begin, span.end);
      last = span.end;
      for (int64_t n = span.begin; n < span.end; ++n) again[static_cast<size_t>(n)] = true;
    }
    EXPECT_EQ(again, mask);
  }
}

TEST(LevelTest, SpansOutsideAreNamed) {
  for (const ActiveSpan& span : std::vector<ActiveSpan>{{-1, 2}, {3, 2}, {0, 11}}) {
    EXPECT_THAT(MergeSpans({span}, 10), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("[0, 10)")));
  }
}

TEST(LevelTest, PeakIsScaled) {
  std::vector<float> samples = {0.25f, -0.5f, 0.125f};
  EXPECT_EQ(Peak(samples), 0.5);
  ASSERT_OK_AND_ASSIGN(const double gain, NormalizePeak(0.75, absl::MakeSpan(samples)));
  EXPECT_DOUBLE_EQ(gain, 1.5);
  EXPECT_EQ(samples, (std::vector<float>{0.375f, -0.75f, 0.1875f}));

  std::vector<float> silence(3, 0);
  EXPECT_THAT(NormalizePeak(1, absl::MakeSpan(silence)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("all samples are 0")));
  EXPECT_THAT(NormalizePeak(0, absl::MakeSpan(samples)), StatusIs(absl::StatusCode::kInvalidArgument));
  std::vector<float> bad = {1, std::numeric_limits<float>::infinity()};
  EXPECT_THAT(NormalizePeak(1, absl::MakeSpan(bad)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("sample 1 ")));
  EXPECT_EQ(bad[0], 1);
}

}  // namespace
}  // namespace diarflow
