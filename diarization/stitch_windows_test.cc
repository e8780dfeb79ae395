#include "diarization/stitch_windows.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

constexpr int kSpeakers = 4;

FloatArray Window(const std::vector<std::vector<float>>& rows) {
  FloatArray values = FloatArray::Zeros({static_cast<int64_t>(rows.size()), kSpeakers});
  float* out = values.mutable_data();
  for (const auto& row : rows) out = std::copy(row.begin(), row.end(), out);
  return values;
}

// Columns of a recording's true activity in another order.
FloatArray Permuted(const std::vector<std::vector<float>>& truth, int64_t begin, int64_t end,
                    const std::vector<int>& order) {
  std::vector<std::vector<float>> rows;
  for (int64_t t = begin; t < end; ++t) {
    std::vector<float> row(kSpeakers);
    for (int s = 0; s < kSpeakers; ++s) row[order[s]] = truth[t][s];
    rows.push_back(row);
  }
  return Window(rows);
}

// All four speak in every stretch of eight frames, so windows that share that much can be told apart.
std::vector<std::vector<float>> Truth(int frames, std::minstd_rand* random) {
  std::vector<std::vector<float>> truth;
  for (int t = 0; t < frames; ++t) {
    std::vector<float> row(kSpeakers, 0.05f);
    row[t / 2 % kSpeakers] = 0.9f;
    if ((*random)() % 5 == 0) row[(*random)() % kSpeakers] = 0.8f;
    truth.push_back(row);
  }
  return truth;
}

TEST(WindowStitcherTest, PermutedWindowsBecomeTheWholeUpToOnePermutation) {
  std::minstd_rand random(3);
  for (int round = 0; round < 50; ++round) {
    const auto truth = Truth(100, &random);
    WindowStitcher stitcher(kSpeakers);
    std::vector<int> first;
    for (int64_t begin = 0; begin < 100; begin += 10) {
      std::vector<int> order(kSpeakers);
      std::iota(order.begin(), order.end(), 0);
      std::shuffle(order.begin(), order.end(), random);
      if (first.empty()) first = order;
      ASSERT_OK(stitcher.Add(begin, Permuted(truth, begin, std::min<int64_t>(100, begin + 20), order)));
      stitcher.Forget(begin - 15);
    }
    const FloatArray whole = stitcher.Activity(stitcher.forgotten(), 100);
    for (int64_t t = stitcher.forgotten(); t < 100; ++t) {
      for (int s = 0; s < kSpeakers; ++s) {
        EXPECT_NEAR(whole[(t - stitcher.forgotten()) * kSpeakers + first[s]], truth[t][s], 1e-6) << t << " " << s;
      }
    }
  }
}

// The permutation that is taken is the best of all 24.
TEST(WindowStitcherTest, ThePermutationIsTheBest) {
  std::minstd_rand random(4);
  const auto frames = [&](int count) {
    std::vector<std::vector<float>> rows(count, std::vector<float>(kSpeakers));
    for (auto& row : rows) {
      for (float& value : row) value = static_cast<float>(random() % 1000) / 1000.f;
    }
    return rows;
  };
  for (int round = 0; round < 100; ++round) {
    const auto before = frames(6), window = frames(6);
    WindowStitcher stitcher(kSpeakers);
    ASSERT_OK(stitcher.Add(0, Window(before)));
    ASSERT_OK(stitcher.Add(0, Window(window)));
    const FloatArray mean = stitcher.Activity(0, 6);
    std::vector<int> order = {0, 1, 2, 3};
    double best = -1;
    std::vector<int> best_order;
    do {
      double agreement = 0;
      for (int t = 0; t < 6; ++t) {
        for (int s = 0; s < kSpeakers; ++s) agreement += before[t][order[s]] * window[t][s];
      }
      if (agreement > best + 1e-9) {
        best = agreement;
        best_order = order;
      }
    } while (std::next_permutation(order.begin(), order.end()));
    for (int t = 0; t < 6; ++t) {
      for (int s = 0; s < kSpeakers; ++s) {
        EXPECT_NEAR(mean[t * kSpeakers + best_order[s]], (before[t][best_order[s]] + window[t][s]) / 2, 1e-6);
      }
    }
  }
}

TEST(WindowStitcherTest, WithoutAnOverlapNobodyChanges) {
  WindowStitcher stitcher(kSpeakers);
  ASSERT_OK(stitcher.Add(0, Window({{0.1f, 0.2f, 0.3f, 0.4f}})));
  ASSERT_OK(stitcher.Add(1, Window({{0.4f, 0.3f, 0.2f, 0.1f}})));
  // Silence agrees with everything.
  ASSERT_OK(stitcher.Add(1, Window({{0, 0, 0, 0}, {0.4f, 0.3f, 0.2f, 0.1f}})));
  const FloatArray activity = stitcher.Activity(0, 3);
  EXPECT_THAT(std::vector<float>(activity.begin(), activity.end()),
              testing::ElementsAre(0.1f, 0.2f, 0.3f, 0.4f, 0.2f, 0.15f, 0.1f, 0.05f, 0.4f, 0.3f, 0.2f, 0.1f));
}

TEST(WindowStitcherTest, BadInputIsAStatus) {
  WindowStitcher stitcher(kSpeakers);
  EXPECT_THAT(stitcher.Add(0, FloatArray::Zeros({2, 3})), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(stitcher.Add(1, FloatArray::Zeros({2, 4})), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK(stitcher.Add(0, FloatArray::Zeros({5, 4})));
  stitcher.Forget(3);
  EXPECT_EQ(stitcher.forgotten(), 3);
  EXPECT_EQ(stitcher.end(), 5);
  EXPECT_THAT(stitcher.Add(2, FloatArray::Zeros({2, 4})), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(stitcher.Add(6, FloatArray::Zeros({2, 4})), StatusIs(absl::StatusCode::kInvalidArgument));
  FloatArray nan = FloatArray::Zeros({1, 4});
  nan.mutable_data()[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(stitcher.Add(5, nan), StatusIs(absl::StatusCode::kInvalidArgument));
  stitcher.Forget(100);
  EXPECT_EQ(stitcher.forgotten(), 5);
}

}  // namespace
}  // namespace diarflow
