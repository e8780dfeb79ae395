#include "models/testing/formula.h"

#include <cmath>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

double Value(const char* text, const Formula::Names& names = {}) {
  const auto formula = Formula::Parse(text);
  EXPECT_OK(formula);
  if (!formula.ok()) return NAN;
  const auto values = formula->Evaluate(names, 1);
  EXPECT_OK(values);
  return values.ok() ? values->front() : NAN;
}

TEST(FormulaTest, FollowsTheRulesOfArithmetic) {
  EXPECT_EQ(Value("1+2*3-4/2"), 5);
  EXPECT_EQ(Value("10-3-2"), 5);
  EXPECT_EQ(Value("-2^2"), -4);
  EXPECT_EQ(Value("2^3^2"), 512);
  EXPECT_EQ(Value("2 * (3 + 4) mod 5"), 4);
  EXPECT_EQ(Value("1+0.5*|2-5|"), 2.5);
  EXPECT_EQ(Value("1e-3"), 0.001);
  EXPECT_DOUBLE_EQ(Value("2pi"), 2 * M_PI);
  EXPECT_DOUBLE_EQ(Value("3sin(2)^2"), 3 * std::sin(2.0) * std::sin(2.0));
  EXPECT_DOUBLE_EQ(Value("a*sqrt(2/fan_in)", {{"a", {3}}, {"fan_in", {8}}}), 1.5);
  // Exact far above the range of a float.
  EXPECT_EQ(Value("((i+1)^2) mod 104729", {{"i", {8388607}}}), static_cast<double>((8388608LL * 8388608LL) % 104729));
}

TEST(FormulaTest, WorksOnVectors) {
  const auto formula = Formula::Parse("b + a*2");
  ASSERT_OK(formula);
  EXPECT_THAT(formula->Evaluate({{"a", {1, 2, 3}}, {"b", {10}}}, 3), IsOkAndHolds(ElementsAre(12, 14, 16)));
  EXPECT_THAT(Formula::Parse("7")->Evaluate({}, 2), IsOkAndHolds(ElementsAre(7, 7)));
}

TEST(FormulaTest, SaysWhatItDoesNotUnderstand) {
  EXPECT_THAT(Formula::Parse("1+"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at place 2")));
  EXPECT_THAT(Formula::Parse("(1"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\")\" expected")));
  EXPECT_THAT(Formula::Parse("1 2"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("an operator expected at place 2")));
  EXPECT_THAT(Formula::Parse("x")->Evaluate({}, 1), StatusIs(absl::StatusCode::kNotFound, HasSubstr("\"x\"")));
}

}  // namespace
}  // namespace diarflow
