// TitanetEncoder: the speaker encoder TitaNet-large (Koluguri, Park, Ginsburg, "TitaNet: Neural Model for Speaker
// Representation with 1D Depth-wise Separable Convolutions and Global Context", 2022) as NeMo has it, with LibTorch
// on the CPU or a GPU.
//
//   ASSIGN_OR_RETURN(const auto titanet, TitanetEncoder::Load("titanet-l.nemo"));
//   ASSIGN_OR_RETURN(const std::vector<FloatArray> embeddings, titanet->Embed({audio}));
//
// What it computes, for 16 kHz mono audio of N samples (full scale 1):
//   features     NeMo's log mel spectrum, normalised over the utterance (audio/nemo_log_mel.h)           [T, 80]
//   encoder      five blocks of separable convolutions with squeeze-and-excite over the utterance        [T, 3072]
//   pooling      mean and deviation over time, weighted by attention                                     [6144]
//   embedding    a linear layer with a batch norm in front, nothing behind it                            [192]
// The embedding of an utterance is compared by the cosine; its length says nothing. NeMo's own score is (cosine + 1) /
// 2 with a threshold of 0.7, that is a cosine of 0.4.
//
// Audio of equal length is computed together, other lengths one after another, so an embedding does not depend on its
// neighbours. (The network itself knows what is audio in a padded batch; with NemoMelForm::kLegacy the features depend
// on what follows an utterance, so there nothing may follow.) Memory grows with the length, by some 75 kilobytes a
// frame of 10 ms (2.3 gigabytes for five minutes), so kTitanetMaxSamples bounds it.
//
// An encoder never changes: any number of threads may use one at the same time. The number of threads inside one call
// is LibTorch's (at::set_num_threads); nothing here sets it.
//
// Errors: kInvalidArgument for audio that is not [N], or holds a NaN or an infinite sample; kOutOfRange for audio
// shorter than kTitanetMinSamples or longer than kTitanetMaxSamples; each with the index of the item. For weights, the
// errors of OpenWeights() and of TakeTensors(). Digital silence has an embedding, always the same; it says nothing
// about a speaker. No result holds a NaN, and no exception leaves.
#ifndef DIARFLOW_MODELS_TITANET_TITANET_H_
#define DIARFLOW_MODELS_TITANET_TITANET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "audio/nemo_log_mel.h"
#include "base/float_array.h"
#include "models/device/device.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

// Raised whenever the numbers that the encoder gives may change. Part of Fingerprint().
constexpr int kTitanetCodeVersion = 2;

constexpr int kTitanetSampleRate = 16000;  // Hz
constexpr int64_t kTitanetDimension = 192;
// What the reflection at both ends needs.
constexpr int64_t kTitanetMinSamples = 257;
// Five minutes.
constexpr int64_t kTitanetMaxSamples = 5 * 60 * int64_t{kTitanetSampleRate};

// OK when this audio has an embedding: the errors of Embed() for a single item, without an index.
absl::Status CheckTitanetAudio(const FloatArray& samples);

class TitanetEncoder {
 public:
  using Ptr = std::shared_ptr<const TitanetEncoder>;

  // Reads weights from a .nemo archive, the checkpoint inside of one, or a safetensors file
  // (models/weights/open_weights.h). They are copied: the file may go. `device` says where it computes, as OpenDevice()
  // gives it; what comes in and out is on the CPU all the same.
  static absl::StatusOr<Ptr> Load(const std::string& path, NemoMelForm form = NemoMelForm::kLegacy,
                                  const ModelDevice& device = {});

  // The same from tensors in memory. `name` says in Description() what they are.
  static absl::StatusOr<Ptr> FromTensors(const TensorTable& tensors, const std::string& name,
                                         NemoMelForm form = NemoMelForm::kLegacy, const ModelDevice& device = {});

  // Seeded random weights, the same on any machine. For tests.
  static absl::StatusOr<Ptr> Random(uint64_t seed, NemoMelForm form = NemoMelForm::kLegacy,
                                    const ModelDevice& device = {});

  ~TitanetEncoder();
  TitanetEncoder(const TitanetEncoder&) = delete;
  TitanetEncoder& operator=(const TitanetEncoder&) = delete;

  // Whole utterances, each [N] at 16 kHz, to embeddings [192] in the same order; each is what it is alone (up to the
  // order of sums). No items give no results.
  absl::StatusOr<std::vector<FloatArray>> Embed(absl::Span<const FloatArray> audio) const;

  // The same from features [T, 80] of utterances, as NemoLogMel::Normalised() gives them.
  absl::StatusOr<std::vector<FloatArray>> EmbedFeatures(absl::Span<const FloatArray> features) const;

  // The embeddings of windows of `window` samples that begin every `hop` samples: [W, 192]; each is what Embed() gives
  // for its samples alone. See models/windows.h for the edges; of the audio any length will do.
  absl::StatusOr<FloatArray> EmbedWindows(const FloatArray& audio, int64_t window, int64_t hop) const;

  // An embedding in two halves, for those who want embeddings of many parts of the same speech: the network up to its
  // statistics once, then statistics over any part.
  //
  // Log mel energies [T, 80] (NemoLogMel::LogMel()), T >= 3, to columns [T', 6144], T' = (T - 1) / 2 + 1: column j
  // holds the frames 2 j and 2 j + 1, one behind the other; of an odd T the last frame stands twice. They are
  // normalised here. The frames may be those of one speaker, put together from everywhere.
  absl::StatusOr<FloatArray> Columns(const FloatArray& log_mel) const;
  // The embedding [192] of some columns, by their indexes, one or more (the same index may come twice).
  absl::StatusOr<FloatArray> PoolColumns(const FloatArray& columns, absl::Span<const int> chosen) const;

  NemoMelForm form() const;

  // SHA-256 (hex) of the weights: of the file's bytes when they came from a file.
  const std::string& weights_digest() const;

  // SHA-256 (hex) of all that the numbers depend on besides the audio. For cache keys.
  const std::string& Fingerprint() const;

  // 22,122,288: without the classifier of the training's speakers.
  int64_t parameter_count() const;

  // False for Random().
  bool trained() const;

  // For people: "TitaNet-large, weights titanet-l.nemo" or "untrained TitaNet-large (seed 1)".
  const std::string& Description() const;

 private:
  struct Impl;
  explicit TitanetEncoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TITANET_TITANET_H_
