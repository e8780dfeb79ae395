// ScoreTrials: cosine scores of a list of trials from the embeddings of its utterances, with the usual figures.
//
// Writes scores.tsv and scores.svg into the run's folder and publishes a ScoreReport. Utterances that failed on their
// way leave their trials unscored; the report counts them.
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
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

constexpr char kScores[] = "scores.tsv";
constexpr char kPicture[] = "scores.svg";

absl::Status CheckScoreTrials(const options::ScoreTrials& options) {
  if (options.bootstrap_replicates() < 0)
    return absl::InvalidArgumentError("bootstrap_replicates is negative; 0 leaves the intervals out");
  return absl::OkStatus();
}

class ScoreTrialsNode : public CollectNode {
 public:
  // Systems to compare, at least one. The verdict is on the first port's.
  static constexpr OptionalIn<Embedding> kEmbedding{"EMBEDDING"};
  static constexpr OptionalIn<Embedding> kEmbedding2{"EMBEDDING_2"};
  static constexpr OptionalIn<Embedding> kEmbedding3{"EMBEDDING_3"};
  static constexpr OptionalIn<Embedding> kEmbedding4{"EMBEDDING_4"};
  static constexpr OptionalIn<Embedding> kFloor{"FLOOR"};
  static constexpr Uses<TrialListResource> kTrials{"TRIALS"};

  static void Contract(ContractBuilder& contract) {
    contract
        .Summary(
            "Scores trials by the cosine of embeddings: EER, minDCF, intervals over speakers; up to four systems side "
            "by side, and a floor.")
        .Input(kEmbedding)
        .Input(kEmbedding2)
        .Input(kEmbedding3)
        .Input(kEmbedding4)
        .Input(kFloor)
        .Resource(kTrials)
        .Options<options::ScoreTrials>(&CheckScoreTrials);
  }

  absl::Status Open(OpenContext& context) override {
    options_ = context.options<options::ScoreTrials>();
    trials_ = context.Get(kTrials);
    run_folder_ = context.run_folder();
    for (const auto& port : kSystems) {
      if (context.IsConnected(port)) systems_.emplace_back(port, trials_->list);
    }
    if (systems_.empty()) return absl::InvalidArgumentError("no system is connected: EMBEDDING takes the first");
    if (context.IsConnected(kFloor)) systems_.emplace_back(kFloor, trials_->list);
    if (trials_->list.num_target() == 0 || trials_->list.num_nontarget() == 0) {
      return absl::InvalidArgumentError(absl::StrCat("the list has ", trials_->list.num_target(), " target and ",
                                                     trials_->list.num_nontarget(), " non-target trials (",
                                                     trials_->description, "): error rates need both"));
    }
    // Of an earlier run: they would be taken for this one's when it ends without a result.
    for (const char* name : {kScores, kPicture}) {
      if (!run_folder_.empty()) std::remove(JoinPath(run_folder_, name).c_str());
    }
    return absl::OkStatus();
  }

  absl::Status Add(ItemContext& item) override {
    // All or none: an utterance is scored by every system or by none.
    for (const System& system : systems_) {
      RETURN_IF_ERROR(system.embeddings.Check(item.item(), item.Get(system.port)->values));
    }
    for (System& system : systems_) {
      const Embedding& embedding = *item.Get(system.port);
      system.embeddings.Take(item.item(), embedding.values);
      system.name = embedding.producer;
    }
    ++received_;
    return absl::OkStatus();
  }

  absl::Status Finish(FinishContext& context) override {
    const TrialList& list = trials_->list;
    if (received_ == 0) return absl::DataLossError("no utterance reached the scoring: all failed on their way");
    ScoreReport report;
    report.set_trials(trials_->description);
    report.set_utterances_missing(static_cast<int64_t>(list.utterances.size()) - received_);
    for (System& system : systems_) {
      const bool first = &system == &systems_.front();
      SystemScores* figures = IsPort(system, kFloor) ? report.mutable_floor()
                              : first                ? report.mutable_system()
                                                     : report.add_other();
      ASSIGN_OR_RETURN(system.scored, ScoreByCosine(list, system.embeddings.values(), *system.name));
      ASSIGN_OR_RETURN(*figures,
                       MeasureSystem(list, system.scored, options_.bootstrap_replicates(), options_.bootstrap_seed()));
    }
    report.set_trials_left_out(static_cast<int64_t>(list.trials.size() - systems_[0].scored.trials.size()));
    if (IsPort(systems_[0], kEmbedding)) report.set_verdict(std::string(BaselineVerdict(report.system().eer())));
    context.Publish(report);
    context.Say(FormatScoreTable(report));
    return run_folder_.empty() ? absl::OkStatus() : WriteFiles(report);
  }

 private:
  static constexpr OptionalIn<Embedding> kSystems[] = {kEmbedding, kEmbedding2, kEmbedding3, kEmbedding4};

  // What arrives at one port.
  struct System {
    System(OptionalIn<Embedding> port, const TrialList& list) : port(port), embeddings(list) {}

    OptionalIn<Embedding> port;
    // What made the embeddings.
    std::shared_ptr<const std::string> name;
    ListEmbeddings embeddings;
    ScoredTrials scored;
  };

  static bool IsPort(const System& system, OptionalIn<Embedding> port) {
    return std::strcmp(system.port.name, port.name) == 0;
  }

  absl::Status WriteFiles(const ScoreReport& report) const {
    std::vector<ScoreColumn> others;
    for (size_t i = 1; i < systems_.size(); ++i) {
      others.push_back(
          {IsPort(systems_[i], kFloor) ? kFloorColumn : absl::StrCat("system_", i + 1), &systems_[i].scored});
    }
    const TrialList& list = trials_->list;
    RETURN_IF_ERROR(
        WriteFileAtomically(JoinPath(run_folder_, kScores), FormatScores(list, systems_[0].scored, others)));
    ASSIGN_OR_RETURN(const std::string svg, DrawScores(list, report, systems_[0].scored, others));
    return WriteFileAtomically(JoinPath(run_folder_, kPicture), svg);
  }

  options::ScoreTrials options_;
  std::shared_ptr<const TrialListResource> trials_;
  std::string run_folder_;
  // In the order of the ports, the floor last.
  std::vector<System> systems_;
  int64_t received_ = 0;
};

DIARFLOW_REGISTER_NODE("ScoreTrials", ScoreTrialsNode);

}  // namespace
}  // namespace diarflow
