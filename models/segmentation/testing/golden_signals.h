// The made signals of the segmentation's golden, [160000] at 16 kHz, as its "formulas" state them.
#ifndef DIARFLOW_MODELS_SEGMENTATION_TESTING_GOLDEN_SIGNALS_H_
#define DIARFLOW_MODELS_SEGMENTATION_TESTING_GOLDEN_SIGNALS_H_

#include <cstdint>

#include "base/float_array.h"

namespace diarflow {

constexpr int64_t kSegmentationGoldenSamples = 160000;

// "tone": two tones and a chirp.
FloatArray SegmentationTone();

// "speechlike": two voices that take turns.
FloatArray SegmentationSpeechLike();

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_SEGMENTATION_TESTING_GOLDEN_SIGNALS_H_
