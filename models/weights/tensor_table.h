// TensorTable: named tensors in memory, whatever file they came from. Plain data, no LibTorch.
//
// A table owns or shares the memory that its tensors point into; copies of a table share it. Numbers are little-endian
// and row-major. Network loaders look tensors up by name and take float32 with ToFloats().
#ifndef DIARFLOW_MODELS_WEIGHTS_TENSOR_TABLE_H_
#define DIARFLOW_MODELS_WEIGHTS_TENSOR_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/float_array.h"

namespace diarflow {

enum class TensorType { kBool, kU8, kI8, kI16, kI32, kI64, kF16, kBF16, kF32, kF64 };

// The name in the safetensors format: "F32", "BF16", ...
absl::string_view TensorTypeName(TensorType type);
// Bytes of one number.
int64_t TensorTypeSize(TensorType type);

struct TensorView {
  TensorType type = TensorType::kF32;
  std::vector<int64_t> shape;
  const uint8_t* data = nullptr;  // not aligned
  size_t byte_size = 0;

  int64_t size() const;
};

// "[64, 1, 7]".
std::string ShapeString(const std::vector<int64_t>& shape);

// Numbers as float32: F32 as they are; F16, BF16, F64 and I64 rounded to the nearest. kInvalidArgument for other types.
absl::StatusOr<FloatArray> ToFloats(const TensorView& tensor);

class TensorTable {
 public:
  TensorTable() = default;

  // `source` is named in errors: a path, or what the tensors are.
  explicit TensorTable(std::string source) : source_(std::move(source)) {}

  // Adds a tensor whose memory `owner` keeps alive. kAlreadyExists when the name is taken; kInvalidArgument when
  // shape, type and byte_size disagree.
  absl::Status Add(absl::string_view name, TensorView tensor, std::shared_ptr<const void> owner);

  // Adds float32 numbers. The table shares them.
  absl::Status AddFloats(absl::string_view name, const FloatArray& values);

  // Adds int64 numbers. The table keeps a copy.
  absl::Status AddInts(absl::string_view name, std::vector<int64_t> shape, std::vector<int64_t> values);

  // Null when there is none.
  const TensorView* Find(absl::string_view name) const;

  // In byte order of the names.
  const std::map<std::string, TensorView, std::less<>>& tensors() const { return tensors_; }
  std::vector<std::string> Names() const;

  const std::string& source() const { return source_; }

  // SHA-256 (hex): of the file's bytes when a file reader set it, otherwise of names, types, shapes and numbers.
  std::string Digest() const;
  void set_digest(std::string digest) { digest_ = std::move(digest); }

  // Free text beside the tensors (safetensors "__metadata__").
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  std::map<std::string, std::string>& mutable_metadata() { return metadata_; }

 private:
  std::string source_ = "tensors in memory";
  std::string digest_;
  std::map<std::string, TensorView, std::less<>> tensors_;
  std::vector<std::shared_ptr<const void>> owners_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WEIGHTS_TENSOR_TABLE_H_
