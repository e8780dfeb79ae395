// Sample rate conversion of one channel with soxr ("very high quality": 28 bit precision, linear phase).
//
// Zero delay: output sample j is the value of the band-limited input at the time j / to_hz. The input is taken as zero
// before its first and behind its last sample. What lies below 91 % of the lower of the two Nyquist frequencies passes
// unchanged; from that Nyquist frequency on everything is suppressed below the precision of float32.
#ifndef DIARFLOW_AUDIO_RESAMPLE_H_
#define DIARFLOW_AUDIO_RESAMPLE_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "audio/time_grid.h"
#include "base/float_array.h"

namespace diarflow {

// ceil(num_samples * to_hz / from_hz), exact: the number of output samples at times before the end of the input.
// REQUIRES: num_samples >= 0, both rates in 1 .. kMaxSampleRate.
int64_t ResampledLength(int64_t num_samples, int from_hz, int to_hz);

// Resamples [N] to [ResampledLength(N, from_hz, to_hz)]. With equal rates the result shares the numbers of `samples`.
// One thread; the result does not depend on what other threads do.
// kInvalidArgument: `samples` has not one axis, a rate is outside 1 .. kMaxSampleRate, or soxr refuses the ratio.
// kResourceExhausted: no memory for the result.
absl::StatusOr<FloatArray> Resample(const FloatArray& samples, int from_hz, int to_hz);

// The same while the audio comes in: what Push() and Flush() give, one behind the other, is what Resample() makes of
// the whole, up to rounding. Some hundredths of a second come late. One recording; not thread-safe.
class ResampleStream {
 public:
  // kInvalidArgument: a rate outside 1 .. kMaxSampleRate, or a ratio that soxr refuses.
  static absl::StatusOr<ResampleStream> Create(int from_hz, int to_hz);
  ~ResampleStream();
  ResampleStream(ResampleStream&&) noexcept;
  ResampleStream& operator=(ResampleStream&&) noexcept;

  // The next samples [N], N >= 0, to those [M], M >= 0, that can be told. kInvalidArgument: `samples` has not one axis.
  absl::StatusOr<FloatArray> Push(const FloatArray& samples);
  // What is left. Then the stream is over: push no more.
  absl::StatusOr<FloatArray> Flush();

  int from_hz() const;
  // Samples given so far.
  int64_t position() const;

 private:
  struct Impl;
  explicit ResampleStream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_RESAMPLE_H_
