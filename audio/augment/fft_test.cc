#include "audio/augment/fft.h"

#include <cmath>
#include <complex>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

constexpr double kPi = 3.14159265358979323846;

struct Numbers {
  std::vector<double> re, im;
};

Numbers Generated(int64_t size, uint64_t seed) {
  Random random(seed);
  Numbers numbers;
  for (int64_t n = 0; n < size; ++n) {
    numbers.re.push_back(random.Uniform(-1, 1));
    numbers.im.push_back(random.Uniform(-1, 1));
  }
  return numbers;
}

size_t ReverseBits(size_t index, int bits) {
  size_t reversed = 0;
  for (int i = 0; i < bits; ++i) reversed = 2 * reversed + (index >> i) % 2;
  return reversed;
}

TEST(FftTest, IsTheSumThatDefinesIt) {
  for (int bits = 0; bits <= 9; ++bits) {
    const Fft fft(bits);
    const int64_t size = int64_t{1} << bits;
    ASSERT_EQ(fft.size(), size);
    const Numbers input = Generated(size, static_cast<uint64_t>(bits));
    Numbers output = input;
    fft.Forward(output.re.data(), output.im.data());
    for (int64_t k = 0; k < size; ++k) {
      std::complex<double> sum = 0;
      for (int64_t n = 0; n < size; ++n) {
        const double angle = -2 * kPi * static_cast<double>(k * n % size) / static_cast<double>(size);
        sum += std::complex<double>(input.re[static_cast<size_t>(n)], input.im[static_cast<size_t>(n)]) *
               std::polar(1.0, angle);
      }
      const size_t at = ReverseBits(static_cast<size_t>(k), bits);
      ASSERT_NEAR(output.re[at], sum.real(), 1e-12) << size << " numbers, frequency " << k;
      ASSERT_NEAR(output.im[at], sum.imag(), 1e-12) << size << " numbers, frequency " << k;
    }
  }
}

TEST(FftTest, InverseUndoesIt) {
  for (int bits = 0; bits <= 17; ++bits) {
    const Fft fft(bits);
    const Numbers input = Generated(fft.size(), 99);
    Numbers output = input;
    fft.Forward(output.re.data(), output.im.data());
    fft.InverseTimesSize(output.re.data(), output.im.data());
    const auto size = static_cast<double>(fft.size());
    for (size_t n = 0; n < input.re.size(); ++n) {
      ASSERT_NEAR(output.re[n] / size, input.re[n], 1e-14) << bits;
      ASSERT_NEAR(output.im[n] / size, input.im[n], 1e-14) << bits;
    }
  }
}

}  // namespace
}  // namespace diarflow
