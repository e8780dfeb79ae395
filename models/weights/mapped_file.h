// A file mapped into memory for reading, unmapped when the object goes.
#ifndef DIARFLOW_MODELS_WEIGHTS_MAPPED_FILE_H_
#define DIARFLOW_MODELS_WEIGHTS_MAPPED_FILE_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diarflow {

class MappedFile {
 public:
  // kNotFound, kPermissionDenied or kDataLoss, with the path and the system's reason. A folder or a device is an error.
  static absl::StatusOr<std::shared_ptr<const MappedFile>> Open(const std::string& path);

  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  absl::string_view bytes() const { return absl::string_view(data_, size_); }

 private:
  MappedFile(const char* data, size_t size) : data_(data), size_(size) {}

  const char* data_;
  size_t size_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WEIGHTS_MAPPED_FILE_H_
