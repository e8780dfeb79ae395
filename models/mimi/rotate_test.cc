#include "models/mimi/rotate.h"

#include <cmath>

#include "ATen/ops/rand.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

constexpr int64_t kBatch = 3, kFrames = 7, kHeads = 2, kPairs = 4, kWidth = kHeads * kPairs * 2;

TEST(RotateTest, TheTwoWaysAreOne) {
  const at::Tensor angles = at::rand({kFrames, kPairs}).mul(20), projected = at::rand({kBatch, kFrames, 3 * kWidth});
  const at::Tensor by_rows = projected.clone(), by_tensors = projected.clone();
  RotateKeysAndQueries(by_rows, kHeads, angles.cos(), angles.sin());
  RotateByTensors(by_tensors, kHeads, angles.cos(), angles.sin());
  EXPECT_LT(by_rows.sub(by_tensors).abs().max().item<float>(), 1e-6f);
  EXPECT_GT(by_rows.sub(projected).abs().max().item<float>(), 0.1f);
  // The values are not turned.
  EXPECT_TRUE(by_tensors.narrow(2, 2 * kWidth, kWidth).equal(projected.narrow(2, 2 * kWidth, kWidth)));
}

TEST(RotateTest, TurnsEachPairByItsAngle) {
  const at::Tensor angles = at::rand({kFrames, kPairs}), projected = at::rand({kBatch, kFrames, 3 * kWidth});
  const at::Tensor turned = projected.clone();
  RotateByTensors(turned, kHeads, angles.cos(), angles.sin());
  // Of the keys, head 1, pair 2.
  const int64_t column = kWidth + (kPairs + 2) * 2;
  for (int64_t t = 0; t < kFrames; ++t) {
    const double angle = angles[t][2].item<double>();
    const double real = projected[1][t][column].item<double>(), imaginary = projected[1][t][column + 1].item<double>();
    EXPECT_NEAR(turned[1][t][column].item<double>(), real * std::cos(angle) - imaginary * std::sin(angle), 1e-6);
    EXPECT_NEAR(turned[1][t][column + 1].item<double>(), real * std::sin(angle) + imaginary * std::cos(angle), 1e-6);
  }
}

}  // namespace
}  // namespace diarflow
