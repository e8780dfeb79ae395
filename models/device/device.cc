#include "models/device/device.h"

#include "ATen/Context.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "c10/core/impl/DeviceGuardImplInterface.h"

namespace diarflow {
namespace {

// As LibTorch numbers devices, in a byte with a sign.
constexpr int kMaxGpu = 127;

absl::Status NotHere(absl::string_view name, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat("device is \"", name, "\", but ", why));
}

}  // namespace

std::string ModelDevice::Name() const { return is_cpu() ? "cpu" : absl::StrCat("cuda:", gpu); }

absl::StatusOr<ModelDevice> ParseDevice(absl::string_view name) {
  if (name == "cpu") return ModelDevice();
  absl::string_view number = name;
  int gpu = 0;
  const bool digits = absl::ConsumePrefix(&number, "cuda:") && !number.empty() &&
                      number.find_first_not_of("0123456789") == absl::string_view::npos;
  if (name == "cuda" || (digits && absl::SimpleAtoi(number, &gpu) && gpu <= kMaxGpu)) return ModelDevice{gpu};
  return absl::InvalidArgumentError(absl::StrCat(
      "device is \"", name, "\"; it may be \"cpu\", \"cuda\" (the first GPU) or \"cuda:N\" (GPU number N, from 0)"));
}

absl::StatusOr<ModelDevice> OpenDevice(absl::string_view name) {
  ASSIGN_OR_RETURN(const ModelDevice device, ParseDevice(name));
  if (device.is_cpu()) return device;
  if (!c10::impl::hasDeviceGuardImpl(at::kCUDA)) {
    return NotHere(name,
                   "LibTorch was built without CUDA here: set device: \"cpu\", or build with LIBTORCH_HOME naming a "
                   "CUDA build of LibTorch (docs/gpu.md)");
  }
  const auto gpus = static_cast<int>(at::getNumGPUs());
  if (gpus == 0) {
    return NotHere(
        name,
        "there is no GPU that CUDA can use here: set device: \"cpu\", or look at what nvidia-smi says of the "
        "driver (docs/gpu.md)");
  }
  if (device.gpu >= gpus) {
    return NotHere(
        name, gpus == 1 ? "the only GPU here is cuda:0" : absl::StrCat("the GPUs here are cuda:0 to cuda:", gpus - 1));
  }
  at::globalContext().setAllowTF32CuBLAS(false);
  at::globalContext().setAllowTF32CuDNN(false);
  return device;
}

absl::Status CheckDevice(absl::string_view name) { return ParseDevice(name).status(); }

}  // namespace diarflow
