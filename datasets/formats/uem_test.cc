#include "datasets/formats/uem.h"

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

TEST(UemTest, ReadsLines) {
  ASSERT_OK_AND_ASSIGN(const std::vector<EvaluationRegion> regions, ParseUem("\xef\xbb\xbf;; regions\r\n"
                                                                             "réunion 1 0.000 2100.5\r\n"
                                                                             "\r\n"
                                                                             "NA\tNA   12 13.25\n"
                                                                             "réunion 1 2200 2300.000000000001",
                                                                             "x.uem"));
  EXPECT_THAT(regions, ElementsAre(EvaluationRegion{"réunion", {{0, 2100500000}, {2200000000, 2300000000}}},
                                   EvaluationRegion{"NA", {{12000000, 13250000}}}));
  EXPECT_THAT(ParseUem("", "x"), IsOkAndHolds(IsEmpty()));
}

TEST(UemTest, ErrorsNameFileAndLine) {
  const auto error = [](const std::string& line) { return ParseUem("\n" + line + "\nx", "my/x.uem").status(); };
  const auto is = [](const std::string& what) {
    return StatusIs(absl::StatusCode::kInvalidArgument, AllOf(StartsWith("my/x.uem:2: "), HasSubstr(what)));
  };
  EXPECT_THAT(error("m 1 2 2"), is("from 2 s to 2 s"));
  EXPECT_THAT(error("m 1 2 1.5"), is("ends where it starts or before"));
  EXPECT_THAT(error("m 1 2"), is("here are 3"));
  EXPECT_THAT(error("m 1 2 3 4"), is("here are 5"));
  EXPECT_THAT(error("m 1 -2 3"), is("\"-2\""));
  EXPECT_THAT(error("m 1 2 end"), is("\"end\""));
  EXPECT_THAT(ReadUem("/nowhere/x.uem"), StatusIs(absl::StatusCode::kNotFound));
}

TEST(UemTest, WritesSortedBytes) {
  EXPECT_THAT(FormatUem({{"b", {{5000000, 6000000}, {499, 2000500}, {10, 20}}}, {"a", {{0, 1000}}}}),
              IsOkAndHolds("a 1 0.000 0.001\nb 1 0.000 2.001\nb 1 5.000 6.000\n"));
  for (const char* name : {"", "a b", ";;"}) {
    EXPECT_THAT(FormatUem({{name, {{0, 1000}}}}), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(FormatUem({{"m", {{3, 3}}}}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(UemTest, RoundTrips) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<EvaluationRegion> regions;
    const uint64_t num_regions = random() % 4;
    for (uint64_t r = 0; r < num_regions; ++r) {
      regions.push_back({absl::StrCat("Zoë", r), {}});
      const uint64_t num_spans = 1 + random() % 5;
      for (uint64_t s = 0; s < num_spans; ++s) {
        const auto start = static_cast<int64_t>(random() % 100000) * 1000;
        regions.back().spans.push_back({start, start + 1000 * (1 + static_cast<int64_t>(random() % 100000))});
      }
      std::sort(regions.back().spans.begin(), regions.back().spans.end());
    }
    ASSERT_OK_AND_ASSIGN(const std::string text, FormatUem(regions));
    EXPECT_THAT(ParseUem(text, "x"), IsOkAndHolds(regions));
    EXPECT_THAT(ParseUem(absl::StrReplaceAll(text, {{"\n", "\r\n"}, {" ", "\t "}}), "x"), IsOkAndHolds(regions));
    const std::string path = JoinPath(testing::TempDir(), "x.uem");
    ASSERT_OK(WriteUem(path, regions));
    EXPECT_THAT(ReadUem(path), IsOkAndHolds(regions));
  }
}

}  // namespace
}  // namespace diarflow
