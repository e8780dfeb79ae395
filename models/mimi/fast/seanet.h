// The SEANet encoder of Mimi at the speed of the matrix kernels. The numbers are those of models/mimi/seanet.h, but
// for the order of sums.
//
// A frame of the early stages is small and there are many; the late stages have few frames and 40 MB of weights. So
// each stage takes its input in tiles of its own length, and asks the stage before it for one tile at a time: the early
// ones stay in the second-level cache, the late ones read their weights seldom. Between two products each number is
// touched once: bias, ELU and conversion to the next operand are one pass, and a residual sum is the product's own.
#ifndef DIARFLOW_MODELS_MIMI_FAST_SEANET_H_
#define DIARFLOW_MODELS_MIMI_FAST_SEANET_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "models/kernels/packed_matrix.h"
#include "models/mimi/fast/conv.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/mimi/mimi_engine.h"
#include "models/mimi/mimi_weights.h"
#include "models/mimi/stream_state.h"

namespace diarflow {

template <typename T>
class FastSeanet {
 private:
  // x + second(ELU(first(ELU(x)))), then an ELU and the convolution that shortens. x has no bias yet.
  struct Stage {
    FastConv<T> first;
    FastConv<T> second;
    FastConv<T> down;
    std::vector<float> in_bias;   // of x
    std::vector<float> out_bias;  // of x and of the residual branch
    int64_t samples = 0;          // that a row of x stands for
    int64_t tile = 0;             // samples
  };
  struct StageInput {
    explicit StageInput(const Stage& stage) : first(stage.first), second(stage.second), down(stage.down) {}
    void Reserve(const Stage& stage, int64_t items, int64_t rows);

    int64_t rows = 0;          // room of each item
    std::vector<float> x;      // [items, rows, channels]
    std::vector<float> inner;  // [items, rows, channels inside the unit]
    ConvInput<T> first, second, down;
  };
  // What one thread needs for all stages but the last.
  struct Front {
    explicit Front(const FastSeanet& seanet);
    ConvInput<float> audio;
    std::vector<StageInput> stages;
    std::vector<float> discarded;
  };

 public:
  // REQUIRES: a filled configuration, and the weights of it.
  FastSeanet(const MimiConfig& config, const MimiWeights& weights, StateLayout* layout);

  // Buffers, kept from call to call. They grow to the longest piece.
  class Workspace {
   public:
    explicit Workspace(const FastSeanet& seanet);

   private:
    friend class FastSeanet;
    std::vector<Front> fronts;
    StageInput last_stage;
    std::vector<float> shortened;  // [pieces, frames, channels of the last convolution]
    ConvInput<T> last;
  };

  // `samples` samples of each piece, a multiple of 960, to out [pieces, samples / 960, D].
  void Forward(absl::Span<const MimiPiece> pieces, int64_t samples, StreamState& state, Workspace* workspace,
               float* out) const;

 private:
  int64_t front_stages() const { return static_cast<int64_t>(stages_.size()) - 1; }
  void RunFronts(absl::Span<const MimiPiece> pieces, int64_t samples, StreamState& state, Workspace* workspace) const;
  // Samples [begin, begin + count) of a piece through the first convolution and `stages` stages.
  void RunFront(int64_t stages, const MimiPiece& piece, int64_t begin, int64_t count, Front* front, float* out) const;
  void RunStage(const Stage& stage, int64_t items, int64_t rows, StageInput* input, Rows<float> out) const;
  void LoadFront(StreamState& state, int64_t stream, Front* front) const;
  void SaveFront(StreamState& state, int64_t stream, Front* front) const;
  void WarmUp(const MimiPiece& piece, int64_t begin, Front* front) const;

  FastConv<float> first_;
  std::vector<Stage> stages_;
  FastConv<T> last_;
  int64_t warm_up_;  // samples before a place that the front's numbers there depend on, in whole rows
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_FAST_SEANET_H_
