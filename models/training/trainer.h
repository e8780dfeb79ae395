// The loop of a training: updates, looks at the validation set, checkpoints, the end; for any network.
//
//   ASSIGN_OR_RETURN(auto trainer, Trainer::Open(folder, recipe, options, parameters));
//   while (!trainer->finished()) {
//     RETURN_IF_ERROR(trainer->Update(batch.size(), [&] { return LossOf(batch); }));
//     if (trainer->validation_due()) RETURN_IF_ERROR(trainer->Validated(ScoreOf(validation_set)));
//   }
//
// The folder holds latest.safetensors (checkpoint.h), best.safetensors (the weights of the best validation) and
// metrics.tsv (a row for each). Where it holds a checkpoint of the same recipe, the training goes on from it: it gives
// what it would have given without the interruption, bit for bit on one thread, as long as the caller hands in the
// items from items() on. Before every loss the random numbers of LibTorch are seeded by the number of the update.
#ifndef DIARFLOW_MODELS_TRAINING_TRAINER_H_
#define DIARFLOW_MODELS_TRAINING_TRAINER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "models/training/adamw.h"
#include "models/training/checkpoint.h"
#include "models/training/training_options.pb.h"
#include "models/training/training_run.h"

namespace diarflow {

// The part of the rate that update number `update` (from 0) is made with.
double ScheduleFactor(const TrainingOptions& options, int64_t update);

using NamedNumbers = std::vector<std::pair<std::string, double>>;

struct TrainingLoss {
  at::Tensor total;    // one number, with a gradient
  NamedNumbers parts;  // for the rows, in the same order every time
};

struct ValidationScore {
  double score = 0;  // the lower, the better
  NamedNumbers parts;
};

class Trainer {
 public:
  // `model`: all tensors of the network by name, those in `groups` among them; their numbers are replaced by those of
  // the checkpoint where there is one. `recipe` says in words what the result depends on, as far as the caller knows.
  // kFailedPrecondition: the folder holds a training of another recipe; kInvalidArgument: options, or groups that
  // AdamW does not take; kDataLoss: a checkpoint of another network, or a damaged one.
  static absl::StatusOr<std::unique_ptr<Trainer>> Open(const std::string& folder, const std::string& recipe,
                                                       const TrainingOptions& options, const NamedTensors& model,
                                                       std::vector<ParameterGroup> groups);

  // One update with `items` items. The loss is computed inside, with gradients. kInternal: a loss or a gradient that is
  // not finite; the checkpoint stays as it was.
  absl::Status Update(int64_t items, const std::function<absl::StatusOr<TrainingLoss>()>& loss);

  // Whether a look at the validation set is due: behind every validate_every-th update, and the last.
  bool validation_due() const { return validation_due_; }
  // What it showed. Writes the checkpoint, and the weights where they are the best so far.
  absl::Status Validated(const ValidationScore& score);

  // No further update: all are made, or the patience is at its end.
  bool finished() const;

  int64_t updates() const { return state_.updates(); }
  // Items taken so far, those before an interruption among them.
  int64_t items() const { return state_.items(); }
  const TrainingState& state() const { return state_; }
  std::string best_path() const;

  // Of this process: seconds in updates, and between them, when there was nothing to do but wait for items.
  double busy_seconds() const { return busy_seconds_; }
  double waiting_seconds() const { return waiting_seconds_; }
  // From its start to the first update; 0 before that.
  double seconds_before() const { return seconds_before_; }

 private:
  Trainer(std::string folder, const TrainingOptions& options, NamedTensors model, AdamW optimizer);

  absl::Status Restore(const std::string& recipe);
  absl::Status Save() const;

  std::string folder_;
  TrainingOptions options_;
  NamedTensors model_;
  AdamW optimizer_;
  TrainingState state_;
  bool validation_due_ = false;
  double busy_seconds_ = 0, waiting_seconds_ = 0, seconds_before_ = 0;
  int64_t opened_nanos_ = 0;
  int64_t last_nanos_ = 0;  // when the last update ended
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TRAINING_TRAINER_H_
