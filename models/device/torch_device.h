// Devices and tensors in terms of LibTorch: for the networks.
#ifndef DIARFLOW_MODELS_DEVICE_TORCH_DEVICE_H_
#define DIARFLOW_MODELS_DEVICE_TORCH_DEVICE_H_

#include <initializer_list>
#include <map>
#include <string>

#include "ATen/core/Tensor.h"
#include "models/device/device.h"

namespace diarflow {

inline at::Device TorchDevice(const ModelDevice& device) {
  return device.is_cpu() ? at::Device(at::kCPU) : at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device.gpu));
}

// Puts tensors there; those that are there already, or undefined, stay what they are.
inline void MoveTensors(const at::Device& device, std::initializer_list<at::Tensor*> tensors) {
  for (at::Tensor* tensor : tensors) {
    if (tensor->defined()) *tensor = tensor->to(device);
  }
}
inline void MoveTensors(const at::Device& device, std::map<std::string, at::Tensor>* tensors) {
  for (auto& [name, tensor] : *tensors) tensor = tensor.to(device);
}

// A result where its numbers can be read: on the CPU, one row behind the other.
inline at::Tensor ToCpu(const at::Tensor& result) { return result.cpu().contiguous(); }

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_DEVICE_TORCH_DEVICE_H_
