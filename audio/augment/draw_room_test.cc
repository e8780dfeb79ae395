#include "audio/augment/draw_room.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

double Distance(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

TEST(DrawRoomTest, EveryRoomKeepsTheRules) {
  const RoomRanges ranges;
  std::vector<double> widths, times;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const int num_sources = 1 + static_cast<int>(seed % 5);
    ASSERT_OK_AND_ASSIGN(const DrawnRoom room, DrawRoom(seed, ranges, num_sources, AbsorptionRule::kEyring));
    ASSERT_EQ(room.sources.size(), static_cast<size_t>(num_sources));
    std::vector<std::array<double, 3>> places = room.sources;
    places.push_back(room.microphone);
    for (size_t axis = 0; axis < 3; ++axis) {
      EXPECT_GE(room.size[axis], ranges.size[axis].low);
      EXPECT_LE(room.size[axis], ranges.size[axis].high);
      for (const auto& place : places) {
        EXPECT_GE(place[axis], axis < 2 ? ranges.wall_distance : 0.7);
        EXPECT_LE(place[axis], axis < 2 ? room.size[axis] - ranges.wall_distance : 1.8);
      }
    }
    for (size_t i = 0; i < room.sources.size(); ++i) {
      EXPECT_GE(Distance(room.sources[i], room.microphone), 0.5);
      EXPECT_LE(Distance(room.sources[i], room.microphone), 4);
      for (size_t j = 0; j < i; ++j) EXPECT_GE(Distance(room.sources[i], room.sources[j]), 0.5);
    }
    if (num_sources == 1) {
      widths.push_back(room.size[0]);
      times.push_back(room.t60);
    }
  }
  // They fill their ranges.
  EXPECT_LT(*std::min_element(widths.begin(), widths.end()), 4.5);
  EXPECT_GT(*std::max_element(widths.begin(), widths.end()), 9);
  EXPECT_LT(*std::min_element(times.begin(), times.end()), 0.23);
  EXPECT_GT(*std::max_element(times.begin(), times.end()), 0.57);
}

TEST(DrawRoomTest, CanBeSimulated) {
  for (const AbsorptionRule rule : {AbsorptionRule::kSabine, AbsorptionRule::kEyring, AbsorptionRule::kFitted}) {
    for (uint64_t seed = 0; seed < 6; ++seed) {
      RoomRanges ranges;
      ranges.t60 = {0.05, 0.3};  // many of these are too short for Sabine's rule
      ASSERT_OK_AND_ASSIGN(const DrawnRoom room, DrawRoom(seed, ranges, 2, rule));
      for (const int source : {0, 1}) {
        const RoomOptions options = OptionsForSource(room, source);
        EXPECT_EQ(options.source, room.sources[static_cast<size_t>(source)]);
        EXPECT_EQ(options.t60, room.t60);
        ASSERT_OK_AND_ASSIGN(const RoomResponse response, SimulateRoom(options));
        RoomOptions by_time = options;
        by_time.reflection.reset();
        by_time.length = 0;
        by_time.rule = rule;
        ASSERT_OK_AND_ASSIGN(const RoomResponse same, SimulateRoom(by_time));
        EXPECT_TRUE(
            std::equal(same.samples.begin(), same.samples.end(), response.samples.begin(), response.samples.end()));
        EXPECT_NEAR(response.direct_sample, 40 + Distance(options.source, room.microphone) / 343 * 16000, 1e-6);
      }
    }
  }
}

TEST(DrawRoomTest, MayBeDry) {
  RoomRanges ranges;
  ranges.t60 = {0, 0};
  ASSERT_OK_AND_ASSIGN(const DrawnRoom room, DrawRoom(1, ranges, 1));
  EXPECT_EQ(room.reflection, 0);
  EXPECT_OK(SimulateRoom(OptionsForSource(room, 0)));
}

TEST(DrawRoomTest, SeedsDecide) {
  ASSERT_OK_AND_ASSIGN(const DrawnRoom one, DrawRoom(1, {}, 3));
  ASSERT_OK_AND_ASSIGN(const DrawnRoom again, DrawRoom(1, {}, 3));
  ASSERT_OK_AND_ASSIGN(const DrawnRoom two, DrawRoom(2, {}, 3));
  EXPECT_EQ(one.sources, again.sources);
  EXPECT_EQ(one.t60, again.t60);
  EXPECT_NE(one.sources, two.sources);
  EXPECT_NE(one.size, two.size);
}

TEST(DrawRoomTest, FixedRangesGiveThatNumber) {
  RoomRanges ranges;
  ranges.size = {{{6, 6}, {5, 5}, {3, 3}}};
  ranges.t60 = {0.4, 0.4};
  ranges.source_height = {1.6, 1.6};
  ASSERT_OK_AND_ASSIGN(const DrawnRoom room, DrawRoom(5, ranges, 1));
  EXPECT_EQ(room.size, (std::array<double, 3>{6, 5, 3}));
  EXPECT_EQ(room.t60, 0.4);
  EXPECT_EQ(room.sources[0][2], 1.6);
}

TEST(DrawRoomTest, ImpossibleRangesAreNamed) {
  const auto expect_invalid = [](const char* part, int num_sources, auto change) {
    RoomRanges ranges;
    change(&ranges);
    EXPECT_THAT(DrawRoom(1, ranges, num_sources, AbsorptionRule::kSabine),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(part)));
  };
  expect_invalid("0 sources", 0, [](RoomRanges*) {});
  expect_invalid("the size along y is from 5 to 4", 1, [](RoomRanges* r) { r->size[1] = {5, 4}; });
  expect_invalid("t60 is from nan", 1, [](RoomRanges* r) { r->t60.low = std::nan(""); });
  expect_invalid("the height of the microphone", 1, [](RoomRanges* r) { r->microphone_height = {-1, 2}; });
  expect_invalid("the height of the sources", 1, [](RoomRanges* r) { r->source_height = {2, 1}; });
  expect_invalid("the distance to the microphone", 1, [](RoomRanges* r) { r->microphone_distance = {4, 1}; });
  expect_invalid("the distance from the walls", 1, [](RoomRanges* r) { r->wall_distance = 4.5; });
  expect_invalid("the distance between sources", 1, [](RoomRanges* r) { r->source_distance = -1; });
  // Nothing wrong with a number, but nothing fits.
  expect_invalid("1000 lower than a height", 1, [](RoomRanges* r) { r->source_height = {5, 6}; });
  expect_invalid("1000 had a source too near", 1, [](RoomRanges* r) { r->microphone_distance = {30, 40}; });
  expect_invalid("two sources too near to each other", 40, [](RoomRanges* r) { r->source_distance = 9; });
  expect_invalid("1000 a t60 that walls cannot give", 1, [](RoomRanges* r) {
    r->t60 = {0.01, 0.02};
    r->microphone_distance = {0, 100};
  });
}

}  // namespace
}  // namespace diarflow
