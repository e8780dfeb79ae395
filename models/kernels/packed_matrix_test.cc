#include "models/kernels/packed_matrix.h"

#include <cmath>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "models/torch_threads.h"

namespace diarflow {
namespace {

// Eighths: their products and sums are exact in float and in Bfloat16, so that the results are equal to the last bit.
template <typename T>
std::vector<T> Eighths(int64_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<T> values(static_cast<size_t>(count));
  for (T& value : values) Store(static_cast<float>(static_cast<int>(random() % 17) - 8) / 8, &value);
  return values;
}

template <typename T>
void Check(int64_t depth, int64_t columns, int64_t items, int64_t rows, int64_t row_stride, bool add) {
  SCOPED_TRACE(testing::PrintToString(std::vector<int64_t>{depth, columns, items, rows, row_stride}));
  const int64_t item_stride = rows * row_stride + depth;
  const std::vector<T> x = Eighths<T>(items * item_stride + 1, 1);
  const std::vector<float> weights = Eighths<float>(depth * columns, 2);
  // Rows of the result stand apart, and what is between them stays.
  const int64_t out_stride = columns + 3;
  std::vector<float> out = Eighths<float>(items * rows * out_stride, 3);
  std::vector<float> expected = out;
  for (int64_t item = 0; item < items; ++item) {
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t column = 0; column < columns; ++column) {
        float& sum = expected[static_cast<size_t>((item * rows + row) * out_stride + column)];
        if (!add) sum = 0;
        for (int64_t k = 0; k < depth; ++k) {
          sum += Load(x[static_cast<size_t>(item * item_stride + row * row_stride + k)]) *
                 weights[static_cast<size_t>(k * columns + column)];
        }
      }
    }
  }
  const PackedMatrix<T> matrix(weights, depth, columns);
  matrix.Multiply({x.data(), row_stride, item_stride}, {out.data(), out_stride, rows * out_stride}, items, rows, add);
  EXPECT_EQ(out, expected);
}

template <typename T>
void CheckAll() {
  std::mt19937 random(5);
  for (int round = 0; round < 60; ++round) {
    const int64_t depth = 1 + static_cast<int64_t>(random() % (round % 5 == 0 ? 2500 : 200));
    const int64_t columns = 1 + static_cast<int64_t>(random() % 150);
    const int64_t items = 1 + static_cast<int64_t>(random() % 4);
    const int64_t rows = 1 + static_cast<int64_t>(random() % 70);
    // Rows that overlap, that follow one another, and that stand apart.
    const int64_t stride = 1 + static_cast<int64_t>(random() % static_cast<uint32_t>(2 * depth));
    Check<T>(depth, columns, items, rows, stride, round % 2 == 0);
  }
  // Few rows of many items.
  Check<T>(64, 70, 60, 2, 32, true);
  Check<T>(64, 70, 60, 1, 64, false);
}

TEST(PackedMatrixTest, FloatsAgreeWithTheSum) {
  CheckAll<float>();
  UseGeneralProducts(true);
  CheckAll<float>();
  UseGeneralProducts(false);
}

TEST(PackedMatrixTest, Bfloat16AgreesWithTheSum) {
  if (!HasFastBfloat16()) GTEST_SKIP() << "this CPU has no fast bfloat16 products";
  CheckAll<Bfloat16>();
}

// A right side that stands as it is: every row, or pair of rows, behind the one before.
template <typename T>
void CheckPlain(int64_t rows, int64_t depth, int64_t columns, int64_t together) {
  const std::vector<T> x = Eighths<T>(rows * depth, 1), y = Eighths<T>(depth * columns, 2);
  std::vector<float> out(static_cast<size_t>(rows * columns)), expected(out.size());
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < columns; ++column) {
      for (int64_t k = 0; k < depth; ++k) {
        const int64_t at = (k / together * columns + column) * together + k % together;
        expected[static_cast<size_t>(row * columns + column)] +=
            Load(x[static_cast<size_t>(row * depth + k)]) * Load(y[static_cast<size_t>(at)]);
      }
    }
  }
  MultiplyPlain(x.data(), depth, y.data(), columns, rows, depth, columns, out.data(), columns);
  EXPECT_EQ(out, expected);
}

TEST(PackedMatrixTest, PlainRightSides) {
  for (const int64_t rows : {1, 2, 64}) {
    CheckPlain<float>(rows, 64, 320, 1);
    CheckPlain<float>(rows, 33, 70, 1);
    if (!HasFastBfloat16()) continue;
    CheckPlain<Bfloat16>(rows, 64, 320, 2);
    CheckPlain<Bfloat16>(rows, 320, 64, 2);
  }
}

TEST(PackedMatrixTest, ThreadsShareTheColumns) {
  SetModelThreads(3);
  Check<float>(300, 400, 2, 100, 150, false);
  SetModelThreads(1);
}

}  // namespace
}  // namespace diarflow
