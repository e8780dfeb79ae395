// TrainAdapter: crops and their labels to updates of an adapter. The crops come in the order of the source, so batches
// are the same every time; while an update runs, the stages in front make the crops of the next ones.
#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "graph/registry.h"
#include "models/training/training_run.h"
#include "nodes/payloads.h"
#include "nodes/trainer.h"
#include "nodes/training.h"

namespace diarflow {
namespace {

class TrainAdapterNode : public CollectNode {
 public:
  static constexpr In<Frames> kLatents{"FRAMES"};
  static constexpr In<Frames> kLabels{"LABELS"};
  static constexpr In<CropRole> kRole{"ROLE"};
  static constexpr Uses<TrainerResource> kTrainer{"TRAINER"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Trains an adapter on crops and their labels; those for validation come first.")
        .Input(kLatents)
        .Input(kLabels)
        .Input(kRole)
        .Resource(kTrainer);
  }

  absl::Status Open(OpenContext& context) override {
    resource_ = context.Get(kTrainer);
    if (resource_->training->trains_adapter()) return absl::OkStatus();
    return absl::InvalidArgumentError("TRAINER trains no adapter: leave its option `codec` out");
  }

  absl::Status Add(ItemContext& item) override {
    AdapterCrop crop = {item.Get(kLatents).values, item.Get(kLabels).values};
    RETURN_IF_ERROR(resource_->training->CheckCrop(crop));
    return batches_.Add(*resource_, item.Get(kRole).validation, std::move(crop));
  }

  absl::Status Finish(FinishContext& context) override {
    RETURN_IF_ERROR(batches_.Finish(*resource_, "share of speaker frames that are wrong", &context));
    return resource_->Export(&context);
  }

 private:
  std::shared_ptr<const TrainerResource> resource_;
  TrainingBatches<AdapterCrop> batches_;
};

DIARFLOW_REGISTER_NODE("TrainAdapter", TrainAdapterNode);

}  // namespace
}  // namespace diarflow
