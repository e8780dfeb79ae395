#include "datasets/formats/diarization_json.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

DiarizedTurn Made(int64_t start, int64_t end, const std::string& speaker, double confidence = 1) {
  return {{start, end - start, speaker}, confidence};
}

TEST(DiarizationJsonTest, HoldsEverything) {
  Diarization diarization;
  diarization.turns = {Made(500000, 2250000, "b\"\xff", 0.93251), Made(2000000, 3000000, "a")};
  diarization.speakers = {{"b\"\xff", {0.6f, 0.8f}, 1750000}, {"a", {1, 0}, 1000000}};
  const auto json = nlohmann::json::parse(FormatDiarizationJson("M\xc3\x89O", 30000000, diarization));
  EXPECT_EQ(json["recording"], "M\xc3\x89O");
  EXPECT_EQ(json["duration"], 30.0);
  ASSERT_EQ(json["turns"].size(), 2u);
  EXPECT_EQ(json["turns"][0]["start"], 0.5);
  EXPECT_EQ(json["turns"][0]["end"], 2.25);
  EXPECT_EQ(json["turns"][0]["speaker"], "b\"\xef\xbf\xbd");
  EXPECT_EQ(json["turns"][0]["confidence"], 0.933);
  EXPECT_EQ(json["speakers"][1]["seconds"], 1.0);
  EXPECT_NEAR(json["speakers"][0]["share"].get<double>(), 1.75 / 2.75, 1e-4);
  EXPECT_EQ(json["speakers"][0]["turns"], 1);
  EXPECT_NEAR(json["speakers"][0]["embedding"][1].get<double>(), 0.8, 1e-6);
  ASSERT_EQ(json["overlaps"].size(), 1u);
  EXPECT_EQ(json["overlaps"][0]["start"], 2.0);
  EXPECT_EQ(json["overlaps"][0]["end"], 2.25);
}

TEST(DiarizationJsonTest, OfNothing) {
  const auto json = nlohmann::json::parse(FormatDiarizationJson("r", 0, {}));
  EXPECT_TRUE(json["turns"].empty());
  EXPECT_TRUE(json["speakers"].empty());
}

TEST(OverlapsTest, StretchesBySpeakers) {
  const auto overlaps =
      OverlapsOf({Made(0, 100, "a"), Made(10, 50, "b"), Made(40, 60, "c"), Made(50, 80, "b"), Made(100, 120, "c")});
  ASSERT_EQ(overlaps.size(), 3u);
  EXPECT_EQ(overlaps[0].span, (TimeSpan{10, 40}));
  EXPECT_EQ(overlaps[1].span, (TimeSpan{40, 60}));
  EXPECT_EQ(overlaps[1].speakers, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(overlaps[2].span, (TimeSpan{60, 80}));
}

}  // namespace
}  // namespace diarflow
