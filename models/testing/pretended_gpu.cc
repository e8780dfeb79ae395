#include "models/testing/pretended_gpu.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "ATen/CPUGeneratorImpl.h"
#include "ATen/EmptyTensor.h"
#include "ATen/detail/CUDAHooksInterface.h"
#include "ATen/ops/_reshape_alias_native.h"
#include "ATen/ops/as_strided_native.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/from_blob.h"
#include "ATen/ops/unfold_native.h"
#include "ATen/ops/view_as_real_native.h"
#include "ATen/ops/view_native.h"
#include "c10/core/Allocator.h"
#include "c10/core/impl/DeviceGuardImplInterface.h"
#include "torch/library.h"

namespace diarflow {
namespace {

const at::Device kGpu(at::kCUDA, 0);

// No processor can follow an address that is so far away from the number's.
constexpr uintptr_t kFarAway = uintptr_t{1} << 62;

void* Far(void* host) { return reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(host) + kFarAway); }
void* Host(const void* far) { return reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(far) - kFarAway); }

class FarAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    constexpr size_t kAlignment = 64;
    void* host = std::aligned_alloc(kAlignment, (bytes / kAlignment + 1) * kAlignment);
    return {Far(host), host, &std::free, kGpu};
  }
  void copy_data(void* to, const void* from, size_t bytes) const override { std::memcpy(Host(to), Host(from), bytes); }
};

FarAllocator* TheAllocator() {
  static auto* const allocator = new FarAllocator;
  return allocator;
}

class GuardImpl final : public c10::impl::NoOpDeviceGuardImpl<at::kCUDA> {
 public:
  c10::Device exchangeDevice(c10::Device) const override { return kGpu; }
  c10::Device getDevice() const override { return kGpu; }
  c10::Stream getStream(c10::Device) const noexcept override { return c10::Stream(c10::Stream::DEFAULT, kGpu); }
  c10::Stream getDefaultStream(c10::Device) const override { return c10::Stream(c10::Stream::DEFAULT, kGpu); }
  c10::Stream exchangeStream(c10::Stream) const noexcept override { return c10::Stream(c10::Stream::DEFAULT, kGpu); }
};

struct PretendedHooks final : public at::CUDAHooksInterface {
  explicit PretendedHooks(at::CUDAHooksArgs) {}
  void init() const override {}
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasCUDA() const override { return true; }
  bool hasPrimaryContext(at::DeviceIndex) const override { return true; }
  int getNumGPUs() const override { return 1; }
  at::DeviceIndex deviceCount() const override { return 1; }
  at::DeviceIndex current_device() const override { return 0; }
  at::DeviceIndex getCurrentDevice() const override { return 0; }
  // Kernels are the CPU's, so their random numbers are too.
  const at::Generator& getDefaultGenerator(at::DeviceIndex) const override {
    return at::detail::getDefaultCPUGenerator();
  }
};

at::Tensor Empty(at::IntArrayRef size, std::optional<at::ScalarType> type, std::optional<at::Layout>,
                 std::optional<at::Device>, std::optional<bool>, std::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(size, TheAllocator(), c10::DispatchKeySet(c10::DispatchKey::CUDA),
                                   type.value_or(at::kFloat), format);
}

at::Tensor EmptyStrided(at::IntArrayRef size, at::IntArrayRef stride, std::optional<at::ScalarType> type,
                        std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>) {
  return at::detail::empty_strided_generic(size, stride, TheAllocator(), c10::DispatchKeySet(c10::DispatchKey::CUDA),
                                           type.value_or(at::kFloat));
}

// The same numbers as a tensor of the CPU.
at::Tensor HostTensor(const at::Tensor& tensor) {
  if (!tensor.defined() || !tensor.is_cuda()) return tensor;
  if (tensor.numel() == 0) return at::empty(tensor.sizes(), tensor.options().device(at::kCPU));
  return at::from_blob(Host(tensor.const_data_ptr()), tensor.sizes(), tensor.strides(),
                       tensor.options().device(at::kCPU));
}

at::Tensor& Copy(at::Tensor& self, const at::Tensor& from, bool) {
  HostTensor(self).copy_(HostTensor(from));
  return self;
}

at::Tensor FarCopy(const at::Tensor& host) {
  if (!host.defined()) return host;
  at::Tensor far = EmptyStrided(host.sizes(), host.strides(), host.scalar_type(), {}, {}, {});
  HostTensor(far).copy_(host);
  return far;
}

void GiveNumbers(const at::Tensor& from, const at::Tensor& to) {
  to.unsafeGetTensorImpl()->set_storage_keep_dtype(from.storage());
  to.unsafeGetTensorImpl()->set_sizes_and_strides(from.sizes(), from.strides());
}

// What stands in the tensor is lost: those who resize are about to fill it.
const at::Tensor& Resize(const at::Tensor& self, at::IntArrayRef size, std::optional<at::MemoryFormat> format) {
  if (self.sizes() != size) GiveNumbers(Empty(size, self.scalar_type(), {}, {}, {}, format), self);
  return self;
}

// An argument of an operation on the GPU, for the CPU. As CUDA, it takes a single number from anywhere.
at::Tensor Argument(const std::string& operation, const at::Tensor& tensor) {
  TORCH_CHECK(!tensor.defined() || tensor.is_cuda() || tensor.dim() == 0, operation,
              ": tensors of the CPU and of the GPU in one operation");
  return HostTensor(tensor);
}

// Any operation, by the CPU's kernel.
void OnTheCpu(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const c10::FunctionSchema& schema = op.schema();
  const std::string name = schema.operator_name().name;
  const size_t first = stack->size() - schema.arguments().size();
  const std::vector<c10::IValue> given(stack->begin() + static_cast<int64_t>(first), stack->end());
  for (size_t i = first; i < stack->size(); ++i) {
    c10::IValue& value = (*stack)[i];
    if (schema.arguments()[i - first].is_out()) {
      // Of any size: the kernel gives it the result's.
      value = at::empty({0}, value.toTensor().options().device(at::kCPU));
    } else if (value.isTensor()) {
      value = Argument(name, value.toTensor());
    } else if (value.isTensorList()) {
      std::vector<at::Tensor> tensors;
      for (const at::Tensor& tensor : value.toTensorVector()) tensors.push_back(Argument(name, tensor));
      value = tensors;
    } else if (value.isOptionalTensorList()) {
      c10::List<std::optional<at::Tensor>> tensors;
      for (const std::optional<at::Tensor>& tensor : value.toOptionalTensorVector()) {
        tensors.push_back(tensor.has_value() ? std::optional<at::Tensor>(Argument(name, *tensor)) : std::nullopt);
      }
      value = tensors;
    } else if (value.isDevice()) {
      value = at::Device(at::kCPU);
    }
  }
  op.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), stack);
  const size_t results = stack->size() - schema.returns().size();
  for (size_t i = 0; i < schema.returns().size(); ++i) {
    c10::IValue& value = (*stack)[results + i];
    const c10::AliasInfo* alias = schema.returns()[i].alias_info();
    if (value.isTensorList()) {
      std::vector<at::Tensor> tensors;
      for (const at::Tensor& tensor : value.toTensorVector()) tensors.push_back(FarCopy(tensor));
      value = tensors;
    }
    if (!value.isTensor()) continue;
    if (alias == nullptr) {
      value = FarCopy(value.toTensor());
      continue;
    }
    TORCH_CHECK(alias->isWrite(), name, ": a view, which a pretended GPU does not know");
    for (size_t a = 0; a < given.size(); ++a) {
      const c10::AliasInfo* of_argument = schema.arguments()[a].alias_info();
      if (of_argument == nullptr || of_argument->beforeSets() != alias->beforeSets()) continue;
      const at::Tensor result = value.toTensor(), to = given[a].toTensor();
      if (to.sizes() != result.sizes()) {
        GiveNumbers(FarCopy(result), to);
      } else if (schema.arguments()[a].is_out()) {
        HostTensor(to).copy_(result);
      }
      value = given[a];
    }
  }
}

// What a GPU has of its own for a step of a recurrent layer. Gates: in, forget, cell, out.
std::tuple<at::Tensor, at::Tensor, at::Tensor> LstmCell(const at::Tensor& from_input, const at::Tensor& from_hidden,
                                                        const at::Tensor& cell,
                                                        const std::optional<at::Tensor>& input_bias,
                                                        const std::optional<at::Tensor>& hidden_bias) {
  at::Tensor gates = HostTensor(from_input).add(HostTensor(from_hidden));
  for (const std::optional<at::Tensor>* bias : {&input_bias, &hidden_bias}) {
    if (bias->has_value() && (*bias)->defined()) gates = gates.add(HostTensor(**bias));
  }
  const std::vector<at::Tensor> parts = gates.chunk(4, 1);
  const at::Tensor next = parts[1].sigmoid().mul(HostTensor(cell)).add(parts[0].sigmoid().mul(parts[2].tanh()));
  return {FarCopy(parts[3].sigmoid().mul(next.tanh())), FarCopy(next), FarCopy(gates)};
}

}  // namespace

bool PretendGpu() {
  static const bool pretended = [] {
    if (c10::impl::hasDeviceGuardImpl(at::kCUDA)) return false;
    const c10::impl::DeviceGuardImplRegistrar guard(at::kCUDA, new GuardImpl);
    at::CUDAHooksRegistry()->Register("CUDAHooks",
                                      [](at::CUDAHooksArgs args) -> std::unique_ptr<at::CUDAHooksInterface> {
                                        return std::make_unique<PretendedHooks>(args);
                                      });
    static auto* const fallback =
        new torch::Library(torch::Library::IMPL, "_", c10::DispatchKey::CUDA, __FILE__, __LINE__);
    fallback->fallback(torch::CppFunction::makeFromBoxedFunction<&OnTheCpu>());
    static auto* const aten =
        new torch::Library(torch::Library::IMPL, "aten", c10::DispatchKey::CUDA, __FILE__, __LINE__);
    aten->impl("empty.memory_format", &Empty);
    aten->impl("empty_strided", &EmptyStrided);
    aten->impl("copy_", &Copy);
    aten->impl("resize_", &Resize);
    aten->impl("as_strided", &at::native::as_strided_tensorimpl);
    aten->impl("view", &at::native::view);
    aten->impl("_reshape_alias", &at::native::_reshape_alias);
    aten->impl("unfold", &at::native::unfold);
    aten->impl("view_as_real", &at::native::view_as_real);
    aten->impl("_thnn_fused_lstm_cell", &LstmCell);
    // These would choose kernels that only CUDA has.
    aten->impl("convolution", torch::CppFunction::makeFromBoxedFunction<&OnTheCpu>());
    aten->impl("convolution_backward", torch::CppFunction::makeFromBoxedFunction<&OnTheCpu>());
    return true;
  }();
  return pretended;
}

}  // namespace diarflow
