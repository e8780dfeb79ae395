#include "nodes/trainer.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "models/device/device.h"
#include "models/mimi/mimi_config.h"
#include "models/torch_threads.h"
#include "nodes/trainer.pb.h"
#include "nodes/training_report.pb.h"
#include "pages/training_curves.h"

namespace diarflow {
namespace {

constexpr int64_t kMaxSessions = 1000000;

AdapterConfig ConfigOf(const options::Trainer::Adapter& options) {
  AdapterConfig config = options.config();
  const auto& input = options.input();
  if (options.has_input()) {
    config.set_input_width((input.latent() ? input.latent_width() : 0) + (input.speaker() ? input.speaker_width() : 0));
  }
  return config;
}

absl::Status CheckUnfrozen(const options::Trainer::Adapter::Unfrozen& options) {
  if (options.layers() < 0) {
    return absl::InvalidArgumentError(absl::StrCat("unfrozen.layers is ", options.layers(), "; it may be 0 or more"));
  }
  for (const double value : {options.rate(), options.clip()}) {
    if (std::isfinite(value) && value >= 0) continue;
    return absl::InvalidArgumentError(absl::StrCat("unfrozen.rate and unfrozen.clip are 0 or more; here is ", value));
  }
  if (options.mimi().has_device()) {
    return absl::InvalidArgumentError("unfrozen.mimi.device is set: Mimi's layers are where the trainer's device is");
  }
  return options.mimi().has_config() ? CheckMimiConfig(options.mimi().config()) : absl::OkStatus();
}

absl::Status CheckTrainer(const options::Trainer& options) {
  if (options.folder().empty()) return absl::InvalidArgumentError("folder is empty: name one for the checkpoints");
  if (options.has_adapter() && options.has_codec()) {
    return absl::InvalidArgumentError("adapter and codec: one network is trained at a time");
  }
  const options::Trainer::Adapter& adapter = options.adapter();
  const AdapterConfig config = ConfigOf(adapter);
  RETURN_IF_ERROR(CheckAdapterConfig(config));
  for (const auto& [name, value] : {std::pair("sessions_in_memory", adapter.sessions_in_memory()),
                                    std::pair("first_sessions", adapter.first_sessions()),
                                    std::pair("updates_per_session", adapter.updates_per_session()),
                                    std::pair("crop_labels", adapter.crop_labels())}) {
    if (value < 1 || value > kMaxSessions) {
      return absl::InvalidArgumentError(absl::StrCat(name, " is ", value, "; it may be 1 to ", kMaxSessions));
    }
  }
  if (adapter.first_sessions() > adapter.sessions_in_memory()) {
    return absl::InvalidArgumentError(absl::StrCat("first_sessions is ", adapter.first_sessions(),
                                                   ", but sessions_in_memory is ", adapter.sessions_in_memory()));
  }
  if (adapter.shuffle_from() < 0 || adapter.shuffle_from() > adapter.shuffle_to() ||
      adapter.shuffle_to() > config.input_width()) {
    return absl::InvalidArgumentError(absl::StrCat("columns ", adapter.shuffle_from(), " to ", adapter.shuffle_to(),
                                                   " are to be shuffled, but there are ", config.input_width()));
  }
  if (!(adapter.shuffle_share() >= 0 && adapter.shuffle_share() <= 1)) {
    return absl::InvalidArgumentError(absl::StrCat("shuffle_share is ", adapter.shuffle_share(), "; it may be 0 to 1"));
  }
  RETURN_IF_ERROR(CheckUnfrozen(adapter.unfrozen()));
  RETURN_IF_ERROR(CheckDevice(options.device()));
  return CheckTrainingOptions(options.training());
}

HalvedBy HalvedByOf(options::Trainer::Adapter::Unfrozen::HalvedBy way) {
  switch (way) {
    case options::Trainer::Adapter::Unfrozen::AVERAGED: return HalvedBy::kAveraged;
    case options::Trainer::Adapter::Unfrozen::DECIMATED: return HalvedBy::kDecimated;
    case options::Trainer::Adapter::Unfrozen::LEARNED: break;
  }
  return HalvedBy::kLearned;
}

FrontNormalise NormaliseOf(options::Fuse::Normalise normalise) {
  switch (normalise) {
    case options::Fuse::L2: return FrontNormalise::kL2;
    case options::Fuse::LAYER_NORM: return FrontNormalise::kLayerNorm;
    case options::Fuse::NONE: break;
  }
  return FrontNormalise::kNone;
}

absl::StatusOr<AdapterFrontOptions> FrontOptionsOf(const options::Trainer::Adapter::Unfrozen& options) {
  AdapterFrontOptions front;
  if (!options.mimi().weights().empty()) {
    ASSIGN_OR_RETURN(front.mimi_weights, ResolvePath(options.mimi().weights()));
  }
  if (options.mimi().has_config()) front.mimi_config = options.mimi().config();
  front.mimi_seed = options.mimi().seed();
  front.layers = options.layers();
  front.rate = options.rate();
  front.clip = options.clip();
  front.halved_by = HalvedByOf(options.halved_by());
  front.normalise = NormaliseOf(options.normalise());
  return front;
}

absl::StatusOr<AdapterRunOptions> RunOptionsOf(const options::Trainer::Adapter& options, const ModelDevice& device) {
  AdapterRunOptions run;
  run.device = device;
  run.config = ConfigOf(options);
  run.seed = options.seed();
  run.dropout = options.dropout();
  run.original_loss = options.loss() == options::Trainer::Adapter::ORIGINAL;
  run.alike_at_start = options.alike_at_start();
  if (options.has_unfrozen()) {
    ASSIGN_OR_RETURN(run.front, FrontOptionsOf(options.unfrozen()));
  }
  return run;
}

CodecRunOptions RunOptionsOf(const options::Trainer::Codec& options, const ModelDevice& device) {
  CodecRunOptions run;
  run.device = device;
  run.seed = options.seed();
  run.piece_frames = options.piece_frames();
  run.least_gain = options.least_gain();
  run.most_gain = options.most_gain();
  run.least_codebooks = options.least_codebooks();
  return run;
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
  ASSIGN_OR_RETURN(const ModelDevice device, OpenDevice(options.device()));
  // Another folder or device is no other training; nor is another place of Mimi's weights, which TrainingRun knows by
  // their sum.
  options::Trainer recipe = options;
  recipe.clear_folder();
  recipe.clear_device();
  if (options.adapter().unfrozen().mimi().has_weights()) {
    recipe.mutable_adapter()->mutable_unfrozen()->mutable_mimi()->clear_weights();
  }
  const std::string text = recipe.ShortDebugString();
  if (options.has_codec()) {
    ASSIGN_OR_RETURN(resource->training, TrainingRun::OpenCodec(resource->folder, text, options.training(),
                                                                RunOptionsOf(options.codec(), device)));
  } else {
    ASSIGN_OR_RETURN(const AdapterRunOptions adapter, RunOptionsOf(options.adapter(), device));
    ASSIGN_OR_RETURN(resource->training, TrainingRun::OpenAdapter(resource->folder, text, options.training(), adapter));
  }
  resource->options = options;
  resource->updates_before = resource->training->updates();
  if (options.has_codec()) {
    resource->first_item = resource->training->items();
    resource->end_item = options.training().updates() * options.training().batch();
  } else {
    // The sessions that would be in memory by now.
    resource->first_item = std::max<int64_t>(
        0, resource->SessionOfUpdate(resource->updates_before) - options.adapter().sessions_in_memory() + 1);
    resource->end_item = resource->SessionOfUpdate(options.training().updates() - 1) + 1;
  }
  resource->finished = std::make_shared<std::atomic<bool>>(resource->training->finished());
  return resource;
}

absl::Status TrainerResource::Updated(const absl::Status& status) const {
  if (!status.ok() || training->finished()) *finished = true;
  RETURN_IF_ERROR(status);
  const TrainingState& state = training->state();
  const bool looked = !state.row().empty() && state.row(state.row_size() - 1).updates() == state.updates();
  return looked ? WriteCurves() : absl::OkStatus();
}

absl::Status TrainerResource::Finish(const std::string& what, int64_t validation_items, FinishContext* context) const {
  const TrainingState& state = training->state();
  if (state.row().empty()) {
    return absl::FailedPreconditionError("no update was made: too few items for a batch have come");
  }
  const double seconds = training->busy_seconds() + training->waiting_seconds();
  TrainingSummary summary;
  summary.set_updates(training->updates());
  summary.set_items(training->items());
  summary.set_validation_items(validation_items);
  summary.set_best_score(state.best_score());
  summary.set_best_updates(state.best_updates());
  if (seconds > 0) {
    summary.set_updates_per_second(static_cast<double>(training->updates() - updates_before) / seconds);
    summary.set_waiting_share(training->waiting_seconds() / seconds);
  }
  context->Say(MetricsTsv(state));
  context->Say(absl::StrFormat("best after %d of %d updates: %s %.4f; weights in %s", state.best_updates(),
                               training->updates(), what, state.best_score(), training->best_path()));
  summary.set_seconds_before(training->seconds_before());
  context->Publish(summary);
  context->Say(absl::StrFormat("%.2f updates a second, %.1f %% of the time waiting for items; %.1f s before the first",
                               summary.updates_per_second(), 100 * summary.waiting_share(), summary.seconds_before()));
  return WriteCurves();
}

absl::Status TrainerResource::Export(FinishContext* context) const {
  if (!training->has_front()) return absl::OkStatus();
  const std::string adapter = JoinPath(folder, "adapter.safetensors"), mimi = JoinPath(folder, "mimi.safetensors");
  RETURN_IF_ERROR(training->ExportAdapter(adapter));
  RETURN_IF_ERROR(training->ExportMimi(mimi));
  context->Say(absl::StrCat("for --adapter_weights: ", adapter, "; for --mimi_weights: ", mimi));
  return absl::OkStatus();
}

absl::Status TrainerResource::WriteCurves() const {
  return WriteFileAtomically(JoinPath(folder, "curves.svg"), TrainingCurvesSvg(CurvesOf(training->state())));
}

DIARFLOW_REGISTER_RESOURCE("Trainer", TrainerResource);

}  // namespace diarflow
