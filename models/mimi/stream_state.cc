#include "models/mimi/stream_state.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "ATen/ops/empty.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "c10/core/InferenceMode.h"
#include "models/device/torch_device.h"
#include "models/weights/safetensors.h"
#include "models/weights/tensor_table.h"

namespace diarflow {
namespace {

constexpr char kPositions[] = "positions";
constexpr char kIdentity[] = "identity";

// Tensor::zero_() does this with threads of OpenMP, which then spin for milliseconds on the cores of the encoder.
void FillWithZeros(at::Tensor tensor) {
  if (tensor.numel() == 0) return;
  if (tensor.is_cpu() && tensor.is_contiguous())
    std::memset(tensor.mutable_data_ptr(), 0, tensor.nbytes());
  else
    tensor.zero_();
}

}  // namespace

StreamState::StreamState(const StateLayout& layout, size_t slots, int64_t batch, const at::Device& device)
    : batch_(batch), positions_(static_cast<size_t>(batch)) {
  c10::InferenceMode guard;
  for (size_t i = 0; i < slots; ++i) {
    const StateLayout::Slot& slot = layout.slots()[i];
    std::vector<int64_t> shape = slot.shape;
    shape.insert(shape.begin(), batch);
    names_.push_back(slot.name);
    tensors_.push_back(at::empty(shape, at::TensorOptions(device).dtype(slot.type)));
    FillWithZeros(tensors_.back());
  }
}

void StreamState::Reset() {
  c10::InferenceMode guard;
  for (const at::Tensor& tensor : tensors_) FillWithZeros(tensor);
  std::fill(positions_.begin(), positions_.end(), 0);
}

StreamState StreamState::ViewOf(int64_t stream) const {
  c10::InferenceMode guard;
  StreamState view;
  view.batch_ = 1;
  view.positions_ = {position(stream)};
  view.names_ = names_;
  for (const at::Tensor& tensor : tensors_) view.tensors_.push_back(tensor.narrow(0, stream, 1));
  return view;
}

void StreamState::Reset(int64_t stream) {
  c10::InferenceMode guard;
  for (const at::Tensor& tensor : tensors_) FillWithZeros(tensor.select(0, stream));
  positions_[static_cast<size_t>(stream)] = 0;
}

size_t StreamState::ByteSize() const {
  size_t bytes = positions_.size() * sizeof(positions_[0]);
  for (const at::Tensor& tensor : tensors_) bytes += tensor.nbytes();
  return bytes;
}

std::string StreamState::Snapshot(absl::string_view identity) const {
  TensorTable table;
  table.mutable_metadata()[kIdentity] = std::string(identity);
  // Names of slots are distinct: Add() cannot fail.
  table.AddInts(kPositions, {batch_}, positions_).IgnoreError();
  std::vector<at::Tensor> on_cpu;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    on_cpu.push_back(ToCpu(tensors_[i].to(at::kFloat)));
    const at::Tensor& tensor = on_cpu.back();
    TensorView view{TensorType::kF32, tensor.sizes().vec(), static_cast<const uint8_t*>(tensor.const_data_ptr()),
                    tensor.nbytes()};
    table.Add(names_[i], std::move(view), nullptr).IgnoreError();
  }
  return SerializeSafetensors(table);
}

absl::Status StreamState::Restore(absl::string_view snapshot, absl::string_view identity) {
  ASSIGN_OR_RETURN(const TensorTable table, ParseSafetensors(snapshot, "the snapshot of a stream"));
  const auto found = table.metadata().find(kIdentity);
  if (found == table.metadata().end() || found->second != identity) {
    return absl::InvalidArgumentError(absl::StrCat("the snapshot is of \"",
                                                   found == table.metadata().end() ? "" : found->second,
                                                   "\", not of \"", identity, "\""));
  }
  const TensorView* stored_positions = table.Find(kPositions);
  if (stored_positions == nullptr || stored_positions->type != TensorType::kI64 || stored_positions->size() != batch_ ||
      table.tensors().size() != tensors_.size() + 1) {
    return absl::DataLossError("the snapshot of a stream has other parts than the stream");
  }
  std::vector<int64_t> positions(positions_.size());
  std::memcpy(positions.data(), stored_positions->data, positions.size() * sizeof(positions[0]));
  for (const int64_t position : positions) {
    if (position < 0) return absl::DataLossError(absl::StrCat("the snapshot of a stream has the position ", position));
  }
  std::vector<const TensorView*> views;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const TensorView* view = table.Find(names_[i]);
    if (view == nullptr || view->type != TensorType::kF32 || at::IntArrayRef(view->shape) != tensors_[i].sizes()) {
      return absl::InvalidArgumentError(absl::StrCat("the snapshot has no part \"", names_[i], "\" of shape ",
                                                     ShapeString(tensors_[i].sizes().vec())));
    }
    views.push_back(view);
  }
  c10::InferenceMode guard;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    if (views[i]->byte_size == 0) continue;
    const at::Tensor stored = at::empty(tensors_[i].sizes());
    std::memcpy(stored.mutable_data_ptr(), views[i]->data, views[i]->byte_size);
    tensors_[i].copy_(stored);
  }
  positions_ = std::move(positions);
  return absl::OkStatus();
}

}  // namespace diarflow
