#include "models/kernels/linear_map.h"

#include <random>
#include <tuple>
#include <vector>

#include "ATen/ops/empty.h"
#include "ATen/ops/zeros.h"
#include "c10/core/InferenceMode.h"
#include "c10/util/Exception.h"
#include "gtest/gtest.h"
#include "models/torch_threads.h"

namespace diarflow {
namespace {

// Eighths: their products and sums are exact in float, so that the results are equal to the last bit.
at::Tensor Eighths(int64_t rows, int64_t columns, uint32_t seed) {
  std::mt19937 random(seed);
  at::Tensor values = at::empty({rows, columns});
  float* to = values.mutable_data_ptr<float>();
  for (int64_t i = 0; i < rows * columns; ++i) to[i] = static_cast<float>(static_cast<int>(random() % 17) - 8) / 8;
  return values;
}

at::Tensor Sums(const at::Tensor& x, const at::Tensor& weights, const at::Tensor& before) {
  at::Tensor sums = before.clone();
  for (int64_t row = 0; row < x.size(0); ++row) {
    for (int64_t column = 0; column < weights.size(1); ++column) {
      double sum = before[row][column].item<double>();
      for (int64_t k = 0; k < x.size(1); ++k) sum += x[row][k].item<double>() * weights[k][column].item<double>();
      sums[row][column] = sum;
    }
  }
  return sums;
}

// Few columns, which the threads share by rows, and many, which they share by panels.
TEST(LinearMapTest, AgreesWithTheSums) {
  c10::InferenceMode guard;
  for (const int threads : {1, 3}) {
    SetModelThreads(threads);
    for (const auto& [rows, in, out] : std::vector<std::tuple<int64_t, int64_t, int64_t>>{
             {1, 1, 1}, {5, 7, 3}, {300, 3, 2}, {7, 1, 3}, {291, 2, 33}, {3, 5, 700}, {50, 4, 129}}) {
      SCOPED_TRACE(testing::PrintToString(std::vector<int64_t>{threads, rows, in, out}));
      const at::Tensor weights = Eighths(in, out, 1), x = Eighths(rows, in, 2), bias = Eighths(1, out, 3).select(0, 0);
      LinearMap map(weights);
      map.MoveTo(at::kCPU);
      EXPECT_EQ(map.in(), in);
      EXPECT_EQ(map.out(), out);
      EXPECT_TRUE(map.Forward(x, bias).equal(Sums(x, weights, bias.expand({rows, out}))));
      EXPECT_TRUE(map.Forward(x, {}).equal(Sums(x, weights, at::zeros({rows, out}))));
      // Columns of wider matrices, on both sides.
      const at::Tensor wide_x = Eighths(rows, in + 5, 4), wide_y = Eighths(rows, out + 4, 5);
      const at::Tensor narrow_x = wide_x.narrow(1, 2, in), expected = wide_y.clone();
      expected.narrow(1, 3, out).copy_(Sums(narrow_x, weights, wide_y.narrow(1, 3, out)));
      map.Multiply(narrow_x, /*add=*/true, wide_y.narrow(1, 3, out));
      EXPECT_TRUE(wide_y.equal(expected));
      // Numbers of a row that do not follow one another.
      EXPECT_TRUE(map.Forward(Eighths(in, rows, 6).t(), {})
                      .equal(Sums(Eighths(in, rows, 6).t(), weights, at::zeros({rows, out}))));
    }
  }
  SetModelThreads(1);
}

TEST(LinearMapTest, RowsMayOverlap) {
  c10::InferenceMode guard;
  const at::Tensor numbers = Eighths(1, 100, 1), weights = Eighths(10, 20, 2);
  LinearMap map(weights);
  map.MoveTo(at::kCPU);
  const at::Tensor x = numbers.as_strided({31, 10}, {3, 1}), y = at::empty({31, 20});
  map.Multiply(x, /*add=*/false, y);
  EXPECT_TRUE(y.equal(Sums(x, weights, at::zeros({31, 20}))));
}

TEST(LinearMapTest, RefusesWhatDoesNotFit) {
  c10::InferenceMode guard;
  LinearMap map(Eighths(4, 5, 1));
  map.MoveTo(at::kCPU);
  EXPECT_THROW(map.Multiply(Eighths(2, 3, 1), false, at::empty({2, 5})), c10::Error);
  EXPECT_THROW(map.Multiply(Eighths(2, 4, 1), false, at::empty({3, 5})), c10::Error);
  EXPECT_THROW(map.Multiply(Eighths(2, 4, 1), false, at::empty({2, 6})), c10::Error);
}

}  // namespace
}  // namespace diarflow
