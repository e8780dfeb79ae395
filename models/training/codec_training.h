// A small Mimi in training as a codec (models/codec): its parameters, the loss of a batch, what a validation set shows,
// and the file that MimiEncoder reads.
#ifndef DIARFLOW_MODELS_TRAINING_CODEC_TRAINING_H_
#define DIARFLOW_MODELS_TRAINING_CODEC_TRAINING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/float_array.h"
#include "models/codec/codec.h"
#include "models/training/trainer.h"
#include "models/training/training_run.h"

namespace diarflow {

class CodecTraining {
 public:
  // Errors of CheckCodecConfig(), and kInvalidArgument for options out of their range.
  static absl::StatusOr<CodecTraining> Create(const CodecConfig& config, const CodecRunOptions& options);

  // All tensors, those that move without gradients among them.
  NamedTensors tensors() const { return AllTensors(parameters_); }
  // Those that an optimiser moves.
  const CodecTensors& network() const { return parameters_.network; }

  // OK for finite samples [N] at 24 kHz that hold a piece. kInvalidArgument, kOutOfRange.
  absl::Status CheckAudio(const FloatArray& samples) const;

  // The loss of the pieces of some audio; `update` decides gains, codebooks and what becomes of unused entries. Parts:
  // "loss", "log mel L1", "commitment", "codebook use": the mean perplexity over entries. REQUIRES: good audio, one at
  // least.
  absl::StatusOr<TrainingLoss> Loss(absl::Span<const FloatArray> audio, int64_t update) const;

  // The score is the L1 of the log mel spectra with all codebooks, as it is in the audio. Parts: "validation log mel
  // L1", "validation codebook use".
  absl::StatusOr<ValidationScore> Validate(absl::Span<const FloatArray> audio) const;

  // From a file that Trainer wrote to one that MimiEncoder reads: without the head.
  absl::Status ExportMimi(const std::string& trained, const std::string& path) const;

 private:
  CodecTraining(const CodecConfig& config, const CodecRunOptions& options) : config_(config), options_(options) {}

  // Pieces [B, N], on the device.
  at::Tensor PiecesOf(absl::Span<const FloatArray> audio) const;

  CodecConfig config_;
  CodecRunOptions options_;
  at::Device device_ = at::kCPU;
  CodecParameters parameters_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TRAINING_CODEC_TRAINING_H_
