// Noise, and mixing it with speech at a signal-to-noise ratio.
//
// What is drawn depends on the seed and the length alone. Samples have a full scale of 1; noise is made with a root
// mean square of 1 in expectation and is meant to be scaled, by MixAtSnr() or ApplyGainDb().
#ifndef DIARFLOW_AUDIO_AUGMENT_NOISE_H_
#define DIARFLOW_AUDIO_AUGMENT_NOISE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "audio/augment/level.h"
#include "base/float_array.h"

namespace diarflow {

// Independent normal numbers. A longer noise of the same seed begins with the shorter one.
// kInvalidArgument: a negative length. kResourceExhausted: no memory.
absl::StatusOr<FloatArray> WhiteNoise(uint64_t seed, int64_t length);

// Power in inverse proportion to frequency, the same in every octave, from 20 Hz to half of the rate: white noise
// through poles and zeros that alternate at half octaves, which follows 1 / f to 0.5 dB up to a quarter of the rate and
// to 1.5 dB up to four tenths. Below 20 Hz it is white. A longer noise of the same seed begins with the shorter one.
// kInvalidArgument: a negative length, or a rate that is not from 400 Hz to kMaxSampleRate.
absl::StatusOr<FloatArray> PinkNoise(uint64_t seed, int64_t length, int sample_rate);

// `length` samples of a noise: from a drawn sample on, and again from its first where it ends. A noise longer than
// asked for is cut, not wrapped. kInvalidArgument: the noise has not one axis, is empty, holds a number that is not
// finite, or the length is negative.
absl::StatusOr<FloatArray> FitLength(const FloatArray& noise, uint64_t seed, int64_t length);

// The factor for the noise with which speech and noise have the ratio asked for:
//   10 log10(energy of the speech / energy of the scaled noise) = snr_db,
// both over the samples of the spans alone, each once where spans overlap. It is the true ratio: a configured value of
// NeMo's simulator, which divides by 10^(snr / 20) where it means powers, gives half as many decibels.
// kInvalidArgument: the lengths differ, errors of MergeSpans(), a ratio that is not a finite number, speech or noise
// without energy (or not finite) over the active samples.
absl::StatusOr<double> NoiseGain(const FloatArray& speech, const FloatArray& noise, double snr_db,
                                 absl::Span<const ActiveSpan> active);

// speech + NoiseGain() * noise, over all samples. Nothing is clipped. Errors of NoiseGain().
absl::StatusOr<FloatArray> MixAtSnr(const FloatArray& speech, const FloatArray& noise, double snr_db,
                                    absl::Span<const ActiveSpan> active);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_AUGMENT_NOISE_H_
