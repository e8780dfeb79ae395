#include "audio/augment/decay.h"

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace diarflow {

std::vector<double> EnergyDecayDb(absl::Span<const float> response) {
  std::vector<double> decay(response.size());
  double sum = 0;
  for (size_t i = response.size(); i-- > 0;) decay[i] = sum += static_cast<double>(response[i]) * response[i];
  for (double& energy : decay) energy = 10 * std::log10(energy / sum);
  return decay;
}

absl::StatusOr<double> MeasureT60(absl::Span<const float> response, int sample_rate, double range_db) {
  if (sample_rate < 1 || !(range_db >= 1 && range_db <= 100)) {
    return absl::InvalidArgumentError(absl::StrCat("reverberation time at ", sample_rate, " Hz over ", range_db,
                                                   " dB: the rate must be 1 or more, the range from 1 to 100 dB"));
  }
  const std::vector<double> decay = EnergyDecayDb(response);
  if (decay.empty() || decay[0] != 0) {
    return absl::InvalidArgumentError(
        "reverberation time: the response is empty, silent or holds a number that is not finite");
  }
  double count = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (size_t i = 0; i < decay.size(); ++i) {
    if (decay[i] > -5 || decay[i] < -5 - range_db) continue;
    const double t = static_cast<double>(i) / sample_rate;
    count += 1, x += t, y += decay[i], xx += t * t, xy += t * decay[i];
  }
  const double slope = (count * xy - x * y) / (count * xx - x * x);
  if (count < 2 || !(slope < 0)) {
    return absl::InvalidArgumentError(absl::StrCat("reverberation time: the energy decay has ",
                                                   static_cast<int64_t>(count), " samples from -5 to ", -5 - range_db,
                                                   " dB; two on a falling line are needed"));
  }
  return -60 / slope;
}

}  // namespace diarflow
