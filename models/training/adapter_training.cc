#include "models/training/adapter_training.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "ATen/ops/empty.h"
#include "ATen/ops/ones.h"
#include "ATen/ops/stack.h"
#include "ATen/ops/zeros.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "c10/core/GradMode.h"
#include "models/adapter/adapter.h"
#include "models/adapter/adapter_weights.h"
#include "models/device/torch_device.h"
#include "models/weights/safetensors.h"

namespace diarflow {
namespace {

// Crops that a look at the validation set takes at once.
constexpr size_t kValidationBatch = 8;

// [B, T, D], each crop with its columns shuffled as it says.
at::Tensor Shuffled(const at::Tensor& latents, absl::Span<const AdapterCrop> crops) {
  bool any = false;
  for (const AdapterCrop& crop : crops) any |= !crop.shuffle.from.empty();
  if (!any) return latents;
  std::vector<at::Tensor> items;
  for (size_t b = 0; b < crops.size(); ++b) {
    const at::Tensor item = latents[static_cast<int64_t>(b)];
    const ColumnShuffle& shuffle = crops[b].shuffle;
    if (shuffle.from.empty()) {
      items.push_back(item);
      continue;
    }
    const auto width = static_cast<int64_t>(shuffle.from.size());
    at::Tensor from = at::empty({width}, at::kLong), sign = at::empty({width});
    std::copy(shuffle.from.begin(), shuffle.from.end(), from.mutable_data_ptr<int64_t>());
    std::copy(shuffle.sign.begin(), shuffle.sign.end(), sign.mutable_data_ptr<float>());
    items.push_back(item.index_select(1, from.to(item.device())).mul(sign.to(item.device())));
  }
  return at::stack(items);
}

}  // namespace

absl::StatusOr<AdapterTraining> AdapterTraining::Create(const AdapterConfig& config, uint64_t seed,
                                                        const AdapterTrainingOptions& options,
                                                        std::optional<AdapterFront> front, const ModelDevice& device) {
  RETURN_IF_ERROR(CheckAdapterConfig(config));
  if (config.num_speakers() > kMaxLossSpeakers) {
    return absl::InvalidArgumentError(absl::StrCat("num_speakers is ", config.num_speakers(), "; an adapter of 1 to ",
                                                   kMaxLossSpeakers, " speakers can be trained"));
  }
  if (!(options.dropout >= 0 && options.dropout < 1)) {
    return absl::InvalidArgumentError(absl::StrCat("dropout is ", options.dropout, "; it may be 0 to below 1"));
  }
  if (front.has_value() && front->width() != config.input_width()) {
    return absl::InvalidArgumentError(absl::StrCat("input_width is ", config.input_width(),
                                                   "; the frames of this Mimi ", "have ", front->width(), " numbers"));
  }
  AdapterTraining training(config, options, std::move(front));
  training.parameters_ = AdapterParametersOf(RandomAdapterWeights(config, seed));
  if (options.alike_at_start) {
    for (int layer = 0; layer < config.num_layers(); ++layer) {
      const at::Tensor& all =
          training.parameters_.at(absl::StrCat("encoder.layers.", layer, ".self_attn.in_proj_weight"));
      all.narrow(0, 0, config.width()).copy_(all.narrow(0, config.width(), config.width()));
    }
  }
  training.device_ = TorchDevice(device);
  MoveTensors(training.device_, &training.parameters_);
  for (auto& [name, tensor] : training.parameters_) tensor.set_requires_grad(true);
  return training;
}

NamedTensors AdapterTraining::tensors() const {
  NamedTensors tensors = parameters_;
  if (front_.has_value()) tensors.insert(front_->trained().begin(), front_->trained().end());
  return tensors;
}

absl::Status AdapterTraining::CheckCrop(const AdapterCrop& crop) const {
  const auto is = [](const FloatArray& values, int64_t width) {
    return values.shape().size() == 2 && values.dim(0) > 0 && values.dim(1) == width && values.FirstNotFinite() < 0;
  };
  if (is(crop.latents, config_.input_width()) && is(crop.labels, config_.num_speakers()) &&
      crop.latents.dim(0) == FramesToALabel() * crop.labels.dim(0)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("a crop has ", front_.has_value() ? "frames of Mimi's SEANet at 25 Hz [2 T, " : "latents [T, ",
                   config_.input_width(), "] and labels [T, ", config_.num_speakers(), "], finite numbers; here are ",
                   crop.latents.ShapeString(), " and ", crop.labels.ShapeString()));
}

AdapterTraining::Batch AdapterTraining::Forward(absl::Span<const AdapterCrop> crops, double dropout) const {
  const auto items = static_cast<int64_t>(crops.size());
  const int64_t width = config_.input_width(), speakers = config_.num_speakers();
  int64_t frames = 0;
  Batch batch;
  for (const AdapterCrop& crop : crops) {
    batch.lengths.push_back(crop.labels.dim(0));
    frames = std::max(frames, crop.labels.dim(0));
  }
  const int64_t rows = FramesToALabel() * frames;
  at::Tensor latents = at::zeros({items, rows, width});
  batch.labels = at::zeros({items, frames, speakers});
  at::Tensor padding;
  const bool all_equal = *std::min_element(batch.lengths.begin(), batch.lengths.end()) == frames;
  if (!all_equal) padding = at::ones({items, frames}, at::kBool);
  for (int64_t b = 0; b < items; ++b) {
    const AdapterCrop& crop = crops[static_cast<size_t>(b)];
    std::copy(crop.latents.begin(), crop.latents.end(), latents.mutable_data_ptr<float>() + b * rows * width);
    std::copy(crop.labels.begin(), crop.labels.end(), batch.labels.mutable_data_ptr<float>() + b * frames * speakers);
    if (!all_equal) std::fill_n(padding.mutable_data_ptr<bool>() + b * frames, crop.labels.dim(0), false);
  }
  MoveTensors(device_, {&latents, &padding, &batch.labels});
  if (front_.has_value()) latents = front_->Forward(latents);
  latents = Shuffled(latents, crops);
  AdapterPass pass;
  pass.dropout = dropout;
  batch.logits = AdapterForward(config_, parameters_, latents, padding, pass);
  return batch;
}

absl::StatusOr<TrainingLoss> AdapterTraining::Loss(absl::Span<const AdapterCrop> crops) const {
  const Batch batch = Forward(crops, options_.dropout);
  ASSIGN_OR_RETURN(at::Tensor loss, HybridLoss(batch.logits, batch.labels, batch.lengths, options_.loss));
  return TrainingLoss{loss, {{"loss", loss.item<double>()}}};
}

absl::StatusOr<ValidationScore> AdapterTraining::Validate(absl::Span<const AdapterCrop> crops) const {
  const c10::NoGradGuard no_gradients;
  double loss_sum = 0;
  int64_t loss_frames = 0;
  FrameErrors errors;
  for (size_t begin = 0; begin < crops.size(); begin += kValidationBatch) {
    const auto some = crops.subspan(begin, kValidationBatch);
    const Batch batch = Forward(some, /*dropout=*/0);
    ASSIGN_OR_RETURN(const at::Tensor loss, HybridLoss(batch.logits, batch.labels, batch.lengths, options_.loss));
    const at::Tensor logits = ToCpu(batch.logits);
    const int64_t frames = logits.size(1), speakers = logits.size(2);
    for (size_t b = 0; b < some.size(); ++b) {
      FloatArray activity = FloatArray::Zeros({batch.lengths[b], speakers});
      std::copy_n(logits.const_data_ptr<float>() + static_cast<int64_t>(b) * frames * speakers, activity.size(),
                  activity.mutable_data());
      const FrameErrors more = CountFrameErrors(Sigmoid(activity), some[b].labels, /*threshold=*/0.5);
      errors.wrong += more.wrong;
      errors.total += more.total;
      loss_frames += batch.lengths[b];
    }
    int64_t in_batch = 0;
    for (const int64_t length : batch.lengths) in_batch += length;
    loss_sum += loss.item<double>() * static_cast<double>(in_batch);
  }
  ValidationScore score;
  // The threshold is chosen later: the best weights are those with the lowest loss, whatever they say at one half.
  score.score = loss_frames > 0 ? loss_sum / static_cast<double>(loss_frames) : 0;
  score.parts = {{"validation loss", score.score},
                 {"validation error",
                  errors.total > 0 ? static_cast<double>(errors.wrong) / static_cast<double>(errors.total) : 1}};
  return score;
}

absl::Status AdapterTraining::ExportAdapter(const std::string& trained, const std::string& path) const {
  ASSIGN_OR_RETURN(const TensorTable table, ReadSafetensors(trained));
  TensorTable adapter(path);
  const auto owner = std::make_shared<const TensorTable>(table);
  for (const auto& [name, view] : table.tensors()) {
    if (!absl::StartsWith(name, kFrontPrefix)) RETURN_IF_ERROR(adapter.Add(name, view, owner));
  }
  adapter.mutable_metadata() = table.metadata();
  return WriteFileDurably(path, SerializeSafetensors(adapter));
}

FrameErrors CountFrameErrors(const FloatArray& activity, const FloatArray& labels, double threshold) {
  const int64_t frames = labels.dim(0), width = labels.dim(1);
  std::vector<int64_t> common(static_cast<size_t>(width * width), 0);
  FrameErrors errors;
  int64_t both = 0;
  for (int64_t t = 0; t < frames; ++t) {
    int64_t found = 0, wanted = 0;
    for (int64_t k = 0; k < width; ++k) {
      found += activity[t * width + k] > threshold ? 1 : 0;
      wanted += labels[t * width + k] > 0.5f ? 1 : 0;
      for (int64_t j = 0; j < width; ++j) {
        if (activity[t * width + k] > threshold && labels[t * width + j] > 0.5f) {
          ++common[static_cast<size_t>(k * width + j)];
        }
      }
    }
    errors.total += wanted;
    // Missed or falsely alarmed, and what could be right but for the names.
    errors.wrong += std::max(found, wanted);
  }
  // Losses bound the number of speakers, so there are few permutations.
  std::vector<int64_t> column(static_cast<size_t>(width));
  std::iota(column.begin(), column.end(), 0);
  do {
    int64_t right = 0;
    for (int64_t k = 0; k < width; ++k)
      right += common[static_cast<size_t>(k * width + column[static_cast<size_t>(k)])];
    both = std::max(both, right);
  } while (std::next_permutation(column.begin(), column.end()));
  errors.wrong -= both;
  return errors;
}

}  // namespace diarflow
