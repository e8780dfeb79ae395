// TrainAdapter: crops and their labels to updates of an adapter. The crops come in the order of the source, so batches
// are the same every time; while an update runs, the stages in front make the crops of the next ones.
#include <memory>
#include <utility>
#include <vector>

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
    if (item.Get(kRole).validation) {
      validation_.push_back(std::move(crop));
      return absl::OkStatus();
    }
    // An update that failed ends the training: what comes now would be trained on a broken network.
    RETURN_IF_ERROR(failed_);
    if (resource_->training->finished()) return absl::OkStatus();
    batch_.push_back(std::move(crop));
    if (static_cast<int>(batch_.size()) < resource_->batch) return absl::OkStatus();
    failed_ = resource_->Updated(resource_->training->Update(batch_, validation_));
    batch_.clear();
    return failed_;
  }

  absl::Status Finish(FinishContext& context) override {
    RETURN_IF_ERROR(failed_);
    return resource_->Finish("share of speaker frames that are wrong", static_cast<int64_t>(validation_.size()),
                             &context);
  }

 private:
  std::shared_ptr<const TrainerResource> resource_;
  std::vector<AdapterCrop> validation_, batch_;
  absl::Status failed_;
};

DIARFLOW_REGISTER_NODE("TrainAdapter", TrainAdapterNode);

}  // namespace
}  // namespace diarflow
