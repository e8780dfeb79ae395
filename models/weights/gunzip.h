// Unpacks gzip, in memory and up to a limit.
#ifndef DIARFLOW_MODELS_WEIGHTS_GUNZIP_H_
#define DIARFLOW_MODELS_WEIGHTS_GUNZIP_H_

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diarflow {

// Begins as a gzip of the only method there is.
bool LooksLikeGzip(absl::string_view bytes);

// Bytes on the heap.
class UnpackedBytes {
 public:
  UnpackedBytes() = default;
  ~UnpackedBytes();
  UnpackedBytes(const UnpackedBytes&) = delete;
  UnpackedBytes& operator=(const UnpackedBytes&) = delete;

  absl::string_view bytes() const { return absl::string_view(data_, size_); }

  // The room grows to `capacity`; false when there is no memory for it.
  bool Reserve(size_t capacity);
  char* data() { return data_; }
  size_t capacity() const { return capacity_; }
  // REQUIRES: size <= capacity().
  void set_size(size_t size) { size_ = size; }

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// Unpacks a gzip of one part, its checksum and length verified. kDataLoss with what is wrong: torn, damaged, more than
// `max_bytes` unpacked, something behind its end, no memory. Never holds more than `max_bytes` and a byte. The message
// does not name the file.
absl::StatusOr<std::shared_ptr<const UnpackedBytes>> Gunzip(absl::string_view packed, size_t max_bytes);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WEIGHTS_GUNZIP_H_
