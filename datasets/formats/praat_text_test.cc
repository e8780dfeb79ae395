#include "datasets/formats/praat_text.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// "line: word" of all words; the error at the end, if there is one.
std::vector<std::string> Words(absl::string_view text) {
  PraatWords words(text);
  std::vector<std::string> described;
  for (;;) {
    const absl::StatusOr<PraatWords::Word> word = words.Next();
    described.push_back(
        absl::StrCat(words.line(), ": ", word.ok() ? DescribePraatWord(*word) : std::string(word.status().message())));
    if (!word.ok() || word->kind == PraatWords::Kind::kEnd) return described;
  }
}

TEST(PraatTextTest, OnlyFreeNumbersFlagsAndTextsCount) {
  EXPECT_THAT(Words("xmin = 0 \nintervals [1]:\r\n  intervals: size = 3 ! 4 \"\r\n5 !6\r-7.5e-3 x1 <exists> <> < a>"),
              ElementsAre("1: the number 0", "3: the number 3", "4: the number 5", "5: the number -7.5e-3",
                          "5: the flag <exists>", "5: the end of the file"));
  EXPECT_THAT(Words("name=\"a \"\"b\"\" !\n12\"3 \"\" - + . .5 -.5 +x"),
              ElementsAre("1: the text \"a \"b\" !\n12\"", "2: the number 3", "2: the text \"\"", "2: the number .5",
                          "2: the number -.5", "2: the end of the file"));
  EXPECT_THAT(Words(""), ElementsAre("1: the end of the file"));
  EXPECT_THAT(Words("1\n \"a\n\"\"\n"),
              ElementsAre("1: the number 1", "2: a text begins here whose closing quote is missing"));
}

TEST(PraatTextTest, ConvertsUtf16) {
  // a, e with acute, the euro sign, and one beyond 0xffff (G clef).
  const std::string utf8 = "a\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e";
  EXPECT_THAT(Utf8FromTextFile(absl::string_view("\xff\xfe\x61\0\xe9\0\xac\x20\x34\xd8\x1e\xdd", 12)),
              IsOkAndHolds(utf8));
  EXPECT_THAT(Utf8FromTextFile(absl::string_view("\xfe\xff\0\x61\0\xe9\x20\xac\xd8\x34\xdd\x1e", 12)),
              IsOkAndHolds(utf8));
  EXPECT_THAT(Utf8FromTextFile("\xef\xbb\xbf" + utf8), IsOkAndHolds(utf8));
  EXPECT_THAT(Utf8FromTextFile(utf8), IsOkAndHolds(utf8));
  EXPECT_THAT(Utf8FromTextFile("\xe9"), IsOkAndHolds("\xe9"));
  EXPECT_THAT(Utf8FromTextFile(""), IsOkAndHolds(""));
}

TEST(PraatTextTest, RefusesDamage) {
  const auto error = [](absl::string_view bytes) { return Utf8FromTextFile(bytes).status(); };
  const auto is = [](absl::string_view what) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(std::string(what)));
  };
  EXPECT_THAT(error(absl::string_view("\xff\xfe\x61", 3)), is("odd number of bytes"));
  EXPECT_THAT(error(absl::string_view("\xff\xfe\x61\0\x34\xd8", 6)), is("byte 5 begins half a character"));
  EXPECT_THAT(error(absl::string_view("\xff\xfe\x34\xd8\x61\0", 6)), is("byte 3 begins half a character"));
  EXPECT_THAT(error(absl::string_view("\xff\xfe\x1e\xdd", 4)), is("byte 3 begins half a character"));
  EXPECT_THAT(error(absl::string_view("a\0b\0", 4)), is("a byte 0"));
}

}  // namespace
}  // namespace diarflow
