#include "datasets/formats/subtitles.h"

#include <string>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

const Recording& Made() {
  static const auto* const recording =
      new Recording{"r", {{3723004000, 1500000, "b<&>"}, {500, 999600, "a\nname"}, {7200000000, 400, "gone"}}};
  return *recording;
}

TEST(SubtitlesTest, SubRip) {
  EXPECT_EQ(*FormatSubtitles(Made(), SubtitleFormat::kSrt),
            "1\n00:00:00,001 --> 00:00:01,000\na name\n\n"
            "2\n01:02:03,004 --> 01:02:04,504\nb<&>\n\n");
}

TEST(SubtitlesTest, WebVtt) {
  EXPECT_EQ(*FormatSubtitles(Made(), SubtitleFormat::kWebVtt),
            "WEBVTT\n\n00:00:00.001 --> 00:00:01.000\n<v a name>a name\n\n"
            "01:02:03.004 --> 01:02:04.504\n<v b&lt;&amp;&gt;>b&lt;&amp;&gt;\n\n");
}

TEST(SubtitlesTest, Audacity) {
  EXPECT_EQ(*FormatSubtitles({"r", {{1500000, 250000, "a\tb"}}}, SubtitleFormat::kAudacity),
            "1.500000\t1.750000\ta b\n");
  // It has no milliseconds to which a turn could be too short.
  EXPECT_EQ(*FormatSubtitles({"r", {{7000000, 400, "short"}}}, SubtitleFormat::kAudacity),
            "7.000000\t7.000400\tshort\n");
  EXPECT_EQ(*FormatSubtitles({"r", {}}, SubtitleFormat::kAudacity), "");
}

TEST(SubtitlesTest, RefusesTurnsThatAreNone) {
  EXPECT_THAT(FormatSubtitles({"r", {{-1, 5, "a"}}}, SubtitleFormat::kSrt).status().message(), HasSubstr("r"));
}

}  // namespace
}  // namespace diarflow
