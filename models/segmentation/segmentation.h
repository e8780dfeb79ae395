// SegmentationModel: who of up to three local speakers is speaking when, within a window of some seconds: pyannote's
// segmentation 3.0 ("PyanNet" with powerset classes; Plaquet and Bredin, "Powerset multi-class cross entropy loss for
// neural speaker diarization", 2023), with LibTorch on the CPU or a GPU.
//
//   ASSIGN_OR_RETURN(const auto model, SegmentationModel::Load("pyannote_segmentation.pt"));
//   ASSIGN_OR_RETURN(const std::vector<FloatArray> log_probabilities, model->Classify({window}));
//
// A window of N samples of 16 kHz mono audio (full scale 1) gives T = 1 + (N - 991) / 270 frames, frame t from the
// samples [270 t, 270 t + 991): 589 frames for 10 s, which is what it was trained on. For each the logarithms of the
// probabilities of seven classes: nobody; speaker 1, 2, 3; 1 and 2, 1 and 3, 2 and 3 (diarization/powerset.h turns them
// into activities). Who is speaker 1 in one window may be another in the next.
//
// The level does not matter: the waveform is normalised over the window, and so are the channels behind each
// convolution. Every number depends on the whole window, so nothing is padded here: windows of one length are computed
// together.
//
// A model never changes: any number of threads may use one at the same time.
//
// Errors: kInvalidArgument for a window that is not [N], or holds a NaN or an infinite sample; kOutOfRange for one
// shorter than kSegmentationMinSamples or longer than kSegmentationMaxSamples; each with the index of the window. For
// weights, the errors of OpenWeights() and of TakeTensors(). Digital silence has a result. No result holds a NaN, and
// no exception leaves.
#ifndef DIARFLOW_MODELS_SEGMENTATION_SEGMENTATION_H_
#define DIARFLOW_MODELS_SEGMENTATION_SEGMENTATION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "audio/time_grid.h"
#include "base/float_array.h"
#include "models/device/device.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

// Raised whenever the numbers that the model gives may change. Part of Fingerprint().
constexpr int kSegmentationCodeVersion = 1;

constexpr int kSegmentationSampleRate = 16000;  // Hz
constexpr int64_t kSegmentationClasses = 7;
// Speakers of a window, and how many of them at once.
constexpr int kSegmentationSpeakers = 3;
constexpr int kSegmentationAtOnce = 2;
// Two frames: a channel of one cannot be normalised.
constexpr int64_t kSegmentationMinSamples = 991 + 270;
// Two minutes.
constexpr int64_t kSegmentationMaxSamples = 120 * int64_t{kSegmentationSampleRate};

// Where the frames of a window lie in it.
constexpr FrameGrid SegmentationGrid() { return {kSegmentationSampleRate, 270, 991, 0}; }

// OK when this window has a result: the errors of Classify() for a single one, without an index.
absl::Status CheckSegmentationWindow(const FloatArray& samples);

class SegmentationModel {
 public:
  using Ptr = std::shared_ptr<const SegmentationModel>;

  // Reads weights from a torch archive or a safetensors file (models/weights/open_weights.h), under their released
  // names or inside a checkpoint (models/weights/state_dict.h). They are copied: the file may go. `device`
  // says where it computes, as OpenDevice() gives it; what comes in and out is on the CPU all the same.
  static absl::StatusOr<Ptr> Load(const std::string& path, const ModelDevice& device = {});
  // The same from tensors in memory. `name` says in Description() what they are.
  static absl::StatusOr<Ptr> FromTensors(const TensorTable& tensors, const std::string& name,
                                         const ModelDevice& device = {});
  // Seeded random weights, the same on any machine. For tests.
  static absl::StatusOr<Ptr> Random(uint64_t seed, const ModelDevice& device = {});

  ~SegmentationModel();
  SegmentationModel(const SegmentationModel&) = delete;
  SegmentationModel& operator=(const SegmentationModel&) = delete;

  // Windows [N] to log-probabilities [T, 7] in the same order; each is what it is alone (up to the order of sums).
  absl::StatusOr<std::vector<FloatArray>> Classify(absl::Span<const FloatArray> windows) const;

  // SHA-256 (hex) of the weights, and of all that the numbers depend on besides the audio.
  const std::string& weights_digest() const;
  const std::string& Fingerprint() const;
  // 1,473,265.
  int64_t parameter_count() const;
  // False for Random().
  bool trained() const;
  // For people: "segmentation, weights pyannote_segmentation.pt" or "untrained segmentation (seed 1)".
  const std::string& Description() const;

 private:
  struct Impl;
  explicit SegmentationModel(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_SEGMENTATION_SEGMENTATION_H_
