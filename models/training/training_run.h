// A training as others see it, without LibTorch: a network, its optimiser and its checkpoints behind one door.
//
// The folder and what goes on in it: trainer.h.
#ifndef DIARFLOW_MODELS_TRAINING_TRAINING_RUN_H_
#define DIARFLOW_MODELS_TRAINING_TRAINING_RUN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/float_array.h"
#include "models/adapter/adapter_config.h"
#include "models/device/device.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/mimi/mimi_tap.h"
#include "models/training/training_options.pb.h"
#include "models/training/training_state.pb.h"

namespace diarflow {

// What is done to the columns of a crop's latents, the same for all its frames: column i becomes column from[i] times
// sign[i]. Empty: nothing. Who is like whom stays, but what a single voice looks like can no longer be learned by
// heart.
struct ColumnShuffle {
  std::vector<int64_t> from;
  std::vector<float> sign;
};

// Latents [T, input_width] and who speaks in them, labels [T, num_speakers], 0 or 1. Where layers of Mimi are trained
// too: frames of its SEANet (MimiTap::kSeanet) [2 T, dimension] with the same labels.
struct AdapterCrop {
  FloatArray latents;
  FloatArray labels;
  // In training only, of what the adapter gets: behind the layers of Mimi, where there are some.
  ColumnShuffle shuffle = {};
};

// What is done to each frame before the adapter gets it; as FrameNormalise (diarization/fuse_frames.h).
enum class FrontNormalise {
  kNone,
  kL2,         // divided by its length; a frame of zeros stays so
  kLayerNorm,  // less its mean, divided by sqrt(variance + 1e-5)
};

// The last layers of Mimi's encoder transformer, trained together with the adapter.
struct AdapterFrontOptions {
  // A file in any of the public namings; empty: random ones, of mimi_seed.
  std::string mimi_weights;
  // None: what the weights say of themselves (MimiConfigOf()), the small size for random ones.
  std::optional<MimiConfig> mimi_config;
  uint64_t mimi_seed = 1;
  // So many, the last ones. 0: the adapter alone is trained, on what the frozen layers give.
  int layers = 3;
  // Of these layers, in the place of those of TrainingOptions.
  double rate = 1e-5;
  double clip = 0.5;
  HalvedBy halved_by = HalvedBy::kLearned;
  FrontNormalise normalise = FrontNormalise::kNone;
};

struct AdapterRunOptions {
  AdapterConfig config;
  uint64_t seed = 1;  // of the random weights at the start
  double dropout = 0.1;
  bool original_loss = false;   // LossRules::kOriginal (losses.h)
  bool alike_at_start = false;  // see AdapterTrainingOptions
  // The adapter's input is as wide as Mimi's frames then.
  std::optional<AdapterFrontOptions> front;
  // Where all that is computed, the front too.
  ModelDevice device;
};

// A Mimi of the small size as a codec.
struct CodecRunOptions {
  uint64_t seed = 1;  // of the random weights, gains and codebooks
  // Audio is cut into pieces of so many frames of 80 ms; what is left over is not used.
  int64_t piece_frames = 15;
  // Every piece is made louder or softer by a gain drawn between these, dB.
  double least_gain = -10, most_gain = 6;
  // The number of codebooks is drawn for every batch, from this one to all.
  int least_codebooks = 2;
  // Where it is computed.
  ModelDevice device;
};

class TrainingRun {
 public:
  // kFailedPrecondition: the folder holds a training of another recipe; kInvalidArgument, naming it: an option out of
  // its range; kDataLoss: a damaged checkpoint. Of Mimi's weights, the errors of AdapterFront::Create(); other ones are
  // another recipe.
  static absl::StatusOr<std::unique_ptr<TrainingRun>> OpenAdapter(const std::string& folder, const std::string& recipe,
                                                                  const TrainingOptions& training,
                                                                  const AdapterRunOptions& options);
  static absl::StatusOr<std::unique_ptr<TrainingRun>> OpenCodec(const std::string& folder, const std::string& recipe,
                                                                const TrainingOptions& training,
                                                                const CodecRunOptions& options);
  ~TrainingRun();

  bool trains_adapter() const;
  bool trains_codec() const { return !trains_adapter(); }
  // An adapter with layers of Mimi before it, AdapterRunOptions::front.
  bool has_front() const;

  // OK for a crop of the adapter's widths with as many labels as it needs, all finite; for finite samples [N] at 24 kHz
  // that hold a piece. kInvalidArgument, kOutOfRange. REQUIRES: a training of this kind.
  absl::Status CheckCrop(const AdapterCrop& crop) const;
  absl::Status CheckAudio(const FloatArray& samples) const;

  // One update, and where one is due a look at the validation set. kInternal: a loss or a gradient that is not finite;
  // the checkpoints stay as they were. REQUIRES: a training of this kind that has not finished; checked items.
  absl::Status Update(absl::Span<const AdapterCrop> batch, absl::Span<const AdapterCrop> validation);
  absl::Status Update(absl::Span<const FloatArray> batch, absl::Span<const FloatArray> validation);

  bool finished() const;
  int64_t updates() const;
  int64_t items() const;  // taken by all updates
  const TrainingState& state() const;
  std::string best_path() const;
  // The best weights as a file that MimiEncoder reads. REQUIRES: a codec, or an adapter that has_front().
  absl::Status ExportMimi(const std::string& path) const;
  // The best weights of the adapter alone as a file that Adapter reads. REQUIRES: trains_adapter().
  absl::Status ExportAdapter(const std::string& path) const;

  // Of this process: seconds in updates, and between them.
  double busy_seconds() const;
  double waiting_seconds() const;
  // From its start to the first update.
  double seconds_before() const;

 private:
  struct Impl;
  explicit TrainingRun(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The rows as metrics.tsv has them: a head, then a row a validation, columns by tabs.
std::string MetricsTsv(const TrainingState& state);

// kInvalidArgument, naming the option: a value out of its range.
absl::Status CheckTrainingOptions(const TrainingOptions& options);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TRAINING_TRAINING_RUN_H_
