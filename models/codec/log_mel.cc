#include "models/codec/log_mel.h"

#include <cmath>

#include "ATen/ops/constant_pad_nd.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/fft_rfft.h"
#include "ATen/ops/from_blob.h"
#include "ATen/ops/hann_window.h"
#include "ATen/ops/matmul.h"
#include "ATen/ops/view_as_real.h"
#include "audio/fbank.h"
#include "base/float_array.h"
#include "c10/core/InferenceMode.h"
#include "models/mimi/mimi_tap.h"

namespace diarflow {
namespace {

constexpr int64_t kPadding = (kLogMelWindow - kLogMelHop) / 2;
// The triangles do not use the Nyquist frequency.
constexpr int64_t kSpectrum = kLogMelWindow / 2;

struct Tables {
  at::Tensor window;     // [1024], float64, of energy one
  at::Tensor triangles;  // [512, 80], float64, each of sum one
};

Tables MakeTables() {
  // They serve passes with gradients too, wherever the first call comes from.
  const c10::InferenceMode usual_tensors(false);
  FbankOptions options;
  options.sample_rate = kMimiSampleRate;
  options.window = kLogMelWindow;
  options.hop = kLogMelHop;
  options.num_bins = kLogMelBins;
  FloatArray weights = Fbank::Create(options)->MelWeights();
  const at::Tensor triangles = at::from_blob(weights.mutable_data(), weights.shape()).to(at::kDouble).t();
  const at::Tensor window = at::hann_window(kLogMelWindow, at::kDouble);
  return {window.div(window.square().sum().sqrt()), triangles.div(triangles.sum(0)).contiguous()};
}

}  // namespace

at::Tensor LogMel(const at::Tensor& samples) {
  static const auto& tables = *new Tables(MakeTables());
  const at::Tensor frames = at::constant_pad_nd(samples, {kPadding, kPadding}).unfold(1, kLogMelWindow, kLogMelHop);
  const at::Tensor spectrum = at::fft_rfft(frames.mul(tables.window.to(samples.options()))).narrow(2, 0, kSpectrum);
  const at::Tensor power = at::view_as_real(spectrum).square().sum(-1);
  return at::matmul(power, tables.triangles.to(samples.options())).add(kLogMelFloor).log();
}

}  // namespace diarflow
