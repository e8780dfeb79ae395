// The log mel filter bank of Kaldi (compute-fbank-feats with --dither=0), the front end of CAM++.
//
// Per frame of `window` samples, every `hop` samples, only frames that lie wholly inside (Kaldi's snip-edges):
//   1. subtract the frame's mean;
//   2. pre-emphasis: x[n] -= 0.97 x[n - 1], and x[0] -= 0.97 x[0];
//   3. times the "povey" window (0.5 - 0.5 cos(2 pi n / (window - 1)))^0.85;
//   4. zero-padded to a power of two, F: the power spectrum |X_k|^2, k = 0 .. F/2 - 1 (the Nyquist bin is not used);
//   5. `num_bins` triangles, evenly spaced and linear in mel = 1127 ln(1 + f / 700), from low_hz to high_hz;
//   6. log(max(energy, FLT_EPSILON)).
// Samples have full scale 1, as DecodeAudio() gives them: with another scale the floor of step 6 acts elsewhere.
#ifndef DIARFLOW_AUDIO_FBANK_H_
#define DIARFLOW_AUDIO_FBANK_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "audio/time_grid.h"
#include "base/float_array.h"

namespace diarflow {

struct FbankOptions {
  int sample_rate = 16000;    // Hz
  int window = 400;           // samples, >= 2
  int hop = 160;              // samples, >= 1
  int num_bins = 80;          // >= 1
  double low_hz = 20;         // lower end of the first triangle
  double high_hz = 0;         // upper end of the last triangle; 0 or negative: counted down from the Nyquist frequency
  double preemphasis = 0.97;  // 0 to 1
};

// The windows and triangles for one set of options, computed once. Thread-safe.
class Fbank {
 public:
  // kInvalidArgument when the options make no filter bank, naming the option.
  static absl::StatusOr<Fbank> Create(const FbankOptions& options = {});
  Fbank(Fbank&&) noexcept;
  Fbank& operator=(Fbank&&) noexcept;
  ~Fbank();

  // Samples [N] at options().sample_rate to log energies [T, num_bins], T = 1 + (N - window) / hop, rounded down.
  // Calculates in float64. kInvalidArgument: `samples` has not one axis. kOutOfRange: N < window (the message says
  // both).
  absl::StatusOr<FloatArray> Compute(const FloatArray& samples) const;

  const FbankOptions& options() const { return options_; }
  // Where the frames lie on the sample axis.
  FrameGrid grid() const { return {options_.sample_rate, options_.hop, options_.window, 0}; }
  // The triangles [num_bins, F/2], rounded to float32.
  FloatArray MelWeights() const;

 private:
  struct Tables;
  Fbank(const FbankOptions& options, std::unique_ptr<const Tables> tables);

  FbankOptions options_;
  std::unique_ptr<const Tables> tables_;
};

// The mean over the frames of every bin: [T, D] -> [D], summed in float64. kInvalidArgument: not two axes, or no frame.
absl::StatusOr<FloatArray> MeanOverFrames(const FloatArray& frames);

// [T, D] minus MeanOverFrames() of it, a new array: what CAM++ takes per utterance. Errors as above.
absl::StatusOr<FloatArray> SubtractMeanOverFrames(const FloatArray& frames);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_FBANK_H_
