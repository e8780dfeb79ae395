// A slow, plain Mimi encoder in double precision: what the fast one is judged by. It shares nothing with the fast one
// but the weights: time in columns of numbers, no LibTorch, no state, no matrix products.
#ifndef DIARFLOW_MODELS_MIMI_TESTING_MIMI_REFERENCE_H_
#define DIARFLOW_MODELS_MIMI_TESTING_MIMI_REFERENCE_H_

#include <cstdint>
#include <vector>

#include "base/float_array.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/mimi/mimi_weights.h"

namespace diarflow {

// [frames][channels].
using ReferenceFrames = std::vector<std::vector<double>>;

enum class ReferencePadding {
  // The waveform is continued with zeros to a multiple of 1920 samples: what MimiEncoder does.
  kWaveform,
  // The convention of the transformers library: the waveform is left as it is, and each convolution continues its own
  // input to a multiple of its stride; with zeros, but the last one with its last frame.
  kEachConvolution,
};

ReferenceFrames ReferenceSeanet(const MimiConfig& config, const MimiWeights& weights, const FloatArray& samples,
                                ReferencePadding padding);

// `forgetful_step` 0: every query sees `context` keys. Otherwise as the package moshi streams in steps of so many
// frames: its cache holds `context` keys and takes the whole step before anything is attended to, so that query j of
// a step sees only context - (step - 1 - j) keys.
ReferenceFrames ReferenceTransformer(const MimiConfig& config, const MimiWeights& weights, ReferenceFrames frames,
                                     int64_t forgetful_step);

// An odd number of frames, which only kEachConvolution gives, is continued with its last frame.
ReferenceFrames ReferenceDownsample(const MimiWeights& weights, const ReferenceFrames& frames);

// Codes [codebooks][frames].
std::vector<std::vector<int32_t>> ReferenceCodes(const MimiConfig& config, const MimiWeights& weights,
                                                 const ReferenceFrames& latent);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_TESTING_MIMI_REFERENCE_H_
