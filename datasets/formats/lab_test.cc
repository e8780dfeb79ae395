#include "datasets/formats/lab.h"

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

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(LabTest, ReadsLinesLeniently) {
  ASSERT_OK_AND_ASSIGN(const std::vector<LabeledSpan> spans, ParseLab("\xef\xbb\xbf;; a comment\r\n"
                                                                      "\r\n \t\r\n"
                                                                      "1.5 2 speech\r\n"
                                                                      "  0.1\t.25  un peu  de café \t\r\n"
                                                                      "3.0000000000000004 3.0000005 ;;",
                                                                      "x.lab"));
  EXPECT_THAT(spans,
              ElementsAre(LabeledSpan{{1500000, 2000000}, "speech"}, LabeledSpan{{100000, 250000}, "un peu  de café"},
                          LabeledSpan{{3000000, 3000001}, ";;"}));
  EXPECT_THAT(ParseLab("", "x"), IsOkAndHolds(IsEmpty()));
}

TEST(LabTest, ErrorsNameFileAndLine) {
  const auto error = [](const std::string& line) {
    return ParseLab(absl::StrCat("\n;;\n", line, "\ntoo late"), "my/x.lab").status();
  };
  const auto is = [](const std::string& what) {
    return StatusIs(absl::StatusCode::kInvalidArgument, "my/x.lab:3: " + what);
  };
  EXPECT_THAT(error("1 2"), is("a labelled span is `onset offset label`, three fields; here are 2"));
  EXPECT_THAT(error("speech"), is("a labelled span is `onset offset label`, three fields; here are 1"));
  EXPECT_THAT(error("2 2.0 speech"), is("the span from 2 s to 2.0 s ends where it starts or before"));
  EXPECT_THAT(error("2 1 speech"), is("the span from 2 s to 1 s ends where it starts or before"));
  EXPECT_THAT(error("0 -1 speech"), is("\"-1\" is no time in seconds: write digits with at most one point, as in 2.5, "
                                       "up to 9 of them before it"));
  EXPECT_THAT(error("0 12345678900 speech"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("12345678900")));
  EXPECT_THAT(ReadLab("/nowhere/x.lab"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/x.lab")));
}

TEST(LabTest, WritesSortedBytes) {
  EXPECT_THAT(
      FormatLab({{{2000400, 3000500}, "李雷"}, {{0, 1499}, "b"}, {{0, 1000}, "a"}, {{5000100, 5000200}, "gone"}}),
      IsOkAndHolds("0.000 0.001 a\n0.000 0.001 b\n2.000 3.001 李雷\n"));
  for (const char* label : {"", " a", "a ", "a\nb", "a\r"}) {
    EXPECT_THAT(FormatLab({{{0, 1000}, label}}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cannot be written")));
  }
  for (const TimeSpan span : {TimeSpan{-1, 5}, TimeSpan{5, 5}, TimeSpan{6, 5}, TimeSpan{0, kMaxMicroseconds + 1}}) {
    EXPECT_THAT(FormatLab({{span, "x"}}), StatusIs(absl::StatusCode::kInvalidArgument)) << span;
  }
}

TEST(LabTest, RoundTrips) {
  const std::vector<std::string> labels = {"speech", "a b  c", "Zoë", "李雷", "\xff\xfe", "1.5", ";;", "\"q\""};
  std::mt19937_64 random(1);
  const auto below = [&](uint64_t n) { return static_cast<int64_t>(random() % n); };
  const std::string path = JoinPath(testing::TempDir(), "é.lab");
  for (int round = 0; round < 200; ++round) {
    std::vector<LabeledSpan> spans(static_cast<size_t>(below(30)));
    for (LabeledSpan& labeled : spans) {
      const int64_t start = below(100000) * 1000;
      labeled = {{start, start + (1 + below(5000)) * 1000}, labels[below(labels.size())]};
    }
    std::vector<LabeledSpan> sorted = spans;
    std::sort(sorted.begin(), sorted.end());
    ASSERT_OK_AND_ASSIGN(const std::string text, FormatLab(spans));
    EXPECT_THAT(ParseLab(text, "x"), IsOkAndHolds(sorted));
    EXPECT_THAT(ParseLab(absl::StrReplaceAll(text, {{"\n", " \r\n"}}), "x"), IsOkAndHolds(sorted));
    ASSERT_OK(WriteLab(path, spans));
    EXPECT_THAT(ReadLab(path), IsOkAndHolds(sorted));
  }
  ASSERT_OK(WriteFileAtomically(path, "0 1 a\n0 x a\n"));
  EXPECT_THAT(ReadLab(path), StatusIs(absl::StatusCode::kInvalidArgument, StartsWith(path + ":2: ")));
}

}  // namespace
}  // namespace diarflow
