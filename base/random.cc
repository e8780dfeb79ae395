#include "base/random.h"

#include <cmath>

namespace diarflow {
namespace {

constexpr double kTwoPi = 6.283185307179586476925286766559;
// Poisson numbers of larger means are sums: e^-mean must not vanish.
constexpr double kPoissonStep = 16;

}  // namespace

Random::Random(uint64_t seed, uint64_t stream) : bits_(seed) {
  // The state is a mix of both: neighbouring streams have nothing in common.
  SplitMix64 streams(Next() ^ (stream * 0xd1342543de82ef95));
  streams.Next();
  bits_ = SplitMix64(streams.Next());
}

double Random::Normal() {
  // (0, 1]: the logarithm is finite.
  const double radius = std::sqrt(-2 * std::log(1 - Uniform()));
  return radius * std::cos(kTwoPi * Uniform());
}

double Random::Gamma(double shape, double scale) {
  if (shape < 1) {
    // Gamma(a) = Gamma(a + 1) U^(1/a).
    const double above = Gamma(shape + 1, scale);
    return above * std::pow(1 - Uniform(), 1 / shape);
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = Normal();
    const double v = (1 + c * x) * (1 + c * x) * (1 + c * x);
    if (v <= 0) continue;
    if (std::log(1 - Uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v * scale;
  }
}

double Random::Beta(double a, double b) {
  const double x = Gamma(a, 1);
  const double y = Gamma(b, 1);
  // Both may underflow for tiny a and b.
  return x + y > 0 ? x / (x + y) : (Uniform() < a / (a + b) ? 1 : 0);
}

int64_t Random::Poisson(double mean) {
  int64_t count = 0;
  for (; mean > 0; mean -= kPoissonStep) {
    const double limit = std::exp(-std::fmin(mean, kPoissonStep));
    for (double product = 1 - Uniform(); product > limit; product *= 1 - Uniform()) ++count;
  }
  return count;
}

int64_t Random::NegativeBinomial(double r, double p) { return Poisson(Gamma(r, (1 - p) / p)); }

}  // namespace diarflow
