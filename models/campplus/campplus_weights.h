// The sizes of CAM++ and its weights under their released names.
#ifndef DIARFLOW_MODELS_CAMPPLUS_CAMPPLUS_WEIGHTS_H_
#define DIARFLOW_MODELS_CAMPPLUS_CAMPPLUS_WEIGHTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "models/weights/take_tensors.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

constexpr int64_t kCampplusEmbedding = 192;
constexpr int64_t kCampplusHeadChannels = 32;
// Channels times frequencies behind the head: 32 x 10.
constexpr int64_t kCampplusHeadOutput = 320;
constexpr int64_t kCampplusGrowth = 32;       // channels that a dense layer adds
constexpr int64_t kCampplusBottleneck = 128;  // channels inside a dense layer
constexpr int64_t kCampplusMaskHidden = 64;   // channels inside its mask

// A block of dense layers and the transition behind it.
struct CampplusBlock {
  int layers;
  int64_t in;
  int64_t dilation;
  int64_t transit_out;

  int64_t out() const { return in + layers * kCampplusGrowth; }
};
constexpr CampplusBlock kCampplusBlocks[] = {{12, 128, 1, 256}, {24, 256, 2, 512}, {16, 512, 2, 512}};

using CampplusWeights = std::map<std::string, FloatArray>;

// All tensors of a released file: 815 that are used, and 122 counters of the training.
std::vector<ExpectedTensor> CampplusTensors();

// See TakeTensors().
absl::StatusOr<CampplusWeights> TakeCampplusWeights(const TensorTable& tensors);

// See RandomWeights().
CampplusWeights RandomCampplusWeights(uint64_t seed);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_CAMPPLUS_CAMPPLUS_WEIGHTS_H_
