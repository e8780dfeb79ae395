#include "models/titanet/testing/golden_fill.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "models/testing/golden_numbers.h"
#include "models/titanet/titanet_weights.h"

namespace diarflow {
namespace {

double GainOf(const ExpectedTensor& tensor) {
  const bool encoder = absl::StartsWith(tensor.name, "encoder.");
  if (encoder && absl::StrContains(tensor.name, ".fc.")) return 2;
  if (encoder && absl::EndsWith(tensor.name, ".conv.weight") && tensor.shape[1] > 1) return 1.5;
  return tensor.name == "decoder._pooling.attention_layer.2.weight" ? 4 : 1;
}

double Filled(const ExpectedTensor& tensor, double wave, double fan, double gain) {
  if (absl::EndsWith(tensor.name, "running_var")) return 1 + 0.3 * wave;
  if (absl::EndsWith(tensor.name, "running_mean") || absl::EndsWith(tensor.name, ".bias")) return 0.1 * wave;
  if (tensor.shape.size() == 1) return 1 + 0.2 * wave;
  return wave * std::sqrt(2 / fan) * gain;
}

}  // namespace

TensorTable TitanetGoldenTensors(GoldenFill fill) {
  TensorTable table("the golden's formula");
  for (const ExpectedTensor& tensor : TitanetTensors()) {
    if (tensor.unused) continue;
    FloatArray values = FloatArray::Zeros(tensor.shape);
    const double fan = static_cast<double>(values.size()) / static_cast<double>(tensor.shape[0]);
    const bool literal = fill == GoldenFill::kLiteral;
    const std::vector<double> wave =
        GoldenWave(tensor.name, literal ? std::vector<int64_t>{values.size()} : tensor.shape);
    float* out = values.mutable_data();
    for (const double w : wave) *out++ = static_cast<float>(Filled(tensor, w, fan, literal ? 1 : GainOf(tensor)));
    table.AddFloats(tensor.name, values).IgnoreError();
  }
  return table;
}

FloatArray TitanetGoldenSignal() {
  constexpr int64_t kSamples = 24000;
  FloatArray signal = FloatArray::Zeros({kSamples});
  for (int64_t n = 0; n < kSamples; ++n) {
    const double t = static_cast<double>(n) / 16000;
    signal.mutable_data()[n] =
        static_cast<float>(0.3 * std::sin(2 * M_PI * 220 * t) * (1 + 0.5 * std::sin(2 * M_PI * 3 * t)) +
                           0.1 * std::sin(2 * M_PI * 1870 * t + 0.3) + 0.05 * std::sin(2 * M_PI * 3511.5 * t * t));
  }
  return signal;
}

FloatArray SlidingGoldenSignal() {
  constexpr int64_t kSamples = 96000;
  constexpr double kPitch[] = {118, 118, 203, 203, 118, 160}, kColour[] = {0, 0, 2, 2, 0, 4};
  FloatArray signal = FloatArray::Zeros({kSamples});
  for (int64_t n = 0; n < kSamples; ++n) {
    const double t = static_cast<double>(n) / 16000;
    const double f = kPitch[n / 16000], g = kColour[n / 16000];
    double s = 0;
    for (int k = 1; k <= 12; ++k) {
      s += 0.25 / k * (1 + 0.6 * std::cos(1.7 * k + g)) * std::sin(2 * M_PI * k * f * t + 0.3 * k * k);
    }
    const double u = std::sin(0.61803398875 * static_cast<double>((n + 1) * (n + 1) % 104729));
    signal.mutable_data()[n] = static_cast<float>(s * (1 + 0.4 * std::sin(2 * M_PI * 4 * t)) + 0.01 * u);
  }
  return signal;
}

}  // namespace diarflow
