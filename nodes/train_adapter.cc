// TrainAdapter: crops and their labels to updates of an adapter. The crops come in the order of the source, so batches
// are the same every time; while an update runs, the stages in front make the crops of the next ones.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "models/training/adapter_training.h"
#include "models/training/trainer.h"
#include "nodes/adapter_trainer.h"
#include "nodes/payloads.h"
#include "nodes/training.h"
#include "nodes/training_report.pb.h"
#include "pages/training_curves.h"

namespace diarflow {
namespace {

class TrainAdapterNode : public CollectNode {
 public:
  static constexpr In<Frames> kLatents{"FRAMES"};
  static constexpr In<Frames> kLabels{"LABELS"};
  static constexpr In<CropRole> kRole{"ROLE"};
  static constexpr Uses<AdapterTrainerResource> kTrainer{"TRAINER"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Trains an adapter on crops and their labels; those for validation come first.")
        .Input(kLatents)
        .Input(kLabels)
        .Input(kRole)
        .Resource(kTrainer);
  }

  absl::Status Open(OpenContext& context) override {
    resource_ = context.Get(kTrainer);
    return absl::OkStatus();
  }

  absl::Status Add(ItemContext& item) override {
    AdapterCrop crop = {item.Get(kLatents).values, item.Get(kLabels).values};
    RETURN_IF_ERROR(resource_->training->CheckCrop(crop));
    if (item.Get(kRole).validation) {
      validation_.push_back(std::move(crop));
      return absl::OkStatus();
    }
    if (resource_->trainer->finished()) return absl::OkStatus();
    // An update that failed ends the training: what comes now would be trained on a broken network.
    RETURN_IF_ERROR(failed_);
    batch_.push_back(std::move(crop));
    if (static_cast<int>(batch_.size()) < resource_->batch) return absl::OkStatus();
    failed_ = Update();
    batch_.clear();
    return failed_;
  }

  absl::Status Finish(FinishContext& context) override {
    RETURN_IF_ERROR(failed_);
    const Trainer& trainer = *resource_->trainer;
    const TrainingState& state = trainer.state();
    if (state.row().empty()) {
      return absl::FailedPreconditionError("no update was made: too few crops for a batch have come");
    }
    const double seconds = trainer.busy_seconds() + trainer.waiting_seconds();
    const int64_t here = trainer.items() - resource_->items_before;
    TrainingSummary summary;
    summary.set_updates(trainer.updates());
    summary.set_crops(trainer.items());
    summary.set_validation_crops(static_cast<int64_t>(validation_.size()));
    summary.set_best_score(state.best_score());
    summary.set_best_updates(state.best_updates());
    if (seconds > 0) {
      summary.set_updates_per_second(static_cast<double>(here) / resource_->batch / seconds);
      summary.set_waiting_share(trainer.waiting_seconds() / seconds);
    }
    context.Publish(summary);
    context.Say(MetricsTsv(state));
    context.Say(
        absl::StrFormat("best after %d of %d updates: %.2f %% of speaker frames wrong; weights in %s\n%.2f updates a "
                        "second, %.1f %% of "
                        "the time waiting for crops",
                        state.best_updates(), trainer.updates(), 100 * state.best_score(), trainer.best_path(),
                        summary.updates_per_second(), 100 * summary.waiting_share()));
    return WriteCurves();
  }

 private:
  absl::Status Update() {
    Trainer& trainer = *resource_->trainer;
    RETURN_IF_ERROR(
        trainer.Update(static_cast<int64_t>(batch_.size()), [this] { return resource_->training->Loss(batch_); }));
    if (!trainer.validation_due()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const ValidationScore score, resource_->training->Validate(validation_));
    RETURN_IF_ERROR(trainer.Validated(score));
    if (trainer.finished()) *resource_->finished = true;
    return WriteCurves();
  }

  absl::Status WriteCurves() const {
    return WriteFileAtomically(JoinPath(resource_->folder, "curves.svg"),
                               TrainingCurvesSvg(CurvesOf(resource_->trainer->state())));
  }

  static std::vector<TrainingCurve> CurvesOf(const TrainingState& state) {
    std::vector<TrainingCurve> curves;
    for (const TrainingState::Row& row : state.row()) {
      for (int i = 0; i < row.value_size(); ++i) {
        if (static_cast<int>(curves.size()) <= i) curves.push_back({row.name(i), {}});
        curves[static_cast<size_t>(i)].points.emplace_back(static_cast<double>(row.updates()), row.value(i));
      }
    }
    return curves;
  }

  std::shared_ptr<const AdapterTrainerResource> resource_;
  std::vector<AdapterCrop> validation_, batch_;
  absl::Status failed_;
};

DIARFLOW_REGISTER_NODE("TrainAdapter", TrainAdapterNode);

}  // namespace
}  // namespace diarflow
