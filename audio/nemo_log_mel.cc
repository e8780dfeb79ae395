#include "audio/nemo_log_mel.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/fft_rfft.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/view_as_real.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int64_t kTransform = 512;
constexpr int64_t kWindow = 400;
constexpr int64_t kPadding = kTransform / 2;
constexpr int64_t kSpectrum = kTransform / 2 + 1;
constexpr double kPreemphasis = 0.97;
constexpr double kGuard = 1.0 / (1 << 24);
constexpr double kDeviationFloor = 1e-5;
constexpr int64_t kBlockFrames = 512;

// Slaney's scale: 3 mel for 200 Hz up to 1 kHz, then 27 for each factor of 6.4.
constexpr double kLinearStep = 200.0 / 3;
constexpr double kBreakHz = 1000;
constexpr double kBreakMel = kBreakHz / kLinearStep;

double HzToMel(double hz) {
  return hz < kBreakHz ? hz / kLinearStep : kBreakMel + 27 * std::log(hz / kBreakHz) / std::log(6.4);
}
double MelToHz(double mel) {
  return mel < kBreakMel ? mel * kLinearStep : kBreakHz * std::exp((mel - kBreakMel) * std::log(6.4) / 27);
}

at::Tensor MakeWindow() {
  at::Tensor window = at::zeros({kTransform}, at::kDouble);
  double* out = window.data_ptr<double>() + (kTransform - kWindow) / 2;
  // Rounded as the trained network had it.
  for (int64_t n = 0; n < kWindow; ++n) {
    out[n] = static_cast<float>(0.5 - 0.5 * std::cos(2 * kPi * static_cast<double>(n) / (kWindow - 1)));
  }
  return window;
}

// [257, 80]: what each frequency adds to each bin.
at::Tensor MakeMelWeights() {
  std::vector<double> edges;
  const double highest = HzToMel(kNemoMelSampleRate / 2.0);
  for (int64_t i = 0; i < kNemoMelBins + 2; ++i) {
    edges.push_back(MelToHz(highest * static_cast<double>(i) / (kNemoMelBins + 1)));
  }
  at::Tensor weights = at::empty({kSpectrum, kNemoMelBins}, at::kDouble);
  double* out = weights.data_ptr<double>();
  for (int64_t k = 0; k < kSpectrum; ++k) {
    const double hz = static_cast<double>(k) * kNemoMelSampleRate / kTransform;
    for (size_t bin = 0; bin < kNemoMelBins; ++bin) {
      const double rising = (hz - edges[bin]) / (edges[bin + 1] - edges[bin]);
      const double falling = (edges[bin + 2] - hz) / (edges[bin + 2] - edges[bin + 1]);
      const double area = 2 / (edges[bin + 2] - edges[bin]);
      *out++ = static_cast<float>(std::max(0.0, std::min(rising, falling)) * area);
    }
  }
  return weights;
}

// The emphasised recording with kPadding samples more at both ends.
std::vector<double> Emphasise(const FloatArray& samples, NemoMelForm form) {
  const int64_t length = samples.size();
  std::vector<double> padded(static_cast<size_t>(length + 2 * kPadding), 0.0);
  double* x = padded.data() + kPadding;
  x[0] = samples[0];
  for (int64_t n = 1; n < length; ++n) x[n] = double{samples[n]} - kPreemphasis * samples[n - 1];
  if (form == NemoMelForm::kLegacy) {
    for (int64_t n = 1; n <= kPadding; ++n) {
      x[-n] = x[n];
      x[length - 1 + n] = x[length - 1 - n];
    }
  }
  return padded;
}

}  // namespace

struct NemoLogMel::Tables {
  at::Tensor window;       // [512], float64
  at::Tensor mel_weights;  // [257, 80], float64
};

NemoLogMel::NemoLogMel(NemoMelForm form) : form_(form), tables_(new Tables{MakeWindow(), MakeMelWeights()}) {}
NemoLogMel::NemoLogMel(NemoLogMel&&) noexcept = default;
NemoLogMel& NemoLogMel::operator=(NemoLogMel&&) noexcept = default;
NemoLogMel::~NemoLogMel() = default;

absl::StatusOr<FloatArray> NemoLogMel::LogMel(const FloatArray& samples) const {
  if (samples.shape().size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the log mel spectrum takes the samples of one channel, [N], not ", samples.ShapeString()));
  }
  if (samples.size() < MinSamples()) {
    return absl::OutOfRangeError(absl::StrCat("too short for a frame of the log mel spectrum: ", samples.size(),
                                              " samples, ", MinSamples(), " are needed"));
  }
  try {
    const c10::InferenceMode no_gradients;
    std::vector<double> padded = Emphasise(samples, form_);
    const at::Tensor input = at::from_blob(padded.data(), {static_cast<int64_t>(padded.size())}, at::kDouble);
    const int64_t num_frames = samples.size() / kNemoMelHop + 1;
    FloatArray result = FloatArray::Zeros({num_frames, kNemoMelBins});
    const at::Tensor output = at::from_blob(result.mutable_data(), {num_frames, kNemoMelBins}, at::kFloat);
    for (int64_t first = 0; first < num_frames; first += kBlockFrames) {
      const int64_t count = std::min(kBlockFrames, num_frames - first);
      const at::Tensor frames = input.as_strided({count, kTransform}, {kNemoMelHop, 1}, first * kNemoMelHop);
      const at::Tensor power = at::view_as_real(at::fft_rfft(frames.mul(tables_->window))).square().sum(-1);
      output.narrow(0, first, count).copy_(at::matmul(power, tables_->mel_weights).add_(kGuard).log_());
    }
    return result;
  } catch (const c10::Error& error) {
    return absl::InternalError(absl::StrCat("log mel spectrum of ", samples.size(),
                                            " samples: LibTorch says: ", error.what_without_backtrace()));
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no memory for the log mel spectrum of ", samples.size(), " samples"));
  }
}

absl::StatusOr<FloatArray> NemoLogMel::Normalised(const FloatArray& samples) const {
  ASSIGN_OR_RETURN(const FloatArray energies, LogMel(samples));
  FloatArray valid = FloatArray::Zeros({NumValidFrames(samples.size()), kNemoMelBins});
  std::copy_n(energies.data(), valid.size(), valid.mutable_data());
  return NormaliseFrames(valid);
}

FloatArray NemoLogMel::NormaliseFrames(const FloatArray& energies) {
  const int64_t valid = energies.dim(0);
  FloatArray result = FloatArray::Zeros({valid, kNemoMelBins});
  float* out = result.mutable_data();
  for (int64_t bin = 0; bin < kNemoMelBins; ++bin) {
    double sum = 0, squares = 0;
    for (int64_t t = 0; t < valid; ++t) sum += energies[t * kNemoMelBins + bin];
    const double mean = sum / static_cast<double>(valid);
    for (int64_t t = 0; t < valid; ++t) squares += std::pow(energies[t * kNemoMelBins + bin] - mean, 2);
    const double deviation = valid > 1 ? std::sqrt(squares / static_cast<double>(valid - 1)) : 0;
    for (int64_t t = 0; t < valid; ++t) {
      const int64_t at = t * kNemoMelBins + bin;
      out[at] = static_cast<float>((energies[at] - mean) / (deviation + kDeviationFloor));
    }
  }
  return result;
}

FloatArray NemoLogMel::MelWeights() const {
  const at::Tensor weights = tables_->mel_weights.t().to(at::kFloat).contiguous();
  FloatArray result = FloatArray::Zeros({weights.size(0), weights.size(1)});
  std::copy_n(weights.data_ptr<float>(), result.size(), result.mutable_data());
  return result;
}

}  // namespace diarflow
