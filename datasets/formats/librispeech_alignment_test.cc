#include "datasets/formats/librispeech_alignment.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "diarization/turns.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(LibriSpeechAlignmentTest, ReadsLinesLeniently) {
  ASSERT_OK_AND_ASSIGN(const std::vector<UtteranceAlignment> alignments,
                       ParseLibriSpeechAlignment("\xef\xbb\xbf;; made by hand\r\n\r\n"
                                                 "84-1-0000 \",GO,,DON'T,\" \"0.490,.89,1.2700001,1.38,2.55\"\r\n"
                                                 "  84-1-0001\t\"ÉTÉ\"  \"1\" ",
                                                 "x"));
  EXPECT_THAT(
      alignments,
      ElementsAre(UtteranceAlignment{"84-1-0000",
                                     {{"", 490000}, {"go", 890000}, {"", 1270000}, {"don't", 1380000}, {"", 2550000}}},
                  UtteranceAlignment{"84-1-0001", {{"ÉtÉ", 1000000}}}));
  EXPECT_THAT(ParseLibriSpeechAlignment("", "x"), IsOkAndHolds(IsEmpty()));
}

TEST(LibriSpeechAlignmentTest, ErrorsNameFileAndLine) {
  const auto error = [](const std::string& line) {
    return ParseLibriSpeechAlignment(absl::StrCat("a \"A\" \"1\"\r\n\r\n", line, "\ntoo late"), "my/x.txt").status();
  };
  const auto is = [](const std::string& what) {
    return StatusIs(absl::StatusCode::kInvalidArgument, "my/x.txt:3: " + what);
  };
  const auto form = is(
      "an alignment is `utterance \"WORD,,WORD\" \"end,end,end\"`: a name, words between quotes and their ends between "
      "quotes, without blanks in them");
  EXPECT_THAT(error("b"), form);
  EXPECT_THAT(error("b A 1"), form);
  EXPECT_THAT(error("b \"A\" \"1"), form);
  EXPECT_THAT(error("b \" \"1\""), form);
  EXPECT_THAT(error("b \"A B\" \"1,2\""), form);
  EXPECT_THAT(error("b \"A\"B\" \"1\""), form);
  EXPECT_THAT(error("b \"A\" \"1\" \"2\""), form);
  EXPECT_THAT(error("b \"A,B\" \"1\""), is("the alignment of b has 2 words and 1 ends; each word has one"));
  EXPECT_THAT(error("b \"A,B\" \"1,0.9\""), is("word 2 of b ends at 0.9 s, before the word in front of it"));
  EXPECT_THAT(error("b \"A\" \"x\""), is("\"x\" is no time in seconds: write digits with at most one point, as in 2.5, "
                                         "up to 9 of them before it"));
  EXPECT_THAT(error("a \"A\" \"1\""), is("the utterance a is there already, in line 1"));
  EXPECT_THAT(ReadLibriSpeechAlignment("/nowhere/x"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/x")));
}

TEST(LibriSpeechAlignmentTest, RefusesToWriteWhatCannotBeRead) {
  const auto error = [](const UtteranceAlignment& alignment) {
    return FormatLibriSpeechAlignment({alignment}).status();
  };
  for (const char* name : {"", "a b", "a\n"}) {
    EXPECT_THAT(error({name, {{"a", 1}}}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the utterance")));
  }
  for (const char* word : {"a b", "a,b", "a\"b", "\n"}) {
    EXPECT_THAT(error({"u", {{word, 1}}}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the alignment of u")));
  }
  EXPECT_THAT(error({"u", {}}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("it has no words")));
  EXPECT_THAT(error({"u", {{"a", -1}}}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(error({"u", {{"a", 5}, {"b", 4}}}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"b\"")));
  EXPECT_THAT(error({"u", {{"a", kMaxMicroseconds + 1}}}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(FormatLibriSpeechAlignment({{"u", {{"a", 1}}}, {"u", {{"b", 2}}}}),
              StatusIs(absl::StatusCode::kInvalidArgument, "the utterance u is there twice"));
}

TEST(LibriSpeechAlignmentTest, RoundTrips) {
  const std::vector<std::string> words = {"", "a", "don't", "zoë", "李雷", "\xff", "<unk>", "1.5"};
  std::mt19937_64 random(1);
  const auto below = [&](uint64_t n) { return static_cast<int64_t>(random() % n); };
  const std::string path = JoinPath(testing::TempDir(), "é.alignment.txt");
  for (int round = 0; round < 200; ++round) {
    std::vector<UtteranceAlignment> alignments(static_cast<size_t>(below(6)));
    for (size_t u = 0; u < alignments.size(); ++u) {
      alignments[u].utterance = absl::StrCat("é-", u);
      int64_t end = 0;
      for (int64_t n = below(20); n >= 0; --n) {
        end += below(4) == 0 ? below(10) : below(2000) * 1000;
        alignments[u].tokens.push_back({words[below(words.size())], end});
      }
    }
    std::vector<UtteranceAlignment> shuffled = alignments;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    ASSERT_OK_AND_ASSIGN(const std::string text, FormatLibriSpeechAlignment(shuffled));
    EXPECT_THAT(ParseLibriSpeechAlignment(text, "x"), IsOkAndHolds(alignments));
    EXPECT_THAT(ParseLibriSpeechAlignment(absl::StrReplaceAll(text, {{"\n", "\r\n"}, {" ", "\t "}}), "x"),
                IsOkAndHolds(alignments));
    ASSERT_OK(WriteLibriSpeechAlignment(path, alignments));
    EXPECT_THAT(ReadFile(path), IsOkAndHolds(text));
    EXPECT_THAT(ReadLibriSpeechAlignment(path), IsOkAndHolds(alignments));
  }
  EXPECT_THAT(FormatLibriSpeechAlignment({{"u", {{"", 490000}, {"go", 890001}, {"", 2000000}}}}),
              IsOkAndHolds("u \",GO,\" \"0.49,0.890001,2\"\n"));
  ASSERT_OK(WriteFileAtomically(path, "a \"A\" \"1\"\nb\n"));
  EXPECT_THAT(ReadLibriSpeechAlignment(path), StatusIs(absl::StatusCode::kInvalidArgument, StartsWith(path + ":2: ")));
}

}  // namespace
}  // namespace diarflow
