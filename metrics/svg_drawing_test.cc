#include "metrics/svg_drawing.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string Draw() {
  SvgDrawing drawing(100, 50.5, "a < b", ".own { fill: #123456; }\n", ".own { fill: #abcdef; }\n");
  drawing.Text(1, 2.345, "label", "middle", "x &amp; y");
  drawing.Line(0, 1, 2, 3, "grid");
  drawing.Rect(4, 5, 6, 7, "own");
  drawing.Add("<g/>");
  return std::move(drawing).Finish();
}

TEST(SvgDrawingTest, WritesElements) {
  const std::string svg = Draw();
  EXPECT_THAT(svg, StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"100\" height=\"50.5\" "));
  EXPECT_THAT(svg, HasSubstr("<title>a &lt; b</title>"));
  EXPECT_THAT(svg, HasSubstr("<text x=\"1\" y=\"2.35\" class=\"label\" text-anchor=\"middle\">x &amp; y</text>\n"));
  EXPECT_THAT(svg, HasSubstr("<line x1=\"0\" y1=\"1\" x2=\"2\" y2=\"3\" class=\"grid\"/>\n"));
  EXPECT_THAT(svg, HasSubstr("<rect x=\"4\" y=\"5\" width=\"6\" height=\"7\" class=\"own\"/>\n"));
  EXPECT_THAT(svg, EndsWith("<g/>\n</svg>\n"));
  EXPECT_EQ(svg, Draw());
}

TEST(SvgDrawingTest, DarkRulesStandInTheMediaQuery) {
  const std::string svg = Draw();
  const size_t query = svg.find("@media (prefers-color-scheme: dark)");
  ASSERT_NE(query, std::string::npos);
  EXPECT_LT(svg.find("#123456"), query);
  EXPECT_GT(svg.find("#abcdef"), query);
  EXPECT_EQ(svg.find("http", svg.find("role=")), std::string::npos);
}

}  // namespace
}  // namespace diarflow
