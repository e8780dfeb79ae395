// Random numbers that are the same everywhere: the generator and every distribution are this library's own, since those
// of the standard library differ between compilers.
#ifndef DIARFLOW_BASE_RANDOM_H_
#define DIARFLOW_BASE_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace diarflow {

// Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // 0 .. n - 1, the high word of a 64 x 64 bit product; uneven by at most n / 2^64. REQUIRES: n > 0.
  int64_t Below(int64_t n) {
    __extension__ using Product = unsigned __int128;
    return static_cast<int64_t>((static_cast<Product>(Next()) * static_cast<uint64_t>(n)) >> 64);
  }

 private:
  uint64_t state_;
};

// Distributions over SplitMix64. Copying copies the state.
class Random {
 public:
  explicit Random(uint64_t seed) : bits_(seed) {}
  // Independent streams of one seed: number 0, 1, 2, ... for the sessions of a corpus, say, so that each can be made by
  // itself, in any order.
  Random(uint64_t seed, uint64_t stream);

  uint64_t Next() { return bits_.Next(); }
  int64_t Below(int64_t n) { return bits_.Below(n); }
  // [0, 1), a multiple of 2^-53.
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }
  double Uniform(double low, double high) { return low + (high - low) * Uniform(); }

  // Mean 0, standard deviation 1 (Box and Muller 1958; the second of each pair is not kept).
  double Normal();
  // Mean shape * scale, variance shape * scale^2 (Marsaglia and Tsang, "A simple method for generating gamma
  // variables", 2000). REQUIRES: shape > 0, scale >= 0.
  double Gamma(double shape, double scale);
  // Mean a / (a + b). REQUIRES: a > 0, b > 0.
  double Beta(double a, double b);
  // REQUIRES: mean >= 0. Takes time in proportion to the mean.
  int64_t Poisson(double mean);
  // Failures before the r-th success of probability p; r need not be whole: a Poisson number whose mean is
  // Gamma(r, (1 - p) / p). REQUIRES: r > 0, 0 < p <= 1.
  int64_t NegativeBinomial(double r, double p);

  // Fisher and Yates, in place.
  template <typename T>
  void Shuffle(std::vector<T>* values) {
    for (size_t i = values->size(); i > 1; --i) {
      std::swap((*values)[i - 1], (*values)[static_cast<size_t>(Below(static_cast<int64_t>(i)))]);
    }
  }

 private:
  SplitMix64 bits_;
};

}  // namespace diarflow

#endif  // DIARFLOW_BASE_RANDOM_H_
