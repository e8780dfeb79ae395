#include "models/mimi/testing/golden_run.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "ATen/ops/cat.h"
#include "ATen/ops/zeros.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "c10/core/InferenceMode.h"
#include "models/device/torch_device.h"
#include "models/mimi/network.h"
#include "models/mimi/testing/golden_fill.h"
#include "models/testing/test_device.h"

namespace diarflow {
namespace {

using nlohmann::json;

absl::StatusOr<FloatArray> ReadSignal(const std::string& path, int64_t samples) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  if (static_cast<int64_t>(bytes.size()) != samples * static_cast<int64_t>(sizeof(float))) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " has ", bytes.size(), " bytes; the golden file speaks of ", samples, " float32 samples"));
  }
  FloatArray signal = FloatArray::Zeros({samples});
  std::memcpy(signal.mutable_data(), bytes.data(), bytes.size());
  return signal;
}

// [T, C], of pieces [1, T, C].
FloatArray JoinPieces(const std::vector<at::Tensor>& pieces) {
  const at::Tensor frames = ToCpu(at::cat(pieces, 1).select(0, 0));
  FloatArray array = FloatArray::Zeros(frames.sizes().vec());
  std::copy_n(frames.const_data_ptr<float>(), array.size(), array.mutable_data());
  return array;
}

TensorSums Summarize(const FloatArray& values) {
  TensorSums sums;
  for (const float value : values) {
    sums.magnitudes += std::fabs(static_cast<double>(value));
    sums.mean += value;
  }
  sums.mean /= static_cast<double>(values.size());
  double squares = 0;
  for (const float value : values) squares += (value - sums.mean) * (value - sums.mean);
  sums.deviation = std::sqrt(squares / static_cast<double>(values.size()));
  return sums;
}

// The inner parts, from the network itself.
void RunNetwork(const MimiWeights& weights, const ModelDevice& device, GoldenRun* run) {
  c10::InferenceMode guard;
  const MimiNetwork network(run->config, weights, TorchDevice(device));
  StreamState state = network.NewState(1, MimiTap::kLatent12);
  const int64_t padded = MimiTapFrames(MimiTap::kLatent12, run->signal.size()) * kMimiFrameSamples;
  at::Tensor samples = at::zeros({1, padded});
  std::copy(run->signal.begin(), run->signal.end(), samples.mutable_data_ptr<float>());
  std::map<std::string, std::vector<at::Tensor>> pieces;
  const MimiObserver observer = [&pieces](const std::string& part, const at::Tensor& frames) {
    pieces[part].push_back(frames.clone());
  };
  const at::Tensor latent = network.Forward(samples, MimiTap::kLatent12, state, observer);
  for (const auto& [part, frames] : pieces) run->parts[part] = JoinPieces(frames);
  run->quantized = network.quantizer().Encode(latent.select(0, 0).contiguous(), network.quantizer().codebooks());
}

}  // namespace

absl::StatusOr<GoldenRun> RunGolden(const json& golden, const std::string& signal_path) {
  GoldenRun run;
  ASSIGN_OR_RETURN(run.config, GoldenConfig(golden));
  ASSIGN_OR_RETURN(const TensorTable table, GoldenWeights(golden));
  ASSIGN_OR_RETURN(run.weights, TakeMimiWeights(table, run.config));
  const MimiWeights& weights = run.weights;
  ASSIGN_OR_RETURN(const ModelDevice device, TestDevice());
  if (signal_path.empty()) {
    ASSIGN_OR_RETURN(run.signal, GoldenSignal(golden));
  } else {
    ASSIGN_OR_RETURN(run.signal, ReadSignal(signal_path, golden.at("n_samples").get<int64_t>()));
  }

  ASSIGN_OR_RETURN(const MimiEncoder::Ptr encoder,
                   MimiEncoder::FromTensors(table, run.config, "by formula", MimiPrecision::kFloat32, device));
  ASSIGN_OR_RETURN(const std::vector<FloatArray> latent25, encoder->Encode({run.signal}, MimiTap::kTransformer25));
  ASSIGN_OR_RETURN(const std::vector<FloatArray> latent12, encoder->Encode({run.signal}, MimiTap::kLatent12));
  ASSIGN_OR_RETURN(const std::vector<MimiCodes> codes, encoder->EncodeCodes({run.signal}));
  run.latent25 = latent25[0];
  run.latent12 = latent12[0];
  run.codes = codes[0];
  RunNetwork(weights, device, &run);
  for (const auto& [part, frames] : run.parts) run.sums[part] = Summarize(frames);
  for (const auto& [name, stored] : golden.at("weights_check").items()) {
    if (weights.count(name) != 0) run.sums[name] = Summarize(weights.at(name));
  }

  const ReferenceFrames seanet = ReferenceSeanet(run.config, weights, run.signal, ReferencePadding::kWaveform);
  run.exact = ReferenceDownsample(weights, ReferenceTransformer(run.config, weights, seanet, 0));
  run.exact_codes = ReferenceCodes(run.config, weights, run.exact);
  if (golden.contains("moshi_streaming")) {
    const int64_t step =
        golden["moshi_streaming"].at("step_samples").get<int64_t>() / MimiTapFrameSamples(MimiTap::kSeanet);
    run.forgetful = ReferenceDownsample(weights, ReferenceTransformer(run.config, weights, seanet, step));
    run.forgetful_codes = ReferenceCodes(run.config, weights, run.forgetful);
  }
  run.each_convolution = ReferenceDownsample(
      weights,
      ReferenceTransformer(run.config, weights,
                           ReferenceSeanet(run.config, weights, run.signal, ReferencePadding::kEachConvolution), 0));
  return run;
}

}  // namespace diarflow
