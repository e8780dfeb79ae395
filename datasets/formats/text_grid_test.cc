#include "datasets/formats/text_grid.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr auto kIntervals = TextGridTier::Kind::kIntervals;
constexpr auto kPoints = TextGridTier::Kind::kPoints;

const TextGrid& Example() {
  static const auto* const grid = new TextGrid{
      {0, 2300000},
      {{kIntervals, "words", {0, 2300000}, {{{0, 10}, ""}, {{10, 1500000}, "say \"é\""}, {{1500000, 2300000}, ""}}, {}},
       {kPoints, "clicks", {0, 2300000}, {}, {{250000, "a"}, {2300000, ""}}}}};
  return *grid;
}

constexpr char kLongForm[] =
    "File type = \"ooTextFile\"\n"
    "Object class = \"TextGrid\"\n"
    "\n"
    "xmin = 0 \n"
    "xmax = 2.3 \n"
    "tiers? <exists> \n"
    "size = 2 \n"
    "item []: \n"
    "    item [1]:\n"
    "        class = \"IntervalTier\" \n"
    "        name = \"words\" \n"
    "        xmin = 0 \n"
    "        xmax = 2.3 \n"
    "        intervals: size = 3 \n"
    "        intervals [1]:\n"
    "            xmin = 0 \n"
    "            xmax = 0.00001 \n"
    "            text = \"\" \n"
    "        intervals [2]:\n"
    "            xmin = 0.00001 \n"
    "            xmax = 1.5 \n"
    "            text = \"say \"\"é\"\"\" \n"
    "        intervals [3]:\n"
    "            xmin = 1.5 \n"
    "            xmax = 2.3 \n"
    "            text = \"\" \n"
    "    item [2]:\n"
    "        class = \"TextTier\" \n"
    "        name = \"clicks\" \n"
    "        xmin = 0 \n"
    "        xmax = 2.3 \n"
    "        points: size = 2 \n"
    "        points [1]:\n"
    "            number = 0.25 \n"
    "            mark = \"a\" \n"
    "        points [2]:\n"
    "            number = 2.3 \n"
    "            mark = \"\" \n";

TEST(TextGridTest, LongFormIsWrittenAndRead) {
  EXPECT_THAT(FormatTextGrid(Example()), IsOkAndHolds(kLongForm));
  EXPECT_THAT(ParseTextGrid(kLongForm, "x"), IsOkAndHolds(Example()));
  EXPECT_THAT(ParseTextGrid(absl::StrReplaceAll(kLongForm, {{"\n", "\r\n"}}), "x"), IsOkAndHolds(Example()));
}

TEST(TextGridTest, ShortFormIsRead) {
  const std::string text =
      "\xef\xbb\xbf"
      "File type = \"ooTextFile short\"\r\n\"TextGrid\"\r\n\r\n-0\r\n2.3000000000000003\r\n<exists>\r\n2\r\n"
      "\"IntervalTier\"\r\n\"words\"\r\n0\r\n2.3\r\n3 ! three \"intervals\" 4\r\n0\r\n1e-05\r\n\"\"\r\n"
      "1e-05\r\n1.5\r\n\"say \"\"é\"\"\"\r\n1.5\r\n2.3\r\n\"\"\r\n"
      "\"TextTier\" \"clicks\" 0 2.3 2 0.25 \"a\" 2.3 \"\"";
  EXPECT_THAT(ParseTextGrid(text, "x"), IsOkAndHolds(Example()));
  EXPECT_THAT(ParseTextGrid("\"ooTextFile\" \"TextGrid\" 0 1 <absent>", "x"), IsOkAndHolds(TextGrid{{0, 1000000}, {}}));
}

TEST(TextGridTest, Utf16IsRead) {
  std::string little = "\xff\xfe";
  std::string big = "\xfe\xff";
  for (const std::string& part : std::vector<std::string>(absl::StrSplit(kLongForm, absl::ByString("é")))) {
    if (little.size() > 2) {
      little += "\xe9";
      little.push_back('\0');
      big.push_back('\0');
      big += "\xe9";
    }
    for (const char c : part) {
      little.append({c, '\0'});
      big.append({'\0', c});
    }
  }
  EXPECT_THAT(ParseTextGrid(little, "x"), IsOkAndHolds(Example()));
  EXPECT_THAT(ParseTextGrid(big, "x"), IsOkAndHolds(Example()));
  EXPECT_THAT(ParseTextGrid(big.substr(0, big.size() - 1), "x.TextGrid"),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("x.TextGrid: the file is UTF-16")));
}

// A tier "w" of a grid from 0 to 10 s, with these intervals.
std::string WithIntervals(int count, const std::string& intervals) {
  return absl::StrCat("\"ooTextFile\" \"TextGrid\" 0 10 <exists> 1 \"IntervalTier\" \"w\" 0 10 ", count, "\n",
                      intervals);
}

TEST(TextGridTest, RoundingOfProgramsIsMended) {
  ASSERT_OK_AND_ASSIGN(
      const TextGrid grid,
      ParseTextGrid(WithIntervals(5, "1 2 \"a\"\n1.9995 3 \"b\"\n3 2.9999 \"\"\n3 3 \"\"\n5 10.01 \"\""), "x"));
  ASSERT_EQ(grid.tiers.size(), 1u);
  EXPECT_THAT(grid.tiers[0].intervals,
              ElementsAre(LabeledSpan{{1000000, 2000000}, "a"}, LabeledSpan{{2000000, 3000000}, "b"},
                          LabeledSpan{{5000000, 10010000}, ""}));
  EXPECT_EQ(grid.tiers[0].span, (TimeSpan{0, 10010000}));
  EXPECT_EQ(grid.span, (TimeSpan{0, 10010000}));
  // Gaps are written as intervals.
  ASSERT_OK_AND_ASSIGN(const std::string text, FormatTextGrid(grid));
  ASSERT_OK_AND_ASSIGN(const TextGrid written, ParseTextGrid(text, "x"));
  EXPECT_THAT(written.tiers[0].intervals,
              ElementsAre(LabeledSpan{{0, 1000000}, ""}, LabeledSpan{{1000000, 2000000}, "a"},
                          LabeledSpan{{2000000, 3000000}, "b"}, LabeledSpan{{3000000, 5000000}, ""},
                          LabeledSpan{{5000000, 10010000}, ""}));
}

TEST(TextGridTest, ErrorsNameFileAndLine) {
  const auto error = [](const std::string& text) { return ParseTextGrid(text, "my/x.TextGrid").status(); };
  const auto is = [](int line, const std::string& what) {
    return StatusIs(absl::StatusCode::kInvalidArgument, absl::StrCat("my/x.TextGrid:", line, ": ", what));
  };
  EXPECT_THAT(error(""), is(1, "this is no TextGrid: it does not begin with `File type = \"ooTextFile\"`"));
  EXPECT_THAT(error("a text\n"), is(2, "this is no TextGrid: it does not begin with `File type = \"ooTextFile\"`"));
  EXPECT_THAT(error("\"Praat chronological TextGrid text file\"\n0 1"),
              is(1, "this is the chronological form of a TextGrid, which is not read; save it in Praat as text file"));
  EXPECT_THAT(error("\"ooTextFile\"\n\"Pitch 1\""),
              is(2, "here is the text \"Pitch 1\"; wanted is the class of the object, \"TextGrid\""));
  EXPECT_THAT(error("\"ooTextFile\"\n\"TextGrid\"\n0\n"),
              is(4, "here is the end of the file; wanted is where the grid ends"));
  EXPECT_THAT(error("\"ooTextFile\"\n\"TextGrid\"\n2 1\n"), is(3, "the grid starts at 2 s and ends at 1 s, before"));
  EXPECT_THAT(error("\"ooTextFile\"\n\"TextGrid\"\n-1 1\n"),
              is(3, "\"-1\" is no time in seconds: write a number from 0 up to 10^9, as in 2.5 or 1e-05"));
  EXPECT_THAT(error("\"ooTextFile\"\n\"TextGrid\"\n0 1\n<maybe>"),
              is(4, "here is the flag <maybe>; wanted is <exists> or <absent>, whether there are tiers"));
  EXPECT_THAT(error("\"ooTextFile\"\n\"TextGrid\"\n0 1\n<exists> 1.5"),
              is(4, "here is the number 1.5; wanted is the number of tiers, a whole number from 0 on"));
  EXPECT_THAT(error("\"ooTextFile\"\n\"TextGrid\"\n0 1\n<exists> 1\n\"Tier\""),
              is(5, "here is the text \"Tier\"; wanted is the class of tier 1 of 1, \"IntervalTier\" or \"TextTier\""));
  EXPECT_THAT(error(WithIntervals(1, "0 \"a\"")),
              is(2, "here is the text \"a\"; wanted is where interval 1 of 1 of the tier \"w\" ends"));
  EXPECT_THAT(error(WithIntervals(2, "0 1 \"a\"\n1 2")),
              is(3, "here is the end of the file; wanted is the text of interval 2 of 2 of the tier \"w\""));
  EXPECT_THAT(error(WithIntervals(2, "0 1 \"a\"\n0.5 2 \"b\"")),
              is(3, "interval 2 of 2 of the tier \"w\" starts at 0.5 s, before the one in front of it ends (1 s)"));
  EXPECT_THAT(error(WithIntervals(1, "1 1 \"a\"")),
              is(2, "interval 1 of 1 of the tier \"w\" starts at 1 s and ends at 1 s, there or before"));
  EXPECT_THAT(error(WithIntervals(1, "2 1 \"\"")),
              is(2, "interval 1 of 1 of the tier \"w\" starts at 2 s and ends at 1 s, there or before"));
  EXPECT_THAT(error(WithIntervals(1, "0 1 \"a\n")), is(2, "a text begins here whose closing quote is missing"));
  EXPECT_THAT(error(WithIntervals(1, "0 1 \"a\"\n1 2 \"b\"")),
              is(3, "here is the number 1; wanted is the end of the file, behind the last tier"));
  EXPECT_THAT(error("\"ooTextFile\" \"TextGrid\" 0 1 <exists> 1 \"TextTier\" \"p\" 0 1 2 0.5 \"a\"\n0.4 \"b\""),
              is(2, "point 2 of 2 of the tier \"p\" stands at 0.4 s, before the one in front of it (0.5 s)"));
  EXPECT_THAT(ReadTextGrid("/nowhere/x"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/x")));
}

TEST(TextGridTest, EveryCutIsAnError) {
  const std::string text = kLongForm;
  // The last quote and what follows it are not missed.
  for (size_t size = 0; size + 3 < text.size(); ++size) {
    EXPECT_THAT(ParseTextGrid(text.substr(0, size), "x"), StatusIs(absl::StatusCode::kInvalidArgument)) << size;
  }
}

TEST(TextGridTest, RefusesToWriteWhatIsNoGrid) {
  const auto error = [](TextGridTier tier) { return FormatTextGrid({{0, 1000}, {std::move(tier)}}).status(); };
  const auto is = [](const std::string& what) {
    return StatusIs(absl::StatusCode::kInvalidArgument, AllOf(StartsWith("the tier \"t\" cannot be"), HasSubstr(what)));
  };
  EXPECT_THAT(error({kIntervals, "t", {0, 1001}, {}, {}}), is("outside the grid"));
  EXPECT_THAT(error({kIntervals, "t", {5, 5}, {}, {}}), is("ends where it starts"));
  EXPECT_THAT(error({kIntervals, "t", {0, 1000}, {}, {{1, "p"}}}), is("intervals as well as points"));
  EXPECT_THAT(error({kPoints, "t", {0, 1000}, {{{0, 1}, "i"}}, {}}), is("intervals as well as points"));
  EXPECT_THAT(error({kIntervals, "t", {0, 1000}, {{{5, 5}, "i"}}, {}}), is("the interval \"i\""));
  EXPECT_THAT(error({kIntervals, "t", {0, 1000}, {{{0, 5}, "h"}, {{4, 6}, "i"}}, {}}), is("the interval \"i\""));
  EXPECT_THAT(error({kIntervals, "t", {0, 1000}, {{{0, 1001}, "i"}}, {}}), is("the interval \"i\""));
  EXPECT_THAT(error({kPoints, "t", {0, 1000}, {}, {{5, "o"}, {4, "p"}}}), is("the point \"p\""));
  EXPECT_THAT(error({kPoints, "t", {0, 1000}, {}, {{1001, "p"}}}), is("the point \"p\""));
  for (const TimeSpan span : {TimeSpan{-1, 5}, TimeSpan{5, 5}, TimeSpan{0, kMaxMicroseconds + 1}}) {
    EXPECT_THAT(FormatTextGrid({span, {}}), StatusIs(absl::StatusCode::kInvalidArgument)) << span;
  }
}

TextGrid RandomGrid(std::mt19937_64* random) {
  const std::vector<std::string> texts = {"",    "a",        "\"", "a \"b\" c", "Zoë\n李雷", "! no comment",
                                          "1.5", "\xff\xfe", "<x>"};
  const auto below = [&](uint64_t n) { return static_cast<int64_t>((*random)() % n); };
  TextGrid grid = {{0, 1 + below(100000000)}, {}};
  if (below(3) == 0) grid.span.start = below(static_cast<uint64_t>(grid.span.end));
  for (int64_t t = below(4); t > 0; --t) {
    TextGridTier tier = {below(3) == 0 ? kPoints : kIntervals, texts[below(texts.size())], grid.span, {}, {}};
    int64_t at = grid.span.start;
    while (at < grid.span.end) {
      const int64_t next = std::min(grid.span.end, at + 1 + below(10000000));
      if (tier.kind == kPoints) {
        tier.points.push_back({next, texts[below(texts.size())]});
      } else {
        tier.intervals.push_back({{at, next}, texts[below(texts.size())]});
      }
      at = next;
    }
    grid.tiers.push_back(std::move(tier));
  }
  return grid;
}

TEST(TextGridTest, RoundTrips) {
  std::mt19937_64 random(1);
  const std::string path = JoinPath(testing::TempDir(), "é.TextGrid");
  for (int round = 0; round < 300; ++round) {
    const TextGrid grid = RandomGrid(&random);
    ASSERT_OK_AND_ASSIGN(const std::string text, FormatTextGrid(grid));
    EXPECT_THAT(ParseTextGrid(text, "x"), IsOkAndHolds(grid));
    ASSERT_OK(WriteTextGrid(path, grid));
    EXPECT_THAT(ReadTextGrid(path), IsOkAndHolds(grid));
  }
}

TEST(TextGridTest, WordsBecomeTokens) {
  const TextGrid grid = {{0, 5000000},
                         {{kPoints, "clicks", {0, 5000000}, {}, {}},
                          {kIntervals,
                           "Zoë - words",
                           {0, 5000000},
                           {{{500000, 1000000}, " \t"},
                            {{1000000, 1500000}, " Étude\n"},
                            {{1500000, 1600000}, "it's"},
                            {{2000000, 2500000}, "<eps>"},
                            {{2500000, 3000000}, "end"}},
                           {}},
                          {kIntervals, "Zoë - phones", {0, 5000000}, {{{0, 5000000}, "x"}}, {}}}};
  const auto tokens =
      ElementsAre(AlignedToken{"", 1000000}, AlignedToken{"Étude", 1500000}, AlignedToken{"it's", 1600000},
                  AlignedToken{"", 2500000}, AlignedToken{"end", 3000000}, AlignedToken{"", 5000000});
  EXPECT_THAT(TokensOfTextGrid(grid), IsOkAndHolds(tokens));
  EXPECT_THAT(TokensOfTextGrid(grid, "Zoë - words"), IsOkAndHolds(tokens));
  EXPECT_THAT(TokensOfTextGrid(grid, "phones"), IsOkAndHolds(ElementsAre(AlignedToken{"x", 5000000})));
  EXPECT_THAT(
      TokensOfTextGrid(grid, "click"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "the TextGrid has no tier \"click\"; its tiers are \"clicks\", \"Zoë - words\", \"Zoë - phones\"; "
               "did you mean \"clicks\"?"));
  EXPECT_THAT(TokensOfTextGrid(grid, "clicks"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("one of points")));
  TextGrid two = grid;
  two.tiers.push_back({kIntervals, "Bob - words", {0, 5000000}, {}, {}});
  EXPECT_THAT(TokensOfTextGrid(two), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("several tiers")));
  two.tiers.push_back({kIntervals, "words", {0, 5000000}, {}, {}});
  EXPECT_THAT(TokensOfTextGrid(two), IsOkAndHolds(ElementsAre(AlignedToken{"", 5000000})));
  EXPECT_THAT(TokensOfTextGrid({{0, 1}, {}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("tiers are none")));
}

}  // namespace
}  // namespace diarflow
