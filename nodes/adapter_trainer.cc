#include "nodes/adapter_trainer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "models/torch_threads.h"
#include "models/training/adapter_training.h"
#include "models/training/trainer.h"
#include "nodes/adapter_trainer.pb.h"

namespace diarflow {
namespace {

absl::Status CheckAdapterTrainer(const options::AdapterTrainer& options) {
  if (options.folder().empty()) {
    return absl::InvalidArgumentError("folder is empty: name one for the checkpoints");
  }
  RETURN_IF_ERROR(CheckAdapterConfig(options.config()));
  return CheckTrainingOptions(options.training());
}

}  // namespace

void AdapterTrainerResource::Contract(ContractBuilder& contract) {
  contract.Summary("A diarization adapter in training, with its checkpoints; goes on where it was interrupted.")
      .Options<options::AdapterTrainer>(&CheckAdapterTrainer);
}

absl::StatusOr<std::shared_ptr<const AdapterTrainerResource>> AdapterTrainerResource::Load(
    const ResourceContext& context) {
  const auto& options = context.options<options::AdapterTrainer>();
  SetModelThreads(context.model_threads());
  auto resource = std::make_shared<AdapterTrainerResource>();
  ASSIGN_OR_RETURN(resource->folder, ResolvePath(options.folder()));
  AdapterTrainingOptions training;
  training.dropout = options.dropout();
  training.loss.rules = options.loss() == options::AdapterTrainer::ORIGINAL ? LossRules::kOriginal : LossRules::kHonest;
  ASSIGN_OR_RETURN(AdapterTraining adapter, AdapterTraining::Create(options.config(), options.seed(), training));
  // Another folder is no other training.
  options::AdapterTrainer recipe = options;
  recipe.clear_folder();
  ParameterGroup group;
  group.name = "adapter";
  group.parameters = adapter.parameters();
  group.rate = options.training().rate();
  group.weight_decay = options.training().weight_decay();
  group.clip = options.training().clip();
  ASSIGN_OR_RETURN(std::unique_ptr<Trainer> trainer, Trainer::Open(resource->folder, recipe.ShortDebugString(),
                                                                   options.training(), adapter.parameters(), {group}));
  resource->batch = options.training().batch();
  resource->updates = options.training().updates();
  resource->items_before = trainer->items();
  resource->finished = std::make_shared<std::atomic<bool>>(trainer->finished());
  resource->training = std::make_shared<const AdapterTraining>(std::move(adapter));
  resource->trainer = std::move(trainer);
  return resource;
}

DIARFLOW_REGISTER_RESOURCE("AdapterTrainer", AdapterTrainerResource);

}  // namespace diarflow
