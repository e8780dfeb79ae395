// MimiEngine: what MimiEncoder computes with. On the CPU that is the fast one of models/mimi/fast, elsewhere the plain
// network on the device.
//
// Whole utterances, batches and streams are one code path: Forward() advances some streams of a state by one piece.
#ifndef DIARFLOW_MODELS_MIMI_MIMI_ENGINE_H_
#define DIARFLOW_MODELS_MIMI_MIMI_ENGINE_H_

#include <cstdint>
#include <memory>

#include "absl/types/span.h"
#include "models/mimi/mimi_tap.h"
#include "models/mimi/stream_state.h"

namespace diarflow {

// The next samples of one stream of a state; behind `size` they go on with zeros.
struct MimiPiece {
  const float* samples;
  int64_t size;
  int64_t stream;
};

class MimiEngine {
 public:
  // Buffers of Forward(), which grow to the longest piece.
  class Workspace {
   public:
    virtual ~Workspace() = default;
  };

  virtual ~MimiEngine() = default;

  // Streams at their start, to be read out at `tap`.
  virtual StreamState NewState(int64_t batch, MimiTap tap) const = 0;
  // For this engine; for one call at a time.
  virtual std::unique_ptr<Workspace> NewWorkspace() const = 0;

  // Advances the streams that the pieces name, each once, by `samples` samples, a multiple of 1920; the other streams
  // of the state stay as they are. Gives [pieces, MimiTapFrames(tap, samples), D], good until the next call with the
  // workspace.
  virtual const float* Forward(absl::Span<const MimiPiece> pieces, int64_t samples, MimiTap tap, StreamState& state,
                               Workspace* workspace) const = 0;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_MIMI_ENGINE_H_
