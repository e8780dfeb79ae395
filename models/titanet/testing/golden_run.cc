#include "models/titanet/testing/golden_run.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "ATen/ops/constant_pad_nd.h"
#include "ATen/ops/from_blob.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "c10/core/InferenceMode.h"
#include "models/device/torch_device.h"

namespace diarflow {
namespace {

FloatArray Copied(const at::Tensor& tensor) {
  const at::Tensor flat = ToCpu(tensor);
  FloatArray values = FloatArray::Zeros({flat.numel()});
  std::copy_n(flat.const_data_ptr<float>(), flat.numel(), values.mutable_data());
  return values;
}

BlockFigures FiguresOf(const at::Tensor& block, const FloatArray& gate, int64_t valid) {
  BlockFigures figures;
  figures.values = block[0].clone();
  figures.gate = gate;
  const at::Tensor audio = block.narrow(2, 0, valid).to(at::kDouble);
  figures.mean = audio.mean().item<double>();
  figures.deviation = audio.std(/*unbiased=*/false).item<double>();
  figures.most = audio.max().item<double>();
  figures.zeros = audio.eq(0).to(at::kDouble).mean().item<double>();
  figures.most_behind = block.narrow(2, valid, block.size(2) - valid).max().item<float>();
  const at::Tensor gates = at::from_blob(const_cast<float*>(gate.data()), {gate.size()}).to(at::kDouble);
  figures.gate_mean = gates.mean().item<double>();
  figures.gate_deviation = gates.std(/*unbiased=*/false).item<double>();
  return figures;
}

}  // namespace

absl::StatusOr<FormRun> RunForm(const TitanetNetwork& network, NemoMelForm form, const FloatArray& signal) {
  FormRun run;
  const NemoLogMel log_mel(form);
  run.valid = log_mel.NumValidFrames(signal.size());
  ASSIGN_OR_RETURN(run.log_mel, log_mel.LogMel(signal));
  ASSIGN_OR_RETURN(run.features, log_mel.Normalised(signal));
  const c10::InferenceMode guard;
  FloatArray features = run.features;
  // As released, to a multiple of 16 frames: what stands there must not matter, and is looked at.
  const at::Tensor audio = at::from_blob(const_cast<float*>(features.data()), {1, run.valid, kNemoMelBins});
  const int64_t padded = (run.log_mel.dim(0) + 15) / 16 * 16;
  const at::Tensor input = at::constant_pad_nd(audio, {0, 0, 0, padded - run.valid});
  std::map<std::string, at::Tensor> layers;
  const TitanetObserver observer = [&](const std::string& name, const at::Tensor& values) {
    layers[name] = values.to(at::kCPU, values.scalar_type(), /*non_blocking=*/false, /*copy=*/true);
  };
  run.embedding = Copied(network.Forward(input, {run.valid}, &observer));
  for (size_t b = 0; b < std::size(kTitanetBlocks); ++b) {
    run.blocks.push_back(
        FiguresOf(layers.at(absl::StrCat("block.", b)), Copied(layers.at(absl::StrCat("gate.", b))), run.valid));
  }
  run.pool = Copied(layers.at("pool"));
  run.attention = layers.at("attention")[0];
  const at::Tensor shares = run.attention.narrow(1, 0, run.valid).to(at::kDouble);
  run.entropy =
      -shares.mul(shares.add(1e-300).log()).sum(1).mean().item<double>() / std::log(static_cast<double>(run.valid));
  return run;
}

absl::Status RunEncoder(const TitanetEncoder& encoder, const nlohmann::json& golden, const GoldenRun& run,
                        FormRun* form) {
  for (const nlohmann::json& prefix : golden["prefix_lengths"]["cases"]) {
    const auto samples = prefix["samples"].get<int64_t>();
    const FloatArray begin =
        FloatArray::Copy({samples}, std::vector<float>(run.signal.begin(), run.signal.begin() + samples));
    ASSIGN_OR_RETURN(const std::vector<FloatArray> embeddings, encoder.Embed({begin}));
    form->prefixes.push_back(embeddings[0]);
  }
  const nlohmann::json& sliding = golden["sliding"];
  ASSIGN_OR_RETURN(const FloatArray windows,
                   encoder.EmbedWindows(run.sliding_signal, sliding["window_samples"].get<int64_t>(),
                                        sliding["hop_samples"].get<int64_t>()));
  for (int64_t w = 0; w < windows.dim(0); ++w) {
    const float* numbers = windows.data() + w * kTitanetDimension;
    form->windows.push_back(
        FloatArray::Copy({kTitanetDimension}, std::vector<float>(numbers, numbers + kTitanetDimension)));
  }
  return absl::OkStatus();
}

}  // namespace diarflow
