#include "models/codec/testing/sound.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ATen/ops/empty.h"
#include "c10/core/GradMode.h"
#include "models/mimi/mimi_config.h"
#include "models/mimi/mimi_tap.h"

namespace diarflow {
namespace {

constexpr double kPi = 3.14159265358979323846;

}  // namespace

at::Tensor RandomNumbers(const std::vector<int64_t>& shape, double reach, Random& random) {
  at::Tensor numbers = at::empty(shape);
  float* out = numbers.mutable_data_ptr<float>();
  for (int64_t i = 0; i < numbers.numel(); ++i) out[i] = static_cast<float>(random.Uniform(-reach, reach));
  return numbers;
}

at::Tensor RandomSound(int64_t batch, int64_t samples, Random& random) {
  at::Tensor sound = RandomNumbers({batch, samples}, 0.003, random);
  float* out = sound.mutable_data_ptr<float>();
  for (int64_t item = 0; item < batch; ++item, out += samples) {
    const double pitch = random.Uniform(90, 250), slide = random.Uniform(0.8, 1.25), beat = random.Uniform(2, 5);
    double phase = 0;
    for (int64_t n = 0; n < samples; ++n) {
      const double part = static_cast<double>(n) / static_cast<double>(samples);
      phase += 2 * kPi * pitch * std::pow(slide, part) / kMimiSampleRate;
      const double swell = std::max(0.0, std::sin(2 * kPi * beat * static_cast<double>(n) / kMimiSampleRate));
      double value = 0;
      for (int overtone = 1; overtone <= 12; ++overtone) value += std::sin(overtone * phase) / overtone;
      out[n] += static_cast<float>(0.15 * swell * value);
    }
  }
  return sound;
}

CodecConfig TinyCodecConfig() {
  CodecConfig config;
  config.mimi.set_n_filters(4);
  config.mimi.set_dimension(32);
  config.mimi.set_num_heads(2);
  config.mimi.set_num_layers(1);
  config.mimi.set_feed_forward(48);
  config.mimi.set_layer_scale_init(0.1);
  config.mimi.set_codebook_dimension(16);
  config.mimi.set_codebook_size(32);
  config.mimi.set_num_codebooks(4);
  config.head_width = 64;
  return config;
}

MimiConfig RandomMimiConfig(Random& random) {
  const std::vector<std::vector<int>> ratios = {{4, 5, 6, 8}, {8, 6, 5, 4}, {2, 3, 4, 5, 8}, {10, 12, 8}};
  const auto from = [&random](int low, int count) { return low + static_cast<int>(random.Below(count)); };
  MimiConfig config;
  for (const int ratio : ratios[static_cast<size_t>(from(0, 4))]) config.add_ratios(ratio);
  config.set_compress(from(1, 2));
  config.set_n_filters(config.compress() * from(1, 3));
  config.set_kernel_size(from(1, 9));
  config.set_residual_kernel_size(from(1, 4));
  config.set_last_kernel_size(from(1, 4));
  config.set_num_heads(from(1, 3));
  config.set_dimension(config.num_heads() * 2 * from(1, 4));
  config.set_num_layers(from(1, 3));
  config.set_feed_forward(from(5, 20));
  config.set_context(from(1, 12));
  config.set_rope_max_period(100);
  config.set_norm_epsilon(1e-4);
  config.set_layer_scale_init(0.5);
  config.set_codebook_dimension(from(2, 4));
  config.set_codebook_size(from(2, 20));
  config.set_num_codebooks(from(2, 4));
  return FillMimiConfig(config);
}

void Disturb(const CodecTensors& tensors, double reach, Random& random) {
  const c10::NoGradGuard no_gradients;
  for (const auto& [name, tensor] : tensors)
    at::Tensor(tensor).add_(RandomNumbers(tensor.sizes().vec(), reach, random));
}

CodecTensors InDouble(const CodecTensors& tensors) {
  CodecTensors doubles;
  for (const auto& [name, tensor] : tensors) doubles[name] = tensor.detach().to(at::kDouble);
  return doubles;
}

FloatArray ToFloatArray(const at::Tensor& tensor) {
  const at::Tensor floats = tensor.detach().to(at::kFloat).contiguous();
  FloatArray array = FloatArray::Zeros(floats.sizes().vec());
  std::copy_n(floats.const_data_ptr<float>(), array.size(), array.mutable_data());
  return array;
}

TensorTable TableOf(const CodecTensors& tensors) {
  TensorTable table;
  for (const auto& [name, tensor] : tensors) table.AddFloats(name, ToFloatArray(tensor)).IgnoreError();
  return table;
}

double Farthest(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes()) return std::numeric_limits<double>::infinity();
  return a.detach().to(at::kDouble).sub(b.detach().to(at::kDouble)).abs().max().item<double>();
}

}  // namespace diarflow
