// The sizes of the segmentation network and its weights under their released names.
#ifndef DIARFLOW_MODELS_SEGMENTATION_SEGMENTATION_WEIGHTS_H_
#define DIARFLOW_MODELS_SEGMENTATION_SEGMENTATION_WEIGHTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "models/weights/take_tensors.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

constexpr int64_t kSegmentationFilters = 80;      // of them half even (cosine) and half odd (sine)
constexpr int64_t kSegmentationFilterTaps = 251;  // samples
constexpr int64_t kSegmentationFilterHop = 10;    // samples
constexpr int64_t kSegmentationChannels = 60;     // behind the second and the third convolution
constexpr int64_t kSegmentationHidden = 128;      // of one direction of the recurrent layers
constexpr int kSegmentationRecurrentLayers = 4;

using SegmentationWeights = std::map<std::string, FloatArray>;

// All 54 tensors of a released file.
std::vector<ExpectedTensor> SegmentationTensors();

// See TakeTensors(). They may stand inside a checkpoint, as UnwrapStateDict() knows it.
absl::StatusOr<SegmentationWeights> TakeSegmentationWeights(const TensorTable& tensors);

// See RandomWeights(). The filters are those that the training starts with: evenly spaced in mel.
SegmentationWeights RandomSegmentationWeights(uint64_t seed);

// Numbers that training finds: 1,473,265. The filters' window and time axis are not among them.
int64_t CountSegmentationParameters(const SegmentationWeights& weights);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_SEGMENTATION_SEGMENTATION_WEIGHTS_H_
