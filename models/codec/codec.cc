#include "models/codec/codec.h"

#include <cmath>
#include <string>
#include <utility>

#include "ATen/ops/isfinite.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/float_array.h"
#include "base/status_macros.h"
#include "models/codec/head.h"
#include "models/codec/log_mel.h"
#include "models/device/torch_device.h"
#include "models/mimi/mimi_config.h"
#include "models/mimi/mimi_tap.h"
#include "models/mimi/mimi_weights.h"
#include "models/weights/take_tensors.h"

namespace diarflow {
namespace {

constexpr int64_t kMaxHeadWidth = 1 << 16;
// Under the root: its slope at 0 is infinite.
constexpr double kTinySquare = 1e-12;

absl::Status CheckBatch(const CodecConfig& config, const at::Tensor& samples, int num_codebooks,
                        const CodebookTraining* training) {
  if (samples.dim() != 2 || samples.size(0) < 1 || samples.size(1) < 1 || samples.size(1) % kMimiFrameSamples != 0) {
    return absl::InvalidArgumentError(absl::StrCat("codec: samples [", absl::StrJoin(samples.sizes(), ", "),
                                                   "]; needed are [B, N], N a multiple of ", kMimiFrameSamples));
  }
  if (num_codebooks < 1 || num_codebooks > config.mimi.num_codebooks()) {
    return absl::InvalidArgumentError(
        absl::StrCat("codec: ", num_codebooks, " codebooks are asked for; there are ", config.mimi.num_codebooks()));
  }
  if (training != nullptr && training->random == nullptr) {
    return absl::InvalidArgumentError("codec: codebooks that move need random numbers");
  }
  // One such number would spoil the codebooks for good.
  if (!at::isfinite(samples).all().item<bool>()) {
    return absl::InvalidArgumentError("codec: a sample is not finite");
  }
  return absl::OkStatus();
}

void AddMatrices(const std::vector<ExpectedTensor>& tensors, uint64_t seed, MimiWeights* weights) {
  for (const ExpectedTensor& tensor : tensors) {
    FloatArray values = FloatArray::Zeros(tensor.shape);
    if (tensor.shape.size() > 1) {
      const double fan_in = static_cast<double>(values.size() / tensor.shape[0]);
      // Uniform in [-a, a) has the variance a^2 / 3.
      values = RandomTensor(tensor.shape, static_cast<float>(std::sqrt(3 / fan_in)), seed, tensor.name);
    }
    (*weights)[tensor.name] = std::move(values);
  }
}

}  // namespace

CodecConfig SmallCodecConfig() {
  CodecConfig config;
  config.mimi = SmallMimiConfig();
  config.mimi.set_codebook_size(256);
  config.mimi.set_layer_scale_init(0.1);
  return config;
}

absl::Status CheckCodecConfig(const CodecConfig& config) {
  RETURN_IF_ERROR(CheckMimiConfig(config.mimi));
  if (config.head_width < 1 || config.head_width > kMaxHeadWidth) {
    return absl::InvalidArgumentError(
        absl::StrCat("codec: head_width is ", config.head_width, "; it must be 1 to ", kMaxHeadWidth));
  }
  for (const double weight : {config.rms_weight, config.commitment_weight}) {
    if (std::isfinite(weight) && weight >= 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("codec: a weight of the loss is ", weight, "; it must be 0 or more"));
  }
  return absl::OkStatus();
}

CodecParameters InitialCodecParameters(const CodecConfig& config, uint64_t seed, const at::Device& device) {
  const MimiConfig mimi = FillMimiConfig(config.mimi);
  MimiWeights weights = RandomMimiWeights(mimi, seed);
  AddMatrices(OutputProjectionTensors(mimi), seed, &weights);
  AddMatrices(HeadTensors(mimi.dimension(), config.head_width), seed, &weights);
  CodecParameters parameters;
  CodecTensors tensors = CodecTensorsOf(weights);
  MoveTensors(device, &tensors);
  for (auto& [name, tensor] : tensors) {
    const bool codebook = absl::StrContains(name, "._codebook.");
    if (absl::EndsWith(name, "._initialized")) tensor.zero_();
    (codebook ? parameters.codebooks : parameters.network)[name] = tensor.set_requires_grad(!codebook);
  }
  return parameters;
}

CodecTensors AllTensors(const CodecParameters& parameters) {
  CodecTensors tensors = parameters.network;
  tensors.insert(parameters.codebooks.begin(), parameters.codebooks.end());
  return tensors;
}

CodecTensors MimiTensors(const CodecParameters& parameters) {
  CodecTensors tensors;
  for (const auto& [name, tensor] : AllTensors(parameters)) {
    if (!absl::StartsWith(name, "head.")) tensors[name] = tensor;
  }
  return tensors;
}

absl::StatusOr<CodecLosses> CodecLoss(const CodecConfig& config, const CodecParameters& parameters,
                                      const at::Tensor& samples, int num_codebooks, const CodebookTraining* training) {
  RETURN_IF_ERROR(CheckBatch(config, samples, num_codebooks, training));
  const MimiConfig mimi = FillMimiConfig(config.mimi);
  const at::Tensor latent = EncodeForTraining(mimi, parameters.network, samples);
  QuantizedBatch quantized =
      QuantizeForTraining(mimi, parameters.network, parameters.codebooks, latent, num_codebooks, training);
  const at::Tensor apart = SpectraOf(parameters.network, quantized.values).sub(LogMel(samples));
  const at::Tensor absolute = apart.abs().mean(), rms = apart.square().mean().add(kTinySquare).sqrt();
  CodecLosses losses;
  losses.total = absolute.add(rms, config.rms_weight).add(quantized.commitment, config.commitment_weight);
  losses.absolute = absolute.item<double>();
  losses.rms = rms.item<double>();
  losses.commitment = quantized.commitment.item<double>();
  losses.use = std::move(quantized.use);
  return losses;
}

}  // namespace diarflow
