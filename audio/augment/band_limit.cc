#include "audio/augment/band_limit.h"

#include <cmath>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "audio/augment/convolve.h"
#include "audio/time_grid.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kAttenuationDb = 60;
constexpr double kMaxFilter = 1e6;

double KaiserLength(int sample_rate, double transition_hz) {
  return (kAttenuationDb - 7.95) / (2.285 * 2 * kPi * transition_hz / sample_rate);
}

absl::Status CheckBand(int sample_rate, const Band& band) {
  const auto bad = [](absl::string_view name, double value, absl::string_view rule) {
    return absl::InvalidArgumentError(absl::StrCat("band: the ", name, " is ", value, " Hz; it must be ", rule));
  };
  if (sample_rate < 1 || sample_rate > kMaxSampleRate) {
    return bad("sample rate", sample_rate, absl::StrCat("from 1 to ", kMaxSampleRate));
  }
  if (!(band.transition_hz > 0 && KaiserLength(sample_rate, band.transition_hz) <= kMaxFilter)) {
    return bad("transition", band.transition_hz, "above 0, and the filter not longer than a million samples");
  }
  const double half = band.transition_hz / 2;
  const double top = sample_rate / 2.0 - half;
  const double high = band.high_hz == 0 ? top : band.high_hz;
  if (!(high >= half && high <= top)) {
    return bad("upper edge", band.high_hz,
               absl::StrCat("0 (none) or from ", half, " to ", top, ", half of the transition away from both ends"));
  }
  if (band.low_hz != 0 && !(band.low_hz >= half && band.low_hz <= high - (band.high_hz == 0 ? 0 : 2 * half))) {
    return bad("lower edge", band.low_hz,
               absl::StrCat("0 (none) or ", half, " or more, and the transition's ", band.transition_hz,
                            " Hz below the upper edge"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FloatArray> BandFilter(int sample_rate, const Band& band) {
  RETURN_IF_ERROR(CheckBand(sample_rate, band));
  const auto half = static_cast<int64_t>(std::ceil(KaiserLength(sample_rate, band.transition_hz) / 2));
  // Kaiser's formula for this attenuation.
  const double beta = 0.1102 * (kAttenuationDb - 8.7);
  const double low = 2 * band.low_hz / sample_rate, high = band.high_hz == 0 ? 1 : 2 * band.high_hz / sample_rate;
  const auto sinc = [](double share, int64_t n) {
    return n == 0 ? share : std::sin(kPi * share * static_cast<double>(n)) / (kPi * static_cast<double>(n));
  };
  FloatArray filter = FloatArray::Zeros({2 * half + 1});
  float* const out = filter.mutable_data();
  for (int64_t n = -half; n <= half; ++n) {
    const double x = static_cast<double>(n) / static_cast<double>(half + 1);
    const double kaiser = std::cyl_bessel_i(0, beta * std::sqrt(1 - x * x)) / std::cyl_bessel_i(0, beta);
    out[n + half] = static_cast<float>(kaiser * (sinc(high, n) - sinc(low, n)));
  }
  return filter;
}

absl::StatusOr<FloatArray> LimitBand(const FloatArray& samples, int sample_rate, const Band& band) {
  ASSIGN_OR_RETURN(const FloatArray filter, BandFilter(sample_rate, band));
  if (band.low_hz == 0 && band.high_hz == 0) return samples;
  return ConvolveAligned(samples, filter, filter.size() / 2);
}

}  // namespace diarflow
