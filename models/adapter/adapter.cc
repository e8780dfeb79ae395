#include "models/adapter/adapter.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "ATen/ops/ones.h"
#include "ATen/ops/zeros.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "models/adapter/adapter_weights.h"
#include "models/adapter/network.h"
#include "models/device/torch_device.h"
#include "models/layers/guarded.h"
#include "models/weights/open_weights.h"

namespace diarflow {
namespace {

// Frames that one pass takes, padded ones included.
constexpr int64_t kMaxPassFrames = 4096;

// All that the numbers depend on in a config, the same whether fields are set or left at their defaults.
std::string ConfigText(const AdapterConfig& config) {
  return absl::StrCat(config.input_width(), " ", config.width(), " ", config.num_heads(), " ", config.feed_forward(),
                      " ", config.num_layers(), " ", config.num_speakers(), " ", config.input_projection());
}

}  // namespace

struct Adapter::Impl {
  AdapterConfig config;
  std::string digest;
  std::string fingerprint;
  std::string description;
  bool trained;
  int64_t parameter_count;
  at::Device device;
  AdapterParameters parameters;  // there

  static absl::StatusOr<Ptr> Make(const AdapterConfig& config, const AdapterWeights& weights, std::string digest,
                                  std::string description, bool trained, const ModelDevice& device);
  // Items that fit into one pass, the longest first.
  absl::Status RunPass(absl::Span<const FloatArray> latents, absl::Span<const size_t> items,
                       std::vector<FloatArray>* results) const;
};

absl::StatusOr<Adapter::Ptr> Adapter::Impl::Make(const AdapterConfig& config, const AdapterWeights& weights,
                                                 std::string digest, std::string description, bool trained,
                                                 const ModelDevice& device) {
  Sha256 sha;
  sha.UpdateField("adapter").UpdateField(absl::StrCat(kAdapterCodeVersion)).UpdateField(ConfigText(config));
  sha.UpdateField(digest);
  if (!device.is_cpu()) sha.UpdateField("cuda");
  const std::string fingerprint = sha.HexDigest();
  return Guarded("Adapter", "building the network", [&]() -> absl::StatusOr<Ptr> {
    AdapterParameters parameters = AdapterParametersOf(weights);
    MoveTensors(TorchDevice(device), &parameters);
    return Ptr(new Adapter(
        std::unique_ptr<Impl>(new Impl{config, std::move(digest), fingerprint, std::move(description), trained,
                                       CountParameters(weights), TorchDevice(device), std::move(parameters)})));
  });
}

absl::Status Adapter::Impl::RunPass(absl::Span<const FloatArray> latents, absl::Span<const size_t> items,
                                    std::vector<FloatArray>* results) const {
  const int64_t batch = static_cast<int64_t>(items.size()), width = config.input_width();
  const int64_t frames = latents[items.front()].dim(0);
  at::Tensor x = at::zeros({batch, frames, width});
  at::Tensor padding;
  if (latents[items.back()].dim(0) < frames) padding = at::ones({batch, frames}, at::kBool);
  for (int64_t b = 0; b < batch; ++b) {
    const FloatArray& item = latents[items[static_cast<size_t>(b)]];
    std::copy(item.begin(), item.end(), x.mutable_data_ptr<float>() + b * frames * width);
    if (padding.defined()) std::fill_n(padding.mutable_data_ptr<bool>() + b * frames, item.dim(0), false);
  }
  MoveTensors(device, {&x, &padding});
  const at::Tensor logits = ToCpu(AdapterForward(config, parameters, x, padding, AdapterPass()));
  for (int64_t b = 0; b < batch; ++b) {
    const size_t item = items[static_cast<size_t>(b)];
    FloatArray result = FloatArray::Zeros({latents[item].dim(0), config.num_speakers()});
    std::copy_n(logits.const_data_ptr<float>() + b * frames * config.num_speakers(), result.size(),
                result.mutable_data());
    if (result.FirstNotFinite() >= 0) {
      return absl::InternalError(
          absl::StrCat("Adapter: item ", item, ": a logit is not finite: the latents or the weights are too large"));
    }
    (*results)[item] = std::move(result);
  }
  return absl::OkStatus();
}

Adapter::Adapter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Adapter::~Adapter() = default;

absl::StatusOr<Adapter::Ptr> Adapter::Load(const std::string& path, const AdapterConfig& config,
                                           const ModelDevice& device) {
  RETURN_IF_ERROR(CheckAdapterConfig(config));
  ASSIGN_OR_RETURN(const TensorTable table, OpenWeights(path));
  return FromTensors(table, config, path.substr(path.rfind('/') + 1), device);
}

absl::StatusOr<Adapter::Ptr> Adapter::FromTensors(const TensorTable& tensors, const AdapterConfig& config,
                                                  const std::string& name, const ModelDevice& device) {
  RETURN_IF_ERROR(CheckAdapterConfig(config));
  ASSIGN_OR_RETURN(const AdapterWeights weights, TakeAdapterWeights(tensors, config));
  return Impl::Make(config, weights, tensors.Digest(), absl::StrCat("adapter, weights ", name), /*trained=*/true,
                    device);
}

absl::StatusOr<Adapter::Ptr> Adapter::Random(const AdapterConfig& config, uint64_t seed, const ModelDevice& device) {
  RETURN_IF_ERROR(CheckAdapterConfig(config));
  return Guarded("Adapter", "making random weights", [&]() -> absl::StatusOr<Ptr> {
    const AdapterWeights weights = RandomAdapterWeights(config, seed);
    TensorTable table;
    for (const auto& [name, values] : weights) RETURN_IF_ERROR(table.AddFloats(name, values));
    return Impl::Make(config, weights, table.Digest(), absl::StrCat("untrained adapter (seed ", seed, ")"),
                      /*trained=*/false, device);
  });
}

absl::Status Adapter::CheckLatents(const FloatArray& latents) const {
  const int64_t width = config().input_width();
  if (latents.shape().size() != 2 || latents.dim(1) != width) {
    return absl::InvalidArgumentError(absl::StrCat("Adapter: the frames have the shape ", latents.ShapeString(),
                                                   ", but this adapter takes [T, ", width, "]"));
  }
  const int64_t frames = latents.dim(0);
  if (frames == 0) return absl::OutOfRangeError("Adapter: there are no frames; at least one is needed");
  if (frames > kAdapterMaxFrames) {
    return absl::OutOfRangeError(absl::StrCat("Adapter: there are ", frames, " frames, at most ", kAdapterMaxFrames,
                                              " are taken: cut the recording into pieces"));
  }
  const int64_t bad = latents.FirstNotFinite();
  if (bad < 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("Adapter: number ", bad % width, " of frame ", bad / width, " is ", latents[bad]));
}

absl::StatusOr<std::vector<FloatArray>> Adapter::Logits(absl::Span<const FloatArray> latents) const {
  for (size_t item = 0; item < latents.size(); ++item) {
    if (absl::Status status = CheckLatents(latents[item]); !status.ok()) {
      return absl::Status(status.code(), absl::StrCat("item ", item, ": ", status.message()));
    }
  }
  std::vector<size_t> order(latents.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return latents[a].dim(0) > latents[b].dim(0); });
  std::vector<FloatArray> results(latents.size());
  for (size_t begin = 0; begin < order.size();) {
    const int64_t longest = latents[order[begin]].dim(0);
    const size_t at_once = static_cast<size_t>(std::max<int64_t>(1, kMaxPassFrames / longest));
    const auto items = absl::MakeConstSpan(order).subspan(begin, at_once);
    RETURN_IF_ERROR(Guarded("Adapter", "computing logits", [&] { return impl_->RunPass(latents, items, &results); }));
    begin += items.size();
  }
  return results;
}

const AdapterConfig& Adapter::config() const { return impl_->config; }
const std::string& Adapter::weights_digest() const { return impl_->digest; }
const std::string& Adapter::Fingerprint() const { return impl_->fingerprint; }
int64_t Adapter::parameter_count() const { return impl_->parameter_count; }
bool Adapter::trained() const { return impl_->trained; }
const std::string& Adapter::Description() const { return impl_->description; }

FloatArray Sigmoid(const FloatArray& logits) {
  FloatArray probabilities = FloatArray::Zeros(logits.shape());
  float* out = probabilities.empty() ? nullptr : probabilities.mutable_data();
  for (const float x : logits) *out++ = static_cast<float>(1 / (1 + std::exp(-static_cast<double>(x))));
  return probabilities;
}

}  // namespace diarflow
