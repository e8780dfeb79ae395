// Where a Mimi encoder is read out, and its frames.
#ifndef DIARFLOW_MODELS_MIMI_MIMI_TAP_H_
#define DIARFLOW_MODELS_MIMI_MIMI_TAP_H_

#include <cstdint>

namespace diarflow {

constexpr int64_t kMimiSampleRate = 24000;
// One 12.5 Hz frame: 80 ms. A 25 Hz frame is half of it.
constexpr int64_t kMimiFrameSamples = 1920;

enum class MimiTap {
  kSeanet,         // 25 Hz, before the transformer
  kTransformer25,  // 25 Hz, after the transformer
  kLatent12,       // 12.5 Hz, what the quantiser gets
};

// How two frames at 25 Hz become one at 12.5 Hz.
enum class HalvedBy {
  kLearned,    // by Mimi's own convolution of stride 2: kTransformer25 becomes kLatent12
  kAveraged,   // their mean
  kDecimated,  // the first of them; the second is not used
};

// Samples that one frame of a tap stands for: 960 or 1920.
constexpr int64_t MimiTapFrameSamples(MimiTap tap) {
  return tap == MimiTap::kLatent12 ? kMimiFrameSamples : kMimiFrameSamples / 2;
}

// Frames that `samples` samples give: 2 ceil(N / 1920) at 25 Hz, ceil(N / 1920) at 12.5 Hz.
constexpr int64_t MimiTapFrames(MimiTap tap, int64_t samples) {
  return (samples + kMimiFrameSamples - 1) / kMimiFrameSamples * (kMimiFrameSamples / MimiTapFrameSamples(tap));
}

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_MIMI_TAP_H_
