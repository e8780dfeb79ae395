// The state of a streaming network: numbers in named slots, each with a leading batch dimension, and the positions.
//
// A layer with state registers its slot once, when it is built; reset, snapshot, restore and byte size then walk
// the slots, so that none can be forgotten. All slots begin as zeros.
#ifndef DIARFLOW_MODELS_MIMI_STREAM_STATE_H_
#define DIARFLOW_MODELS_MIMI_STREAM_STATE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
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
    at::ScalarType type;         // kFloat or kBFloat16
  };

  // The index of the new slot.
  size_t Add(std::string name, std::vector<int64_t> shape, at::ScalarType type = at::kFloat) {
    slots_.push_back({std::move(name), std::move(shape), type});
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

  // The numbers of one stream in a slot, float or Bfloat16 as the slot is. REQUIRES: they are on the CPU.
  template <typename T = float>
  T* numbers(size_t slot, int64_t stream) {
    at::Tensor& tensor = tensors_[slot];
    T* first;
    if constexpr (std::is_same_v<T, float>)
      first = tensor.mutable_data_ptr<float>();
    else
      first = reinterpret_cast<T*>(tensor.mutable_data_ptr<at::BFloat16>());
    return first + stream * (tensor.numel() / batch_);
  }

  // Samples of a stream so far.
  int64_t position(int64_t stream) const { return positions_[static_cast<size_t>(stream)]; }
  void Advance(int64_t stream, int64_t samples) { positions_[static_cast<size_t>(stream)] += samples; }

  // One stream alone: a state that has the same numbers in the same memory, and a position of its own.
  StreamState ViewOf(int64_t stream) const;

  // Back to the start: all streams, or one.
  void Reset();
  void Reset(int64_t stream);
  size_t ByteSize() const;

  // The bytes are a safetensors file: the slots by name, all as float, and the positions. `identity` must be the same
  // in Restore().
  std::string Snapshot(absl::string_view identity) const;
  absl::Status Restore(absl::string_view snapshot, absl::string_view identity);

 private:
  StreamState() = default;

  int64_t batch_ = 0;
  std::vector<int64_t> positions_;
  std::vector<std::string> names_;
  std::vector<at::Tensor> tensors_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_STREAM_STATE_H_
