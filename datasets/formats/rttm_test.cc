#include "datasets/formats/rttm.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(RttmTest, ReadsLines) {
  ASSERT_OK_AND_ASSIGN(const std::vector<Recording> recordings,
                       ParseRttm("SPEAKER b 1 0.350 2.125 <NA> <NA> MEE071 <NA> <NA>\n"
                                 "SPEAKER a 1 3 0.000001 <NA> <NA> Zoë <NA> <NA>\n"
                                 "SPEAKER b 1 0.1 .5 <NA> <NA> FEO070 <NA> <NA>\n",
                                 "x.rttm"));
  EXPECT_THAT(recordings, ElementsAre(Recording{"b", {{350000, 2125000, "MEE071"}, {100000, 500000, "FEO070"}}},
                                      Recording{"a", {{3000000, 1, "Zoë"}}}));
}

TEST(RttmTest, IsLenient) {
  ASSERT_OK_AND_ASSIGN(const std::vector<Recording> recordings,
                       ParseRttm("\xef\xbb\xbf;; a comment with nine or so fields in it , yes\r\n"
                                 "SPKR-INFO m 1 <NA> <NA> <NA> unknown A <NA>\r\n"
                                 "\r\n"
                                 " \t\r\n"
                                 "LEXEME m 1 0.1 0.2 hello lex A 0.5\r\n"
                                 "SPEAKER   m\t1  1.5   2 <NA>  <NA> NA <NA>\r\n"
                                 "  SPEAKER m 2 1.0000000000000002 0.30000000000000004 <NA> <NA> nan <NA> <NA>  \r\n"
                                 "SPEAKER m 1 5 1 <NA> <NA> <NA> <NA> <NA>",
                                 "x.rttm"));
  EXPECT_THAT(recordings, ElementsAre(Recording{
                              "m", {{1500000, 2000000, "NA"}, {1000000, 300000, "nan"}, {5000000, 1000000, "<NA>"}}}));
  EXPECT_THAT(ParseRttm("", "x"), IsOkAndHolds(IsEmpty()));
}

TEST(RttmTest, ErrorsNameFileAndLine) {
  const auto error = [](const std::string& line) {
    return ParseRttm(absl::StrCat("\n;;\n", line, "\nSPEAKER too late"), "my/x.rttm").status();
  };
  const auto is = [](const std::string& what) {
    return StatusIs(absl::StatusCode::kInvalidArgument, AllOf(StartsWith("my/x.rttm:3: "), HasSubstr(what)));
  };
  EXPECT_THAT(error("SPEAKER m 1 1.0 0 <NA> <NA> A <NA> <NA>"), is("duration 0"));
  EXPECT_THAT(error("SPEAKER m 1 1.0 0.000 <NA> <NA> A <NA> <NA>"), is("duration 0"));
  EXPECT_THAT(error("SPEAKER m 1 1.0 -0.5 <NA> <NA> A <NA> <NA>"), is("\"-0.5\""));
  EXPECT_THAT(error("SPEAKER m 1 -1.0 0.5 <NA> <NA> A <NA> <NA>"), is("\"-1.0\""));
  EXPECT_THAT(error("SPEAKER m 1 one 0.5 <NA> <NA> A <NA> <NA>"), is("\"one\""));
  EXPECT_THAT(error("SPEAKER m 1 999999999 999999999 <NA> <NA> A <NA> <NA>"), is("10^9 seconds"));
  EXPECT_THAT(error("SPEAKER m 1 1.0 0.5 <NA> <NA> John Doe <NA> <NA>"), is("here are 11; names hold no blanks"));
  EXPECT_THAT(error("SPEAKER m 1 1.0 0.5 <NA> <NA> A"), is("here are 8"));
  EXPECT_THAT(error("SPEAKERS m 1 1.0 0.5 <NA> <NA> A <NA> <NA>"), is("did you mean \"SPEAKER\"?"));
  EXPECT_THAT(error("speaker m 1 1.0 0.5 <NA> <NA> A <NA> <NA>"), is("did you mean \"SPEAKER\"?"));
  EXPECT_THAT(error("m 1 1.0 2.0"), is("unknown type \"m\""));
  EXPECT_THAT(ReadRttm("/nowhere/x.rttm"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/x.rttm")));
}

TEST(RttmTest, WritesSortedBytes) {
  const std::vector<Recording> recordings = {
      {"b", {{2000000, 1000000, "李雷"}, {1000400, 1000, "B"}, {1000400, 1000, "A"}, {999600, 400, "gone"}}},
      {"empty", {}},
      {"a", {{0, 1500, "NA"}, {1500, 500, "NA"}}},
      {"b", {{0, 5, "gone"}, {1, 10000001, "x"}}}};
  EXPECT_THAT(FormatRttm(recordings), IsOkAndHolds("SPEAKER a 1 0.000 0.002 <NA> <NA> NA <NA> <NA>\n"
                                                   "SPEAKER b 1 0.000 10.000 <NA> <NA> x <NA> <NA>\n"
                                                   "SPEAKER b 1 1.000 0.001 <NA> <NA> A <NA> <NA>\n"
                                                   "SPEAKER b 1 1.000 0.001 <NA> <NA> B <NA> <NA>\n"
                                                   "SPEAKER b 1 2.000 1.000 <NA> <NA> 李雷 <NA> <NA>\n"));
  EXPECT_THAT(FormatRttm({}), IsOkAndHolds(""));
}

TEST(RttmTest, RefusesToWriteWhatCannotBeRead) {
  for (const char* name : {"", "John Doe", "a\tb", "a\n", "\v", ";;x"}) {
    EXPECT_THAT(FormatRttm({{"m", {{0, 1000, name}}}}), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(FormatRttm({{name, {{0, 1000, "A"}}}}), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(FormatRttm({{"m", {{0, 0, "A"}}}}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("duration")));
  EXPECT_THAT(FormatRttm({{"m", {{-1, 5, "A"}}}}), StatusIs(absl::StatusCode::kInvalidArgument));
  const std::string path = JoinPath(testing::TempDir(), "refused.rttm");
  EXPECT_THAT(WriteRttm(path, {{"m", {{0, 0, "A"}}}}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_FALSE(FileExists(path));
}

std::vector<Recording> RandomRecordings(std::mt19937_64* random, bool whole_milliseconds) {
  const std::vector<std::string> names = {"A",    "NA",      "nan",      "<NA>",    "Zoë",
                                          "李雷", "спикер1", "\xff\xfe", "SPEAKER", "1.5"};
  const auto below = [&](uint64_t n) { return static_cast<int64_t>((*random)() % n); };
  std::vector<Recording> recordings;
  const int64_t num_recordings = below(4);
  for (int64_t r = 0; r < num_recordings; ++r) {
    recordings.push_back({absl::StrCat(names[below(names.size())], r), {}});
    const int64_t num_turns = 1 + below(30);
    for (int64_t t = 0; t < num_turns; ++t) {
      Turn turn = {below(100000), 1 + below(3000), names[below(names.size())]};
      turn.start *= 1000;
      turn.duration *= 1000;
      if (!whole_milliseconds) {
        turn.start += below(1000);
        turn.duration += below(1000);
      }
      recordings.back().turns.push_back(turn);
    }
    std::sort(recordings.back().turns.begin(), recordings.back().turns.end());
  }
  std::sort(recordings.begin(), recordings.end(), [](const Recording& a, const Recording& b) { return a.uri < b.uri; });
  return recordings;
}

TEST(RttmTest, RoundTrips) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 300; ++round) {
    const std::vector<Recording> recordings = RandomRecordings(&random, /*whole_milliseconds=*/true);
    ASSERT_OK_AND_ASSIGN(const std::string text, FormatRttm(recordings));
    EXPECT_THAT(ParseRttm(text, "x"), IsOkAndHolds(recordings));
    const std::string with_crlf = absl::StrReplaceAll(text, {{"\n", "\r\n"}, {" ", " \t "}});
    EXPECT_THAT(ParseRttm(with_crlf, "x"), IsOkAndHolds(recordings));
    // The order of recordings and turns does not show.
    std::vector<Recording> shuffled = recordings;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    for (Recording& recording : shuffled) std::shuffle(recording.turns.begin(), recording.turns.end(), random);
    EXPECT_THAT(FormatRttm(shuffled), IsOkAndHolds(text));
  }
}

TEST(RttmTest, RoundingKeepsTurnsTogetherAndIsStable) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 300; ++round) {
    std::vector<Recording> recordings = RandomRecordings(&random, /*whole_milliseconds=*/false);
    ASSERT_OK_AND_ASSIGN(const std::string text, FormatRttm(recordings));
    ASSERT_OK_AND_ASSIGN(const std::vector<Recording> read, ParseRttm(text, "x"));
    EXPECT_THAT(FormatRttm(read), IsOkAndHolds(text));
    // A turn cut in two is still whole after rounding.
    Recording cut = {"m", {}};
    int64_t start = 0;
    for (int i = 0; i < 20; ++i) {
      const auto duration = 1001 + static_cast<int64_t>(random() % 100000);
      cut.turns.push_back({start, duration, "A"});
      start += duration;
    }
    ASSERT_OK_AND_ASSIGN(const std::string cut_text, FormatRttm({cut}));
    ASSERT_OK_AND_ASSIGN(const std::vector<Recording> pieces, ParseRttm(cut_text, "x"));
    ASSERT_EQ(pieces[0].turns.size(), cut.turns.size());
    for (size_t i = 1; i < cut.turns.size(); ++i) EXPECT_EQ(pieces[0].turns[i].start, pieces[0].turns[i - 1].end());
  }
}

TEST(RttmTest, FilesAreReadAsText) {
  std::mt19937_64 random(3);
  const std::string path = JoinPath(testing::TempDir(), "folder/é.rttm");
  std::vector<Recording> recordings;
  while (recordings.empty()) recordings = RandomRecordings(&random, true);
  ASSERT_OK(WriteRttm(path, recordings));
  EXPECT_THAT(ReadRttm(path), IsOkAndHolds(recordings));
  ASSERT_OK(
      WriteFileAtomically(path, "SPEAKER m 1 0 1 <NA> <NA> A <NA> <NA>\nSPEAKER m 1 0 x <NA> <NA> A <NA> <NA>\n"));
  EXPECT_THAT(ReadRttm(path), StatusIs(absl::StatusCode::kInvalidArgument, StartsWith(path + ":2: ")));
}

}  // namespace
}  // namespace diarflow
