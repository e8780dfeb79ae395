// The standard normal distribution.
#ifndef DIARFLOW_METRICS_NORMAL_H_
#define DIARFLOW_METRICS_NORMAL_H_

namespace diarflow {

// Phi(x) = P(X <= x).
double NormalCdf(double x);

// Its inverse ("normal deviate", probit), to about 1e-14 relative in p. REQUIRES: 0 < p < 1.
double NormalQuantile(double p);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_NORMAL_H_
