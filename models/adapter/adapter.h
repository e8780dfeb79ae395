// Adapter: the diarization adapter on the latents of a frozen encoder, with LibTorch on the CPU or a GPU. From frames
// to the activity of four speakers.
//
//   ASSIGN_OR_RETURN(const auto adapter, Adapter::Load("adapter.pt", AdapterConfig()));
//   ASSIGN_OR_RETURN(const std::vector<FloatArray> logits, adapter->Logits({latents}));
//
// What it computes, for latents of T frames (12.5 a second for Mimi's):
//   projection   a linear map, unless the config has none; plus sinusoidal positions      [T, 384]
//   layers       4 transformer encoder layers (Vaswani et al., "Attention Is All You Need", 2017) with the norms behind
//                each half, full attention, exact GELU; no norm behind the last           [T, 384]
//   head         a linear map: one logit for each speaker and frame                       [T, 4]
// The sigmoid of a logit is the probability that this speaker speaks. Which speaker is which is the adapter's choice.
//
// Every frame looks at every other one: items of different lengths are computed together with what is padded masked
// out, and each is what it is alone, up to the order of sums. Time grows with the square of the length.
//
// An adapter never changes: any number of threads may use one at the same time. The number of threads inside one call
// is LibTorch's (at::set_num_threads); nothing here sets it.
//
// Errors: kInvalidArgument for latents that are not [T, input_width], or hold a NaN or an infinite number; kOutOfRange
// for 0 frames or more than kAdapterMaxFrames; each with the index of the item. kInternal when numbers overflow inside.
// For weights, the errors of OpenWeights() and of TakeTensors(); for configs, those of CheckAdapterConfig(). No result
// holds a NaN, and no exception leaves.
#ifndef DIARFLOW_MODELS_ADAPTER_ADAPTER_H_
#define DIARFLOW_MODELS_ADAPTER_ADAPTER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/float_array.h"
#include "models/adapter/adapter_config.h"
#include "models/device/device.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

// Raised whenever the numbers that an adapter gives may change. Part of Fingerprint().
constexpr int kAdapterCodeVersion = 1;

// 87 minutes at 12.5 frames a second.
constexpr int64_t kAdapterMaxFrames = 65536;

class Adapter {
 public:
  using Ptr = std::shared_ptr<const Adapter>;

  // Reads weights from a torch archive or a safetensors file (models/weights/open_weights.h). They are copied: the file
  // may go. They may stand inside a checkpoint (models/weights/state_dict.h). `device` says where it computes, as
  // OpenDevice() gives it; what comes in and out is on the CPU all the same.
  static absl::StatusOr<Ptr> Load(const std::string& path, const AdapterConfig& config, const ModelDevice& device = {});

  // The same from tensors in memory. `name` says in Description() what they are.
  static absl::StatusOr<Ptr> FromTensors(const TensorTable& tensors, const AdapterConfig& config,
                                         const std::string& name, const ModelDevice& device = {});

  // Seeded random weights, the same on any machine. For tests, and as the start of a training.
  static absl::StatusOr<Ptr> Random(const AdapterConfig& config, uint64_t seed, const ModelDevice& device = {});

  ~Adapter();
  Adapter(const Adapter&) = delete;
  Adapter& operator=(const Adapter&) = delete;

  // OK when these latents [T, input_width] have logits: the errors of Logits() for a single item, without an index.
  absl::Status CheckLatents(const FloatArray& latents) const;

  // Latents, each [T, input_width], to logits [T, num_speakers] in the same order. No items give no results.
  absl::StatusOr<std::vector<FloatArray>> Logits(absl::Span<const FloatArray> latents) const;

  const AdapterConfig& config() const;

  // SHA-256 (hex) of the weights: of the file's bytes when they came from a file.
  const std::string& weights_digest() const;

  // SHA-256 (hex) of all that the numbers depend on besides the latents: weights, config and kAdapterCodeVersion.
  const std::string& Fingerprint() const;

  // 7,296,388 with the default config; 7,370,116 with an input width of 704.
  int64_t parameter_count() const;

  // False for Random().
  bool trained() const;

  // For people: "adapter, weights best.pt" or "untrained adapter (seed 1)".
  const std::string& Description() const;

 private:
  struct Impl;
  explicit Adapter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// 1 / (1 + exp(-x)) of each number, in (0, 1) but for rounding; the same shape.
FloatArray Sigmoid(const FloatArray& logits);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_ADAPTER_ADAPTER_H_
