#include "metrics/svg_text.h"

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;

TEST(SvgTextTest, EscapesMarkupAndWhatXmlForbids) {
  EXPECT_EQ(SvgText("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; 'd'");
  EXPECT_EQ(SvgText("réunion 日本 🎤"), "réunion 日本 🎤");
  const std::string mark = "\xef\xbf\xbd";
  EXPECT_EQ(SvgText(std::string("a\0b\x01\tc", 6)), absl::StrCat("a", mark, "b", mark, "\tc"));
  EXPECT_EQ(SvgText("\xff\xc3"), absl::StrCat(mark, mark));
  EXPECT_EQ(SvgText("\xc0\xaf"), absl::StrCat(mark, mark));            // longer than need be
  EXPECT_EQ(SvgText("\xed\xa0\x80"), absl::StrCat(mark, mark, mark));  // a surrogate
  EXPECT_EQ(SvgText("\xf4\x90\x80\x80"), absl::StrCat(mark, mark, mark, mark));
  EXPECT_EQ(SvgText("\xef\xbf\xbf"), mark);  // U+FFFF
}

TEST(SvgTextTest, CutsBetweenCharacters) {
  EXPECT_EQ(SvgText("äöü", 3), "äöü");
  EXPECT_EQ(SvgText("äöüß", 3), "äö…");
  EXPECT_EQ(SvgText("&&&&", 2), "&amp;…");
}

TEST(SvgTextTest, Numbers) {
  EXPECT_EQ(SvgNumber(12), "12");
  EXPECT_EQ(SvgNumber(12.5), "12.5");
  EXPECT_EQ(SvgNumber(-0.001), "0");
  EXPECT_EQ(SvgNumber(1.0 / 3), "0.33");
  EXPECT_EQ(SvgNumber(100), "100");
  EXPECT_EQ(GroupedDigits(0), "0");
  EXPECT_EQ(GroupedDigits(999), "999");
  EXPECT_EQ(GroupedDigits(44474), "44,474");
  EXPECT_EQ(GroupedDigits(1234567), "1,234,567");
  EXPECT_EQ(GroupedDigits(-1000), "-1,000");
  EXPECT_EQ(GroupedDigits(-100), "-100");
}

TEST(SvgTextTest, RoundStepsAndTicks) {
  EXPECT_DOUBLE_EQ(RoundStep(0.1), 0.1);
  EXPECT_DOUBLE_EQ(RoundStep(0.11), 0.2);
  EXPECT_DOUBLE_EQ(RoundStep(3), 5);
  EXPECT_DOUBLE_EQ(RoundStep(6000), 10000);
  EXPECT_THAT(RoundTicks(-0.41, 1, 6).labels, ElementsAre("0.0", "0.5", "1.0"));
  EXPECT_THAT(RoundTicks(-0.5, 0.5, 4).labels, ElementsAre("-0.5", "0.0", "0.5"));
  EXPECT_THAT(RoundTicks(0, 20, 4).labels, ElementsAre("0", "5", "10", "15", "20"));
  std::mt19937_64 random(2);
  for (int round = 0; round < 300; ++round) {
    const double low = static_cast<double>(random() % 2000) * 0.01 - 10;
    const double high = low + 0.001 + static_cast<double>(random() % 1000) * 0.02;
    const int count = 2 + static_cast<int>(random() % 9);
    const Ticks ticks = RoundTicks(low, high, count);
    ASSERT_EQ(ticks.values.size(), ticks.labels.size());
    // A step is at most 2.5 times as long as asked for, so there are between a third and all of them.
    EXPECT_LE(static_cast<int>(ticks.values.size()), count + 1);
    EXPECT_GE(static_cast<double>(ticks.values.size()), count / 2.5 - 1);
    for (double value : ticks.values) {
      EXPECT_GE(value, low - 1e-9);
      EXPECT_LE(value, high + 1e-9);
    }
  }
}

}  // namespace
}  // namespace diarflow
