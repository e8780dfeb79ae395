#include "audio/resample.h"

#include <soxr.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "audio/time_grid.h"
#include "base/status_macros.h"

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

absl::Status CheckOneAxis(const FloatArray& samples) {
  if (samples.shape().size() == 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("Resample takes the samples of one channel, [N], not ", samples.ShapeString()));
}

absl::Status SoxrError(int from_hz, int to_hz, soxr_error_t error) {
  return absl::InvalidArgumentError(
      absl::StrCat("cannot resample from ", from_hz, " Hz to ", to_hz, " Hz: soxr says: ", error));
}

using Soxr = std::unique_ptr<soxr, decltype(&soxr_delete)>;

absl::StatusOr<Soxr> MakeSoxr(int from_hz, int to_hz) {
  const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
  // Without the flag soxr lets the passband of ratios like 8000 : 22050 fall by up to 5e-4, for no gain in speed.
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, SOXR_ROLLOFF_NONE);
  const soxr_runtime_spec_t one_thread = soxr_runtime_spec(1);
  soxr_error_t error = nullptr;
  Soxr soxr(soxr_create(from_hz, to_hz, 1, &error, &io, &quality, &one_thread), &soxr_delete);
  if (error != nullptr || soxr == nullptr) return SoxrError(from_hz, to_hz, error);
  return soxr;
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
  RETURN_IF_ERROR(CheckOneAxis(samples));
  RETURN_IF_ERROR(CheckRates(from_hz, to_hz));
  if (from_hz == to_hz || samples.empty()) return samples;

  const int64_t length = ResampledLength(samples.size(), from_hz, to_hz);
  FloatArray output;
  try {
    output = FloatArray::Zeros({length});
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no memory for ", length, " samples, resampled from ", from_hz, " Hz to ", to_hz, " Hz"));
  }
  ASSIGN_OR_RETURN(const Soxr soxr, MakeSoxr(from_hz, to_hz));
  if (absl::Status status = Run(soxr.get(), samples, from_hz, to_hz, &output); !status.ok()) return status;
  return output;
}

struct ResampleStream::Impl {
  int from_hz, to_hz;
  Soxr soxr;  // null when the rates are equal
  int64_t taken = 0, given = 0;

  // As many samples as there are, `most` in all.
  absl::StatusOr<FloatArray> Take(const float* in, size_t in_left, int64_t most) {
    std::vector<float> made;
    std::vector<float> block(4096);
    while (static_cast<int64_t>(made.size()) < most) {
      size_t used = 0, got = 0;
      const size_t room = std::min(block.size(), static_cast<size_t>(most) - made.size());
      const soxr_error_t error = soxr_process(soxr.get(), in, in_left, &used, block.data(), room, &got);
      if (error != nullptr) return SoxrError(from_hz, to_hz, error);
      in += used;
      in_left -= used;
      made.insert(made.end(), block.begin(), block.begin() + static_cast<int64_t>(got));
      if (used == 0 && got == 0) break;
    }
    given += static_cast<int64_t>(made.size());
    return FloatArray::Copy({static_cast<int64_t>(made.size())}, made);
  }
};

ResampleStream::ResampleStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ResampleStream::~ResampleStream() = default;
ResampleStream::ResampleStream(ResampleStream&&) noexcept = default;
ResampleStream& ResampleStream::operator=(ResampleStream&&) noexcept = default;

absl::StatusOr<ResampleStream> ResampleStream::Create(int from_hz, int to_hz) {
  RETURN_IF_ERROR(CheckRates(from_hz, to_hz));
  Soxr soxr(nullptr, &soxr_delete);
  if (from_hz != to_hz) {
    ASSIGN_OR_RETURN(soxr, MakeSoxr(from_hz, to_hz));
  }
  return ResampleStream(std::unique_ptr<Impl>(new Impl{from_hz, to_hz, std::move(soxr)}));
}

absl::StatusOr<FloatArray> ResampleStream::Push(const FloatArray& samples) {
  RETURN_IF_ERROR(CheckOneAxis(samples));
  impl_->taken += samples.size();
  if (impl_->soxr == nullptr || samples.empty()) {
    impl_->given += samples.size();
    return samples;
  }
  // Never more than Resample() would give of what has come so far.
  const int64_t most = ResampledLength(impl_->taken, impl_->from_hz, impl_->to_hz) - impl_->given;
  return impl_->Take(samples.data(), static_cast<size_t>(samples.size()), most);
}

absl::StatusOr<FloatArray> ResampleStream::Flush() {
  const int64_t left = ResampledLength(impl_->taken, impl_->from_hz, impl_->to_hz) - impl_->given;
  if (impl_->soxr == nullptr || left == 0) return FloatArray::Zeros({0});
  // Silence behind the end pushes the last samples out.
  FloatArray tail = FloatArray::Zeros({left});
  RETURN_IF_ERROR(Run(impl_->soxr.get(), FloatArray::Zeros({0}), impl_->from_hz, impl_->to_hz, &tail));
  impl_->given += left;
  return tail;
}

int ResampleStream::from_hz() const { return impl_->from_hz; }
int64_t ResampleStream::position() const { return impl_->given; }

}  // namespace diarflow
