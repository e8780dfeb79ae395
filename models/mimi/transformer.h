// The streaming transformer of Mimi: pre-norm layers with rotary positions (Su et al., 2021), attention to a sliding
// window of past frames, and layer scale (Touvron et al., 2021).
#ifndef DIARFLOW_MODELS_MIMI_TRANSFORMER_H_
#define DIARFLOW_MODELS_MIMI_TRANSFORMER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/mimi/mimi_weights.h"
#include "models/mimi/seanet.h"
#include "models/mimi/stream_state.h"

namespace diarflow {

class Transformer {
 public:
  // REQUIRES: a filled configuration, and the weights of it.
  Transformer(const MimiConfig& config, const MimiWeights& weights, StateLayout* layout, const at::Device& device);

  // x [B, T, D], which it changes, to [B, T, D]. `position` counts the frames of the streams before x. Each query sees
  // its own key and the context - 1 before it, of which the state keeps those before the piece. Work memory grows with
  // T * (T + context): give long input in pieces.
  at::Tensor Forward(at::Tensor x, int64_t position, StreamState& state, const MimiObserver& observer) const;

 private:
  struct Layer {
    std::string name;
    at::Tensor norm1_weight, norm1_bias, norm2_weight, norm2_bias;  // [D]
    at::Tensor in_projection;                                       // [D, 3 D]: q, k, v; transposed for the product
    at::Tensor out_projection;                                      // [D, D]
    at::Tensor linear1, linear2;                                    // [D, F], [F, D]
    at::Tensor scale1, scale2;                                      // [D]
    size_t keys, values;                                            // slots [context - 1, D], the last frame at the end
  };

  // What all layers share in one call.
  struct Window {
    int64_t past;               // frames of the state that count
    at::Tensor mask;            // [T, past + T]: 0 or minus infinity
    at::Tensor cosines, sines;  // [T, head width / 2]
  };

  Window MakeWindow(int64_t frames, int64_t position) const;
  at::Tensor Remember(const at::Tensor& fresh, int64_t past, at::Tensor& stored) const;
  at::Tensor Attend(const Layer& layer, const at::Tensor& x, const Window& window, StreamState& state) const;

  at::Device device_;
  int64_t width_;
  int64_t heads_;
  int64_t context_;
  double epsilon_;
  std::vector<double> frequencies_;  // radians a frame, for each pair of a head
  std::vector<Layer> layers_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_TRANSFORMER_H_
