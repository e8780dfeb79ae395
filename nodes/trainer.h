// The resource Trainer: a network that is being trained. The source of the training asks it which item is the next and
// whether the training has ended; TrainAdapter or TrainCodec hands it the batches.
#ifndef DIARFLOW_NODES_TRAINER_H_
#define DIARFLOW_NODES_TRAINER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "graph/registry.h"
#include "models/training/training_run.h"
#include "nodes/trainer.pb.h"

namespace diarflow {

struct TrainerResource {
  static constexpr char kResourceName[] = "Trainer";
  static void Contract(ContractBuilder& contract);
  static absl::StatusOr<std::shared_ptr<const TrainerResource>> Load(const ResourceContext& context);

  std::string folder;
  // The source's items: which is the first that this run needs, and behind which there is no need of any.
  int64_t first_item = 0, end_item = 1;
  int64_t updates_before = 0;  // made before this run
  options::Trainer options;
  // For the node that trains, alone.
  std::shared_ptr<TrainingRun> training;
  // Set once no further update will be made: sources may stop.
  std::shared_ptr<std::atomic<bool>> finished;

  // Behind an update: new curves where there was a look, and the end where it is reached. An update that failed ends
  // the training too.
  absl::Status Updated(const absl::Status& status) const;
  // Of an adapter: the session that has to come before update number `update` is made.
  int64_t SessionOfUpdate(int64_t update) const {
    return options.adapter().first_sessions() - 1 + update / options.adapter().updates_per_session();
  }

  // At the end: the rows and what came of them, said and published. `what` is what the score counts, for people.
  absl::Status Finish(const std::string& what, int64_t validation_items, FinishContext* context) const;
  // Where layers of Mimi were trained with an adapter: the best of each as a file of its own, adapter.safetensors and
  // mimi.safetensors, which other nodes read. Else nothing. REQUIRES: a Finish() that went well.
  absl::Status Export(FinishContext* context) const;

 private:
  absl::Status WriteCurves() const;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_TRAINER_H_
