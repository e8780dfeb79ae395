#include "audio/resample.h"

#include <soxr.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "audio/time_grid.h"

namespace diarflow {
namespace {

absl::Status CheckRates(int from_hz, int to_hz) {
  for (const int rate : {from_hz, to_hz}) {
    if (rate < 1 || rate > kMaxSampleRate) {
      return absl::InvalidArgumentError(absl::StrCat("cannot resample from ", from_hz, " Hz to ", to_hz,
                                                     " Hz: sample rates are from 1 to ", kMaxSampleRate, " Hz"));
    }
  }
  return absl::OkStatus();
}

absl::Status SoxrError(int from_hz, int to_hz, soxr_error_t error) {
  return absl::InvalidArgumentError(
      absl::StrCat("cannot resample from ", from_hz, " Hz to ", to_hz, " Hz: soxr says: ", error));
}

// Fills `output` from `input` and zeros behind it. soxr by itself makes as many samples as its last input sample
// rounds to, one too few at times; with more input there is always enough.
absl::Status Run(soxr_t soxr, const FloatArray& input, int from_hz, int to_hz, FloatArray* output) {
  constexpr size_t kZeros = 4096;
  static const float zeros[kZeros] = {};
  const float* in = input.data();
  size_t in_left = static_cast<size_t>(input.size());
  float* out = output->mutable_data();
  size_t out_left = static_cast<size_t>(output->size());
  while (out_left > 0) {
    const bool behind_end = in_left == 0;
    size_t used = 0;
    size_t made = 0;
    const soxr_error_t error =
        soxr_process(soxr, behind_end ? zeros : in, behind_end ? kZeros : in_left, &used, out, out_left, &made);
    if (error != nullptr) return SoxrError(from_hz, to_hz, error);
    if (!behind_end) {
      in += used;
      in_left -= used;
    }
    out += made;
    out_left -= made;
    if (used == 0 && made == 0) return SoxrError(from_hz, to_hz, "no progress");
  }
  return absl::OkStatus();
}

}  // namespace

int64_t ResampledLength(int64_t num_samples, int from_hz, int to_hz) {
  // In parts: num_samples * to_hz need not fit into 64 bits.
  const int64_t whole = num_samples / from_hz;
  const int64_t rest = num_samples % from_hz;
  return whole * to_hz + (rest * to_hz + from_hz - 1) / from_hz;
}

absl::StatusOr<FloatArray> Resample(const FloatArray& samples, int from_hz, int to_hz) {
  if (samples.shape().size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("Resample takes the samples of one channel, [N], not ", samples.ShapeString()));
  }
  if (absl::Status status = CheckRates(from_hz, to_hz); !status.ok()) return status;
  if (from_hz == to_hz || samples.empty()) return samples;

  const int64_t length = ResampledLength(samples.size(), from_hz, to_hz);
  FloatArray output;
  try {
    output = FloatArray::Zeros({length});
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(absl::StrCat("no memory for ", length, " samples, resampled from ", from_hz,
                                                     " Hz to ", to_hz, " Hz"));
  }
  const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
  // Without the flag soxr lets the passband of ratios like 8000 : 22050 fall by up to 5e-4, for no gain in speed.
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, SOXR_ROLLOFF_NONE);
  const soxr_runtime_spec_t one_thread = soxr_runtime_spec(1);
  soxr_error_t error = nullptr;
  const std::unique_ptr<soxr, decltype(&soxr_delete)> soxr(
      soxr_create(from_hz, to_hz, 1, &error, &io, &quality, &one_thread), &soxr_delete);
  if (error != nullptr || soxr == nullptr) return SoxrError(from_hz, to_hz, error);
  if (absl::Status status = Run(soxr.get(), samples, from_hz, to_hz, &output); !status.ok()) return status;
  return output;
}

}  // namespace diarflow
