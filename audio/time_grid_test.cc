#include "audio/time_grid.h"

#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

TEST(RationalTest, IsInLowestTermsWithPositiveDenominator) {
  EXPECT_EQ(Rational(50, 4).num(), 25);
  EXPECT_EQ(Rational(50, 4).den(), 2);
  EXPECT_EQ(Rational(3, -6), Rational(-1, 2));
  EXPECT_EQ(Rational(-3, -6), Rational(1, 2));
  EXPECT_EQ(Rational(0, -7), Rational());
  EXPECT_EQ(Rational(25, 2).ToString(), "25/2");
  EXPECT_EQ(Rational(7).ToString(), "7");
  EXPECT_EQ(Rational(25, 2).ToDouble(), 12.5);
}

TEST(RationalTest, ComparesExactlyWhereDoublesCannot) {
  // Both are 1 in float64, and the products need 126 bits.
  EXPECT_LT(Rational(kMax - 1, kMax), Rational(1));
  EXPECT_LT(Rational(kMax - 2, kMax - 1), Rational(kMax - 1, kMax));
  EXPECT_GT(Rational(-(kMax - 2), kMax - 1), Rational(-(kMax - 1), kMax));
}

TEST(RationalTest, OrderAndSumAgreeWithSmallFractionsByHand) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> number(-60, 60);
  for (int i = 0; i < 2000; ++i) {
    const int a = number(random), c = number(random);
    const int b = 1 + std::abs(number(random)), d = 1 + std::abs(number(random));
    const Rational x(a, b), y(c, d);
    EXPECT_EQ(x < y, a * d < c * b);
    EXPECT_EQ(x == y, a * d == c * b);
    EXPECT_EQ(x >= y, a * d >= c * b);
    EXPECT_THAT(Add(x, y), IsOkAndHolds(Rational(a * d + c * b, b * d)));
  }
}

TEST(RationalTest, WhatCannotBeHeldIsAStatus) {
  EXPECT_THAT(Rational::Create(3, 0), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("3/0")));
  EXPECT_THAT(Rational::Create(std::numeric_limits<int64_t>::min(), 2), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Rational::Create(6, 4), IsOkAndHolds(Rational(3, 2)));
  EXPECT_THAT(Add(Rational(kMax), Rational(1)), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(Add(Rational(1, kMax), Rational(1, kMax - 1)), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(Add(Rational(kMax), Rational(-1)), IsOkAndHolds(Rational(kMax - 1)));
}

TEST(ParseSecondsTest, TakesDecimalText) {
  EXPECT_THAT(ParseSeconds("2.5"), IsOkAndHolds(Rational(5, 2)));
  EXPECT_THAT(ParseSeconds("0"), IsOkAndHolds(Rational(0)));
  EXPECT_THAT(ParseSeconds(".25"), IsOkAndHolds(Rational(1, 4)));
  EXPECT_THAT(ParseSeconds("3."), IsOkAndHolds(Rational(3)));
  EXPECT_THAT(ParseSeconds("007.100"), IsOkAndHolds(Rational(71, 10)));
  EXPECT_THAT(ParseSeconds("999999999.999999999"), IsOkAndHolds(Rational(999999999999999999, 1000000000)));
}

TEST(ParseSecondsTest, RefusesEverythingElseAndNamesIt) {
  for (const std::string text : {"", ".", "-1", "+1", "1e3", " 1", "1 ", "1.2.3", "nan", "1,5", "0x10", "1234567890",
                                 "0.1234567890", "\xc2\xb2"}) {
    EXPECT_THAT(ParseSeconds(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"" + text + "\"")));
  }
}

TEST(SamplesTest, SecondsThatFallOnASample) {
  EXPECT_THAT(ExactSamples(Rational(5, 2), 16000), IsOkAndHolds(40000));
  EXPECT_THAT(ExactSamples(Rational(1, 3), 24000), IsOkAndHolds(8000));
  EXPECT_THAT(ExactSamples(Rational(-1, 2), 16000), IsOkAndHolds(-8000));
  EXPECT_THAT(ExactSamples(Rational(1, 3), 16000),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the nearest sample is 5333")));
  EXPECT_THAT(ExactSamples(Rational(1), 0), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("0 Hz")));
  EXPECT_THAT(ExactSamples(Rational(kMax), 2), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST(SamplesTest, NearestRoundsHalvesTowardsLater) {
  EXPECT_THAT(NearestSample(Rational(1, 2), 3), IsOkAndHolds(2));
  EXPECT_THAT(NearestSample(Rational(-1, 2), 3), IsOkAndHolds(-1));
  EXPECT_THAT(NearestSample(Rational(1, 3), 16000), IsOkAndHolds(5333));
  EXPECT_THAT(NearestSample(Rational(1), -5), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(NearestSample(Rational(kMax, 3), 8), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST(SamplesTest, NearestIsNeverFurtherThanHalfASample) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 2000; ++i) {
    const int64_t num = static_cast<int64_t>(random() % 10000000);
    const int64_t den = static_cast<int64_t>(1 + random() % 1000);
    const int rate = static_cast<int>(1 + random() % kMaxSampleRate);
    ASSERT_OK_AND_ASSIGN(const int64_t sample, NearestSample(Rational(num, den), rate));
    // |sample - num * rate / den| <= 1/2, in integers.
    EXPECT_LE(std::abs(2 * (sample * den - num * rate)), den);
  }
}

TEST(FrameGridTest, CentreIsTheMiddleOfWhatTheFrameCovers) {
  const FrameGrid fbank{16000, 160, 400, 0};
  EXPECT_EQ(fbank.Rate(), 100);
  EXPECT_EQ(fbank.Centre(0), 200);
  EXPECT_EQ(fbank.Centre(3), 680);
  EXPECT_EQ(fbank.CentreSeconds(3), Rational(17, 400));

  const FrameGrid codec{24000, 1920, 1920, 0};
  EXPECT_EQ(codec.Rate(), Rational(25, 2));
  EXPECT_EQ(codec.CentreSeconds(0), Rational(1, 25));

  const FrameGrid centred{16000, 160, 400, -200};
  EXPECT_EQ(centred.Centre(7), 1120);

  const FrameGrid odd{16000, 270, 991, 0};
  EXPECT_EQ(odd.Centre(0), Rational(991, 2));
  EXPECT_EQ(odd.CentreSeconds(1), Rational(1531, 32000));
}

TEST(FrameGridTest, GeneratedGridsAgreeWithCounting) {
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    FrameGrid grid;
    grid.sample_rate = 8000;
    grid.hop = 1 + random() % 20;
    grid.window = 1 + random() % 30;
    grid.first_sample = static_cast<int64_t>(random() % 40) - 20;
    const int64_t num_samples = random() % 200;
    int64_t counted = 0;
    while (grid.End(counted) <= num_samples) ++counted;
    EXPECT_EQ(grid.NumWholeFrames(num_samples), counted);
    // As far from the begin as from the end; a hop further for every frame.
    const int64_t frame = random() % 50;
    EXPECT_EQ(grid.Centre(frame), Rational(grid.Begin(frame) + grid.End(frame), 2));
    EXPECT_THAT(Add(grid.Centre(frame), Rational(grid.hop)), IsOkAndHolds(grid.Centre(frame + 1)));
    EXPECT_EQ(grid.End(frame) - grid.Begin(frame), grid.window);
  }
}

TEST(CheckGridTest, EveryNumberHasItsRange) {
  constexpr int64_t kMost = kMaxGridSamples - 1;
  for (const FrameGrid& good :
       {FrameGrid{16000, 160, 400, -200}, FrameGrid{1, 1, 1, -kMost}, FrameGrid{kMaxSampleRate, kMost, kMost, kMost}}) {
    EXPECT_OK(CheckGrid("frames", good));
  }
  for (const FrameGrid& bad :
       {FrameGrid{}, FrameGrid{0, 1, 1, 0}, FrameGrid{kMaxSampleRate + 1, 1, 1, 0}, FrameGrid{1, 0, 1, 0},
        FrameGrid{1, -1, 1, 0}, FrameGrid{1, kMost + 1, 1, 0}, FrameGrid{1, 1, 0, 0}, FrameGrid{1, 1, kMost + 1, 0},
        FrameGrid{1, 1, 1, kMost + 1}, FrameGrid{1, 1, 1, -kMost - 1},
        FrameGrid{1, 1, 1, std::numeric_limits<int64_t>::min()}}) {
    EXPECT_THAT(CheckGrid("frames", bad), StatusIs(absl::StatusCode::kInvalidArgument)) << bad.hop;
  }
  EXPECT_THAT(CheckGrid("speaker frames", {16000, 160, 0, 5}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the speaker frames have a time grid that cannot be: 16000 Hz, hop 160, "
                                 "window 0, first sample 5")));
}

}  // namespace
}  // namespace diarflow
