// The resource AdapterTrainer: the adapter that is being trained. The source of the training asks it which item is the
// next and whether the training has ended; TrainAdapter hands it the batches.
#ifndef DIARFLOW_NODES_ADAPTER_TRAINER_H_
#define DIARFLOW_NODES_ADAPTER_TRAINER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "graph/registry.h"

namespace diarflow {

class AdapterTraining;
class Trainer;

struct AdapterTrainerResource {
  static constexpr char kResourceName[] = "AdapterTrainer";
  static void Contract(ContractBuilder& contract);
  static absl::StatusOr<std::shared_ptr<const AdapterTrainerResource>> Load(const ResourceContext& context);

  std::string folder;
  int batch = 1;
  int64_t updates = 1;       // at most
  int64_t items_before = 0;  // taken by updates before this run
  std::shared_ptr<const AdapterTraining> training;
  // For TrainAdapter alone.
  std::shared_ptr<Trainer> trainer;
  // Set once no further update will be made: sources may stop.
  std::shared_ptr<std::atomic<bool>> finished;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_ADAPTER_TRAINER_H_
