// Weights from a file of any kind that is known here, recognised by its content and not by its name.
#ifndef DIARFLOW_MODELS_WEIGHTS_OPEN_WEIGHTS_H_
#define DIARFLOW_MODELS_WEIGHTS_OPEN_WEIGHTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

// Reads a safetensors file (safetensors.h), a torch zip archive (torch_zip.h) or a NeMo archive (nemo.h; every tar and
// every gzip is taken for one). kNotFound, kPermissionDenied, or kDataLoss with the path and what is wrong; a file of
// another kind is named where it is known (a pickle of a torch before 1.6).
absl::StatusOr<TensorTable> OpenWeights(const std::string& path);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WEIGHTS_OPEN_WEIGHTS_H_
