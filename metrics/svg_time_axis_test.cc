#include "metrics/svg_time_axis.h"

#include <cstdint>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kSecond = kMicrosecondsPerSecond;

TEST(SvgTimeAxisTest, MarksAreExact) {
  std::string path;
  SvgTimeAxis::AppendMark({1, 3 * kSecond}, 2.5, 4, &path);
  SvgTimeAxis::AppendMark({100 * kSecond, 100 * kSecond + 20}, 0, 1, &path);
  EXPECT_EQ(path, "M0.000001,2.5h2.999999v4H0.000001zM100,0h0.00002v1H100z");
}

TEST(SvgTimeAxisTest, ExtentLiesBetweenTheEdges) {
  SvgDrawing drawing(100, 100, "", "", "");
  SvgTimeAxis axis(100, 200, {10 * kSecond, 60 * kSecond}, &drawing);
  axis.Marks(7, "speaker0", "<a>", "M10,0h1v1H10z");
  axis.Marks(8, "speaker1", "nothing", "");
  axis.Rules(20, 30);
  const std::string svg = std::move(drawing).Finish();
  // 2 pixels a second: 10 s at 100, the end at 200.
  EXPECT_THAT(svg, AllOf(HasSubstr("<g transform=\"translate(80 7) scale(2 1)\"><path class=\"speaker0\" "
                                   "d=\"M10,0h1v1H10z\"><title>&lt;a&gt;</title></path></g>"),
                         Not(HasSubstr("nothing"))));
  EXPECT_THAT(svg, AllOf(HasSubstr("x=\"100\" y=\"66\" class=\"tick\" text-anchor=\"middle\">10</text>"),
                         HasSubstr("x=\"200\" y=\"66\" class=\"tick\" text-anchor=\"middle\">60</text>"),
                         HasSubstr(">seconds</text>")));
}

TEST(SvgTimeAxisTest, LateExtentsLieBetweenTheEdgesToo) {
  SvgDrawing drawing(100, 100, "", "", "");
  SvgTimeAxis axis(100, 200, {18000 * kSecond, 18003 * kSecond}, &drawing);
  axis.Marks(7, "speaker0", "", "M18000,0h1v1H18000z");
  // 18000 * 33.3333333 - 599900: the mark is at 100.
  EXPECT_THAT(std::move(drawing).Finish(), HasSubstr("translate(-599900 7) scale(33.3333333 1)"));
}

TEST(SvgTimeAxisTest, LongRecordingsHaveMinutes) {
  SvgDrawing drawing(100, 100, "", "", "");
  SvgTimeAxis(0, 100, {0, 3600 * kSecond}, &drawing).Rules(0, 10);
  EXPECT_THAT(std::move(drawing).Finish(), AllOf(HasSubstr(">minutes</text>"), HasSubstr(">60</text>")));
}

}  // namespace
}  // namespace diarflow
