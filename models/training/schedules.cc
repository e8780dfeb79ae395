#include "models/training/schedules.h"

#include <algorithm>
#include <cmath>

namespace diarflow {

double WarmUpInverseSquareRoot(int64_t update, int64_t warm_up) {
  const double at = static_cast<double>(update), up = static_cast<double>(std::max<int64_t>(1, warm_up));
  if (warm_up > 0 && update < warm_up) return at / up;
  return std::sqrt(up / std::max(at, 1.0));
}

double WarmUpInverseSquareRootFromOne(int64_t update, int64_t warm_up) {
  const double share = static_cast<double>(update + 1) / static_cast<double>(warm_up + 1);
  return update <= warm_up ? share : 1 / std::sqrt(share);
}

double WarmUpCosine(int64_t update, int64_t warm_up, int64_t updates) {
  if (update < warm_up) return static_cast<double>(update + 1) / static_cast<double>(warm_up);
  const double share =
      static_cast<double>(update - warm_up) / static_cast<double>(std::max<int64_t>(1, updates - warm_up));
  return 0.5 * (1 + std::cos(M_PI * std::min(1.0, share)));
}

}  // namespace diarflow
