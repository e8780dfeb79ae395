#include "models/segmentation/testing/golden_signals.h"

#include <cmath>
#include <vector>

namespace diarflow {
namespace {

struct Formant {
  double hz, width, weight;
};

double Voice(double t, double pitch, const std::vector<Formant>& formants) {
  const double phase = 2 * M_PI * pitch * (t + 0.02 * std::sin(2 * M_PI * 0.7 * t) / (2 * M_PI * 0.7));
  double sum = 0;
  for (int h = 1; h <= 30 && h * pitch <= 7000; ++h) {
    double gain = 0;
    for (const Formant& formant : formants) {
      gain += formant.weight / (1 + std::pow((h * pitch - formant.hz) / formant.width, 2));
    }
    sum += gain * std::sin(h * phase + 0.1 * h * h);
  }
  return sum * std::pow(0.5 - 0.5 * std::cos(8 * M_PI * t), 0.7);
}

}  // namespace

FloatArray SegmentationTone() {
  FloatArray signal = FloatArray::Zeros({kSegmentationGoldenSamples});
  for (int64_t n = 0; n < kSegmentationGoldenSamples; ++n) {
    const double t = static_cast<double>(n) / 16000;
    signal.mutable_data()[n] =
        static_cast<float>(0.3 * std::sin(2 * M_PI * 220 * t) * (1 + 0.5 * std::sin(2 * M_PI * 3 * t)) +
                           0.1 * std::sin(2 * M_PI * 1870 * t + 0.3) + 0.05 * std::sin(2 * M_PI * 3511.5 * t * t));
  }
  return signal;
}

FloatArray SegmentationSpeechLike() {
  FloatArray signal = FloatArray::Zeros({kSegmentationGoldenSamples});
  for (int64_t n = 0; n < kSegmentationGoldenSamples; ++n) {
    const double t = static_cast<double>(n) / 16000;
    double x = 0;
    if (std::fmod(t, 5) < 3) x += 0.12 * Voice(t, 118, {{600, 90, 1}, {1100, 120, 0.6}, {2500, 200, 0.25}});
    if (std::fmod(t + 2.5, 5) < 2) x += 0.10 * Voice(t, 211, {{450, 80, 1}, {1900, 150, 0.5}, {2900, 220, 0.3}});
    signal.mutable_data()[n] = static_cast<float>(x);
  }
  return signal;
}

}  // namespace diarflow
