#include "datasets/formats/decimal_seconds.h"

#include <cstdint>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_matchers.h"
#include "diarization/turns.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

TEST(DecimalSecondsTest, Parses) {
  EXPECT_THAT(ParseMicroseconds("0"), IsOkAndHolds(0));
  EXPECT_THAT(ParseMicroseconds("12"), IsOkAndHolds(12000000));
  EXPECT_THAT(ParseMicroseconds("12."), IsOkAndHolds(12000000));
  EXPECT_THAT(ParseMicroseconds(".5"), IsOkAndHolds(500000));
  EXPECT_THAT(ParseMicroseconds("000.100"), IsOkAndHolds(100000));
  EXPECT_THAT(ParseMicroseconds("1.000001"), IsOkAndHolds(1000001));
  EXPECT_THAT(ParseMicroseconds("999999999.999999"), IsOkAndHolds(999999999999999));
}

TEST(DecimalSecondsTest, RoundsBeyondTheMicrosecond) {
  EXPECT_THAT(ParseMicroseconds("4.3500000000000005"), IsOkAndHolds(4350000));
  EXPECT_THAT(ParseMicroseconds("4.349999999999999"), IsOkAndHolds(4350000));
  EXPECT_THAT(ParseMicroseconds("0.0000004"), IsOkAndHolds(0));
  EXPECT_THAT(ParseMicroseconds("0.0000005"), IsOkAndHolds(1));
  EXPECT_THAT(ParseMicroseconds("0.00000049"), IsOkAndHolds(0));
  EXPECT_THAT(ParseMicroseconds("999999999.9999999"), IsOkAndHolds(1000000000000000));
}

TEST(DecimalSecondsTest, RefusesTheRest) {
  for (const char* bad : {"", ".", "-1", "+1", "1e3", "nan", "inf", "1,5", "1.2.3", " 1", "1 ", "0x10", "1234567890",
                          "1.0000000x", "<NA>"}) {
    EXPECT_THAT(ParseMicroseconds(bad),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(absl::StrCat("\"", bad, "\""))));
  }
}

TEST(DecimalSecondsTest, EveryMillisecondAndMicrosecondRoundTrips) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 20000; ++round) {
    const auto milliseconds = static_cast<int64_t>(random() % 100000000);
    EXPECT_THAT(ParseMicroseconds(FormatMilliseconds(milliseconds)), IsOkAndHolds(milliseconds * 1000));
    const auto microseconds = static_cast<int64_t>(random() % 100000000000);
    EXPECT_THAT(ParseMicroseconds(absl::StrFormat("%.6f", static_cast<double>(microseconds) * 1e-6)),
                IsOkAndHolds(microseconds));
  }
}

TEST(DecimalSecondsTest, Formats) {
  EXPECT_EQ(FormatMilliseconds(0), "0.000");
  EXPECT_EQ(FormatMilliseconds(7), "0.007");
  EXPECT_EQ(FormatMilliseconds(1234567), "1234.567");
  EXPECT_EQ(NearestMillisecond(499), 0);
  EXPECT_EQ(NearestMillisecond(500), 1);
  EXPECT_EQ(NearestMillisecond(1499), 1);
}

TEST(DecimalSecondsTest, ParsesExponentsAndSigns) {
  EXPECT_THAT(ParseFloatMicroseconds("1e-05"), IsOkAndHolds(10));
  EXPECT_THAT(ParseFloatMicroseconds("5e-7"), IsOkAndHolds(1));
  EXPECT_THAT(ParseFloatMicroseconds("1.5e-2"), IsOkAndHolds(15000));
  EXPECT_THAT(ParseFloatMicroseconds(".5e-1"), IsOkAndHolds(50000));
  EXPECT_THAT(ParseFloatMicroseconds("4.9e-7"), IsOkAndHolds(0));
  EXPECT_THAT(ParseFloatMicroseconds("0.00015E+3"), IsOkAndHolds(150000));
  EXPECT_THAT(ParseFloatMicroseconds("12.5e0"), IsOkAndHolds(12500000));
  EXPECT_THAT(ParseFloatMicroseconds("1.25e2"), IsOkAndHolds(125000000));
  EXPECT_THAT(ParseFloatMicroseconds("0000000000001.5"), IsOkAndHolds(1500000));
  EXPECT_THAT(ParseFloatMicroseconds("1e-999"), IsOkAndHolds(0));
  EXPECT_THAT(ParseFloatMicroseconds("0e999"), IsOkAndHolds(0));
  EXPECT_THAT(ParseFloatMicroseconds("-0"), IsOkAndHolds(0));
  EXPECT_THAT(ParseFloatMicroseconds("-1e-17"), IsOkAndHolds(0));
  EXPECT_THAT(ParseFloatMicroseconds("+.5"), IsOkAndHolds(500000));
  for (const char* bad : {"", "-", "+-1", ".", "e5", "1e", "1e+", "1e1.5", "1e9999999999", "-1", "1e10", "1e999", "nan",
                          "1.2.3", "1 ", "0x1"}) {
    EXPECT_THAT(ParseFloatMicroseconds(bad),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(absl::StrCat("\"", bad, "\" is no time"))));
  }
}

TEST(DecimalSecondsTest, ExactSecondsRoundTrip) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 20000; ++round) {
    const auto microseconds = static_cast<int64_t>(random() % 100000000000);
    const std::string text = FormatExactSeconds(microseconds);
    EXPECT_THAT(ParseMicroseconds(text), IsOkAndHolds(microseconds));
    const int shift = static_cast<int>(random() % 9);
    // The same with the point anywhere.
    const std::string digits = absl::StrCat(microseconds);
    const auto point = static_cast<int>(random() % (digits.size() + 1));
    EXPECT_THAT(ParseFloatMicroseconds(absl::StrCat(digits.substr(0, point), ".", digits.substr(point), "e",
                                                    static_cast<int>(digits.size()) - point - 6)),
                IsOkAndHolds(microseconds));
    EXPECT_THAT(ParseFloatMicroseconds(absl::StrCat("0.", std::string(shift, '0'), digits, "e",
                                                    static_cast<int>(digits.size()) + shift - 6)),
                IsOkAndHolds(microseconds));
    EXPECT_THAT(ParseFloatMicroseconds(absl::StrFormat("%.15e", static_cast<double>(microseconds) * 1e-6)),
                IsOkAndHolds(microseconds));
    EXPECT_THAT(ParseFloatMicroseconds(absl::StrCat(microseconds, std::string(shift, '0'), "e-", 6 + shift)),
                IsOkAndHolds(microseconds));
  }
}

}  // namespace
}  // namespace diarflow
