#include "models/training/losses.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "ATen/core/Tensor.h"
#include "ATen/ops/zeros.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

constexpr int64_t kFrames = 9, kSpeakers = 4;

at::Tensor Logits(std::minstd_rand* random, int64_t items) {
  at::Tensor logits = at::zeros({items, kFrames, kSpeakers}, at::kDouble);
  for (int64_t i = 0; i < logits.numel(); ++i) {
    logits.mutable_data_ptr<double>()[i] = static_cast<double>((*random)() % 6000) / 1000 - 3;
  }
  return logits;
}

at::Tensor Labels(std::minstd_rand* random, const std::vector<int64_t>& lengths) {
  at::Tensor labels = at::zeros({static_cast<int64_t>(lengths.size()), kFrames, kSpeakers}, at::kDouble);
  for (size_t b = 0; b < lengths.size(); ++b) {
    for (int64_t k = 0; k < kSpeakers; ++k) {
      const bool absent = (*random)() % 4 == 0;
      for (int64_t t = 0; t < lengths[b]; ++t) {
        labels[static_cast<int64_t>(b)][t][k] = !absent && (*random)() % 2 == 0 ? 1.0 : 0.0;
      }
    }
  }
  return labels;
}

at::Tensor Permuted(const at::Tensor& labels, const std::vector<int64_t>& perm) {
  at::Tensor permuted = labels.clone();
  for (int64_t k = 0; k < kSpeakers; ++k) {
    permuted.select(2, k).copy_(labels.select(2, perm[static_cast<size_t>(k)]));
  }
  return permuted;
}

// Each order against all 24 permutations.
TEST(LossesTest, OrdersAreTheBestOfAllPermutations) {
  std::minstd_rand random(3);
  for (int round = 0; round < 40; ++round) {
    const std::vector<int64_t> lengths = {1 + static_cast<int64_t>(random() % kFrames)};
    const at::Tensor logits = Logits(&random, 1), labels = Labels(&random, lengths);
    std::vector<int64_t> perm(kSpeakers);
    std::iota(perm.begin(), perm.end(), 0);
    double least_loss = 1e9, best_match = -1e9, best_sorted = -1e9;
    do {
      const at::Tensor targets = Permuted(labels, perm);
      const double loss = MaskedBce(logits, targets, lengths).item<double>();
      const double match =
          targets.narrow(1, 0, lengths[0]).mul(logits.sigmoid().narrow(1, 0, lengths[0])).sum().item<double>();
      std::vector<int64_t> arrivals;
      for (int64_t k = 0; k < kSpeakers; ++k) {
        int64_t first = kFrames;
        for (int64_t t = lengths[0] - 1; t >= 0; --t) first = targets[0][t][k].item<double>() > 0.5 ? t : first;
        arrivals.push_back(first);
      }
      least_loss = std::min(least_loss, loss);
      best_match = std::max(best_match, match);
      if (std::is_sorted(arrivals.begin(), arrivals.end())) best_sorted = std::max(best_sorted, match);
    } while (std::next_permutation(perm.begin(), perm.end()));
    const auto match_of = [&](TargetOrder order) {
      const auto targets = OrderTargets(logits, labels, lengths, order);
      EXPECT_OK(targets);
      return targets->narrow(1, 0, lengths[0]).mul(logits.sigmoid().narrow(1, 0, lengths[0])).sum().item<double>();
    };
    EXPECT_NEAR(match_of(TargetOrder::kBestMatch), best_match, 1e-9) << round;
    EXPECT_NEAR(match_of(TargetOrder::kArrival), best_sorted, 1e-9) << round;
    ASSERT_OK_AND_ASSIGN(const at::Tensor least, OrderTargets(logits, labels, lengths, TargetOrder::kLeastLoss));
    EXPECT_NEAR(MaskedBce(logits, least, lengths).item<double>(), least_loss, 1e-9) << round;
  }
}

TEST(LossesTest, SortedLabelsThatAreFoundNeedNoOrder) {
  at::Tensor labels = at::zeros({1, kFrames, kSpeakers}, at::kDouble);
  for (int64_t k = 0; k < 3; ++k) labels[0].narrow(0, 2 * k, 3).select(1, k).fill_(1);
  const at::Tensor logits = labels.mul(20).sub(10);
  for (const TargetOrder order :
       {TargetOrder::kGiven, TargetOrder::kArrival, TargetOrder::kBestMatch, TargetOrder::kLeastLoss}) {
    ASSERT_OK_AND_ASSIGN(const at::Tensor targets, OrderTargets(logits, labels, {kFrames}, order));
    EXPECT_TRUE(targets.equal(labels));
  }
}

TEST(LossesTest, FramesBehindTheEndCountForNothing) {
  std::minstd_rand random(4);
  const std::vector<int64_t> lengths = {kFrames, 4, 6};
  const at::Tensor labels = Labels(&random, lengths);
  const at::Tensor logits = Logits(&random, 3).set_requires_grad(true);
  ASSERT_OK_AND_ASSIGN(const at::Tensor loss, HybridLoss(logits, labels, lengths, {}));
  loss.backward();
  const at::Tensor gradient = logits.grad();
  EXPECT_EQ(gradient[1].narrow(0, 4, kFrames - 4).abs().sum().item<double>(), 0);
  EXPECT_EQ(gradient[2].narrow(0, 6, kFrames - 6).abs().sum().item<double>(), 0);
  EXPECT_GT(gradient[1].narrow(0, 0, 4).abs().sum().item<double>(), 0);
  // Whatever stands there.
  at::Tensor other = logits.detach().clone(), more_labels = labels.clone();
  other[1].narrow(0, 4, kFrames - 4).fill_(50);
  more_labels[1].narrow(0, 4, kFrames - 4).fill_(1);
  ASSERT_OK_AND_ASSIGN(const at::Tensor same, HybridLoss(other, more_labels, lengths, {}));
  EXPECT_NEAR(same.item<double>(), loss.item<double>(), 1e-12);
}

TEST(LossesTest, GradientsAreThoseOfFiniteDifferences) {
  std::minstd_rand random(5);
  const std::vector<int64_t> lengths = {kFrames, 5};
  const at::Tensor labels = Labels(&random, lengths);
  for (const LossRules rules : {LossRules::kHonest, LossRules::kOriginal}) {
    HybridLossOptions options;
    options.rules = rules;
    options.sort_weight = 2;
    const at::Tensor logits = Logits(&random, 2).set_requires_grad(true);
    ASSERT_OK_AND_ASSIGN(const at::Tensor loss, HybridLoss(logits, labels, lengths, options));
    loss.backward();
    for (int64_t i = 0; i < logits.numel(); i += 7) {
      constexpr double kStep = 1e-6;
      double sides[2];
      for (int side = 0; side < 2; ++side) {
        at::Tensor moved = logits.detach().clone();
        moved.mutable_data_ptr<double>()[i] += side == 0 ? -kStep : kStep;
        ASSERT_OK_AND_ASSIGN(const at::Tensor value, HybridLoss(moved, labels, lengths, options));
        sides[side] = value.item<double>();
      }
      EXPECT_NEAR(logits.grad().contiguous().const_data_ptr<double>()[i], (sides[1] - sides[0]) / (2 * kStep), 1e-7);
    }
  }
}

TEST(LossesTest, LargeLogitsAreNoTrouble) {
  at::Tensor logits = at::zeros({1, kFrames, kSpeakers}), labels = at::zeros({1, kFrames, kSpeakers});
  logits.fill_(1e30);
  labels.fill_(1);
  EXPECT_EQ(MaskedBce(logits, labels, {kFrames}).item<double>(), 0);
}

TEST(LossesTest, BadInputIsAStatus) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const at::Tensor logits = at::zeros({2, kFrames, kSpeakers});
  EXPECT_THAT(HybridLoss(logits, at::zeros({2, kFrames, 3}), {9, 9}, {}), StatusIs(code));
  EXPECT_THAT(HybridLoss(logits, logits, {9}, {}), StatusIs(code));
  EXPECT_THAT(HybridLoss(logits, logits, {9, 0}, {}), StatusIs(code));
  EXPECT_THAT(HybridLoss(logits, logits, {9, 10}, {}), StatusIs(code));
  EXPECT_THAT(HybridLoss(at::zeros({1, 2, 7}), at::zeros({1, 2, 7}), {2}, {}), StatusIs(code));
  HybridLossOptions options;
  options.sort_weight = options.match_weight = 0;
  EXPECT_THAT(HybridLoss(logits, logits, {9, 9}, options), StatusIs(code));
}

}  // namespace
}  // namespace diarflow
