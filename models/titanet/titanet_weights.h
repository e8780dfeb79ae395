// The sizes of TitaNet-large and its weights under their released names.
#ifndef DIARFLOW_MODELS_TITANET_TITANET_WEIGHTS_H_
#define DIARFLOW_MODELS_TITANET_TITANET_WEIGHTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "models/weights/take_tensors.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

constexpr int64_t kTitanetEmbedding = 192;
constexpr int64_t kTitanetAttention = 128;  // channels inside the attention of the pooling
constexpr int64_t kTitanetReduction = 8;    // of the squeeze-and-excite

// A block of the encoder: `repeat` times depthwise and pointwise convolution, then squeeze-and-excite; with a residual
// where it repeats.
struct TitanetBlock {
  int64_t in;
  int64_t out;
  int64_t kernel;
  int repeat;

  bool residual() const { return repeat > 1; }
  // Places of the layers in the released list: depthwise, pointwise, norm of every repeat, then squeeze-and-excite. An
  // activation and a dropout stand between the repeats and have no weights.
  int depthwise(int r) const { return 5 * r; }
  int excite() const { return 5 * (repeat - 1) + 3; }
};
constexpr TitanetBlock kTitanetBlocks[] = {
    {80, 1024, 3, 1}, {1024, 1024, 7, 3}, {1024, 1024, 11, 3}, {1024, 1024, 15, 3}, {1024, 3072, 1, 1}};
constexpr int64_t kTitanetPooled = 3072;

using TitanetWeights = std::map<std::string, FloatArray>;

// All tensors of a released file, 124. Not used: the front end's tables, counters of the training, and the classifier
// of the training's speakers, of whatever size.
std::vector<ExpectedTensor> TitanetTensors();

// See TakeTensors().
absl::StatusOr<TitanetWeights> TakeTitanetWeights(const TensorTable& tensors);

// See RandomWeights().
TitanetWeights RandomTitanetWeights(uint64_t seed);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TITANET_TITANET_WEIGHTS_H_
