#include "audio/fbank.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/fft_rfft.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/view_as_real.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int64_t kBlockFrames = 512;  // frames at once: a few megabytes

double HzToMel(double hz) { return 1127.0 * std::log1p(hz / 700.0); }

double HighEnd(const FbankOptions& options) {
  return options.high_hz > 0 ? options.high_hz : options.sample_rate / 2.0 + options.high_hz;
}

absl::Status CheckOptions(const FbankOptions& options) {
  const auto bad = [](absl::string_view name, auto value, absl::string_view rule) {
    return absl::InvalidArgumentError(absl::StrCat("filter bank: ", name, " is ", value, ", it must be ", rule));
  };
  if (options.sample_rate < 1 || options.sample_rate > kMaxSampleRate) {
    return bad("sample_rate", options.sample_rate, absl::StrCat("from 1 to ", kMaxSampleRate, " Hz"));
  }
  // A second of samples at the highest rate.
  if (options.window < 2 || options.window > kMaxSampleRate) {
    return bad("window", options.window, absl::StrCat("from 2 to ", kMaxSampleRate, " samples"));
  }
  if (options.hop < 1) return bad("hop", options.hop, "1 sample or more");
  if (options.num_bins < 1 || options.num_bins > 4096) return bad("num_bins", options.num_bins, "from 1 to 4096");
  if (!(options.preemphasis >= 0 && options.preemphasis <= 1)) {
    return bad("preemphasis", options.preemphasis, "from 0 to 1");
  }
  if (!(options.low_hz >= 0 && options.low_hz < HighEnd(options))) {
    return bad("low_hz", options.low_hz, absl::StrCat("from 0 to below the upper end, ", HighEnd(options), " Hz"));
  }
  if (!(HighEnd(options) <= options.sample_rate / 2.0)) {
    return bad("high_hz", options.high_hz, absl::StrCat("at most half of ", options.sample_rate, " Hz"));
  }
  return absl::OkStatus();
}

}  // namespace

struct Fbank::Tables {
  at::Tensor window;       // [window], float64
  at::Tensor mel_weights;  // [fft / 2, num_bins], float64
  int64_t fft = 1;
};

namespace {

// Row k is what the frequency k * rate / fft adds to each bin.
at::Tensor MakeMelWeights(const FbankOptions& options, int64_t fft) {
  const double low = HzToMel(options.low_hz);
  const double step = (HzToMel(HighEnd(options)) - low) / (options.num_bins + 1);
  at::Tensor weights = at::empty({fft / 2, options.num_bins}, at::kDouble);
  double* out = weights.data_ptr<double>();
  for (int64_t k = 0; k < fft / 2; ++k) {
    const double mel = HzToMel(static_cast<double>(k) * options.sample_rate / static_cast<double>(fft));
    for (int bin = 0; bin < options.num_bins; ++bin) {
      // In steps: the triangle rises from `bin` to `bin` + 1 and falls to `bin` + 2.
      const double at = (mel - low) / step - bin;
      *out++ = std::max(0.0, std::min(at, 2.0 - at));
    }
  }
  return weights;
}

// [T, window] to log energies [T, bins].
at::Tensor LogEnergies(const at::Tensor& frames, const at::Tensor& window, const at::Tensor& mel_weights, int64_t fft,
                       double preemphasis) {
  const at::Tensor centred = frames.sub(frames.mean(/*dim=*/1, /*keepdim=*/true));
  at::Tensor emphasised = centred.clone();
  const int64_t last = frames.size(1) - 1;
  emphasised.narrow(1, 1, last).sub_(centred.narrow(1, 0, last), preemphasis);
  emphasised.narrow(1, 0, 1).mul_(1 - preemphasis);
  emphasised.mul_(window);
  const at::Tensor spectrum = at::view_as_real(at::fft_rfft(emphasised, fft).narrow(1, 0, fft / 2));
  const at::Tensor power = spectrum.square().sum(-1);
  return at::matmul(power, mel_weights).clamp_min_(static_cast<double>(FLT_EPSILON)).log_();
}

}  // namespace

Fbank::Fbank(const FbankOptions& options, std::unique_ptr<const Tables> tables)
    : options_(options), tables_(std::move(tables)) {}
Fbank::Fbank(Fbank&&) noexcept = default;
Fbank& Fbank::operator=(Fbank&&) noexcept = default;
Fbank::~Fbank() = default;

absl::StatusOr<Fbank> Fbank::Create(const FbankOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  auto tables = std::make_unique<Tables>();
  while (tables->fft < options.window) tables->fft *= 2;
  tables->window = at::empty({options.window}, at::kDouble);
  double* window = tables->window.data_ptr<double>();
  for (int n = 0; n < options.window; ++n) {
    window[n] = std::pow(0.5 - 0.5 * std::cos(2 * kPi * n / (options.window - 1)), 0.85);
  }
  tables->mel_weights = MakeMelWeights(options, tables->fft);
  return Fbank(options, std::move(tables));
}

absl::StatusOr<FloatArray> Fbank::Compute(const FloatArray& samples) const {
  if (samples.shape().size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the filter bank takes the samples of one channel, [N], not ", samples.ShapeString()));
  }
  const int64_t num_frames = grid().NumWholeFrames(samples.size());
  if (num_frames == 0) {
    return absl::OutOfRangeError(absl::StrCat("too short for a frame of the filter bank: ", samples.size(),
                                              " samples, ", options_.window, " are needed"));
  }
  try {
    const c10::InferenceMode no_gradients;
    FloatArray result = FloatArray::Zeros({num_frames, options_.num_bins});
    const at::Tensor output = at::from_blob(result.mutable_data(), {num_frames, options_.num_bins}, at::kFloat);
    const at::Tensor input = at::from_blob(const_cast<float*>(samples.data()), {samples.size()}, at::kFloat);
    for (int64_t first = 0; first < num_frames; first += kBlockFrames) {
      const int64_t count = std::min(kBlockFrames, num_frames - first);
      const at::Tensor frames =
          input.as_strided({count, options_.window}, {options_.hop, 1}, first * options_.hop).to(at::kDouble);
      output.narrow(0, first, count)
          .copy_(LogEnergies(frames, tables_->window, tables_->mel_weights, tables_->fft, options_.preemphasis));
    }
    return result;
  } catch (const c10::Error& error) {
    return absl::InternalError(absl::StrCat("filter bank of ", samples.size(), " samples: LibTorch says: ",
                                            error.what_without_backtrace()));
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(absl::StrCat("no memory for the filter bank of ", samples.size(), " samples"));
  }
}

FloatArray Fbank::MelWeights() const {
  const at::Tensor weights = tables_->mel_weights.t().to(at::kFloat).contiguous();
  FloatArray result = FloatArray::Zeros({weights.size(0), weights.size(1)});
  std::copy_n(weights.data_ptr<float>(), result.size(), result.mutable_data());
  return result;
}

absl::StatusOr<FloatArray> MeanOverFrames(const FloatArray& frames) {
  if (frames.shape().size() != 2 || frames.dim(0) == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("a mean over frames needs [T, D] with at least one frame, not ", frames.ShapeString()));
  }
  const int64_t dim = frames.dim(1);
  std::vector<double> sums(static_cast<size_t>(dim), 0.0);
  for (int64_t i = 0; i < frames.size(); ++i) sums[static_cast<size_t>(i % dim)] += frames[i];
  FloatArray mean = FloatArray::Zeros({dim});
  float* out = mean.mutable_data();
  for (const double sum : sums) *out++ = static_cast<float>(sum / static_cast<double>(frames.dim(0)));
  return mean;
}

absl::StatusOr<FloatArray> SubtractMeanOverFrames(const FloatArray& frames) {
  ASSIGN_OR_RETURN(const FloatArray mean, MeanOverFrames(frames));
  FloatArray result = FloatArray::Zeros(frames.shape());
  float* out = result.mutable_data();
  for (int64_t i = 0; i < frames.size(); ++i) *out++ = frames[i] - mean[i % mean.size()];
  return result;
}

}  // namespace diarflow
