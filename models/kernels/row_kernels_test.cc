#include "models/kernels/row_kernels.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace diarflow {
namespace {

constexpr int64_t kRows = 7;
// Whole vectors, and what is left of one.
constexpr int64_t kColumns[] = {1, 15, 16, 33, 512};

std::vector<float> Random(int64_t count, double scale, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, scale);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = static_cast<float>(normal(random));
  return values;
}

double Gelu(double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }

TEST(RowKernelsTest, Elu) {
  for (const int64_t columns : kColumns) {
    // Also far below, where the exponential ends.
    for (const double scale : {0.01, 1.0, 60.0}) {
      const std::vector<float> x = Random(kRows * columns, scale, 1), bias = Random(columns, scale, 2);
      std::vector<float> out(x.size());
      std::vector<Bfloat16> half(x.size());
      EluRows(x.data(), bias.data(), kRows, columns, out.data());
      EluRows(x.data(), bias.data(), kRows, columns, half.data());
      for (size_t i = 0; i < x.size(); ++i) {
        const double value = x[i] + bias[i % static_cast<size_t>(columns)];
        const double expected = value > 0 ? value : std::expm1(value);
        EXPECT_NEAR(out[i], expected, 1e-7 + 1e-7 * std::fabs(expected));
        EXPECT_NEAR(FromBfloat16(half[i]), expected, 1e-7 + std::fabs(expected) / 256);
      }
    }
  }
}

TEST(RowKernelsTest, GeluIsTheExactOne) {
  for (const double scale : {0.1, 1.0, 20.0}) {
    const std::vector<float> x = Random(1003, scale, 1);
    std::vector<float> out(x.size());
    diarflow::Gelu(x.data(), static_cast<int64_t>(x.size()), out.data());
    for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(out[i], Gelu(x[i]), 3e-7 * (1 + std::fabs(x[i])));
  }
}

TEST(RowKernelsTest, LayerNorm) {
  for (const int64_t columns : kColumns) {
    std::vector<float> x = Random(kRows * columns, 2, 1);
    for (float& value : x) value += 3;
    const std::vector<float> weight = Random(columns, 1, 2), bias = Random(columns, 1, 3);
    std::vector<float> out(x.size());
    LayerNormRows(x.data(), weight.data(), bias.data(), 1e-3f, kRows, columns, out.data());
    for (int64_t row = 0; row < kRows; ++row) {
      double mean = 0, variance = 0;
      for (int64_t i = 0; i < columns; ++i) mean += x[static_cast<size_t>(row * columns + i)];
      mean /= static_cast<double>(columns);
      for (int64_t i = 0; i < columns; ++i)
        variance += std::pow(x[static_cast<size_t>(row * columns + i)] - mean, 2) / static_cast<double>(columns);
      for (int64_t i = 0; i < columns; ++i) {
        const auto at = static_cast<size_t>(row * columns + i);
        const double expected =
            (x[at] - mean) / std::sqrt(variance + 1e-3) * weight[static_cast<size_t>(i)] + bias[static_cast<size_t>(i)];
        EXPECT_NEAR(out[at], expected, 1e-5);
      }
    }
  }
}

TEST(RowKernelsTest, Rotations) {
  for (const int64_t pairs : {1, 3, 32}) {
    constexpr int64_t kHeads = 3;
    std::vector<float> x = Random(2 * pairs * kHeads, 1, 1), cosines, sines;
    const std::vector<float> before = x;
    for (int64_t i = 0; i < pairs; ++i) {
      cosines.push_back(std::cos(0.1f * static_cast<float>(i)));
      sines.push_back(std::sin(0.1f * static_cast<float>(i)));
    }
    RotateHeads(cosines.data(), sines.data(), pairs, kHeads, x.data());
    for (int64_t i = 0; i < pairs * kHeads; ++i) {
      const auto a = static_cast<size_t>(i / pairs * 2 * pairs + i % pairs), b = a + static_cast<size_t>(pairs);
      const auto angle = static_cast<size_t>(i % pairs);
      EXPECT_NEAR(x[a], before[a] * cosines[angle] - before[b] * sines[angle], 1e-6);
      EXPECT_NEAR(x[b], before[a] * sines[angle] + before[b] * cosines[angle], 1e-6);
    }
  }
}

TEST(RowKernelsTest, SoftmaxSeesItsWindowOnly) {
  for (const int64_t columns : {1, 16, 70, 320}) {
    for (const double scale : {1.0, 30.0}) {
      const auto youngest = static_cast<int32_t>(columns / 3);
      const int32_t window = 20;
      std::vector<float> x = Random(columns, scale, 1);
      std::vector<int32_t> ages;
      for (int64_t i = 0; i < columns; ++i) ages.push_back(static_cast<int32_t>((i * 7 + 3) % columns));
      const std::vector<float> before = x;
      const auto seen = [&](size_t i) { return ages[i] >= youngest && ages[i] - youngest < window; };
      double top = -INFINITY, sum = 0;
      for (size_t i = 0; i < x.size(); ++i) top = seen(i) ? std::max<double>(top, before[i]) : top;
      for (size_t i = 0; i < x.size(); ++i) sum += seen(i) ? std::exp(before[i] - top) : 0;
      WindowSoftmax(ages.data(), youngest, window, columns, x.data());
      for (size_t i = 0; i < x.size(); ++i) {
        EXPECT_NEAR(x[i], seen(i) ? std::exp(before[i] - top) / sum : 0, 1e-6) << i;
      }
    }
  }
}

TEST(RowKernelsTest, Bfloat16RoundsToTheNearestEven) {
  EXPECT_EQ(FromBfloat16(ToBfloat16(1.0f)), 1.0f);
  EXPECT_EQ(FromBfloat16(ToBfloat16(1.0f + 0x1p-8f)), 1.0f);
  EXPECT_EQ(FromBfloat16(ToBfloat16(1.0f + 0x1.8p-7f)), 1.0f + 0x1p-6f);
  EXPECT_EQ(FromBfloat16(ToBfloat16(-3.0f - 0x1.1p-7f)), -3.0f - 0x1p-6f);
}

}  // namespace
}  // namespace diarflow
