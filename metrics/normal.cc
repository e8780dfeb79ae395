#include "metrics/normal.h"

#include <cmath>

namespace diarflow {

double NormalCdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

double NormalQuantile(double p) {
  if (p > 0.5) return -NormalQuantile(1 - p);
  // Abramowitz and Stegun 26.2.23 (absolute error below 4.5e-4), then Halley's method.
  const double t = std::sqrt(-2 * std::log(p));
  double x = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (int i = 0; i < 3; ++i) {
    const double density = std::exp(-0.5 * x * x) / std::sqrt(2 * std::acos(-1.0));
    const double step = (NormalCdf(x) - p) / density;
    x -= step / (1 + 0.5 * x * step);
  }
  return x;
}

}  // namespace diarflow
