#include "audio/augment/convolve.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/fft_irfft.h>
#include <ATen/ops/fft_rfft.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <new>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr int64_t kSmallestTransform = 256;
constexpr int64_t kUsualTransform = 1 << 14;  // as long as the response leaves most of it to the signal

absl::Status CheckArgument(absl::string_view name, const FloatArray& samples) {
  if (samples.shape().size() != 1 || samples.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("convolution takes a ", name, " of one axis with a sample or more, ",
                                                   "not of the shape ", samples.ShapeString()));
  }
  if (const int64_t bad = samples.FirstNotFinite(); bad >= 0) {
    return absl::InvalidArgumentError(absl::StrCat("convolution: sample ", bad, " of the ", name, " is not finite"));
  }
  return absl::OkStatus();
}

int64_t TransformLength(int64_t signal, int64_t response) {
  const int64_t wanted = std::min(signal + response - 1, std::max(kUsualTransform, 4 * response));
  int64_t length = kSmallestTransform;
  while (length < wanted) length *= 2;
  return length;
}

// Adds the convolution's samples from `delay` on to `output`, as far as it reaches.
void OverlapAdd(const FloatArray& signal, const FloatArray& response, int64_t delay, std::vector<double>* output) {
  const c10::InferenceMode no_gradients;
  const int64_t transform = TransformLength(signal.size(), response.size());
  const int64_t step = transform - response.size() + 1;
  const auto end = static_cast<int64_t>(output->size());
  at::Tensor block = at::zeros({transform}, at::kDouble);
  double* const in = block.data_ptr<double>();
  std::copy(response.begin(), response.end(), in);
  const at::Tensor filter = at::fft_rfft(block);
  std::fill_n(in, response.size(), 0.0);
  for (int64_t first = 0; first < signal.size() && first - delay < end; first += step) {
    const int64_t count = std::min(step, signal.size() - first);
    std::copy_n(signal.begin() + first, count, in);
    std::fill(in + count, in + step, 0.0);
    const at::Tensor product = at::fft_irfft(at::fft_rfft(block).mul_(filter), transform).contiguous();
    const double* const out = product.data_ptr<double>();
    const int64_t from = std::max<int64_t>(0, delay - first);
    const int64_t to = std::min(count + response.size() - 1, end + delay - first);
    for (int64_t i = from; i < to; ++i) (*output)[static_cast<size_t>(first - delay + i)] += out[i];
  }
}

absl::StatusOr<FloatArray> Part(const FloatArray& signal, const FloatArray& response, int64_t delay, int64_t length) {
  try {
    std::vector<double> sums(static_cast<size_t>(length), 0.0);
    OverlapAdd(signal, response, delay, &sums);
    FloatArray result = FloatArray::Zeros({length});
    std::transform(sums.begin(), sums.end(), result.mutable_data(), [](double x) { return static_cast<float>(x); });
    return result;
  } catch (const c10::Error& error) {
    return absl::InternalError(absl::StrCat("convolution of ", signal.size(), " with ", response.size(),
                                            " samples: LibTorch says: ", error.what_without_backtrace()));
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no memory for the convolution of ", signal.size(), " with ", response.size(), " samples"));
  }
}

}  // namespace

absl::StatusOr<FloatArray> Convolve(const FloatArray& signal, const FloatArray& response) {
  RETURN_IF_ERROR(CheckArgument("signal", signal));
  RETURN_IF_ERROR(CheckArgument("response", response));
  return Part(signal, response, 0, signal.size() + response.size() - 1);
}

absl::StatusOr<FloatArray> ConvolveAligned(const FloatArray& signal, const FloatArray& response, int64_t delay) {
  RETURN_IF_ERROR(CheckArgument("signal", signal));
  RETURN_IF_ERROR(CheckArgument("response", response));
  if (delay < 0 || delay >= response.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "convolution: a delay of ", delay, " samples does not lie within the response, which has ", response.size()));
  }
  return Part(signal, response, delay, signal.size());
}

}  // namespace diarflow
