#include "models/training/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>

#include "ATen/Context.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/files.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "c10/core/GradMode.h"
#include "models/training/schedules.h"

namespace diarflow {
namespace {

constexpr char kLatest[] = "latest.safetensors";
constexpr char kBest[] = "best.safetensors";
constexpr char kMetrics[] = "metrics.tsv";

int64_t Nanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

absl::Status Within(const char* name, double value, double least, double most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(name, " is ", value, "; it may be ", least, " to ", most));
}

}  // namespace

absl::Status CheckTrainingOptions(const TrainingOptions& options) {
  RETURN_IF_ERROR(Within("updates", static_cast<double>(options.updates()), 1, 1e9));
  RETURN_IF_ERROR(Within("batch", options.batch(), 1, 100000));
  RETURN_IF_ERROR(Within("rate", options.rate(), 0, 1e3));
  RETURN_IF_ERROR(Within("weight_decay", options.weight_decay(), 0, 1e3));
  RETURN_IF_ERROR(Within("clip", options.clip(), 0, 1e9));
  RETURN_IF_ERROR(Within("warm_up", static_cast<double>(options.warm_up()), 0, 1e9));
  RETURN_IF_ERROR(Within("validate_every", static_cast<double>(options.validate_every()), 1, 1e9));
  return Within("patience", options.patience(), 0, 1e9);
}

double ScheduleFactor(const TrainingOptions& options, int64_t update) {
  return options.schedule() == TrainingOptions::COSINE ? WarmUpCosine(update, options.warm_up(), options.updates())
                                                       : WarmUpInverseSquareRoot(update, options.warm_up());
}

Trainer::Trainer(std::string folder, const TrainingOptions& options, NamedTensors model, AdamW optimizer)
    : folder_(std::move(folder)),
      options_(options),
      model_(std::move(model)),
      optimizer_(std::move(optimizer)),
      opened_nanos_(Nanos()) {}

absl::StatusOr<std::unique_ptr<Trainer>> Trainer::Open(const std::string& folder, const std::string& recipe,
                                                       const TrainingOptions& options, const NamedTensors& model,
                                                       std::vector<ParameterGroup> groups) {
  RETURN_IF_ERROR(CheckTrainingOptions(options));
  ASSIGN_OR_RETURN(AdamW optimizer, AdamW::Create(std::move(groups), {}));
  std::unique_ptr<Trainer> trainer(new Trainer(folder, options, model, std::move(optimizer)));
  trainer->state_.set_recipe(recipe);
  RETURN_IF_ERROR(MakeDirectories(folder));
  if (FileExists(JoinPath(folder, kLatest))) RETURN_IF_ERROR(trainer->Restore(recipe));
  return trainer;
}

absl::Status Trainer::Restore(const std::string& recipe) {
  const std::string path = JoinPath(folder_, kLatest);
  ASSIGN_OR_RETURN(Checkpoint checkpoint, ReadCheckpoint(path));
  if (checkpoint.state.recipe() != recipe) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is of another training: name another folder, or delete it. There:\n",
                     checkpoint.state.recipe(), "\nHere:\n", recipe));
  }
  if (checkpoint.model.size() != model_.size()) {
    return absl::DataLossError(
        absl::StrCat(path, ": ", checkpoint.model.size(), " tensors of a network that has ", model_.size()));
  }
  for (const auto& [name, tensor] : model_) {
    const auto found = checkpoint.model.find(name);
    if (found == checkpoint.model.end() || found->second.sizes() != tensor.sizes()) {
      return absl::DataLossError(absl::StrCat(path, ": no tensor ", name, " of the network's shape"));
    }
  }
  const absl::Status restored = optimizer_.Restore(checkpoint.optimizer);
  if (!restored.ok()) return absl::DataLossError(absl::StrCat(path, ": ", restored.message()));
  const c10::NoGradGuard no_gradients;
  for (const auto& [name, tensor] : model_) at::Tensor(tensor).copy_(checkpoint.model.at(name));
  state_ = std::move(checkpoint.state);
  return absl::OkStatus();
}

absl::Status Trainer::Update(int64_t items, const std::function<absl::StatusOr<TrainingLoss>()>& loss) {
  const int64_t begin = Nanos();
  if (last_nanos_ > 0) waiting_seconds_ += 1e-9 * static_cast<double>(begin - last_nanos_);
  if (last_nanos_ == 0) seconds_before_ = 1e-9 * static_cast<double>(begin - opened_nanos_);
  try {
    at::manual_seed(Random(options_.seed(), static_cast<uint64_t>(state_.updates())).Next());
    optimizer_.ZeroGrad();
    ASSIGN_OR_RETURN(const TrainingLoss made, loss());
    const double total = made.total.item<double>();
    if (!std::isfinite(total)) {
      return absl::InternalError(absl::StrCat("the loss of update ", state_.updates(), " is ", total,
                                              ": a lower rate may help; the last checkpoint is whole"));
    }
    made.total.backward();
    RETURN_IF_ERROR(optimizer_.Step(ScheduleFactor(options_, state_.updates())).status());
    if (state_.sum_size() == 0) {
      for (const auto& [name, value] : made.parts) {
        state_.add_sum_name(name);
        state_.add_sum(0);
      }
    }
    for (int i = 0; i < state_.sum_size(); ++i) {
      state_.set_sum(i, state_.sum(i) + made.parts[static_cast<size_t>(i)].second);
    }
  } catch (const std::exception& error) {
    const std::string what = error.what();
    return absl::InternalError(absl::StrCat("update ", state_.updates(), " failed: ", what.substr(0, what.find('\n'))));
  }
  state_.set_summed(state_.summed() + 1);
  state_.set_updates(state_.updates() + 1);
  state_.set_items(state_.items() + items);
  validation_due_ = state_.updates() % options_.validate_every() == 0 || state_.updates() >= options_.updates();
  last_nanos_ = Nanos();
  busy_seconds_ += 1e-9 * static_cast<double>(last_nanos_ - begin);
  return absl::OkStatus();
}

absl::Status Trainer::Validated(const ValidationScore& score) {
  if (!std::isfinite(score.score)) {
    return absl::InternalError(absl::StrCat("the validation behind update ", state_.updates(), " gives ", score.score));
  }
  TrainingState::Row* row = state_.add_row();
  row->set_updates(state_.updates());
  for (int i = 0; i < state_.sum_size(); ++i) {
    row->add_name(state_.sum_name(i));
    row->add_value(state_.sum(i) / static_cast<double>(std::max<int64_t>(1, state_.summed())));
  }
  for (const auto& [name, value] : score.parts) {
    row->add_name(name);
    row->add_value(value);
  }
  state_.clear_sum_name();
  state_.clear_sum();
  state_.clear_summed();
  const bool best = !state_.has_best_score() || score.score < state_.best_score();
  if (best) {
    state_.set_best_score(score.score);
    state_.set_best_updates(state_.updates());
  }
  state_.set_without_progress(best ? 0 : state_.without_progress() + 1);
  validation_due_ = false;
  // In this order: whoever is killed in between makes the same row again.
  if (best) {
    RETURN_IF_ERROR(WriteWeights(best_path(), model_,
                                 {{"recipe", state_.recipe()},
                                  {"updates", absl::StrCat(state_.updates())},
                                  {"score", absl::StrCat(score.score)}}));
  }
  RETURN_IF_ERROR(WriteFileAtomically(JoinPath(folder_, kMetrics), MetricsTsv(state_)));
  RETURN_IF_ERROR(Save());
  // A look takes time that is no waiting for items.
  last_nanos_ = Nanos();
  return absl::OkStatus();
}

absl::Status Trainer::Save() const {
  Checkpoint checkpoint;
  checkpoint.model = model_;
  checkpoint.optimizer = optimizer_.State();
  checkpoint.state = state_;
  return WriteCheckpoint(JoinPath(folder_, kLatest), checkpoint);
}

bool Trainer::finished() const {
  if (validation_due_) return false;
  return state_.updates() >= options_.updates() ||
         (options_.patience() > 0 && state_.without_progress() >= options_.patience());
}

std::string Trainer::best_path() const { return JoinPath(folder_, kBest); }

std::string MetricsTsv(const TrainingState& state) {
  std::string text = "updates";
  if (state.row_size() > 0) {
    for (const std::string& name : state.row(0).name()) absl::StrAppend(&text, "\t", name);
  }
  absl::StrAppend(&text, "\n");
  for (const TrainingState::Row& row : state.row()) {
    absl::StrAppend(&text, row.updates());
    for (const double value : row.value()) absl::StrAppendFormat(&text, "\t%.6g", value);
    absl::StrAppend(&text, "\n");
  }
  return text;
}

}  // namespace diarflow
