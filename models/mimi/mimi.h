// MimiEncoder: the encoder of the Mimi neural audio codec (Défossez et al., 2024), on the CPU or a GPU.
//
//   ASSIGN_OR_RETURN(const auto mimi, MimiEncoder::Load("mimi.safetensors", ReleasedMimiConfig()));
//   ASSIGN_OR_RETURN(const std::vector<FloatArray> latents, mimi->Encode({audio}, MimiTap::kLatent12));
//
// What it computes, for 24 kHz mono audio of N samples (nominally in [-1, 1]):
//   SEANet      causal convolutions, strides 4, 5, 6, 8                    [2 ceil(N / 1920), D] at 25 Hz
//   transformer RoPE, attention to the last `context` frames, layer scale  [2 ceil(N / 1920), D] at 25 Hz
//   downsample  a causal convolution of stride 2                           [ceil(N / 1920), D]   at 12.5 Hz
//   quantiser   split residual vector quantisation                         [codebooks, ceil(N / 1920)] codes
// Audio that does not fill its last 1920 samples (80 ms) is continued with zeros. Every output depends only on the
// samples up to the end of its frame.
//
// On the CPU models/mimi/fast does the work; models/mimi/network.h is the same network written plainly, for GPUs and
// as a reference.
//
// Encode() takes whole utterances; Step() takes a stream in pieces and gives the same numbers (a few 1e-6 apart, as
// sums are taken in another order). Both are one code path: Encode() feeds a fresh state in pieces of some seconds, so
// the work memory does not grow with the length. Input and output still do: for hours of audio call Step().
//
// An encoder never changes: any number of threads may use one at the same time, each with states of its own. The
// number of threads inside one call is LibTorch's (at::set_num_threads); nothing here sets it.
//
// Errors: kInvalidArgument for audio that is empty, not [N], or holds a NaN or an infinite sample, with the index of
// the item and of the sample; the errors of ReadSafetensors and of mimi_names.h for weights. No exception leaves.
#ifndef DIARFLOW_MODELS_MIMI_MIMI_H_
#define DIARFLOW_MODELS_MIMI_MIMI_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/float_array.h"
#include "models/device/device.h"
#include "models/mimi/mimi_config.h"
#include "models/mimi/mimi_precision.h"
#include "models/mimi/mimi_tap.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

// Raised whenever the numbers that the encoder gives may change. Part of Fingerprint().
constexpr int kMimiCodeVersion = 3;

// kBfloat16 on a CPU that is faster with it (AVX512-BF16 or AMX), kFloat32 on another.
MimiPrecision FastestMimiPrecision();

// Codes of one utterance: for each codebook (row) and 12.5 Hz frame (column) the index of the entry. Row 0 is the
// semantic codebook.
struct MimiCodes {
  int64_t codebooks = 0;
  int64_t frames = 0;
  std::vector<int32_t> values;  // row-major [codebooks, frames]

  int32_t at(int64_t codebook, int64_t frame) const { return values[codebook * frames + frame]; }
};

// What a set of streams that advance together has heard: the left context of every convolution, the keys and values
// of the last context - 1 frames of every layer, and the position. Made by MimiEncoder::NewState() and good for
// encoders with the same Fingerprint(). A state belongs to one thread at a time.
class MimiState {
 public:
  ~MimiState();
  MimiState(MimiState&&) noexcept;
  MimiState& operator=(MimiState&&) noexcept;

  // Streams that advance together.
  int64_t batch() const;
  MimiTap tap() const;
  // Samples of a stream so far.
  int64_t position(int64_t stream = 0) const;

  // Back to the start: all streams, or one, whose place then is a new stream's.
  void Reset();
  void Reset(int64_t stream);

  // The state as bytes (the safetensors format), and back. Restore() needs a snapshot of a state with the same encoder,
  // batch and tap (kInvalidArgument otherwise, kDataLoss for torn bytes; the state is then as it was).
  std::string Snapshot() const;
  absl::Status Restore(absl::string_view snapshot);

  // Bytes of all its numbers.
  size_t ByteSize() const;

 private:
  friend class MimiEncoder;
  struct Impl;
  explicit MimiState(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class MimiEncoder {
 public:
  using Ptr = std::shared_ptr<const MimiEncoder>;

  // Reads weights in any of the three public namings (mimi_names.h). The weights are copied: the file may go.
  // kFailedPrecondition for kBfloat16 on a CPU that is no faster with it; so for the two that follow.
  static absl::StatusOr<Ptr> Load(const std::string& path, const MimiConfig& config,
                                  MimiPrecision precision = MimiPrecision::kFloat32);

  // The same from tensors in memory. `name` says in Description() what they are.
  static absl::StatusOr<Ptr> FromTensors(const TensorTable& tensors, const MimiConfig& config, const std::string& name,
                                         MimiPrecision precision = MimiPrecision::kFloat32,
                                         const ModelDevice& device = {});

  // Seeded random weights, the same on any machine: uniform, scaled by fan-in; biases 0; layer scale as configured.
  static absl::StatusOr<Ptr> Random(const MimiConfig& config, uint64_t seed,
                                    MimiPrecision precision = MimiPrecision::kFloat32, const ModelDevice& device = {});

  ~MimiEncoder();
  MimiEncoder(const MimiEncoder&) = delete;
  MimiEncoder& operator=(const MimiEncoder&) = delete;

  // Encodes a batch of whole utterances, each [N] with any N > 0, to frames [MimiTapFrames(tap, N), D] each. Items of
  // different lengths are padded on the right; each gives what it gives alone (up to the order of sums). Padding costs
  // as much as audio: batch utterances of similar length. No items give no results.
  absl::StatusOr<std::vector<FloatArray>> Encode(absl::Span<const FloatArray> audio, MimiTap tap) const;

  // The same to codes of the first `codebooks` codebooks; 0 means all of the configuration.
  absl::StatusOr<std::vector<MimiCodes>> EncodeCodes(absl::Span<const FloatArray> audio, int codebooks = 0) const;

  // Codes of latents [T, D] that Encode() or Step() gave at kLatent12.
  absl::StatusOr<MimiCodes> Quantize(const FloatArray& latent, int codebooks = 0) const;

  // A state of `batch` streams at their start, to be read out at `tap`. kInvalidArgument when batch < 1.
  absl::StatusOr<MimiState> NewState(int64_t batch, MimiTap tap) const;

  // Advances every stream of a state that this encoder made by one piece: `audio` has one [N] for each stream, all of
  // the same N, a multiple of 1920 (kInvalidArgument otherwise, and the state is as it was; the caller continues the
  // last piece of a stream with zeros; after any other error it is to be Reset()). Gives the frames [MimiTapFrames(tap,
  // N), D] of each stream. Pieces of any sizes give what the whole gives.
  //
  // Streams that `exec_mask` (one entry for each stream; empty: all advance) leaves out stay as they are: their audio
  // is not looked at and they get no frames. So streams that come and go share one batch.
  absl::StatusOr<std::vector<FloatArray>> Step(MimiState& state, absl::Span<const FloatArray> audio,
                                               const std::vector<bool>& exec_mask = {}) const;

  // Every field filled.
  const MimiConfig& config() const;

  // SHA-256 (hex) of the weights: of the file's bytes when they came from a file.
  const std::string& weights_digest() const;

  // SHA-256 (hex) of all that the numbers depend on besides the audio: weights, configuration, kMimiCodeVersion.
  // For cache keys.
  const std::string& Fingerprint() const;

  // Numbers in SEANet, transformer and downsample; the quantiser is not counted. 38,867,232 at the released size.
  int64_t parameter_count() const;

  // False for Random().
  bool trained() const;

  MimiPrecision precision() const;

  // For people: "Mimi, released size, weights mimi.safetensors" or "untrained small Mimi (seed 1)".
  const std::string& Description() const;

 private:
  struct Impl;
  explicit MimiEncoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_MIMI_H_
