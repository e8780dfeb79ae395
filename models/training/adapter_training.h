// The diarization adapter in training: parameters with gradients, the loss of a batch, and what a validation set shows.
// With a front (adapter_front.h) layers of Mimi are trained with it.
#ifndef DIARFLOW_MODELS_TRAINING_ADAPTER_TRAINING_H_
#define DIARFLOW_MODELS_TRAINING_ADAPTER_TRAINING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/float_array.h"
#include "models/adapter/adapter_config.h"
#include "models/adapter/network.h"
#include "models/device/device.h"
#include "models/training/adapter_front.h"
#include "models/training/losses.h"
#include "models/training/trainer.h"
#include "models/training/training_run.h"

namespace diarflow {

struct AdapterTrainingOptions {
  HybridLossOptions loss;
  double dropout = 0.1;
  // Queries start as the keys do: at first every frame looks at those that are like it.
  bool alike_at_start = false;
};

class AdapterTraining {
 public:
  // From seeded random weights, trained on `device`, where the front is too. Errors of CheckAdapterConfig();
  // kInvalidArgument for a front of another width than the adapter's input.
  static absl::StatusOr<AdapterTraining> Create(const AdapterConfig& config, uint64_t seed,
                                                const AdapterTrainingOptions& options,
                                                std::optional<AdapterFront> front = std::nullopt,
                                                const ModelDevice& device = {});

  // The adapter's parameters, all of which are trained, by released name.
  const AdapterParameters& parameters() const { return parameters_; }
  // Null where there is none.
  const AdapterFront* front() const { return front_.has_value() ? &*front_ : nullptr; }
  // All that is trained: the adapter's and the front's.
  NamedTensors tensors() const;

  // OK for a crop of the network's widths with as many labels as latents, half as many with a front, all finite.
  // kInvalidArgument.
  absl::Status CheckCrop(const AdapterCrop& crop) const;

  // The loss of crops of any lengths, shorter ones filled up and masked out. Parts: "loss". REQUIRES: good crops, one
  // at least.
  absl::StatusOr<TrainingLoss> Loss(absl::Span<const AdapterCrop> crops) const;

  // The score is the loss. Parts: "validation loss", and "validation error", the share of speaker frames that are wrong
  // at a threshold of .5 when columns are given to speakers as they fit best: missed, false alarms and confusions over
  // what is to be found, pooled; 1 where nobody speaks at all.
  absl::StatusOr<ValidationScore> Validate(absl::Span<const AdapterCrop> crops) const;

  // From a file that Trainer wrote to one that Adapter reads: without the front.
  absl::Status ExportAdapter(const std::string& trained, const std::string& path) const;

 private:
  AdapterTraining(const AdapterConfig& config, const AdapterTrainingOptions& options, std::optional<AdapterFront> front)
      : config_(config), options_(options), front_(std::move(front)) {}

  // Frames of a crop's latents to one of its labels.
  int64_t FramesToALabel() const { return front_.has_value() ? 2 : 1; }

  // Logits [B, T, K], labels and the number of frames of each item; tensors are on the device.
  struct Batch {
    at::Tensor logits, labels;
    std::vector<int64_t> lengths;
  };
  Batch Forward(absl::Span<const AdapterCrop> crops, double dropout) const;

  AdapterConfig config_;
  AdapterTrainingOptions options_;
  std::optional<AdapterFront> front_;
  at::Device device_ = at::kCPU;
  AdapterParameters parameters_;
};

// Missed, false alarm and confused speaker frames of activities against labels [T, K], with the columns as they fit
// best, and how many there are to be found. REQUIRES: K <= kMaxLossSpeakers.
struct FrameErrors {
  int64_t wrong = 0;
  int64_t total = 0;
};
FrameErrors CountFrameErrors(const FloatArray& activity, const FloatArray& labels, double threshold);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TRAINING_ADAPTER_TRAINING_H_
