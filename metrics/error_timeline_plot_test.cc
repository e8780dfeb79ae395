#include "metrics/error_timeline_plot.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/der.h"
#include "metrics/plot_colours.h"
#include "metrics/random_turns.h"
#include "re2/re2.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kSecond = kMicrosecondsPerSecond;

struct Mark {
  int64_t start = 0;
  int64_t length = 0;
};

// The marks of a class, of all its paths in turn, in microseconds.
std::vector<Mark> MarksOf(const std::string& svg, const std::string& css_class) {
  std::vector<Mark> marks;
  re2::StringPiece rest = svg;
  std::string path;
  while (RE2::FindAndConsume(&rest, absl::StrCat("<path class=\"", css_class, "\" d=\"([^\"]*)\""), &path)) {
    re2::StringPiece in_path = path;
    std::string start, length, again;
    while (RE2::FindAndConsume(&in_path, "M([0-9.]+),[0-9.]+h([0-9.]+)v[0-9.]+H([0-9.]+)z", &start, &length, &again)) {
      EXPECT_EQ(start, again);
      double seconds[2];
      EXPECT_TRUE(absl::SimpleAtod(start, &seconds[0]) && absl::SimpleAtod(length, &seconds[1]));
      marks.push_back({std::llround(seconds[0] * kSecond), std::llround(seconds[1] * kSecond)});
    }
    EXPECT_TRUE(in_path.empty()) << in_path;
  }
  return marks;
}

int64_t Sum(const std::vector<Mark>& marks) {
  int64_t sum = 0;
  for (const Mark& mark : marks) sum += mark.length;
  return sum;
}

TEST(ErrorTimelinePlotTest, MarksAddUpToTheErrors) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 40; ++round) {
    RandomTurnsOptions turns;
    turns.uri = "a";
    turns.num_turns = 1 + static_cast<int>(random() % 40);
    turns.own_overlap = round % 3 == 0;
    RecordingPair pair;
    pair.reference = RandomTurns(turns, &random);
    turns.speaker_prefix = "h";
    pair.hypothesis = RandomTurns(turns, &random);
    pair.has_hypothesis = true;
    if (round % 2 == 0) pair.region = {{0, turns.length / 2}, {turns.length / 2 + 7, turns.length}};
    ErrorTimelinePlot plot;
    plot.options = {round % 4 < 2 ? DerConvention::kPyannote : DerConvention::kMdEval,
                    round % 5 == 0 ? 3 * turns.grid : 0, round % 7 == 0};
    plot.recordings = {pair};
    ASSERT_OK_AND_ASSIGN(const std::string svg, ErrorTimelineSvg(plot));
    ASSERT_OK_AND_ASSIGN(const FileDer der, ScoreDer(pair.reference, pair.hypothesis, pair.region, plot.options));
    EXPECT_EQ(Sum(MarksOf(svg, "missed")), der.components.missed);
    EXPECT_EQ(Sum(MarksOf(svg, "false-alarm")), der.components.false_alarm);
    EXPECT_EQ(Sum(MarksOf(svg, "confusion")), der.components.confusion);
    int64_t spoken = Sum(MarksOf(svg, "unmapped"));
    for (size_t i = 0; i < kSpeakerColours.size(); ++i) spoken += Sum(MarksOf(svg, absl::StrCat("speaker", i)));
    for (const Recording* recording : {&pair.reference, &pair.hypothesis}) {
      for (const Turn& turn : recording->turns) spoken -= turn.duration;
    }
    EXPECT_EQ(spoken, 0);
  }
}

RecordingPair TwoSpeakers() {
  RecordingPair pair;
  pair.reference = {"a", {{0, 10 * kSecond, "Zoë"}, {8 * kSecond, 10 * kSecond, "B"}}};
  pair.hypothesis = {"a", {{0, 8 * kSecond, "x"}, {12 * kSecond, 6 * kSecond, "y"}, {18 * kSecond, kSecond, "extra"}}};
  pair.has_hypothesis = true;
  pair.region = {{0, 30 * kSecond}};
  return pair;
}

TEST(ErrorTimelinePlotTest, SpeakersTakeTheColourOfWhomTheyAreMappedTo) {
  ASSERT_OK_AND_ASSIGN(const std::string svg, ErrorTimelineSvg({"title", "", {}, {TwoSpeakers()}}));
  EXPECT_EQ(Sum(MarksOf(svg, "speaker0")), 18 * kSecond);  // Zoë and x
  EXPECT_EQ(Sum(MarksOf(svg, "speaker1")), 16 * kSecond);  // B and y
  EXPECT_EQ(Sum(MarksOf(svg, "unmapped")), kSecond);
  EXPECT_THAT(svg, HasSubstr("hypothesis: x, is Zoë"));
  EXPECT_THAT(svg, HasSubstr("hypothesis: extra, is nobody"));
  // Missed: both from 8 to 10, so two levels, and one until 12.
  const std::vector<Mark> missed = MarksOf(svg, "missed");
  ASSERT_EQ(missed.size(), 2u);
  EXPECT_EQ(missed[0].start, 8 * kSecond);
  EXPECT_EQ(missed[0].length, 4 * kSecond);
  EXPECT_EQ(missed[1].length, 2 * kSecond);
}

TEST(ErrorTimelinePlotTest, ShadesWhatIsScored) {
  ErrorTimelinePlot plot = {"title", "", {}, {TwoSpeakers()}};
  ASSERT_OK_AND_ASSIGN(const std::string all, ErrorTimelineSvg(plot));
  EXPECT_EQ(Sum(MarksOf(all, "scored")), 30 * kSecond);
  plot.options.collar = kSecond / 2;
  plot.options.skip_overlap = true;
  ASSERT_OK_AND_ASSIGN(const std::string part, ErrorTimelineSvg(plot));
  // Without 0-.5, 7.5-10.5, 17.5-18.5.
  const std::vector<Mark> scored = MarksOf(part, "scored");
  ASSERT_EQ(scored.size(), 3u);
  EXPECT_EQ(Sum(scored), (30 * 2 - 1 - 6 - 2) * kSecond / 2);
}

TEST(ErrorTimelinePlotTest, NamesAreEscapedAndClipped) {
  RecordingPair pair = TwoSpeakers();
  pair.reference.uri = std::string(300, 'u') + "<&";
  pair.reference.turns[0].speaker = "<" + std::string(300, 's');
  pair.hypothesis.turns[0].speaker = "bad\xff";
  ASSERT_OK_AND_ASSIGN(const std::string svg, ErrorTimelineSvg({"<title>", "a & b", {}, {pair}}));
  EXPECT_THAT(svg, HasSubstr("&lt;title&gt;"));
  EXPECT_THAT(svg, HasSubstr("a &amp; b"));
  EXPECT_THAT(svg, Not(HasSubstr(std::string(61, 'u'))));
  EXPECT_THAT(svg, Not(HasSubstr("\xff")));
  EXPECT_THAT(svg, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
}

TEST(ErrorTimelinePlotTest, SilenceManySpeakersAndNothingAtAll) {
  RecordingPair silent;
  silent.reference.uri = "silent";
  RecordingPair crowd;
  crowd.reference.uri = "crowd";
  for (int i = 0; i < 200; ++i) crowd.reference.turns.push_back({i * kSecond, kSecond, absl::StrCat("s", i)});
  ASSERT_OK_AND_ASSIGN(const std::string svg, ErrorTimelineSvg({"t", "", {}, {silent, crowd}}));
  EXPECT_THAT(svg, HasSubstr("no hypothesis"));
  EXPECT_EQ(Sum(MarksOf(svg, "missed")), 200 * kSecond);
  EXPECT_THAT(ErrorTimelineSvg({"t", "", {}, {}}), IsOk());
  crowd.reference.turns[0].duration = 0;
  EXPECT_THAT(ErrorTimelineSvg({"t", "", {}, {crowd}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("crowd")));
}

}  // namespace
}  // namespace diarflow
