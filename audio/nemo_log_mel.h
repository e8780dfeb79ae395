// The log mel spectrum of NeMo's preprocessor, the front end of TitaNet, in the two forms that it had.
//
//   1. pre-emphasis over the whole recording: y[0] = x[0], y[n] = x[n] - 0.97 x[n - 1];
//   2. centred transform of 512 samples every 160: frame i has its middle at sample 160 i, the recording is continued
//      by 256 samples at both ends; a symmetric Hann window of 400 in the middle of the 512;
//   3. power spectrum, 80 triangles of area one, evenly spaced on Slaney's mel scale (linear below 1 kHz, logarithmic
//      above), from 0 to 8 kHz;
//   4. ln(energy + 2^-24).
// Normalised() takes from every bin its mean over the valid frames and divides by its deviation (over n - 1) + 1e-5.
//
//              continued by           valid frames of N samples
//   kLegacy    reflection             N / 160 + 1     NeMo up to 2.4: the form that TitaNet was trained with
//   kCurrent   zeros                  N / 160         NeMo from 2.5: does not depend on what follows the recording
#ifndef DIARFLOW_AUDIO_NEMO_LOG_MEL_H_
#define DIARFLOW_AUDIO_NEMO_LOG_MEL_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "audio/time_grid.h"
#include "base/float_array.h"

namespace diarflow {

enum class NemoMelForm { kLegacy, kCurrent };

constexpr int kNemoMelSampleRate = 16000;  // Hz
constexpr int64_t kNemoMelHop = 160;       // samples
constexpr int64_t kNemoMelBins = 80;

// Tables, computed once. Thread-safe. Calculates in float64.
class NemoLogMel {
 public:
  explicit NemoLogMel(NemoMelForm form);
  NemoLogMel(NemoLogMel&&) noexcept;
  NemoLogMel& operator=(NemoLogMel&&) noexcept;
  ~NemoLogMel();

  // The shortest recording that has a valid frame: 257 samples to reflect, or a whole hop.
  int64_t MinSamples() const { return form_ == NemoMelForm::kLegacy ? 257 : kNemoMelHop; }
  int64_t NumValidFrames(int64_t num_samples) const {
    return num_samples / kNemoMelHop + (form_ == NemoMelForm::kLegacy ? 1 : 0);
  }

  // Samples [N] to [N / 160 + 1, 80]: every frame of the transform, before the normalisation. kInvalidArgument:
  // `samples` has not one axis. kOutOfRange: fewer than MinSamples().
  absl::StatusOr<FloatArray> LogMel(const FloatArray& samples) const;

  // The valid frames, [NumValidFrames(N), 80], normalised. A single frame is 0. Errors as LogMel().
  absl::StatusOr<FloatArray> Normalised(const FloatArray& samples) const;

  // Any frames [T, 80] of LogMel(), normalised over these frames alone. REQUIRES: two axes, T > 0.
  static FloatArray NormaliseFrames(const FloatArray& energies);

  NemoMelForm form() const { return form_; }
  // What a frame hears: 400 samples around its middle.
  FrameGrid grid() const { return {kNemoMelSampleRate, kNemoMelHop, 400, -200}; }
  // The triangles [80, 257], rounded to float32.
  FloatArray MelWeights() const;

 private:
  struct Tables;
  NemoMelForm form_;
  std::unique_ptr<const Tables> tables_;
};

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_NEMO_LOG_MEL_H_
