// Where a network computes: on the CPU, or on a GPU by way of CUDA. Names as options of models have them: "cpu", "cuda"
// (the first GPU), "cuda:1" (the second one). docs/gpu.md tells users about it.
#ifndef DIARFLOW_MODELS_DEVICE_DEVICE_H_
#define DIARFLOW_MODELS_DEVICE_DEVICE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diarflow {

struct ModelDevice {
  // The number of the GPU, from 0; below 0: the CPU.
  int gpu = -1;

  bool is_cpu() const { return gpu < 0; }
  // "cpu", "cuda:0", ...
  std::string Name() const;
};

// What a name means, whether or not there is such a GPU here. kInvalidArgument for a name that is none.
absl::StatusOr<ModelDevice> ParseDevice(absl::string_view name);

// The same, and that networks can compute there from now on. kFailedPrecondition: LibTorch was built without CUDA, or
// there is no such GPU. On GPUs LibTorch rounds no factors to TF32 then, so that results are those of the CPU up to the
// order of sums.
absl::StatusOr<ModelDevice> OpenDevice(absl::string_view name);

// OK for a name that ParseDevice() knows. For the checks of options.
absl::Status CheckDevice(absl::string_view name);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_DEVICE_DEVICE_H_
