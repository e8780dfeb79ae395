// ScoreTrials: cosine scores of a list of trials from the embeddings of its utterances, with the usual figures.
//
// Writes scores.tsv and scores.svg into the run's folder and publishes a ScoreReport. Utterances that failed on their
// way leave their trials unscored; the report counts them.
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "metrics/baseline_verdict.h"
#include "nodes/payloads.h"
#include "nodes/score_trials.pb.h"
#include "nodes/trial_list.h"
#include "nodes/verification_report.h"

namespace diarflow {
namespace {

absl::Status CheckScoreTrials(const options::ScoreTrials& options) {
  if (options.bootstrap_replicates() < 0)
    return absl::InvalidArgumentError("bootstrap_replicates is negative; 0 leaves the intervals out");
  return absl::OkStatus();
}

class ScoreTrialsNode : public CollectNode {
 public:
  static constexpr In<Embedding> kEmbedding{"EMBEDDING"};
  static constexpr OptionalIn<Embedding> kFloor{"FLOOR"};
  static constexpr Uses<TrialListResource> kTrials{"TRIALS"};

  static void Contract(ContractBuilder& contract) {
    contract
        .Summary(
            "Scores trials by the cosine of embeddings: EER, minDCF, intervals over speakers, a floor to compare with.")
        .Input(kEmbedding)
        .Input(kFloor)
        .Resource(kTrials)
        .Options<options::ScoreTrials>(&CheckScoreTrials);
  }

  absl::Status Open(OpenContext& context) override {
    options_ = context.options<options::ScoreTrials>();
    trials_ = context.Get(kTrials);
    has_floor_ = context.IsConnected(kFloor);
    run_folder_ = context.run_folder();
    const std::vector<ListedUtterance>& utterances = trials_->list.utterances;
    for (size_t i = 0; i < utterances.size(); ++i) index_[utterances[i].id] = i;
    embeddings_.resize(utterances.size());
    floor_.resize(utterances.size());
    return absl::OkStatus();
  }

  absl::Status Add(ItemContext& item) override {
    const auto found = index_.find(item.item());
    if (found == index_.end()) return absl::InvalidArgumentError("the utterance is not in the list of trials");
    const Embedding& embedding = item.Get(kEmbedding);
    embeddings_[found->second] = embedding.values;
    name_ = embedding.producer;
    if (const Embedding* floor = item.Get(kFloor)) {
      floor_[found->second] = floor->values;
      floor_name_ = floor->producer;
    }
    ++received_;
    return absl::OkStatus();
  }

  absl::Status Finish(FinishContext& context) override {
    const TrialList& list = trials_->list;
    if (received_ == 0) return absl::DataLossError("no utterance reached the scoring: all failed on their way");
    ASSIGN_OR_RETURN(const ScoredTrials system, ScoreByCosine(list, embeddings_, *name_));
    ScoreReport report;
    report.set_trials(trials_->description);
    report.set_trials_left_out(static_cast<int64_t>(list.trials.size() - system.trials.size()));
    report.set_utterances_missing(static_cast<int64_t>(list.utterances.size()) - received_);
    ASSIGN_OR_RETURN(*report.mutable_system(), Measure(system));
    report.set_verdict(std::string(BaselineVerdict(report.system().eer())));
    ScoredTrials floor;
    if (has_floor_) {
      ASSIGN_OR_RETURN(floor, ScoreByCosine(list, floor_, *floor_name_));
      ASSIGN_OR_RETURN(*report.mutable_floor(), Measure(floor));
    }
    context.Publish(report);
    context.Say(FormatScoreTable(report));
    return run_folder_.empty() ? absl::OkStatus() : WriteFiles(report, system, has_floor_ ? &floor : nullptr);
  }

 private:
  absl::StatusOr<SystemScores> Measure(const ScoredTrials& scored) const {
    return MeasureSystem(trials_->list, scored, options_.bootstrap_replicates(), options_.bootstrap_seed());
  }

  absl::Status WriteFiles(const ScoreReport& report, const ScoredTrials& system, const ScoredTrials* floor) const {
    RETURN_IF_ERROR(
        WriteFileAtomically(JoinPath(run_folder_, "scores.tsv"), FormatScores(trials_->list, system, floor)));
    ASSIGN_OR_RETURN(const std::string svg, DrawScores(trials_->list, report, system, floor));
    return WriteFileAtomically(JoinPath(run_folder_, "scores.svg"), svg);
  }

  options::ScoreTrials options_;
  std::shared_ptr<const TrialListResource> trials_;
  bool has_floor_ = false;
  std::string run_folder_;
  std::unordered_map<std::string, size_t> index_;
  // As the list's utterances; empty where nothing arrived.
  std::vector<FloatArray> embeddings_;
  std::vector<FloatArray> floor_;
  std::shared_ptr<const std::string> name_;
  std::shared_ptr<const std::string> floor_name_;
  int64_t received_ = 0;
};

DIARFLOW_REGISTER_NODE("ScoreTrials", ScoreTrialsNode);

}  // namespace
}  // namespace diarflow
