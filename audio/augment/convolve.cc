#include "audio/augment/convolve.h"

#include <algorithm>
#include <new>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "audio/augment/fft.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr int kFewestBits = 8;
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

int TransformBits(int64_t signal, int64_t response) {
  const int64_t wanted = std::min(signal + response - 1, std::max(kUsualTransform, 4 * response));
  int bits = kFewestBits;
  while ((int64_t{1} << bits) < wanted) ++bits;
  return bits;
}

// The product of two spectra over the size of the transform, into the first.
void Multiply(const std::vector<double>& by_re, const std::vector<double>& by_im, std::vector<double>* re,
              std::vector<double>* im) {
  const double scale = 1 / static_cast<double>(re->size());
  for (size_t k = 0; k < re->size(); ++k) {
    const double a = (*re)[k], b = (*im)[k];
    (*re)[k] = (a * by_re[k] - b * by_im[k]) * scale;
    (*im)[k] = (a * by_im[k] + b * by_re[k]) * scale;
  }
}

// Adds the convolution's samples from `delay` on to `output`, as far as it reaches. The response is real, so one
// transform carries two blocks, as the real and the imaginary part.
void OverlapAdd(const FloatArray& signal, const FloatArray& response, int64_t delay, std::vector<double>* output) {
  const Fft fft(TransformBits(signal.size(), response.size()));
  const int64_t step = fft.size() - response.size() + 1;
  const auto end = static_cast<int64_t>(output->size());
  std::vector<double> filter_re(static_cast<size_t>(fft.size())), filter_im(filter_re.size());
  std::copy(response.begin(), response.end(), filter_re.begin());
  fft.Forward(filter_re.data(), filter_im.data());
  std::vector<double> parts[2] = {std::vector<double>(filter_re.size()), std::vector<double>(filter_re.size())};
  for (int64_t first = 0; first < signal.size() && first - delay < end; first += 2 * step) {
    int64_t counts[2];
    for (const int i : {0, 1}) {
      const int64_t begin = std::min(first + i * step, signal.size());
      counts[i] = std::min(step, signal.size() - begin);
      std::copy_n(signal.begin() + begin, counts[i], parts[i].begin());
      std::fill(parts[i].begin() + counts[i], parts[i].end(), 0.0);
    }
    fft.Forward(parts[0].data(), parts[1].data());
    Multiply(filter_re, filter_im, &parts[0], &parts[1]);
    fft.InverseTimesSize(parts[0].data(), parts[1].data());
    for (const int i : {0, 1}) {
      if (counts[i] == 0) continue;
      const int64_t shift = first + i * step - delay;  // of the block in the output
      const int64_t to = std::min(counts[i] + response.size() - 1, end - shift);
      for (int64_t n = std::max<int64_t>(0, -shift); n < to; ++n) {
        (*output)[static_cast<size_t>(shift + n)] += parts[i][static_cast<size_t>(n)];
      }
    }
  }
}

absl::StatusOr<FloatArray> Part(const FloatArray& signal, const FloatArray& response, int64_t delay, int64_t length) {
  try {
    std::vector<double> sums(static_cast<size_t>(length), 0.0);
    OverlapAdd(signal, response, delay, &sums);
    FloatArray result = FloatArray::Zeros({length});
    std::transform(sums.begin(), sums.end(), result.mutable_data(), [](double x) { return static_cast<float>(x); });
    return result;
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
