// Where golden tests and benchmarks compute: on the CPU, or on the device that the environment variable
// DIARFLOW_TEST_DEVICE names, as tools/gpu_check.sh does.
#ifndef DIARFLOW_MODELS_TESTING_TEST_DEVICE_H_
#define DIARFLOW_MODELS_TESTING_TEST_DEVICE_H_

#include <cstdlib>

#include "absl/status/statusor.h"
#include "models/device/device.h"

namespace diarflow {

// Errors of OpenDevice(): a test that was told of a device does not pass without it.
inline absl::StatusOr<ModelDevice> TestDevice() {
  const char* name = std::getenv("DIARFLOW_TEST_DEVICE");
  return OpenDevice(name == nullptr ? "cpu" : name);
}

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TESTING_TEST_DEVICE_H_
