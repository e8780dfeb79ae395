#include "models/titanet/titanet.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ATen/ops/empty.h"
#include "ATen/ops/from_blob.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "models/device/torch_device.h"
#include "models/layers/guarded.h"
#include "models/titanet/network.h"
#include "models/titanet/titanet_weights.h"
#include "models/weights/open_weights.h"
#include "models/windows.h"

namespace diarflow {
namespace {

// Frames that one pass of the network takes, all utterances together: some 75 megabytes of work memory.
constexpr int64_t kMaxPassFrames = 1000;
// Two frames of what the statistics are taken over.
constexpr int64_t kColumn = 2 * int64_t{kTitanetPooled};

// What holds for audio of any length.
absl::Status CheckSamples(const FloatArray& samples) {
  return CheckOneChannel("TitaNet", samples, kTitanetSampleRate, kTitanetMinSamples);
}

}  // namespace

absl::Status CheckTitanetAudio(const FloatArray& samples) {
  RETURN_IF_ERROR(CheckSamples(samples));
  if (samples.size() > kTitanetMaxSamples) {
    return absl::OutOfRangeError(absl::StrFormat(
        "TitaNet: the audio is %.1f s long, an utterance may have %d s: cut it into pieces and average their "
        "embeddings",
        static_cast<double>(samples.size()) / kTitanetSampleRate, kTitanetMaxSamples / kTitanetSampleRate));
  }
  return absl::OkStatus();
}

static_assert(kTitanetDimension == kTitanetEmbedding, "one size, known to the weights and to the world");

struct TitanetEncoder::Impl {
  std::string digest;
  std::string fingerprint;
  std::string description;
  bool trained;
  int64_t parameters;
  NemoLogMel log_mel;
  TitanetNetwork network;

  static absl::StatusOr<Ptr> Make(const TitanetWeights& weights, std::string digest, std::string description,
                                  bool trained, NemoMelForm form, const ModelDevice& device);
  // Audio of one length, or its features [T, 80], to 192 numbers each.
  absl::Status RunAudio(const std::vector<FloatArray>& audio, const std::vector<float*>& results) const;
  absl::Status Run(const std::vector<FloatArray>& features, const std::vector<float*>& results) const;
};

absl::StatusOr<TitanetEncoder::Ptr> TitanetEncoder::Impl::Make(const TitanetWeights& weights, std::string digest,
                                                               std::string description, bool trained, NemoMelForm form,
                                                               const ModelDevice& device) {
  const bool legacy = form == NemoMelForm::kLegacy;
  Sha256 sha;
  sha.UpdateField("TitaNet").UpdateField(absl::StrCat(kTitanetCodeVersion)).UpdateField(digest);
  sha.UpdateField(legacy ? "legacy" : "current");
  if (!device.is_cpu()) sha.UpdateField("cuda");
  const std::string fingerprint = sha.HexDigest();
  if (!legacy) description += ", current front end";
  return Guarded("TitaNet", "building the network", [&]() -> absl::StatusOr<Ptr> {
    return Ptr(new TitanetEncoder(std::unique_ptr<Impl>(
        new Impl{std::move(digest), fingerprint, std::move(description), trained, CountParameters(weights),
                 NemoLogMel(form), TitanetNetwork(weights, BatchNormForm::kFolded, TorchDevice(device))})));
  });
}

absl::Status TitanetEncoder::Impl::RunAudio(const std::vector<FloatArray>& audio,
                                            const std::vector<float*>& results) const {
  std::vector<FloatArray> features;
  for (const FloatArray& samples : audio) {
    ASSIGN_OR_RETURN(FloatArray normalised, log_mel.Normalised(samples));
    features.push_back(std::move(normalised));
  }
  return Run(features, results);
}

absl::Status TitanetEncoder::Impl::Run(const std::vector<FloatArray>& features,
                                       const std::vector<float*>& results) const {
  const int64_t frames = features[0].dim(0);
  at::Tensor input = at::empty({static_cast<int64_t>(features.size()), frames, kNemoMelBins});
  float* next = input.mutable_data_ptr<float>();
  for (const FloatArray& item : features) next = std::copy(item.begin(), item.end(), next);
  const std::vector<int64_t> lengths(features.size(), frames);
  const at::Tensor embeddings = ToCpu(network.Forward(input, lengths, nullptr));
  const float* numbers = embeddings.const_data_ptr<float>();
  if (!std::all_of(numbers, numbers + embeddings.numel(), [](float value) { return std::isfinite(value); })) {
    return absl::InternalError("TitaNet: the embedding is not finite: the weights or the samples are too large");
  }
  for (float* result : results) {
    std::copy_n(numbers, kTitanetDimension, result);
    numbers += kTitanetDimension;
  }
  return absl::OkStatus();
}

TitanetEncoder::TitanetEncoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TitanetEncoder::~TitanetEncoder() = default;

absl::StatusOr<TitanetEncoder::Ptr> TitanetEncoder::Load(const std::string& path, NemoMelForm form,
                                                         const ModelDevice& device) {
  ASSIGN_OR_RETURN(const TensorTable table, OpenWeights(path));
  return FromTensors(table, path.substr(path.rfind('/') + 1), form, device);
}

absl::StatusOr<TitanetEncoder::Ptr> TitanetEncoder::FromTensors(const TensorTable& tensors, const std::string& name,
                                                                NemoMelForm form, const ModelDevice& device) {
  ASSIGN_OR_RETURN(const TitanetWeights weights, TakeTitanetWeights(tensors));
  return Impl::Make(weights, tensors.Digest(), absl::StrCat("TitaNet-large, weights ", name), /*trained=*/true, form,
                    device);
}

absl::StatusOr<TitanetEncoder::Ptr> TitanetEncoder::Random(uint64_t seed, NemoMelForm form, const ModelDevice& device) {
  const TitanetWeights weights = RandomTitanetWeights(seed);
  TensorTable table;
  for (const auto& [name, values] : weights) RETURN_IF_ERROR(table.AddFloats(name, values));
  return Impl::Make(weights, table.Digest(), absl::StrCat("untrained TitaNet-large (seed ", seed, ")"),
                    /*trained=*/false, form, device);
}

absl::StatusOr<std::vector<FloatArray>> TitanetEncoder::Embed(absl::Span<const FloatArray> audio) const {
  for (size_t item = 0; item < audio.size(); ++item) {
    if (absl::Status status = CheckTitanetAudio(audio[item]); !status.ok()) {
      return absl::Status(status.code(), absl::StrCat("item ", item, ": ", status.message()));
    }
  }
  std::vector<FloatArray> results(audio.size());
  std::vector<int64_t> lengths;
  for (const FloatArray& samples : audio) lengths.push_back(samples.size());
  const auto at_once = [this](int64_t length) { return kMaxPassFrames / impl_->log_mel.NumValidFrames(length); };
  for (const std::vector<size_t>& pass : PassesOfOneLength(lengths, at_once)) {
    std::vector<FloatArray> inputs;
    std::vector<float*> outputs;
    for (const size_t item : pass) {
      inputs.push_back(audio[item]);
      results[item] = FloatArray::Zeros({kTitanetDimension});
      outputs.push_back(results[item].mutable_data());
    }
    RETURN_IF_ERROR(Guarded("TitaNet", "embedding", [&] { return impl_->RunAudio(inputs, outputs); }));
  }
  return results;
}

absl::StatusOr<std::vector<FloatArray>> TitanetEncoder::EmbedFeatures(absl::Span<const FloatArray> features) const {
  std::vector<int64_t> lengths;
  for (const FloatArray& item : features) {
    if (item.shape().size() != 2 || item.dim(1) != kNemoMelBins || item.dim(0) < 1 || item.FirstNotFinite() >= 0) {
      return absl::InvalidArgumentError(absl::StrCat("TitaNet: features are finite numbers [T, ", kNemoMelBins,
                                                     "], T at least 1; here is ", item.ShapeString()));
    }
    lengths.push_back(item.dim(0));
  }
  std::vector<FloatArray> results(features.size());
  for (const auto& pass : PassesOfOneLength(lengths, [](int64_t length) { return kMaxPassFrames / length; })) {
    std::vector<FloatArray> inputs;
    std::vector<float*> outputs;
    for (const size_t item : pass) {
      inputs.push_back(features[item]);
      results[item] = FloatArray::Zeros({kTitanetDimension});
      outputs.push_back(results[item].mutable_data());
    }
    RETURN_IF_ERROR(Guarded("TitaNet", "embedding", [&] { return impl_->Run(inputs, outputs); }));
  }
  return results;
}

absl::StatusOr<FloatArray> TitanetEncoder::EmbedWindows(const FloatArray& audio, int64_t window, int64_t hop) const {
  RETURN_IF_ERROR(CheckSamples(audio));
  WindowEncoder encoder{"TitaNet", kTitanetSampleRate, kTitanetMinSamples, kTitanetMaxSamples, kTitanetDimension, {},
                        {}};
  encoder.at_once = [this](int64_t samples) { return kMaxPassFrames / impl_->log_mel.NumValidFrames(samples); };
  encoder.embed = [this](const FloatArray& samples, const FrameGrid& grid, int64_t begin, int64_t end, float* results) {
    // Pre-emphasis, padding and normalisation differ at the edges of every window: nothing of the front end is shared.
    std::vector<FloatArray> windows;
    std::vector<float*> outputs;
    for (int64_t w = begin; w < end; ++w) {
      windows.push_back(Slice(samples, grid.Begin(w), grid.End(w)));
      outputs.push_back(results + (w - begin) * kTitanetDimension);
    }
    return Guarded("TitaNet", "embedding windows", [&] { return impl_->RunAudio(windows, outputs); });
  };
  return diarflow::EmbedWindows(encoder, audio, window, hop);
}

absl::StatusOr<FloatArray> TitanetEncoder::Columns(const FloatArray& log_mel) const {
  if (log_mel.shape().size() != 2 || log_mel.dim(1) != kNemoMelBins || log_mel.dim(0) < 3 ||
      log_mel.FirstNotFinite() >= 0) {
    return absl::InvalidArgumentError(absl::StrCat("TitaNet: log mel energies are finite numbers [T, ", kNemoMelBins,
                                                   "], T at least 3; here is ", log_mel.ShapeString()));
  }
  return Guarded("TitaNet", "computing columns", [&]() -> absl::StatusOr<FloatArray> {
    FloatArray features = NemoLogMel::NormaliseFrames(log_mel);
    const int64_t frames = features.dim(0);
    const at::Tensor input = at::from_blob(features.mutable_data(), {1, frames, kNemoMelBins});
    const TitanetMask all({frames}, frames, impl_->network.device());
    const at::Tensor rows = ToCpu(impl_->network.Encode(input, all, nullptr)[0]);
    FloatArray columns = FloatArray::Zeros({(frames + 1) / 2, kColumn});
    float* end = std::copy_n(rows.const_data_ptr<float>(), rows.numel(), columns.mutable_data());
    if (frames % 2 == 1) std::copy_n(end - kTitanetPooled, kTitanetPooled, end);
    return columns;
  });
}

absl::StatusOr<FloatArray> TitanetEncoder::PoolColumns(const FloatArray& columns, absl::Span<const int> chosen) const {
  if (columns.shape().size() != 2 || columns.dim(1) != kColumn || chosen.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("TitaNet: an embedding needs one or more of columns [T, ", kColumn,
                                                   "]; here are ", chosen.size(), " of ", columns.ShapeString()));
  }
  at::Tensor frames = at::empty({static_cast<int64_t>(chosen.size()) * 2, int64_t{kTitanetPooled}});
  float* out = frames.mutable_data_ptr<float>();
  for (const int index : chosen) {
    if (index < 0 || index >= columns.dim(0)) {
      return absl::InvalidArgumentError(absl::StrCat("TitaNet: column ", index, " was chosen out of ", columns.dim(0)));
    }
    out = std::copy_n(columns.data() + index * kColumn, kColumn, out);
  }
  return Guarded("TitaNet", "pooling columns", [&]() -> absl::StatusOr<FloatArray> {
    const int64_t count = frames.size(0);
    const TitanetMask all({count}, count, impl_->network.device());
    const at::Tensor embedding = ToCpu(impl_->network.Embed(frames.unsqueeze(0), all, nullptr));
    FloatArray result = FloatArray::Zeros({kTitanetDimension});
    std::copy_n(embedding.const_data_ptr<float>(), kTitanetDimension, result.mutable_data());
    if (result.FirstNotFinite() >= 0) {
      return absl::InternalError("TitaNet: the embedding is not finite: the weights or the samples are too large");
    }
    return result;
  });
}

NemoMelForm TitanetEncoder::form() const { return impl_->log_mel.form(); }
const std::string& TitanetEncoder::weights_digest() const { return impl_->digest; }
const std::string& TitanetEncoder::Fingerprint() const { return impl_->fingerprint; }
int64_t TitanetEncoder::parameter_count() const { return impl_->parameters; }
bool TitanetEncoder::trained() const { return impl_->trained; }
const std::string& TitanetEncoder::Description() const { return impl_->description; }

}  // namespace diarflow
