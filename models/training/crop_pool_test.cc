#include "models/training/crop_pool.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;

// Label row t of session s holds s and t; there are `frames_per_label` frames for each, which hold s and their number.
AdapterCrop Session(int64_t number, int64_t labels, int64_t frames_per_label = 1) {
  AdapterCrop session = {FloatArray::Zeros({labels * frames_per_label, 2}), FloatArray::Zeros({labels, 2})};
  for (FloatArray* rows : {&session.latents, &session.labels}) {
    for (int64_t t = 0; t < rows->dim(0); ++t) {
      rows->mutable_data()[2 * t] = static_cast<float>(number);
      rows->mutable_data()[2 * t + 1] = static_cast<float>(t);
    }
  }
  return session;
}

std::vector<float> Numbers(const FloatArray& values) { return {values.begin(), values.end()}; }

std::map<float, int> SessionsDrawn(const CropPool& pool) {
  Random random(1);
  std::map<float, int> drawn;
  for (const AdapterCrop& crop : pool.Draw(4000, 3, &random)) ++drawn[crop.labels[0]];
  return drawn;
}

TEST(CropsOf, CoverTheSessionInOrderWithItsFrames) {
  const std::vector<AdapterCrop> crops = CropsOf(Session(7, 5, 2), 2);
  ASSERT_EQ(crops.size(), 3u);
  EXPECT_THAT(Numbers(crops[1].labels), ElementsAre(7, 2, 7, 3));
  EXPECT_THAT(Numbers(crops[1].latents), ElementsAre(7, 4, 7, 5, 7, 6, 7, 7));
  EXPECT_THAT(Numbers(crops[2].labels), ElementsAre(7, 4));
}

TEST(CropPool, DrawsEveryPlaceOfEverySessionAlike) {
  CropPool pool(8);
  for (int number = 0; number < 4; ++number) pool.Put(number, Session(number, 10, 2));
  Random random(3);
  std::map<float, int> first;
  std::map<float, int> session;
  for (const AdapterCrop& crop : pool.Draw(8000, 6, &random)) {
    ASSERT_EQ(crop.labels.dim(0), 6);
    ASSERT_EQ(crop.latents.dim(0), 12);
    // Frames belong to their labels.
    EXPECT_EQ(crop.latents[0], crop.labels[0]);
    EXPECT_EQ(crop.latents[1], 2 * crop.labels[1]);
    ++session[crop.labels[0]];
    ++first[crop.labels[1]];
  }
  ASSERT_EQ(session.size(), 4u);
  for (const auto& [number, times] : session) EXPECT_NEAR(times, 2000, 200) << number;
  // 0 to 4, each alike.
  ASSERT_EQ(first.size(), 5u);
  for (const auto& [place, times] : first) EXPECT_NEAR(times, 1600, 200) << place;
}

TEST(CropPool, KeepsTheLastOnes) {
  CropPool pool(3);
  EXPECT_TRUE(pool.empty());
  for (int number = 0; number < 5; ++number) pool.Put(number, Session(number, 10));
  EXPECT_FALSE(pool.empty());
  const std::map<float, int> drawn = SessionsDrawn(pool);
  EXPECT_EQ(drawn.size(), 3u);
  for (const float number : {2, 3, 4}) EXPECT_EQ(drawn.count(number), 1u) << number;
}

// What a training that goes on sees is what the interrupted one saw, though it never saw the sessions before.
TEST(CropPool, IsTheSameFromASuffix) {
  const std::vector<int> numbers = {0, 1, 2, 4, 5, 8, 9};
  CropPool whole(4);
  for (const int number : numbers) whole.Put(number, Session(number, 12));
  CropPool suffix(4);
  for (const int number : numbers) {
    if (number > 9 - 4) suffix.Put(number, Session(number, 12));
  }
  Random a(5), b(5);
  const std::vector<AdapterCrop> from_whole = whole.Draw(50, 4, &a), from_suffix = suffix.Draw(50, 4, &b);
  for (size_t i = 0; i < from_whole.size(); ++i) {
    EXPECT_EQ(Numbers(from_whole[i].labels), Numbers(from_suffix[i].labels)) << i;
  }
}

TEST(DrawShuffle, PermutesTheColumnsBetween) {
  Random random(2);
  std::set<std::vector<int64_t>> orders;
  int negative = 0;
  for (int draw = 0; draw < 50; ++draw) {
    const ColumnShuffle shuffle = DrawShuffle(3, 10, 12, &random);
    orders.insert(shuffle.from);
    std::vector<int64_t> sorted = shuffle.from;
    std::sort(sorted.begin(), sorted.end());
    ASSERT_EQ(shuffle.sign.size(), 12u);
    for (int64_t i = 0; i < 12; ++i) {
      const auto at = static_cast<size_t>(i);
      EXPECT_EQ(sorted[at], i);
      EXPECT_EQ(std::abs(shuffle.sign[at]), 1);
      negative += shuffle.sign[at] < 0 ? 1 : 0;
      if (i >= 3 && i < 10) continue;
      EXPECT_EQ(shuffle.from[at], i);
      EXPECT_EQ(shuffle.sign[at], 1);
    }
  }
  EXPECT_GT(orders.size(), 45u);
  EXPECT_NEAR(negative, 175, 50);
}

TEST(CropPool, TakesShortSessionsWhole) {
  CropPool pool(2);
  pool.Put(0, Session(0, 3));
  Random random(1);
  EXPECT_EQ(pool.Draw(1, 100, &random)[0].labels.dim(0), 3);
}

}  // namespace
}  // namespace diarflow
