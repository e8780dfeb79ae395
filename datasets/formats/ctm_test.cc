#include "datasets/formats/ctm.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

TEST(CtmTest, ReadsWhatProgramsWrite) {
  const auto transcripts = ParseCtm(
      "\xef\xbb\xbf;; a comment\r\n"
      "b A 1.5\t.25  hello\r\n"
      "\n"
      "a 1 0 0 M\xc3\x89O 0.75\n"
      "b 1 2 0.1234565 NA NA lex NA\n"
      "b 1 3 1 word -1e-2 noise spk1",
      "words.ctm");
  ASSERT_OK(transcripts);
  ASSERT_EQ(transcripts->size(), 2u);
  EXPECT_EQ((*transcripts)[0].uri, "b");
  EXPECT_EQ((*transcripts)[0].words, (std::vector<TimedWord>{{1500000, 250000, "hello", "A", {}, "", ""},
                                                             {2000000, 123457, "NA", "1", {}, "lex", ""},
                                                             {3000000, 1000000, "word", "1", -0.01, "noise", "spk1"}}));
  EXPECT_EQ((*transcripts)[1].words, (std::vector<TimedWord>{{0, 0, "M\xc3\x89O", "1", 0.75, "", ""}}));
  EXPECT_TRUE(ParseCtm("", "x")->empty());
}

TEST(CtmTest, SaysWhatIsWrongAndWhere) {
  const struct {
    const char *line, *message;
  } kCases[] = {
      {"a 1 0 1",
       "w.ctm:2: a word is `uri channel start duration word [confidence [type [speaker]]]`, five to eight "
       "fields; here are 4"},
      {"a 1 0 1 w 1 lex s more", "here are 9"},
      {"a 1 -1 1 w", "w.ctm:2: "},
      {"a 1 0 nan w", "nan"},
      {"a 1 0 1 w high", "w.ctm:2: the confidence \"high\" is not a number"},
      {"a 1 0 1 w inf", "the confidence \"inf\" is not a number"},
      {"a 1 999999999 2 w", "ends after 10^9 seconds"},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(ParseCtm(absl::StrCat("a 1 0 1 w\n", test.line, "\n"), "w.ctm").status().message(),
                HasSubstr(test.message));
  }
  EXPECT_THAT(ReadCtm("/nowhere/w.ctm").status().message(), HasSubstr("/nowhere/w.ctm"));
}

TEST(CtmTest, WritesInOneOrder) {
  const std::vector<Transcript> transcripts = {
      {"b", {{2000000, 499, "late", "", {}, "", ""}, {1000500, 1000, "x", "A", 0.5, "noise", "s1"}}},
      {"a", {{0, 1000000, "w", "", {}, "", "NB"}}}};
  const auto text = FormatCtm(transcripts);
  ASSERT_OK(text);
  EXPECT_EQ(*text,
            "a 1 0.000 1.000 w NA lex NB\n"
            "b A 1.001 0.001 x 0.5 noise s1\n"
            "b 1 2.000 0.000 late NA lex NA\n");
}

TEST(CtmTest, RefusesToWriteWhatCannotBeRead) {
  const auto message = [](TimedWord word, const std::string& uri = "u") {
    return std::string(FormatCtm({{uri, {std::move(word)}}}).status().message());
  };
  EXPECT_THAT(message({0, 1, "two words", "", {}, "", ""}), HasSubstr("u, word \"two words\" at 0 s: the word"));
  EXPECT_THAT(message({0, 1, "", "", {}, "", ""}), HasSubstr("the word"));
  EXPECT_THAT(message({0, 1, "w", "", {}, "", "a b"}), HasSubstr("the speaker"));
  EXPECT_THAT(message({-1, 1, "w", "", {}, "", ""}), HasSubstr("must begin at 0 or later"));
  EXPECT_THAT(message({0, 1, "w", "", 1e308 * 10, "", ""}), HasSubstr("not finite"));
  EXPECT_THAT(message({0, 1, "w", "", {}, "", ""}, ""), HasSubstr("the uri"));
}

TEST(CtmTest, WhatIsWrittenIsReadAndWrittenAgain) {
  std::mt19937_64 random(9);
  const auto draw = [&random](int64_t n) { return static_cast<int64_t>(random() % n); };
  for (int round = 0; round < 100; ++round) {
    std::vector<Transcript> transcripts;
    for (int64_t t = draw(4); t > 0; --t) {
      transcripts.push_back({absl::StrCat("r\xc3\xa9union.", t), {}});
      for (int64_t w = 1 + draw(20); w > 0; --w) {
        transcripts.back().words.push_back({1000 * draw(100000), 1000 * draw(900), absl::StrCat("w", draw(5)),
                                            draw(2) == 1 ? "2" : "1",
                                            draw(2) == 1 ? std::optional<double>(0.25 * draw(5)) : std::nullopt,
                                            draw(2) == 1 ? "lex" : "noise", draw(2) == 1 ? "NB" : ""});
      }
    }
    const auto text = FormatCtm(transcripts);
    ASSERT_OK(text);
    const auto read = ParseCtm(*text, "again");
    ASSERT_OK(read);
    EXPECT_EQ(*FormatCtm(*read), *text);
    size_t words = 0;
    for (const Transcript& transcript : *read) words += transcript.words.size();
    size_t written = 0;
    for (const Transcript& transcript : transcripts) written += transcript.words.size();
    EXPECT_EQ(words, written);
  }
}

}  // namespace
}  // namespace diarflow
