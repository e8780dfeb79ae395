// What the tests of the codec share: generated numbers, sound and networks, and tensors as plain arrays.
#ifndef DIARFLOW_MODELS_CODEC_TESTING_SOUND_H_
#define DIARFLOW_MODELS_CODEC_TESTING_SOUND_H_

#include <cstdint>
#include <vector>

#include "ATen/core/Tensor.h"
#include "base/float_array.h"
#include "base/random.h"
#include "models/codec/codec.h"
#include "models/codec/encoder.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

// Uniform in [-reach, reach), float32.
at::Tensor RandomNumbers(const std::vector<int64_t>& shape, double reach, Random& random);

// [B, N] at 24 kHz: each item a tone with overtones that slides and swells, in a little noise.
at::Tensor RandomSound(int64_t batch, int64_t samples, Random& random);

// A network of a few channels: other ratios, kernels, widths and windows than the released one.
MimiConfig RandomMimiConfig(Random& random);

// A codec that learns in seconds.
CodecConfig TinyCodecConfig();

// Every number of every tensor moved by up to `reach`: biases that are not 0, scales that differ.
void Disturb(const CodecTensors& tensors, double reach, Random& random);

CodecTensors InDouble(const CodecTensors& tensors);

FloatArray ToFloatArray(const at::Tensor& tensor);
TensorTable TableOf(const CodecTensors& tensors);

// The largest difference; infinite for different shapes.
double Farthest(const at::Tensor& a, const at::Tensor& b);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_CODEC_TESTING_SOUND_H_
