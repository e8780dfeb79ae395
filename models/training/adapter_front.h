// The end of Mimi's encoder in front of an adapter, so that both are trained together: stored frames of the SEANet
// (MimiTap::kSeanet) to what the adapter gets.
//
//   layers      of the encoder transformer: the last ones have gradients, those below and all else of Mimi have none
//   halved      25 Hz to 12.5 Hz: HalvedBy (models/mimi/mimi_tap.h); the learned way stays as it is too
//   normalised  each frame for itself: FrontNormalise
//
// Behind a training the whole Mimi is written as a file of its own, which MimiEncoder reads.
#ifndef DIARFLOW_MODELS_TRAINING_ADAPTER_FRONT_H_
#define DIARFLOW_MODELS_TRAINING_ADAPTER_FRONT_H_

#include <cstdint>
#include <string>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "models/codec/encoder.h"
#include "models/device/device.h"
#include "models/mimi/mimi_config.h"
#include "models/mimi/mimi_weights.h"
#include "models/training/checkpoint.h"
#include "models/training/training_run.h"

namespace diarflow {

// Before the released names of Mimi's tensors where they stand beside an adapter's.
inline constexpr absl::string_view kFrontPrefix = "mimi.";

class AdapterFront {
 public:
  // kInvalidArgument: layers that there are not; errors of OpenWeights(), MimiConfigOf(), CheckMimiConfig() and
  // TakeMimiWeights().
  static absl::StatusOr<AdapterFront> Create(const AdapterFrontOptions& options, const ModelDevice& device = {});

  // Those of the last layers, which require gradients, with kFrontPrefix. None for 0 layers.
  const NamedTensors& trained() const { return trained_; }

  // Of a frame, before and behind.
  int64_t width() const { return config_.dimension(); }

  // SHA-256 (hex) of the weights as they were loaded.
  const std::string& weights_digest() const { return digest_; }

  // Frames [B, 2 T, width] at 25 Hz to [B, T, width] at 12.5 Hz. What stands behind the end of an item changes nothing
  // of it. REQUIRES: T > 0; frames on the front's device.
  at::Tensor Forward(const at::Tensor& frames) const;

  // From a file that Trainer wrote to one that MimiEncoder reads: Mimi with the layers as they are in the file.
  absl::Status ExportMimi(const std::string& trained, const std::string& path) const;

 private:
  AdapterFront() = default;

  AdapterFrontOptions options_;
  MimiConfig config_;  // filled
  MimiWeights weights_;
  std::string digest_;
  CodecTensors tensors_;  // of the transformer and the downsample; the last layers share those of trained_
  NamedTensors trained_;
};

// Each frame of [..., D] for itself, with gradients. Gradients of a frame of zeros are finite.
at::Tensor NormaliseForTraining(const at::Tensor& frames, FrontNormalise normalise);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TRAINING_ADAPTER_FRONT_H_
