// Where golden tests and benchmarks compute: on the CPU, or on the device that the environment variable
// DIARFLOW_TEST_DEVICE names, as tools/gpu_check.sh does. "pretended" is a GPU that is none (pretended_gpu.h).
#ifndef DIARFLOW_MODELS_TESTING_TEST_DEVICE_H_
#define DIARFLOW_MODELS_TESTING_TEST_DEVICE_H_

#include <cstdlib>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "models/device/device.h"
#include "models/testing/pretended_gpu.h"

namespace diarflow {

// Errors of OpenDevice(): a test that was told of a device does not pass without it.
inline absl::StatusOr<ModelDevice> TestDevice() {
  const char* name = std::getenv("DIARFLOW_TEST_DEVICE");
  if (name == nullptr) return ModelDevice();
  if (absl::string_view(name) == "pretended" && PretendGpu()) name = "cuda";
  return OpenDevice(name);
}

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TESTING_TEST_DEVICE_H_
