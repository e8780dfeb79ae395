#include "models/campplus/campplus.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "ATen/ops/from_blob.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "audio/fbank.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "models/campplus/campplus_weights.h"
#include "models/campplus/network.h"
#include "models/device/torch_device.h"
#include "models/layers/guarded.h"
#include "models/weights/open_weights.h"
#include "models/windows.h"

namespace diarflow {
namespace {

// Frames that one pass of the network takes, all utterances together: some 20 megabytes of work memory.
constexpr int64_t kMaxPassFrames = 2000;

// What holds for audio of any length.
absl::Status CheckSamples(const FloatArray& samples) {
  return CheckOneChannel("CAM++", samples, kCampplusSampleRate, kCampplusMinSamples);
}

}  // namespace

absl::Status CheckCampplusAudio(const FloatArray& samples) {
  RETURN_IF_ERROR(CheckSamples(samples));
  if (samples.size() > kCampplusMaxSamples) {
    return absl::OutOfRangeError(absl::StrFormat(
        "CAM++: the audio is %.1f s long, an utterance may have %d s: cut it into pieces and average their embeddings",
        static_cast<double>(samples.size()) / kCampplusSampleRate, kCampplusMaxSamples / kCampplusSampleRate));
  }
  return absl::OkStatus();
}

static_assert(kCampplusDimension == kCampplusEmbedding, "one size, known to the weights and to the world");

struct CampplusEncoder::Impl {
  std::string digest;
  std::string fingerprint;
  std::string description;
  bool trained;
  int64_t parameters;
  Fbank fbank;
  CampplusNetwork network;

  static absl::StatusOr<Ptr> Make(const CampplusWeights& weights, std::string digest, std::string description,
                                  bool trained, const ModelDevice& device);
  // The windows [begin, end) of a grid, to results [end - begin, 192].
  absl::Status WindowsPass(const FloatArray& audio, const FrameGrid& grid, int64_t begin, int64_t end,
                           float* results) const;
  // Energies [T, 80] of one length, which this changes, to 192 numbers each.
  absl::Status Run(std::vector<FloatArray> energies, const std::vector<float*>& results) const;
};

absl::StatusOr<CampplusEncoder::Ptr> CampplusEncoder::Impl::Make(const CampplusWeights& weights, std::string digest,
                                                                 std::string description, bool trained,
                                                                 const ModelDevice& device) {
  Sha256 sha;
  sha.UpdateField("CAM++").UpdateField(absl::StrCat(kCampplusCodeVersion)).UpdateField(digest);
  if (!device.is_cpu()) sha.UpdateField("cuda");
  const std::string fingerprint = sha.HexDigest();
  return Guarded("CAM++", "building the network", [&]() -> absl::StatusOr<Ptr> {
    ASSIGN_OR_RETURN(Fbank fbank, Fbank::Create());
    return Ptr(new CampplusEncoder(std::unique_ptr<Impl>(
        new Impl{std::move(digest), fingerprint, std::move(description), trained, CountParameters(weights),
                 std::move(fbank), CampplusNetwork(weights, BatchNormForm::kFolded, TorchDevice(device))})));
  });
}

absl::Status CampplusEncoder::Impl::WindowsPass(const FloatArray& audio, const FrameGrid& grid, int64_t begin,
                                                int64_t end, float* results) const {
  const FrameGrid frames = fbank.grid();
  const bool share = grid.hop < grid.window && grid.hop % frames.hop == 0;
  FloatArray shared;
  if (share) {
    ASSIGN_OR_RETURN(shared, fbank.Compute(Slice(audio, grid.Begin(begin), grid.End(end - 1))));
  }
  std::vector<FloatArray> energies;
  std::vector<float*> outputs;
  for (int64_t w = begin; w < end; ++w) {
    if (share) {
      const int64_t first = (w - begin) * grid.hop / frames.hop;
      energies.push_back(Slice(shared, first, first + frames.NumWholeFrames(grid.window)));
    } else {
      ASSIGN_OR_RETURN(FloatArray computed, fbank.Compute(Slice(audio, grid.Begin(w), grid.End(w))));
      energies.push_back(std::move(computed));
    }
    outputs.push_back(results + (w - begin) * kCampplusDimension);
  }
  return Run(std::move(energies), outputs);
}

absl::Status CampplusEncoder::Impl::Run(std::vector<FloatArray> energies, const std::vector<float*>& results) const {
  std::vector<at::Tensor> features;
  for (FloatArray& utterance : energies) {
    ASSIGN_OR_RETURN(utterance, SubtractMeanOverFrames(utterance));
    features.push_back(at::from_blob(utterance.mutable_data(), utterance.shape()));
  }
  const at::Tensor embeddings = ToCpu(network.Forward(features, nullptr));
  const float* numbers = embeddings.const_data_ptr<float>();
  if (!std::all_of(numbers, numbers + embeddings.numel(), [](float value) { return std::isfinite(value); })) {
    return absl::InternalError("CAM++: the embedding is not finite: the weights are too large");
  }
  for (float* result : results) {
    std::copy_n(numbers, kCampplusDimension, result);
    numbers += kCampplusDimension;
  }
  return absl::OkStatus();
}

CampplusEncoder::CampplusEncoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CampplusEncoder::~CampplusEncoder() = default;

absl::StatusOr<CampplusEncoder::Ptr> CampplusEncoder::Load(const std::string& path, const ModelDevice& device) {
  ASSIGN_OR_RETURN(const TensorTable table, OpenWeights(path));
  return FromTensors(table, path.substr(path.rfind('/') + 1), device);
}

absl::StatusOr<CampplusEncoder::Ptr> CampplusEncoder::FromTensors(const TensorTable& tensors, const std::string& name,
                                                                  const ModelDevice& device) {
  ASSIGN_OR_RETURN(const CampplusWeights weights, TakeCampplusWeights(tensors));
  return Impl::Make(weights, tensors.Digest(), absl::StrCat("CAM++, weights ", name), /*trained=*/true, device);
}

absl::StatusOr<CampplusEncoder::Ptr> CampplusEncoder::Random(uint64_t seed, const ModelDevice& device) {
  const CampplusWeights weights = RandomCampplusWeights(seed);
  TensorTable table;
  for (const auto& [name, values] : weights) RETURN_IF_ERROR(table.AddFloats(name, values));
  return Impl::Make(weights, table.Digest(), absl::StrCat("untrained CAM++ (seed ", seed, ")"), /*trained=*/false,
                    device);
}

absl::StatusOr<std::vector<FloatArray>> CampplusEncoder::Embed(absl::Span<const FloatArray> audio) const {
  for (size_t item = 0; item < audio.size(); ++item) {
    if (absl::Status status = CheckCampplusAudio(audio[item]); !status.ok()) {
      return absl::Status(status.code(), absl::StrCat("item ", item, ": ", status.message()));
    }
  }
  std::vector<FloatArray> results(audio.size());
  std::vector<int64_t> lengths;
  for (const FloatArray& samples : audio) lengths.push_back(samples.size());
  const auto at_once = [this](int64_t length) { return kMaxPassFrames / impl_->fbank.grid().NumWholeFrames(length); };
  for (const std::vector<size_t>& pass : PassesOfOneLength(lengths, at_once)) {
    const auto run = [&]() -> absl::Status {
      std::vector<FloatArray> energies;
      std::vector<float*> outputs;
      for (const size_t item : pass) {
        ASSIGN_OR_RETURN(FloatArray computed, impl_->fbank.Compute(audio[item]));
        energies.push_back(std::move(computed));
        results[item] = FloatArray::Zeros({kCampplusDimension});
        outputs.push_back(results[item].mutable_data());
      }
      return impl_->Run(std::move(energies), outputs);
    };
    RETURN_IF_ERROR(Guarded("CAM++", "embedding", run));
  }
  return results;
}

absl::Status CampplusEncoder::CheckEnergies(const FloatArray& energies) const {
  const int64_t bins = impl_->fbank.options().num_bins;
  if (energies.shape().size() == 2 && energies.dim(1) == bins && energies.dim(0) >= 3 &&
      energies.FirstNotFinite() < 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("CAM++: log energies are finite numbers [T, ", bins,
                                                 "], T at least 3; here is ", energies.ShapeString()));
}

absl::StatusOr<std::vector<FloatArray>> CampplusEncoder::EmbedEnergies(absl::Span<const FloatArray> energies) const {
  std::vector<int64_t> lengths;
  for (const FloatArray& item : energies) {
    RETURN_IF_ERROR(CheckEnergies(item));
    lengths.push_back(item.dim(0));
  }
  std::vector<FloatArray> results(energies.size());
  for (const auto& pass : PassesOfOneLength(lengths, [](int64_t length) { return kMaxPassFrames / length; })) {
    std::vector<FloatArray> inputs;
    std::vector<float*> outputs;
    for (const size_t item : pass) {
      inputs.push_back(energies[item]);
      results[item] = FloatArray::Zeros({kCampplusDimension});
      outputs.push_back(results[item].mutable_data());
    }
    RETURN_IF_ERROR(Guarded("CAM++", "embedding", [&] { return impl_->Run(std::move(inputs), outputs); }));
  }
  return results;
}

absl::StatusOr<FloatArray> CampplusEncoder::EmbedWindows(const FloatArray& audio, int64_t window, int64_t hop) const {
  RETURN_IF_ERROR(CheckSamples(audio));
  WindowEncoder encoder{"CAM++", kCampplusSampleRate, kCampplusMinSamples, kCampplusMaxSamples, kCampplusDimension, {},
                        {}};
  encoder.at_once = [this](int64_t samples) { return kMaxPassFrames / impl_->fbank.grid().NumWholeFrames(samples); };
  encoder.embed = [this](const FloatArray& samples, const FrameGrid& grid, int64_t begin, int64_t end, float* results) {
    return Guarded("CAM++", "embedding windows",
                   [&] { return impl_->WindowsPass(samples, grid, begin, end, results); });
  };
  return diarflow::EmbedWindows(encoder, audio, window, hop);
}

absl::StatusOr<FloatArray> CampplusEncoder::Columns(const FloatArray& energies) const {
  RETURN_IF_ERROR(CheckEnergies(energies));
  return Guarded("CAM++", "computing columns", [&]() -> absl::StatusOr<FloatArray> {
    ASSIGN_OR_RETURN(FloatArray features, SubtractMeanOverFrames(energies));
    const at::Tensor columns =
        ToCpu(impl_->network.Columns({at::from_blob(features.mutable_data(), features.shape())}, nullptr)[0]);
    FloatArray result = FloatArray::Zeros({columns.size(0), columns.size(1)});
    std::copy_n(columns.const_data_ptr<float>(), result.size(), result.mutable_data());
    return result;
  });
}

absl::StatusOr<FloatArray> CampplusEncoder::PoolColumns(const FloatArray& columns, absl::Span<const int> chosen) const {
  if (columns.shape().size() != 2 || columns.dim(1) != kCampplusColumn || chosen.size() < 2) {
    return absl::InvalidArgumentError(absl::StrCat("CAM++: an embedding needs two or more of columns [T, ",
                                                   kCampplusColumn, "]; here are ", chosen.size(), " of ",
                                                   columns.ShapeString()));
  }
  for (const int index : chosen) {
    if (index < 0 || index >= columns.dim(0)) {
      return absl::InvalidArgumentError(absl::StrCat("CAM++: column ", index, " was chosen out of ", columns.dim(0)));
    }
  }
  std::vector<double> sum(kCampplusColumn), squares(kCampplusColumn);
  for (const int index : chosen) {
    const float* column = columns.data() + index * kCampplusColumn;
    for (int64_t d = 0; d < kCampplusColumn; ++d) sum[d] += column[d];
  }
  const auto count = static_cast<double>(chosen.size());
  for (double& value : sum) value /= count;
  for (const int index : chosen) {
    const float* column = columns.data() + index * kCampplusColumn;
    for (int64_t d = 0; d < kCampplusColumn; ++d) squares[d] += (column[d] - sum[d]) * (column[d] - sum[d]);
  }
  std::vector<float> statistics(2 * kCampplusColumn);
  for (int64_t d = 0; d < kCampplusColumn; ++d) {
    statistics[d] = static_cast<float>(sum[d]);
    statistics[kCampplusColumn + d] = static_cast<float>(std::sqrt(squares[d] / (count - 1)));
  }
  return Guarded("CAM++", "pooling columns", [&]() -> absl::StatusOr<FloatArray> {
    const at::Tensor embedding =
        ToCpu(impl_->network.Dense(at::from_blob(statistics.data(), {1, 2 * kCampplusColumn}), nullptr));
    FloatArray result = FloatArray::Zeros({kCampplusDimension});
    std::copy_n(embedding.const_data_ptr<float>(), kCampplusDimension, result.mutable_data());
    if (result.FirstNotFinite() >= 0) return absl::InternalError("CAM++: the embedding is not finite");
    return result;
  });
}

const std::string& CampplusEncoder::weights_digest() const { return impl_->digest; }
const std::string& CampplusEncoder::Fingerprint() const { return impl_->fingerprint; }
int64_t CampplusEncoder::parameter_count() const { return impl_->parameters; }
bool CampplusEncoder::trained() const { return impl_->trained; }
const std::string& CampplusEncoder::Description() const { return impl_->description; }

}  // namespace diarflow
