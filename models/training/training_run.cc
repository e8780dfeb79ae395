#include "models/training/training_run.h"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "models/training/adapter_front.h"
#include "models/training/adapter_training.h"
#include "models/training/codec_training.h"
#include "models/training/trainer.h"

namespace diarflow {
namespace {

// All parameters in one group, with the options' settings.
ParameterGroup GroupOf(const NamedTensors& parameters, const TrainingOptions& training) {
  ParameterGroup group;
  group.name = "all";
  group.parameters = parameters;
  group.rate = training.rate();
  group.weight_decay = training.weight_decay();
  group.clip = training.clip();
  return group;
}

}  // namespace

struct TrainingRun::Impl {
  // One of these.
  std::optional<AdapterTraining> adapter;
  std::optional<CodecTraining> codec;
  std::unique_ptr<Trainer> trainer;

  absl::Status Update(size_t items, const std::function<absl::StatusOr<TrainingLoss>()>& loss,
                      const std::function<absl::StatusOr<ValidationScore>()>& validate) const {
    RETURN_IF_ERROR(trainer->Update(static_cast<int64_t>(items), loss));
    if (!trainer->validation_due()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const ValidationScore score, validate());
    return trainer->Validated(score);
  }
};

TrainingRun::TrainingRun(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TrainingRun::~TrainingRun() = default;

absl::StatusOr<std::unique_ptr<TrainingRun>> TrainingRun::OpenAdapter(const std::string& folder,
                                                                      const std::string& recipe,
                                                                      const TrainingOptions& training,
                                                                      const AdapterRunOptions& options) {
  AdapterTrainingOptions adapter;
  adapter.dropout = options.dropout;
  adapter.alike_at_start = options.alike_at_start;
  adapter.loss.rules = options.original_loss ? LossRules::kOriginal : LossRules::kHonest;
  std::optional<AdapterFront> front;
  std::string whole_recipe = recipe;
  if (options.front.has_value()) {
    ASSIGN_OR_RETURN(front, AdapterFront::Create(*options.front, options.device));
    absl::StrAppend(&whole_recipe, " # Mimi: ", front->weights_digest());
  }
  auto impl = std::make_unique<Impl>();
  ASSIGN_OR_RETURN(impl->adapter,
                   AdapterTraining::Create(options.config, options.seed, adapter, std::move(front), options.device));
  std::vector<ParameterGroup> groups = {GroupOf(impl->adapter->parameters(), training)};
  if (impl->adapter->front() != nullptr) {
    groups.push_back(GroupOf(impl->adapter->front()->trained(), training));
    groups.back().name = "Mimi";
    groups.back().rate = options.front->rate;
    groups.back().clip = options.front->clip;
  }
  ASSIGN_OR_RETURN(impl->trainer,
                   Trainer::Open(folder, whole_recipe, training, impl->adapter->tensors(), std::move(groups)));
  return std::unique_ptr<TrainingRun>(new TrainingRun(std::move(impl)));
}

absl::StatusOr<std::unique_ptr<TrainingRun>> TrainingRun::OpenCodec(const std::string& folder,
                                                                    const std::string& recipe,
                                                                    const TrainingOptions& training,
                                                                    const CodecRunOptions& options) {
  auto impl = std::make_unique<Impl>();
  ASSIGN_OR_RETURN(impl->codec, CodecTraining::Create(SmallCodecConfig(), options));
  ASSIGN_OR_RETURN(impl->trainer, Trainer::Open(folder, recipe, training, impl->codec->tensors(),
                                                {GroupOf(impl->codec->network(), training)}));
  return std::unique_ptr<TrainingRun>(new TrainingRun(std::move(impl)));
}

bool TrainingRun::trains_adapter() const { return impl_->adapter.has_value(); }
bool TrainingRun::has_front() const { return trains_adapter() && impl_->adapter->front() != nullptr; }
absl::Status TrainingRun::CheckCrop(const AdapterCrop& crop) const { return impl_->adapter->CheckCrop(crop); }
absl::Status TrainingRun::CheckAudio(const FloatArray& samples) const { return impl_->codec->CheckAudio(samples); }

absl::Status TrainingRun::Update(absl::Span<const AdapterCrop> batch, absl::Span<const AdapterCrop> validation) {
  return impl_->Update(
      batch.size(), [&] { return impl_->adapter->Loss(batch); }, [&] { return impl_->adapter->Validate(validation); });
}

absl::Status TrainingRun::Update(absl::Span<const FloatArray> batch, absl::Span<const FloatArray> validation) {
  return impl_->Update(
      batch.size(), [&] { return impl_->codec->Loss(batch, impl_->trainer->updates()); },
      [&] { return impl_->codec->Validate(validation); });
}

bool TrainingRun::finished() const { return impl_->trainer->finished(); }
int64_t TrainingRun::updates() const { return impl_->trainer->updates(); }
int64_t TrainingRun::items() const { return impl_->trainer->items(); }
const TrainingState& TrainingRun::state() const { return impl_->trainer->state(); }
std::string TrainingRun::best_path() const { return impl_->trainer->best_path(); }
absl::Status TrainingRun::ExportMimi(const std::string& path) const {
  return has_front() ? impl_->adapter->front()->ExportMimi(best_path(), path)
                     : impl_->codec->ExportMimi(best_path(), path);
}
absl::Status TrainingRun::ExportAdapter(const std::string& path) const {
  return impl_->adapter->ExportAdapter(best_path(), path);
}
double TrainingRun::busy_seconds() const { return impl_->trainer->busy_seconds(); }
double TrainingRun::waiting_seconds() const { return impl_->trainer->waiting_seconds(); }
double TrainingRun::seconds_before() const { return impl_->trainer->seconds_before(); }

}  // namespace diarflow
