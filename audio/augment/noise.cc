#include "audio/augment/noise.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "audio/time_grid.h"
#include "base/random.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kLowestPinkHz = 20;
constexpr int kLowestPinkRate = 400;

absl::StatusOr<FloatArray> Zeros(int64_t length) {
  if (length < 0)
    return absl::InvalidArgumentError(absl::StrCat("noise of ", length, " samples: it must be 0 or more"));
  try {
    return FloatArray::Zeros({length});
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(absl::StrCat("no memory for noise of ", length, " samples"));
  }
}

// One pole and one zero after the other.
class PinkFilter {
 public:
  explicit PinkFilter(int sample_rate) : rate_(sample_rate) {
    // Up to twice half of the rate: the pair beyond it straightens the end.
    for (double hz = kLowestPinkHz; hz < sample_rate; hz *= 2) {
      sections_.push_back({std::exp(-2 * kPi * hz / rate_), std::exp(-2 * kPi * hz * std::sqrt(2.0) / rate_), 0, 0});
    }
    double energy = 0;
    for (int64_t n = 0; n < settled(); ++n) {
      const double x = Filter(n == 0 ? 1 : 0);
      energy += x * x;
    }
    scale_ = 1 / std::sqrt(energy);
    for (Section& section : sections_) section.input = section.output = 0;
  }

  // Samples after which what was before is below 1e-8.
  int64_t settled() const { return static_cast<int64_t>(20 * rate_ / (2 * kPi * kLowestPinkHz)); }

  double Next(double white) { return scale_ * Filter(white); }

 private:
  struct Section {
    double pole, zero;
    double input, output;  // of the sample before
  };

  double Filter(double x) {
    for (Section& section : sections_) {
      const double y = x - section.zero * section.input + section.pole * section.output;
      section.input = x;
      section.output = y;
      x = y;
    }
    return x;
  }

  double rate_;
  double scale_ = 1;
  std::vector<Section> sections_;
};

absl::Status CheckSignal(absl::string_view name, const FloatArray& samples) {
  if (samples.shape().size() != 1 || samples.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " must have one axis with a sample or more; its shape is ", samples.ShapeString()));
  }
  if (const int64_t bad = samples.FirstNotFinite(); bad >= 0) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": sample ", bad, " is not finite"));
  }
  return absl::OkStatus();
}

double EnergyIn(const FloatArray& samples, const std::vector<ActiveSpan>& spans) {
  double energy = 0;
  for (const ActiveSpan& span : spans) {
    energy += Energy(absl::MakeConstSpan(samples.data() + span.begin, static_cast<size_t>(span.end - span.begin)));
  }
  return energy;
}

}  // namespace

absl::StatusOr<FloatArray> WhiteNoise(uint64_t seed, int64_t length) {
  ASSIGN_OR_RETURN(FloatArray noise, Zeros(length));
  Random random(seed);
  float* const out = noise.mutable_data();
  for (int64_t n = 0; n < length; ++n) out[n] = static_cast<float>(random.Normal());
  return noise;
}

absl::StatusOr<FloatArray> PinkNoise(uint64_t seed, int64_t length, int sample_rate) {
  if (sample_rate < kLowestPinkRate || sample_rate > kMaxSampleRate) {
    return absl::InvalidArgumentError(absl::StrCat("pink noise at ", sample_rate, " Hz: the rate must be from ",
                                                   kLowestPinkRate, " to ", kMaxSampleRate, " Hz"));
  }
  ASSIGN_OR_RETURN(FloatArray noise, Zeros(length));
  Random random(seed);
  PinkFilter filter(sample_rate);
  for (int64_t n = filter.settled(); n > 0; --n) filter.Next(random.Normal());
  float* const out = noise.mutable_data();
  for (int64_t n = 0; n < length; ++n) out[n] = static_cast<float>(filter.Next(random.Normal()));
  return noise;
}

absl::StatusOr<FloatArray> FitLength(const FloatArray& noise, uint64_t seed, int64_t length) {
  RETURN_IF_ERROR(CheckSignal("the noise", noise));
  ASSIGN_OR_RETURN(FloatArray fitted, Zeros(length));
  Random random(seed);
  const int64_t size = noise.size();
  int64_t position = size > length ? random.Below(size - length + 1) : random.Below(size);
  float* out = fitted.mutable_data();
  for (int64_t left = length; left > 0;) {
    const int64_t count = std::min(left, size - position);
    out = std::copy_n(noise.begin() + position, count, out);
    left -= count;
    position = 0;
  }
  return fitted;
}

absl::StatusOr<double> NoiseGain(const FloatArray& speech, const FloatArray& noise, double snr_db,
                                 absl::Span<const ActiveSpan> active) {
  if (speech.size() != noise.size()) {
    return absl::InvalidArgumentError(absl::StrCat("speech of ", speech.size(), " samples and noise of ", noise.size(),
                                                   ": the lengths must be equal (FitLength() makes them so)"));
  }
  if (!std::isfinite(snr_db)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a signal-to-noise ratio of ", snr_db, " dB: it must be a finite number"));
  }
  ASSIGN_OR_RETURN(const std::vector<ActiveSpan> spans, MergeSpans(active, speech.size()));
  const double speech_energy = EnergyIn(speech, spans);
  const double noise_energy = EnergyIn(noise, spans);
  const std::pair<absl::string_view, double> parts[] = {{"speech", speech_energy}, {"noise", noise_energy}};
  for (const auto& [name, energy] : parts) {
    if (energy > 0 && std::isfinite(energy)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("the ", name, " ", energy == 0 ? "is silent" : "holds a number that is not finite", " over the ",
                     spans.size(), " spans of active speech: there is no signal-to-noise ratio"));
  }
  return std::sqrt(speech_energy / noise_energy) * GainFromDb(-snr_db);
}

absl::StatusOr<FloatArray> MixAtSnr(const FloatArray& speech, const FloatArray& noise, double snr_db,
                                    absl::Span<const ActiveSpan> active) {
  ASSIGN_OR_RETURN(const double gain, NoiseGain(speech, noise, snr_db, active));
  ASSIGN_OR_RETURN(FloatArray mixed, Zeros(speech.size()));
  float* const out = mixed.mutable_data();
  for (int64_t n = 0; n < speech.size(); ++n) out[n] = static_cast<float>(speech[n] + gain * noise[n]);
  return mixed;
}

}  // namespace diarflow
