// TrainAdapter: sessions and their labels to updates of an adapter. Crops are drawn from the sessions in memory; while
// an update runs, the stages in front make the next session. What is drawn for an update depends on its number and on
// the sessions that have come, in their order: so batches are the same every time.
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "models/training/crop_pool.h"
#include "models/training/training_run.h"
#include "nodes/payloads.h"
#include "nodes/session_role.h"
#include "nodes/trainer.h"

namespace diarflow {
namespace {

// Apart from the streams that the training itself draws from.
constexpr uint64_t kDrawSeed = 0x63726f7073;

class TrainAdapterNode : public CollectNode {
 public:
  static constexpr In<Frames> kFrames{"FRAMES"};
  static constexpr In<Frames> kLabels{"LABELS"};
  static constexpr In<SessionRole> kRole{"ROLE"};
  static constexpr Uses<TrainerResource> kTrainer{"TRAINER"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Trains an adapter on crops of sessions and their labels; those for validation come first.")
        .Input(kFrames)
        .Input(kLabels)
        .Input(kRole)
        .Resource(kTrainer);
  }

  absl::Status Open(OpenContext& context) override {
    resource_ = context.Get(kTrainer);
    if (!resource_->training->trains_adapter()) {
      return absl::InvalidArgumentError("TRAINER trains no adapter: leave its option `codec` out");
    }
    adapter_ = resource_->options.adapter();
    pool_.emplace(adapter_.sessions_in_memory());
    return absl::OkStatus();
  }

  absl::Status Add(ItemContext& item) override {
    AdapterCrop session = {item.Get(kFrames).values, item.Get(kLabels).values};
    RETURN_IF_ERROR(resource_->training->CheckCrop(session));
    const SessionRole& role = item.Get(kRole);
    if (role.validation) {
      for (AdapterCrop& crop : CropsOf(session, adapter_.crop_labels())) validation_.push_back(std::move(crop));
      return absl::OkStatus();
    }
    // An update that failed ends the training: what comes now would be trained on a broken network.
    RETURN_IF_ERROR(failed_);
    if (role.number < next_) {
      return absl::InvalidArgumentError(
          absl::StrCat("session number ", role.number, " comes behind number ", next_ - 1));
    }
    next_ = role.number + 1;
    pool_->Put(role.number, std::move(session));
    while (failed_.ok() && !resource_->training->finished() &&
           resource_->SessionOfUpdate(resource_->training->updates()) <= role.number) {
      failed_ = Update();
    }
    return failed_;
  }

  absl::Status Finish(FinishContext& context) override {
    // Where the last sessions failed, updates are left.
    while (failed_.ok() && !pool_->empty() && !resource_->training->finished()) failed_ = Update();
    RETURN_IF_ERROR(failed_);
    RETURN_IF_ERROR(resource_->Finish("loss", static_cast<int64_t>(validation_.size()), &context));
    return resource_->Export(&context);
  }

 private:
  absl::Status Update() {
    const TrainingOptions& training = resource_->options.training();
    Random random(training.seed() ^ kDrawSeed, static_cast<uint64_t>(resource_->training->updates()));
    std::vector<AdapterCrop> batch = pool_->Draw(training.batch(), adapter_.crop_labels(), &random);
    if (adapter_.shuffle_from() < adapter_.shuffle_to()) {
      for (AdapterCrop& crop : batch) {
        if (random.Uniform() >= adapter_.shuffle_share()) continue;
        crop.shuffle = DrawShuffle(adapter_.shuffle_from(), adapter_.shuffle_to(), crop.latents.dim(1), &random);
      }
    }
    return resource_->Updated(resource_->training->Update(batch, validation_));
  }

  std::shared_ptr<const TrainerResource> resource_;
  options::Trainer::Adapter adapter_;
  std::optional<CropPool> pool_;
  std::vector<AdapterCrop> validation_;
  int64_t next_ = 0;
  absl::Status failed_;
};

DIARFLOW_REGISTER_NODE("TrainAdapter", TrainAdapterNode);

}  // namespace
}  // namespace diarflow
