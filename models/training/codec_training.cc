#include "models/training/codec_training.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ATen/ops/empty.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "c10/core/GradMode.h"
#include "models/device/torch_device.h"
#include "models/mimi/mimi_config.h"
#include "models/mimi/mimi_tap.h"
#include "models/weights/safetensors.h"

namespace diarflow {
namespace {

// Pieces that a look at the validation set takes at once.
constexpr int64_t kValidationPieces = 16;

double UseOf(const std::vector<CodebookUse>& use, int64_t entries) {
  double sum = 0;
  for (const CodebookUse& codebook : use) sum += codebook.perplexity / static_cast<double>(entries);
  return use.empty() ? 0 : sum / static_cast<double>(use.size());
}

}  // namespace

absl::StatusOr<CodecTraining> CodecTraining::Create(const CodecConfig& config, const CodecRunOptions& options) {
  RETURN_IF_ERROR(CheckCodecConfig(config));
  if (options.piece_frames < 2 || options.piece_frames > 1000) {
    return absl::InvalidArgumentError(absl::StrCat("piece_frames is ", options.piece_frames, "; it may be 2 to 1000"));
  }
  if (!(options.least_gain <= options.most_gain && std::abs(options.least_gain) <= 60 &&
        std::abs(options.most_gain) <= 60)) {
    return absl::InvalidArgumentError(absl::StrCat("gains from ", options.least_gain, " to ", options.most_gain,
                                                   " dB: they lie within 60, the least first"));
  }
  if (options.least_codebooks < 1 || options.least_codebooks > config.mimi.num_codebooks()) {
    return absl::InvalidArgumentError(
        absl::StrCat("least_codebooks is ", options.least_codebooks, "; it may be 1 to ", config.mimi.num_codebooks()));
  }
  CodecTraining training(config, options);
  training.device_ = TorchDevice(options.device);
  training.parameters_ = InitialCodecParameters(config, options.seed, training.device_);
  return training;
}

absl::Status CodecTraining::CheckAudio(const FloatArray& samples) const {
  if (samples.shape().size() != 1 || samples.FirstNotFinite() >= 0) {
    return absl::InvalidArgumentError(absl::StrCat("audio is finite samples [N]; here is ", samples.ShapeString()));
  }
  const int64_t piece = options_.piece_frames * kMimiFrameSamples;
  if (samples.size() >= piece) return absl::OkStatus();
  return absl::OutOfRangeError(
      absl::StrCat("the audio has ", samples.size(), " samples, less than a piece of ", piece));
}

at::Tensor CodecTraining::PiecesOf(absl::Span<const FloatArray> audio) const {
  const int64_t piece = options_.piece_frames * kMimiFrameSamples;
  int64_t count = 0;
  for (const FloatArray& samples : audio) count += samples.size() / piece;
  at::Tensor pieces = at::empty({count, piece});
  float* out = pieces.mutable_data_ptr<float>();
  for (const FloatArray& samples : audio) out = std::copy_n(samples.data(), samples.size() / piece * piece, out);
  return pieces.to(device_);
}

absl::StatusOr<TrainingLoss> CodecTraining::Loss(absl::Span<const FloatArray> audio, int64_t update) const {
  Random random(options_.seed, static_cast<uint64_t>(update));
  at::Tensor pieces = PiecesOf(audio);
  for (int64_t b = 0; b < pieces.size(0); ++b) {
    pieces[b].mul_(std::pow(10.0, random.Uniform(options_.least_gain, options_.most_gain) / 20));
  }
  const int all = config_.mimi.num_codebooks();
  const int codebooks = options_.least_codebooks + static_cast<int>(random.Below(all - options_.least_codebooks + 1));
  CodebookTraining training;
  training.random = &random;
  ASSIGN_OR_RETURN(const CodecLosses losses, CodecLoss(config_, parameters_, pieces, codebooks, &training));
  return TrainingLoss{losses.total,
                      {{"loss", losses.total.item<double>()},
                       {"log mel L1", losses.absolute},
                       {"commitment", losses.commitment},
                       {"codebook use", UseOf(losses.use, config_.mimi.codebook_size())}}};
}

absl::StatusOr<ValidationScore> CodecTraining::Validate(absl::Span<const FloatArray> audio) const {
  const c10::NoGradGuard no_gradients;
  const at::Tensor pieces = PiecesOf(audio);
  double absolute = 0, use = 0;
  int64_t batches = 0;
  for (int64_t begin = 0; begin < pieces.size(0); begin += kValidationPieces) {
    const int64_t count = std::min(kValidationPieces, pieces.size(0) - begin);
    ASSIGN_OR_RETURN(const CodecLosses losses, CodecLoss(config_, parameters_, pieces.narrow(0, begin, count),
                                                         config_.mimi.num_codebooks(), nullptr));
    absolute += losses.absolute * static_cast<double>(count);
    use += UseOf(losses.use, config_.mimi.codebook_size());
    ++batches;
  }
  if (batches == 0) return absl::FailedPreconditionError("there is no audio for the validation");
  ValidationScore score;
  score.score = absolute / static_cast<double>(pieces.size(0));
  score.parts = {{"validation log mel L1", score.score},
                 {"validation codebook use", use / static_cast<double>(batches)}};
  return score;
}

absl::Status CodecTraining::ExportMimi(const std::string& trained, const std::string& path) const {
  ASSIGN_OR_RETURN(const TensorTable table, ReadSafetensors(trained));
  TensorTable mimi(path);
  const auto owner = std::make_shared<const TensorTable>(table);
  for (const auto& [name, view] : table.tensors()) {
    if (!absl::StartsWith(name, "head.")) RETURN_IF_ERROR(mimi.Add(name, view, owner));
  }
  mimi.mutable_metadata() = table.metadata();
  mimi.mutable_metadata()[kMimiConfigKey] = FillMimiConfig(config_.mimi).ShortDebugString();
  return WriteFileDurably(path, SerializeSafetensors(mimi));
}

}  // namespace diarflow
