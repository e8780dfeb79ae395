// FastMimiEncoder: the engine of MimiEncoder on the CPU, from samples to frames, in float or Bfloat16.
//
// Whole utterances, batches and streams are one code path: Forward() advances some streams of a state by one piece.
// What it computes is what MimiNetwork computes, in another order of sums; with Bfloat16 the operands of the matrix
// products (but those of the first convolution and of attention) have 8 bits of mantissa, the sums all of them.
#ifndef DIARFLOW_MODELS_MIMI_FAST_FAST_MIMI_ENCODER_H_
#define DIARFLOW_MODELS_MIMI_FAST_FAST_MIMI_ENCODER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "models/mimi/fast/seanet.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/mimi/mimi_precision.h"
#include "models/mimi/mimi_tap.h"
#include "models/mimi/mimi_weights.h"
#include "models/mimi/stream_state.h"

namespace diarflow {

// Buffers of Forward(), which grow to the longest piece: with pieces of one size it allocates nothing.
class FastMimiWorkspace {
 public:
  virtual ~FastMimiWorkspace() = default;
};

class FastMimiEncoder {
 public:
  // REQUIRES: a filled configuration, and the weights of it.
  static std::unique_ptr<FastMimiEncoder> Make(const MimiConfig& config, const MimiWeights& weights,
                                               MimiPrecision precision);
  virtual ~FastMimiEncoder() = default;

  // Streams at their start, to be read out at `tap`.
  virtual StreamState NewState(int64_t batch, MimiTap tap) const = 0;
  // For this encoder; for one call at a time.
  virtual std::unique_ptr<FastMimiWorkspace> NewWorkspace() const = 0;

  // Advances the streams that the pieces name, each once, by `samples` samples, a multiple of 1920; the other streams
  // of the state stay as they are. Gives [pieces, MimiTapFrames(tap, samples), D], good until the next call.
  virtual const float* Forward(absl::Span<const MimiPiece> pieces, int64_t samples, MimiTap tap, StreamState& state,
                               FastMimiWorkspace* workspace) const = 0;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_FAST_FAST_MIMI_ENCODER_H_
