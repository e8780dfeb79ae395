#include "models/training/checkpoint.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "ATen/ops/empty.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/files.h"
#include "base/float_array.h"
#include "base/status_macros.h"
#include "google/protobuf/text_format.h"
#include "models/device/torch_device.h"
#include "models/weights/safetensors.h"
#include "models/weights/tensor_table.h"

namespace diarflow {
namespace {

constexpr char kModel[] = "model.";
constexpr char kOptimizer[] = "optimizer.";
constexpr char kState[] = "training";

absl::Status AddTensor(const std::string& name, const at::Tensor& tensor, TensorTable* table) {
  const at::Tensor values = ToCpu(tensor.detach());
  const std::vector<int64_t> shape(values.sizes().begin(), values.sizes().end());
  if (values.scalar_type() == at::kLong) {
    const int64_t* numbers = values.const_data_ptr<int64_t>();
    return table->AddInts(name, shape, std::vector<int64_t>(numbers, numbers + values.numel()));
  }
  if (values.scalar_type() != at::kFloat) {
    return absl::InvalidArgumentError(absl::StrCat("tensor ", name, ": a checkpoint holds float32 and int64 numbers"));
  }
  FloatArray floats = FloatArray::Zeros(shape);
  std::copy_n(values.const_data_ptr<float>(), floats.size(), floats.mutable_data());
  if (const int64_t bad = floats.FirstNotFinite(); bad >= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensor ", name, ": number ", bad, " is ", floats[bad], ": nothing is written"));
  }
  return table->AddFloats(name, floats);
}

absl::StatusOr<at::Tensor> TensorOf(const TensorView& view) {
  if (view.type != TensorType::kI64 && view.type != TensorType::kF32) {
    return absl::DataLossError("a checkpoint holds float32 and int64 numbers");
  }
  at::Tensor tensor = at::empty(view.shape, view.type == TensorType::kI64 ? at::kLong : at::kFloat);
  std::memcpy(tensor.mutable_data_ptr(), view.data, view.byte_size);
  return tensor;
}

}  // namespace

absl::Status WriteCheckpoint(const std::string& path, const Checkpoint& checkpoint) {
  TensorTable table(path);
  for (const auto& [name, tensor] : checkpoint.model) {
    RETURN_IF_ERROR(AddTensor(absl::StrCat(kModel, name), tensor, &table));
  }
  for (const auto& [name, tensor] : checkpoint.optimizer) {
    RETURN_IF_ERROR(AddTensor(absl::StrCat(kOptimizer, name), tensor, &table));
  }
  std::string state;
  if (!google::protobuf::TextFormat::PrintToString(checkpoint.state, &state)) {
    return absl::InternalError("the state cannot be written");
  }
  table.mutable_metadata()[kState] = state;
  return WriteFileDurably(path, SerializeSafetensors(table));
}

absl::StatusOr<Checkpoint> ReadCheckpoint(const std::string& path) {
  ASSIGN_OR_RETURN(const TensorTable table, ReadSafetensors(path));
  const auto state = table.metadata().find(kState);
  Checkpoint checkpoint;
  if (state == table.metadata().end() ||
      !google::protobuf::TextFormat::ParseFromString(state->second, &checkpoint.state)) {
    return absl::DataLossError(absl::StrCat(path, ": weights, but no checkpoint of a training"));
  }
  for (const auto& [name, view] : table.tensors()) {
    absl::StatusOr<at::Tensor> tensor = TensorOf(view);
    if (!tensor.ok()) return absl::DataLossError(absl::StrCat(path, ": ", name, ": ", tensor.status().message()));
    absl::string_view rest = name;
    if (absl::ConsumePrefix(&rest, kModel)) {
      checkpoint.model[std::string(rest)] = *std::move(tensor);
    } else if (absl::ConsumePrefix(&rest, kOptimizer)) {
      checkpoint.optimizer[std::string(rest)] = *std::move(tensor);
    } else {
      return absl::DataLossError(absl::StrCat(path, ": a tensor ", name, " that is neither model nor optimizer"));
    }
  }
  return checkpoint;
}

absl::Status WriteWeights(const std::string& path, const NamedTensors& model,
                          const std::map<std::string, std::string>& metadata) {
  TensorTable table(path);
  for (const auto& [name, tensor] : model) RETURN_IF_ERROR(AddTensor(name, tensor, &table));
  for (const auto& [key, text] : metadata) table.mutable_metadata()[key] = text;
  return WriteFileDurably(path, SerializeSafetensors(table));
}

}  // namespace diarflow
