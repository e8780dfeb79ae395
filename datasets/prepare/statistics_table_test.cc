#include "datasets/prepare/statistics_table.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

TEST(StatisticsTableTest, FoundAndPublished) {
  SplitStatistics train;
  train.split = "train";
  train.files = 136;
  train.speakers = 151;
  train.audio = 80673400000 / 1000 * 3600;  // 80.6734 h
  train.speaker_time = train.speech = 3600000000;
  train.overlap = 486000000;  // 13.5 %
  train.turns = 1000;
  train.median_turn = 1520000;
  SplitStatistics lost;
  lost.turns = 3;
  ExpectedSplit expected;
  expected.split = "train";
  expected.files = 136;
  expected.speakers = 152;
  expected.hours = 80.673;
  expected.speech_hours = 1.001;
  expected.overlap_percent = 13.5;
  expected.source = "somebody";
  ExpectedSplit dev;
  dev.split = "dev";
  dev.files = 18;
  EXPECT_EQ(StatisticsTable({lost, train}, {dev, expected}),
            "split            files  speakers  audio h  speaker h  speech h  overlap %  turns  median turn s\n"
            "dev                  0         0    0.000      0.000     0.000       0.00      0          0.000\n"
            "  published        18*\n"
            "train              136       151   80.673      1.000     1.000      13.50   1000          1.520\n"
            "  published        136      152*   80.673               1.001*       13.5\n"
            "(without audio)      0         0    0.000      0.000     0.000       0.00      3          0.000\n"
            "published: somebody\n"
            "* is not what was found\n");
}

TEST(StatisticsTableTest, NoColumnsOfTurnsWithoutTurns) {
  SplitStatistics only;
  only.files = 2;
  only.audio = 1800000000;
  EXPECT_EQ(StatisticsTable({only}, {}),
            "split          files  speakers  audio h\n"
            "(in no split)      2         0    0.500\n");
  EXPECT_EQ(StatisticsTable({}, {}), "split  files  speakers  audio h\n");
}

// A published figure counts to its own last digit.
TEST(StatisticsTableTest, RoundsAsPublished) {
  for (const auto& [hours, differs] :
       {std::pair(5.349, true), std::pair(5.351, false), std::pair(5.449, false), std::pair(5.451, true)}) {
    SplitStatistics split;
    split.split = "dev-clean";
    split.audio = static_cast<int64_t>(hours * 3600e6);
    ExpectedSplit expected;
    expected.split = "dev-clean";
    expected.hours = 5.4;
    EXPECT_EQ(StatisticsTable({split}, {expected}).find("5.4*") != std::string::npos, differs) << hours;
  }
}

}  // namespace
}  // namespace diarflow
