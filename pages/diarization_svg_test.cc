#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/random_turns.h"
#include "pages/diarization_page.h"
#include "re2/re2.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr int64_t kSecond = kMicrosecondsPerSecond;

DiarizationPageInput Input(const std::vector<Turn>& turns) {
  DiarizationPageInput input;
  input.title = "meeting";
  input.duration = 60 * kSecond;
  for (const Turn& turn : turns) input.result.turns.push_back({turn, 0.5});
  return input;
}

// The marks of a speaker, or of a band, in microseconds.
std::vector<TimeSpan> MarksOf(const std::string& svg, const std::string& name) {
  std::string path;
  RE2::PartialMatch(svg, absl::StrCat("<path class=\"[^\"]*\" d=\"([^\"]*)\"><title>", name, "</title>"), &path);
  std::vector<TimeSpan> marks;
  re2::StringPiece rest = path;
  std::string start, length;
  while (RE2::FindAndConsume(&rest, "M([0-9.]+),[0-9.]+h([0-9.]+)v", &start, &length)) {
    double seconds[2];
    EXPECT_TRUE(absl::SimpleAtod(start, &seconds[0]) && absl::SimpleAtod(length, &seconds[1]));
    const int64_t microseconds = std::llround(seconds[0] * kSecond);
    marks.push_back({microseconds, microseconds + std::llround(seconds[1] * kSecond)});
  }
  return marks;
}

TEST(DiarizationSvgTest, MarksAreTheTurns) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 30; ++round) {
    RandomTurnsOptions options;
    options.num_speakers = 5;
    options.length = 60 * kSecond;
    options.longest = 5 * kSecond;
    options.grid = 1;
    std::vector<Turn> turns = RandomTurns(options, &random).turns;
    ASSERT_OK_AND_ASSIGN(const std::string svg, DiarizationSvg(Input(turns)));
    ASSERT_OK_AND_ASSIGN(const std::string again, DiarizationSvg(Input(turns)));
    EXPECT_EQ(svg, again);
    std::sort(turns.begin(), turns.end());
    for (int speaker = 0; speaker < options.num_speakers; ++speaker) {
      const std::string name = absl::StrCat("s", speaker);
      std::vector<TimeSpan> expected;
      for (const Turn& turn : turns) {
        if (turn.speaker == name) expected.push_back({turn.start, turn.end()});
      }
      EXPECT_EQ(MarksOf(svg, name), expected);
    }
  }
}

TEST(DiarizationSvgTest, ReferenceErrorsAndOverlap) {
  DiarizationPageInput input = Input({{0, 10 * kSecond, "x"}, {8 * kSecond, 4 * kSecond, "y"}});
  input.reference = Recording{"meeting", {{0, 8 * kSecond, "A"}, {9 * kSecond, 4 * kSecond, "B"}}};
  input.region = {{0, 60 * kSecond}};
  ASSERT_OK_AND_ASSIGN(const std::string svg, DiarizationSvg(input));
  EXPECT_THAT(svg, AllOf(HasSubstr(">reference</text>"), HasSubstr(">result</text>"), HasSubstr("DER 33.33\u2009%")));
  EXPECT_THAT(MarksOf(svg, "overlap"), SizeIs(2));  // as high as two wrong at once
  EXPECT_EQ(MarksOf(svg, "overlap")[0], (TimeSpan{8 * kSecond, 10 * kSecond}));
  EXPECT_EQ(MarksOf(svg, "missed"), (std::vector<TimeSpan>{{12 * kSecond, 13 * kSecond}}));
  EXPECT_EQ(MarksOf(svg, "false alarm"),
            (std::vector<TimeSpan>{{8 * kSecond, 10 * kSecond}, {8 * kSecond, 9 * kSecond}}));
  EXPECT_EQ(MarksOf(svg, "what is scored"), (std::vector<TimeSpan>{{0, 60 * kSecond}}));
  EXPECT_THAT(MarksOf(svg, "confusion"), IsEmpty());
}

TEST(DiarizationSvgTest, SpeakersBeyondThePaletteAreStriped) {
  std::vector<Turn> turns;
  for (int64_t i = 0; i < 26; ++i) turns.push_back({i * kSecond, kSecond, absl::StrCat("s", i)});
  ASSERT_OK_AND_ASSIGN(const std::string svg, DiarizationSvg(Input(turns)));
  EXPECT_THAT(MarksOf(svg, "s0"), SizeIs(1));
  EXPECT_THAT(MarksOf(svg, "s12"), SizeIs(2));
  EXPECT_THAT(MarksOf(svg, "s25"), SizeIs(3));
}

TEST(DiarizationSvgTest, NothingSaidStrangeNamesAndTheWaveform) {
  DiarizationPageInput input;
  ASSERT_OK_AND_ASSIGN(const std::string empty, DiarizationSvg(input));
  EXPECT_THAT(empty, AllOf(StartsWith("<svg "), HasSubstr("0 speakers"), Not(HasSubstr("class=\"wave\""))));
  input = Input({{0, kSecond, "<script>\xff"}});
  input.peaks = {{-1.0f, 1.0f}, {0.0f, 0.0f}};
  ASSERT_OK_AND_ASSIGN(const std::string svg, DiarizationSvg(input));
  EXPECT_THAT(svg,
              AllOf(HasSubstr("&lt;script&gt;\xef\xbf\xbd"), Not(HasSubstr("<script")), HasSubstr("class=\"wave\"")));
  input.duration = -1;
  EXPECT_THAT(DiarizationSvg(input).status(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("duration")));
}

}  // namespace
}  // namespace diarflow
