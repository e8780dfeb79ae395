// The log mel spectrum that the codec's head is to say, as a function of tensors: samples that require gradients get
// them.
#ifndef DIARFLOW_MODELS_CODEC_LOG_MEL_H_
#define DIARFLOW_MODELS_CODEC_LOG_MEL_H_

#include <cstdint>

#include "ATen/core/Tensor.h"

namespace diarflow {

constexpr int64_t kLogMelHop = 240;      // samples at 24 kHz: 10 ms, 8 frames for each 12.5 Hz frame
constexpr int64_t kLogMelWindow = 1024;  // samples
constexpr int64_t kLogMelBins = 80;
// Added to the energies before the logarithm: 70 dB below full scale.
constexpr double kLogMelFloor = 1e-7;
// The mean over speech, roughly.
constexpr double kUsualLogMel = -10;

// samples [B, N] at 24 kHz to [B, N / 240, 80]. Frame t is in the middle of the samples 240 t to 240 t + 239; around
// the piece there are zeros. Hann window; the triangles of audio/fbank.h, 20 Hz to 12 kHz, here as means of the power
// spectrum: white noise of variance v gives ln(v + floor) in every bin.
// REQUIRES: N a positive multiple of 240.
at::Tensor LogMel(const at::Tensor& samples);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_CODEC_LOG_MEL_H_
