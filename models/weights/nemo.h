// Reads the archives of NeMo (.nemo): a tar, or the gzip of a tar as releases before 1.7 wrote.
//
//   model_config.yaml     how the model is built
//   model_weights.ckpt    its tensors, in the archive of torch.save() (torch_zip.h)
//
// Names may begin with "./". What other members there are is checked as tar.h says, and passed over.
#ifndef DIARFLOW_MODELS_WEIGHTS_NEMO_H_
#define DIARFLOW_MODELS_WEIGHTS_NEMO_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

// The key of the configuration's text in TensorTable::metadata().
inline constexpr char kNemoConfig[] = "model_config.yaml";

// Maps a file into memory and reads its table; what torch_zip.h says of copies, digest (of the whole .nemo file) and
// files that are cut holds here too. A gzip is unpacked on the heap, which the table keeps; it may grow to 32 times the
// file's size and 64 MiB more, and never beyond 2 GiB. kNotFound, kPermissionDenied, or kDataLoss with the path and
// what is wrong: a torn or damaged tar or gzip, a member that is refused (tar.h), no configuration, one of more than
// 16 MiB, no weights or two, or weights that torch_zip.h refuses.
absl::StatusOr<TensorTable> ReadNemo(const std::string& path);

// The same from bytes, which are copied. `source` is named in errors.
absl::StatusOr<TensorTable> ParseNemo(absl::string_view bytes, const std::string& source);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WEIGHTS_NEMO_H_
