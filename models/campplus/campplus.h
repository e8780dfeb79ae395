// CampplusEncoder: the speaker encoder CAM++ (Wang et al., "CAM++: A Fast and Efficient Network for Speaker
// Verification Using Context-Aware Masking", 2023) in the form of 3D-Speaker's model for Chinese and English, with
// LibTorch on the CPU or a GPU.
//
//   ASSIGN_OR_RETURN(const auto campplus, CampplusEncoder::Load("campplus_cn_en_common.pt"));
//   ASSIGN_OR_RETURN(const std::vector<FloatArray> embeddings, campplus->Embed({audio}));
//
// What it computes, for 16 kHz mono audio of N samples (full scale 1):
//   filter bank   Kaldi's, 80 bins (audio/fbank.h), minus its mean over the utterance      [T, 80]
//   head          residual 2-D convolutions over frequency and time                        [T, 320]
//   blocks        52 time-delay layers, densely connected, with context-aware masks        [T', 512]
//   statistics    mean and standard deviation over time (of a sample: over T' - 1)         [1024]
//   dense         a linear layer and a batch norm, nothing behind it                       [192]
// with T = 1 + (N - 400) / 160 and T' = (T - 1) / 2 + 1, rounded down.
// The embedding of an utterance is compared by the cosine; its length says nothing.
//
// Every number depends on every frame. So nothing is padded: audio of equal length is computed together, other lengths
// one after another. Memory grows with the length, by some 8 kilobytes a frame (1.4 gigabytes for half an hour), so
// kCampplusMaxSamples bounds it. Cut longer audio into pieces and average their embeddings.
//
// An encoder never changes: any number of threads may use one at the same time. The number of threads inside one call
// is LibTorch's (at::set_num_threads); nothing here sets it.
//
// Errors: kInvalidArgument for audio that is not [N], or holds a NaN or an infinite sample; kOutOfRange for audio
// shorter than kCampplusMinSamples or longer than kCampplusMaxSamples; each with the index of the item. For weights,
// the errors of OpenWeights() and of TakeTensors(). Digital silence has an embedding, always the same; it says
// nothing about a speaker. No result holds a NaN, and no exception leaves.
#ifndef DIARFLOW_MODELS_CAMPPLUS_CAMPPLUS_H_
#define DIARFLOW_MODELS_CAMPPLUS_CAMPPLUS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/float_array.h"
#include "models/device/device.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

// Raised whenever the numbers that the encoder gives may change. Part of Fingerprint().
constexpr int kCampplusCodeVersion = 2;

constexpr int kCampplusSampleRate = 16000;  // Hz
constexpr int64_t kCampplusDimension = 192;
constexpr int64_t kCampplusColumn = 512;
// Three frames of the filter bank: with fewer there is no standard deviation.
constexpr int64_t kCampplusMinSamples = 720;
// Half an hour.
constexpr int64_t kCampplusMaxSamples = 30 * 60 * int64_t{kCampplusSampleRate};

// OK when this audio has an embedding: the errors of Embed() for a single item, without an index.
absl::Status CheckCampplusAudio(const FloatArray& samples);

class CampplusEncoder {
 public:
  using Ptr = std::shared_ptr<const CampplusEncoder>;

  // Reads weights from a torch archive or a safetensors file (models/weights/open_weights.h). They are copied: the file
  // may go. `device` says where it computes, as OpenDevice() gives it; what comes in and out is on the CPU all the
  // same.
  static absl::StatusOr<Ptr> Load(const std::string& path, const ModelDevice& device = {});

  // The same from tensors in memory. `name` says in Description() what they are.
  static absl::StatusOr<Ptr> FromTensors(const TensorTable& tensors, const std::string& name,
                                         const ModelDevice& device = {});

  // Seeded random weights, the same on any machine. For tests.
  static absl::StatusOr<Ptr> Random(uint64_t seed, const ModelDevice& device = {});

  ~CampplusEncoder();
  CampplusEncoder(const CampplusEncoder&) = delete;
  CampplusEncoder& operator=(const CampplusEncoder&) = delete;

  // Whole utterances, each [N] at 16 kHz, to embeddings [192] in the same order; each is what it is alone (up to the
  // order of sums). No items give no results.
  absl::StatusOr<std::vector<FloatArray>> Embed(absl::Span<const FloatArray> audio) const;

  // The same from log energies [T, 80] of the filter bank (audio/fbank.h), T >= 3. Their means are subtracted here.
  absl::StatusOr<std::vector<FloatArray>> EmbedEnergies(absl::Span<const FloatArray> energies) const;

  // The embeddings of windows of `window` samples that begin every `hop` samples: [W, 192]. Window w covers the samples
  // [w * hop, w * hop + window) and is what Embed() gives for them alone (up to the order of sums); only windows that
  // lie wholly inside count, so what is left over at the end, less than a hop, is not seen. Audio shorter than a window
  // is repeated until it fills one. Of the audio [N], N >= kCampplusMinSamples, any length will do: the memory in use
  // grows by the results only. Where `hop` is a multiple of the filter bank's (160), overlapping windows share it.
  // Errors: as Embed(), without an index; kInvalidArgument also for a window that is no audio for Embed(), and for a
  // hop below 1.
  absl::StatusOr<FloatArray> EmbedWindows(const FloatArray& audio, int64_t window, int64_t hop) const;

  // An embedding in two halves, for those who want embeddings of many parts of the same speech: the network up to its
  // statistics once, then statistics over any part.
  //
  // Log energies [T, 80] of the filter bank (audio/fbank.h), T >= 3, to columns [T', 512], T' = (T - 1) / 2 + 1: column
  // j stands for the frames 2 j and 2 j + 1. Their mean is subtracted here. The frames may be those of one speaker, put
  // together from everywhere.
  absl::StatusOr<FloatArray> Columns(const FloatArray& energies) const;
  // The embedding [192] of some columns out of [T', 512], by their indexes, two or more (the same index may come
  // twice). PoolColumns(Columns(fbank of audio), all of them) is what Embed() gives for the audio.
  absl::StatusOr<FloatArray> PoolColumns(const FloatArray& columns, absl::Span<const int> chosen) const;

  // SHA-256 (hex) of the weights: of the file's bytes when they came from a file.
  const std::string& weights_digest() const;

  // SHA-256 (hex) of all that the numbers depend on besides the audio: weights and kCampplusCodeVersion. For cache
  // keys.
  const std::string& Fingerprint() const;

  // 6,848,544.
  int64_t parameter_count() const;

  // False for Random().
  bool trained() const;

  // For people: "CAM++, weights campplus_cn_en_common.pt" or "untrained CAM++ (seed 1)".
  const std::string& Description() const;

 private:
  struct Impl;
  absl::Status CheckEnergies(const FloatArray& energies) const;

  explicit CampplusEncoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_CAMPPLUS_CAMPPLUS_H_
