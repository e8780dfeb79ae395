// Reads and writes the safetensors format (its bytes are described in safetensors.cc).
#ifndef DIARFLOW_MODELS_WEIGHTS_SAFETENSORS_H_
#define DIARFLOW_MODELS_WEIGHTS_SAFETENSORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

// Maps a file into memory and reads its table; the numbers are not copied and stay mapped while the table lives. The
// table's digest is the SHA-256 of the file. The file must not be cut while it is mapped: replace files by renaming.
// kNotFound, kPermissionDenied, or kDataLoss with the path and what is wrong with the file: too short, a header that
// is not what the format says, an offset outside the file, tensors that overlap or leave holes, a shape that does not
// match its bytes, an unknown type.
absl::StatusOr<TensorTable> ReadSafetensors(const std::string& path);

// The same from bytes, which are copied. `source` is named in errors.
absl::StatusOr<TensorTable> ParseSafetensors(absl::string_view bytes, const std::string& source);

// The bytes of a table in the format: wider numbers first, then in order of the names, so that all are aligned.
std::string SerializeSafetensors(const TensorTable& table);

// Writes them to a file, whole or not at all.
absl::Status WriteSafetensors(const std::string& path, const TensorTable& table);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WEIGHTS_SAFETENSORS_H_
