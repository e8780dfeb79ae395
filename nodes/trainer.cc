#include "nodes/trainer.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "models/torch_threads.h"
#include "nodes/trainer.pb.h"
#include "nodes/training_report.pb.h"
#include "pages/training_curves.h"

namespace diarflow {
namespace {

absl::Status CheckTrainer(const options::Trainer& options) {
  if (options.folder().empty()) return absl::InvalidArgumentError("folder is empty: name one for the checkpoints");
  if (options.has_adapter() && options.has_codec()) {
    return absl::InvalidArgumentError("adapter and codec: one network is trained at a time");
  }
  RETURN_IF_ERROR(CheckAdapterConfig(options.adapter().config()));
  return CheckTrainingOptions(options.training());
}

absl::StatusOr<AdapterTraining> MakeAdapter(const options::Trainer::Adapter& options) {
  AdapterTrainingOptions training;
  training.dropout = options.dropout();
  training.loss.rules =
      options.loss() == options::Trainer::Adapter::ORIGINAL ? LossRules::kOriginal : LossRules::kHonest;
  return AdapterTraining::Create(options.config(), options.seed(), training);
}

absl::StatusOr<CodecTraining> MakeCodec(const options::Trainer::Codec& options) {
  CodecTrainingOptions training;
  training.piece_frames = options.piece_frames();
  training.least_gain = options.least_gain();
  training.most_gain = options.most_gain();
  training.least_codebooks = options.least_codebooks();
  return CodecTraining::Create(SmallCodecConfig(), options.seed(), training);
}

std::vector<TrainingCurve> CurvesOf(const TrainingState& state) {
  std::vector<TrainingCurve> curves;
  for (const TrainingState::Row& row : state.row()) {
    for (int i = 0; i < row.value_size(); ++i) {
      if (static_cast<int>(curves.size()) <= i) curves.push_back({row.name(i), {}});
      curves[static_cast<size_t>(i)].points.emplace_back(static_cast<double>(row.updates()), row.value(i));
    }
  }
  return curves;
}

}  // namespace

void TrainerResource::Contract(ContractBuilder& contract) {
  contract.Summary("A network in training, with its checkpoints; goes on where it was interrupted.")
      .Options<options::Trainer>(&CheckTrainer);
}

absl::StatusOr<std::shared_ptr<const TrainerResource>> TrainerResource::Load(const ResourceContext& context) {
  const auto& options = context.options<options::Trainer>();
  SetModelThreads(context.model_threads());
  auto resource = std::make_shared<TrainerResource>();
  ASSIGN_OR_RETURN(resource->folder, ResolvePath(options.folder()));
  NamedTensors tensors;
  ParameterGroup group;
  if (options.has_codec()) {
    ASSIGN_OR_RETURN(CodecTraining codec, MakeCodec(options.codec()));
    tensors = codec.tensors();
    group.name = "codec";
    group.parameters = codec.network();
    resource->codec = std::make_shared<const CodecTraining>(std::move(codec));
  } else {
    ASSIGN_OR_RETURN(AdapterTraining adapter, MakeAdapter(options.adapter()));
    tensors = adapter.parameters();
    group.name = "adapter";
    group.parameters = adapter.parameters();
    resource->adapter = std::make_shared<const AdapterTraining>(std::move(adapter));
  }
  group.rate = options.training().rate();
  group.weight_decay = options.training().weight_decay();
  group.clip = options.training().clip();
  // Another folder is no other training.
  options::Trainer recipe = options;
  recipe.clear_folder();
  ASSIGN_OR_RETURN(std::unique_ptr<Trainer> trainer,
                   Trainer::Open(resource->folder, recipe.ShortDebugString(), options.training(), tensors, {group}));
  resource->batch = options.training().batch();
  resource->updates = options.training().updates();
  resource->items_before = trainer->items();
  resource->finished = std::make_shared<std::atomic<bool>>(trainer->finished());
  resource->trainer = std::move(trainer);
  return resource;
}

absl::Status TrainerResource::Update(int64_t items, const std::function<absl::StatusOr<TrainingLoss>()>& loss,
                                     const std::function<absl::StatusOr<ValidationScore>()>& validate) const {
  RETURN_IF_ERROR(trainer->Update(items, loss));
  if (!trainer->validation_due()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const ValidationScore score, validate());
  RETURN_IF_ERROR(trainer->Validated(score));
  if (trainer->finished()) *finished = true;
  return WriteCurves();
}

absl::Status TrainerResource::Finish(const std::string& what, int64_t validation_items, FinishContext* context) const {
  const TrainingState& state = trainer->state();
  if (state.row().empty()) {
    return absl::FailedPreconditionError("no update was made: too few items for a batch have come");
  }
  const double seconds = trainer->busy_seconds() + trainer->waiting_seconds();
  TrainingSummary summary;
  summary.set_updates(trainer->updates());
  summary.set_items(trainer->items());
  summary.set_validation_items(validation_items);
  summary.set_best_score(state.best_score());
  summary.set_best_updates(state.best_updates());
  if (seconds > 0) {
    summary.set_updates_per_second(static_cast<double>(trainer->items() - items_before) / batch / seconds);
    summary.set_waiting_share(trainer->waiting_seconds() / seconds);
  }
  context->Publish(summary);
  context->Say(MetricsTsv(state));
  context->Say(absl::StrFormat("best after %d of %d updates: %s %.4f; weights in %s", state.best_updates(),
                               trainer->updates(), what, state.best_score(), trainer->best_path()));
  context->Say(absl::StrFormat("%.2f updates a second, %.1f %% of the time waiting for items",
                               summary.updates_per_second(), 100 * summary.waiting_share()));
  return WriteCurves();
}

absl::Status TrainerResource::WriteCurves() const {
  return WriteFileAtomically(JoinPath(folder, "curves.svg"), TrainingCurvesSvg(CurvesOf(trainer->state())));
}

DIARFLOW_REGISTER_RESOURCE("Trainer", TrainerResource);

}  // namespace diarflow
