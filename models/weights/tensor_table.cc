#include "models/weights/tensor_table.h"

#include <cmath>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/sha256.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

template <typename T>
T Load(const uint8_t* data, int64_t index) {
  T value;
  std::memcpy(&value, data + static_cast<size_t>(index) * sizeof(T), sizeof(T));
  return value;
}

float FloatFromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

float FloatFromHalf(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t exponent = (half >> 10) & 0x1f;
  const uint32_t mantissa = half & 0x3ff;
  if (exponent == 0x1f) return FloatFromBits(sign | 0x7f800000u | (mantissa << 13));
  if (exponent != 0) return FloatFromBits(sign | ((exponent + 112) << 23) | (mantissa << 13));
  const float subnormal = std::ldexp(static_cast<float>(mantissa), -24);
  return sign != 0 ? -subnormal : subnormal;
}

template <typename T, typename Convert>
FloatArray ConvertAll(const TensorView& tensor, Convert convert) {
  FloatArray array = FloatArray::Zeros(tensor.shape);
  float* out = array.mutable_data();
  for (int64_t i = 0; i < array.size(); ++i) out[i] = convert(Load<T>(tensor.data, i));
  return array;
}

}  // namespace

absl::string_view TensorTypeName(TensorType type) {
  switch (type) {
    case TensorType::kBool: return "BOOL";
    case TensorType::kU8: return "U8";
    case TensorType::kI8: return "I8";
    case TensorType::kI16: return "I16";
    case TensorType::kI32: return "I32";
    case TensorType::kI64: return "I64";
    case TensorType::kF16: return "F16";
    case TensorType::kBF16: return "BF16";
    case TensorType::kF32: return "F32";
    case TensorType::kF64: return "F64";
  }
  return "unknown";
}

int64_t TensorTypeSize(TensorType type) {
  switch (type) {
    case TensorType::kBool:
    case TensorType::kU8:
    case TensorType::kI8: return 1;
    case TensorType::kI16:
    case TensorType::kF16:
    case TensorType::kBF16: return 2;
    case TensorType::kI32:
    case TensorType::kF32: return 4;
    case TensorType::kI64:
    case TensorType::kF64: return 8;
  }
  return 0;
}

int64_t TensorView::size() const { return static_cast<int64_t>(byte_size) / TensorTypeSize(type); }

std::string ShapeString(const std::vector<int64_t>& shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", "), "]");
}

absl::StatusOr<FloatArray> ToFloats(const TensorView& tensor) {
  switch (tensor.type) {
    case TensorType::kF32: {
      FloatArray array = FloatArray::Zeros(tensor.shape);
      if (!array.empty()) std::memcpy(array.mutable_data(), tensor.data, tensor.byte_size);
      return array;
    }
    case TensorType::kF16: return ConvertAll<uint16_t>(tensor, FloatFromHalf);
    case TensorType::kBF16:
      return ConvertAll<uint16_t>(tensor,
                                  [](uint16_t bits) { return FloatFromBits(static_cast<uint32_t>(bits) << 16); });
    case TensorType::kF64: return ConvertAll<double>(tensor, [](double value) { return static_cast<float>(value); });
    case TensorType::kI64: return ConvertAll<int64_t>(tensor, [](int64_t value) { return static_cast<float>(value); });
    default:
      return absl::InvalidArgumentError(absl::StrCat("numbers of type ", TensorTypeName(tensor.type),
                                                     " cannot be weights; F32, F16, BF16, F64 or I64 can"));
  }
}

absl::Status TensorTable::Add(absl::string_view name, TensorView tensor, std::shared_ptr<const void> owner) {
  int64_t bytes = TensorTypeSize(tensor.type);
  for (const int64_t dim : tensor.shape) {
    if (dim < 0 || __builtin_mul_overflow(bytes, dim, &bytes)) {
      return absl::InvalidArgumentError(
          absl::StrCat(source_, ": tensor \"", name, "\" has the impossible shape ", ShapeString(tensor.shape)));
    }
  }
  if (static_cast<uint64_t>(bytes) != tensor.byte_size) {
    return absl::InvalidArgumentError(absl::StrCat(source_, ": tensor \"", name, "\" of shape ",
                                                   ShapeString(tensor.shape), " and type ", TensorTypeName(tensor.type),
                                                   " needs ", bytes, " bytes, not ", tensor.byte_size));
  }
  if (!tensors_.emplace(std::string(name), std::move(tensor)).second) {
    return absl::AlreadyExistsError(absl::StrCat(source_, ": there are two tensors named \"", name, "\""));
  }
  if (owners_.empty() || owners_.back() != owner) owners_.push_back(std::move(owner));
  return absl::OkStatus();
}

absl::Status TensorTable::AddFloats(absl::string_view name, const FloatArray& values) {
  auto owner = std::make_shared<const FloatArray>(values);
  TensorView view{TensorType::kF32, owner->shape(), reinterpret_cast<const uint8_t*>(owner->data()),
                  owner->byte_size()};
  return Add(name, std::move(view), std::move(owner));
}

absl::Status TensorTable::AddInts(absl::string_view name, std::vector<int64_t> shape, std::vector<int64_t> values) {
  auto owner = std::make_shared<const std::vector<int64_t>>(std::move(values));
  TensorView view{TensorType::kI64, std::move(shape), reinterpret_cast<const uint8_t*>(owner->data()),
                  owner->size() * sizeof(int64_t)};
  return Add(name, std::move(view), std::move(owner));
}

const TensorView* TensorTable::Find(absl::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

std::vector<std::string> TensorTable::Names() const {
  std::vector<std::string> names;
  names.reserve(tensors_.size());
  for (const auto& [name, tensor] : tensors_) names.push_back(name);
  return names;
}

std::string TensorTable::Digest() const {
  if (!digest_.empty()) return digest_;
  Sha256 sha;
  for (const auto& [name, tensor] : tensors_) {
    sha.UpdateField(name).UpdateField(TensorTypeName(tensor.type)).UpdateField(ShapeString(tensor.shape));
    sha.Update(tensor.data, tensor.byte_size);
  }
  return sha.HexDigest();
}

}  // namespace diarflow
