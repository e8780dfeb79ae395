#include "pages/training_curves.h"

#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::HasSubstr;
using testing::Not;

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(TrainingCurvesTest, EachCurveHasAPanelAndItsLowestPointIsMarked) {
  const std::string svg = TrainingCurvesSvg(
      {{"loss", {{100, 3}, {200, 1}, {300, 2}}}, {"error < 1 & more", {{100, 0.5}, {200, 0.25}, {300, 0.75}}}});
  EXPECT_EQ(Count(svg, "<polyline class=\"curve\""), 2);
  EXPECT_EQ(Count(svg, "class=\"mark\""), 2);
  EXPECT_THAT(svg, HasSubstr("<title>0.25</title>"));
  EXPECT_THAT(svg, HasSubstr("error &lt; 1 &amp; more"));
  // The lowest point lies in the middle, at the panel's lower edge: 64 + 180.
  EXPECT_THAT(svg, HasSubstr("cx=\"480\" cy=\"244\""));
  EXPECT_EQ(svg, TrainingCurvesSvg({{"loss", {{100, 3}, {200, 1}, {300, 2}}},
                                    {"error < 1 & more", {{100, 0.5}, {200, 0.25}, {300, 0.75}}}}));
}

TEST(TrainingCurvesTest, NothingAndNonsenseAreDrawn) {
  EXPECT_THAT(TrainingCurvesSvg({}), HasSubstr("</svg>"));
  EXPECT_THAT(TrainingCurvesSvg({{"loss", {}}}), HasSubstr("</svg>"));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::string svg = TrainingCurvesSvg({{"loss", {{1, nan}, {2, 5}, {3, -nan}}}});
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  EXPECT_EQ(Count(svg, "class=\"mark\""), 1);
}

}  // namespace
}  // namespace diarflow
