// The transformer of Mimi at the speed of the matrix kernels. The numbers are those of models/mimi/transformer.h, but
// for the order of sums.
//
// Keys and values of the last frames stand in rings, so that a step copies only what is new, and attention goes by
// blocks of queries over one ring: time and memory grow with frames x context. A ring's order does not matter, as a
// softmax is a sum; what each place holds follows from the position.
#ifndef DIARFLOW_MODELS_MIMI_FAST_TRANSFORMER_H_
#define DIARFLOW_MODELS_MIMI_FAST_TRANSFORMER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "models/kernels/packed_matrix.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/mimi/mimi_engine.h"
#include "models/mimi/mimi_tap.h"
#include "models/mimi/mimi_weights.h"
#include "models/mimi/stream_state.h"

namespace diarflow {

template <typename T>
class FastTransformer {
 public:
  // REQUIRES: a filled configuration, and the weights of it.
  FastTransformer(const MimiConfig& config, const MimiWeights& weights, StateLayout* layout);

  // Buffers, kept from call to call. They grow to the longest piece.
  struct Workspace {
    std::vector<T> operand;                        // [rows, D]: normalised, or attended
    std::vector<float> projected;                  // [rows, 3 D]: q, k, v
    std::vector<float> hidden;                     // [rows, feed-forward]
    std::vector<T> hidden_operand;                 // the same
    std::vector<float> cosines, sines;             // [rows, head width / 2]
    std::vector<double> base_cosines, base_sines;  // of a multiple of kAngles frames
    struct Attention {
      std::vector<T> queries;     // [queries of a block, head width]; only with Bfloat16
      std::vector<float> scores;  // [queries of a block, ring]
      std::vector<T> shares;      // the same; only with Bfloat16
      std::vector<float> sums;    // [queries of a block, head width]
      std::vector<int32_t> ages;  // [ring]
    };
    std::vector<Attention> attention;  // one for each thread
  };

  // x [pieces, frames, D], changed in place. The streams' positions in the state are those before the piece.
  void Forward(absl::Span<const MimiPiece> pieces, int64_t frames, StreamState& state, Workspace* workspace,
               float* x) const;

 private:
  struct Layer {
    std::vector<float> norm1_weight, norm1_bias, norm2_weight, norm2_bias;  // [D]
    // q and k have each head's even numbers in front of its odd ones, and q has the scale of attention.
    PackedMatrix<T> in_projection;   // [D, 3 D]
    PackedMatrix<T> out_projection;  // [D, D], with the first layer scale
    PackedMatrix<T> linear1;         // [D, F]
    PackedMatrix<T> linear2;         // [F, D], with the second layer scale
    // Slots of T. With Bfloat16 two rows are interleaved, as MultiplyPlain() takes them.
    size_t keys;    // [heads, head width, ring]
    size_t values;  // [heads, ring, head width]
  };

  void FillRotations(absl::Span<const MimiPiece> pieces, int64_t frames, const StreamState& state,
                     Workspace* workspace) const;
  void Attend(const Layer& layer, absl::Span<const MimiPiece> pieces, int64_t frames, StreamState& state,
              Workspace* workspace) const;
  void AttendHead(const Layer& layer, int64_t head, int64_t stream, int64_t position, int64_t frames,
                  const float* projected, StreamState& state, typename Workspace::Attention* scratch, T* out) const;

  int64_t width_, heads_, head_width_, context_, feed_forward_;
  int64_t ring_;  // frames
  float epsilon_;
  std::vector<double> frequencies_;      // radians a frame, for each pair of a head
  std::vector<double> cosines_, sines_;  // of the angles of frames 0 to kAngles - 1, [kAngles, pairs]
  std::vector<Layer> layers_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_FAST_TRANSFORMER_H_
