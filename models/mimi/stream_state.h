// The state of a streaming network: numbers in named slots, each with a leading batch dimension, and the position.
//
// A layer with state registers its slot once, when it is built; reset, snapshot, restore and byte size then walk
// the slots, so that none can be forgotten. All slots begin as zeros.
#ifndef DIARFLOW_MODELS_MIMI_STREAM_STATE_H_
#define DIARFLOW_MODELS_MIMI_STREAM_STATE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace diarflow {

class StateLayout {
 public:
  struct Slot {
    std::string name;
    std::vector<int64_t> shape;  // of one stream
  };

  // The index of the new slot.
  size_t Add(std::string name, std::vector<int64_t> shape) {
    slots_.push_back({std::move(name), std::move(shape)});
    return slots_.size() - 1;
  }

  const std::vector<Slot>& slots() const { return slots_; }

 private:
  std::vector<Slot> slots_;
};

class StreamState {
 public:
  // The first `slots` slots of a layout, for `batch` streams.
  StreamState(const StateLayout& layout, size_t slots, int64_t batch, const at::Device& device = at::kCPU);

  int64_t batch() const { return batch_; }

  // [batch, shape of the slot...].
  at::Tensor& operator[](size_t slot) { return tensors_[slot]; }

  // Samples of each stream so far.
  int64_t position = 0;

  void Reset();
  size_t ByteSize() const;

  // The bytes are a safetensors file: the slots by name, and "position". `identity` must be the same in Restore().
  std::string Snapshot(absl::string_view identity) const;
  absl::Status Restore(absl::string_view snapshot, absl::string_view identity);

 private:
  int64_t batch_;
  std::vector<std::string> names_;
  std::vector<at::Tensor> tensors_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_STREAM_STATE_H_
