#include "models/segmentation/segmentation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ATen/ops/empty.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "models/device/torch_device.h"
#include "models/layers/guarded.h"
#include "models/segmentation/network.h"
#include "models/segmentation/segmentation_weights.h"
#include "models/weights/open_weights.h"
#include "models/windows.h"

namespace diarflow {
namespace {

// Samples that one pass takes, all windows together: some 80 megabytes of work memory.
constexpr int64_t kMaxPassSamples = 8 * 160000;

}  // namespace

absl::Status CheckSegmentationWindow(const FloatArray& samples) {
  RETURN_IF_ERROR(CheckOneChannel("segmentation", samples, kSegmentationSampleRate, kSegmentationMinSamples));
  if (samples.size() <= kSegmentationMaxSamples) return absl::OkStatus();
  return absl::OutOfRangeError(absl::StrCat("segmentation: a window of ", samples.size(), " samples; it may have ",
                                            kSegmentationMinSamples, " to ", kSegmentationMaxSamples));
}

struct SegmentationModel::Impl {
  std::string digest;
  std::string fingerprint;
  std::string description;
  bool trained;
  int64_t parameters;
  SegmentationNetwork network;

  static absl::StatusOr<Ptr> Make(const SegmentationWeights& weights, std::string digest, std::string description,
                                  bool trained, const ModelDevice& device);
  // Windows of one length.
  absl::Status Run(absl::Span<const FloatArray> windows, FloatArray* results) const;
};

absl::StatusOr<SegmentationModel::Ptr> SegmentationModel::Impl::Make(const SegmentationWeights& weights,
                                                                     std::string digest, std::string description,
                                                                     bool trained, const ModelDevice& device) {
  Sha256 sha;
  sha.UpdateField("segmentation").UpdateField(absl::StrCat(kSegmentationCodeVersion)).UpdateField(digest);
  if (!device.is_cpu()) sha.UpdateField("cuda");
  const std::string fingerprint = sha.HexDigest();
  return Guarded("segmentation", "building the network", [&]() -> absl::StatusOr<Ptr> {
    return Ptr(new SegmentationModel(std::unique_ptr<Impl>(
        new Impl{std::move(digest), fingerprint, std::move(description), trained, CountSegmentationParameters(weights),
                 SegmentationNetwork(weights, TorchDevice(device))})));
  });
}

absl::Status SegmentationModel::Impl::Run(absl::Span<const FloatArray> windows, FloatArray* results) const {
  const auto batch = static_cast<int64_t>(windows.size());
  at::Tensor waveforms = at::empty({batch, 1, windows[0].size()});
  float* next = waveforms.mutable_data_ptr<float>();
  for (const FloatArray& samples : windows) next = std::copy(samples.begin(), samples.end(), next);
  const at::Tensor classes = ToCpu(network.Forward(waveforms, nullptr));
  const float* numbers = classes.const_data_ptr<float>();
  if (!std::all_of(numbers, numbers + classes.numel(), [](float value) { return std::isfinite(value); })) {
    return absl::InternalError("segmentation: the result is not finite: the weights or the samples are too large");
  }
  for (int64_t b = 0; b < batch; ++b) {
    results[b] = FloatArray::Zeros({classes.size(1), kSegmentationClasses});
    std::copy_n(numbers + b * results[b].size(), results[b].size(), results[b].mutable_data());
  }
  return absl::OkStatus();
}

SegmentationModel::SegmentationModel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SegmentationModel::~SegmentationModel() = default;

absl::StatusOr<SegmentationModel::Ptr> SegmentationModel::Load(const std::string& path, const ModelDevice& device) {
  ASSIGN_OR_RETURN(const TensorTable table, OpenWeights(path));
  return FromTensors(table, path.substr(path.rfind('/') + 1), device);
}

absl::StatusOr<SegmentationModel::Ptr> SegmentationModel::FromTensors(const TensorTable& tensors,
                                                                      const std::string& name,
                                                                      const ModelDevice& device) {
  ASSIGN_OR_RETURN(const SegmentationWeights weights, TakeSegmentationWeights(tensors));
  return Impl::Make(weights, tensors.Digest(), absl::StrCat("segmentation, weights ", name), /*trained=*/true, device);
}

absl::StatusOr<SegmentationModel::Ptr> SegmentationModel::Random(uint64_t seed, const ModelDevice& device) {
  const SegmentationWeights weights = RandomSegmentationWeights(seed);
  TensorTable table;
  for (const auto& [name, values] : weights) RETURN_IF_ERROR(table.AddFloats(name, values));
  return Impl::Make(weights, table.Digest(), absl::StrCat("untrained segmentation (seed ", seed, ")"),
                    /*trained=*/false, device);
}

absl::StatusOr<std::vector<FloatArray>> SegmentationModel::Classify(absl::Span<const FloatArray> windows) const {
  for (size_t i = 0; i < windows.size(); ++i) {
    if (absl::Status status = CheckSegmentationWindow(windows[i]); !status.ok()) {
      return absl::Status(status.code(), absl::StrCat("window ", i, ": ", status.message()));
    }
  }
  std::vector<FloatArray> results(windows.size());
  for (size_t begin = 0; begin < windows.size();) {
    // Neighbours of one length.
    const int64_t length = windows[begin].size();
    const auto at_once = static_cast<size_t>(std::max<int64_t>(1, kMaxPassSamples / length));
    size_t end = begin + 1;
    while (end < windows.size() && end - begin < at_once && windows[end].size() == length) ++end;
    RETURN_IF_ERROR(Guarded("segmentation", "classifying",
                            [&] { return impl_->Run(windows.subspan(begin, end - begin), &results[begin]); }));
    begin = end;
  }
  return results;
}

const std::string& SegmentationModel::weights_digest() const { return impl_->digest; }
const std::string& SegmentationModel::Fingerprint() const { return impl_->fingerprint; }
int64_t SegmentationModel::parameter_count() const { return impl_->parameters; }
bool SegmentationModel::trained() const { return impl_->trained; }
const std::string& SegmentationModel::Description() const { return impl_->description; }

}  // namespace diarflow
