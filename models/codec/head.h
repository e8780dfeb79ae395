// What trains the codec: a head that says the log mel spectrum from the quantised latent.
//
// Three convolutions at 12.5 Hz, each output frame 8 spectra of 10 ms. It is not a decoder to listen to: one for the
// waveform, the mirror of the encoder, costs as much as the encoder again and wants spectral and adversarial losses,
// and what is wanted of this codec is its latent. The spectrum tells the encoder the same things at a twentieth of the
// work.
#ifndef DIARFLOW_MODELS_CODEC_HEAD_H_
#define DIARFLOW_MODELS_CODEC_HEAD_H_

#include <cstdint>
#include <vector>

#include "ATen/core/Tensor.h"
#include "models/codec/encoder.h"
#include "models/weights/take_tensors.h"

namespace diarflow {

// head.{0, 1, 2}.{weight, bias}: kernels 5, 3 and 1, from `latent_width` over `head_width` twice to 8 * 80.
std::vector<ExpectedTensor> HeadTensors(int64_t latent_width, int64_t head_width);

// latent [B, T, D] to spectra [B, 8 T, 80], which see 3 latent frames to both sides. REQUIRES: the tensors of this D.
at::Tensor SpectraOf(const CodecTensors& tensors, const at::Tensor& latent);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_CODEC_HEAD_H_
