// ScoreTrials: cosine scores of a list of trials from the embeddings of its utterances, with the usual figures.
//
// Writes scores.tsv and scores.svg into the run's folder and publishes a ScoreReport. Utterances that failed on their
// way leave their trials unscored; the report counts them.
#include <cstdio>
#include <memory>
#include <string>
#include <unordered_map>
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
  static constexpr In<Embedding> kEmbedding{"EMBEDDING"};
  static constexpr OptionalIn<Embedding> kFloor{"FLOOR"};
  static constexpr OptionalIn<Embedding> kReference{"REFERENCE"};
  static constexpr Uses<TrialListResource> kTrials{"TRIALS"};

  static void Contract(ContractBuilder& contract) {
    contract
        .Summary(
            "Scores trials by the cosine of embeddings: EER, minDCF, intervals over speakers, beside a floor and a "
            "reference.")
        .Input(kEmbedding)
        .Input(kFloor)
        .Input(kReference)
        .Resource(kTrials)
        .Options<options::ScoreTrials>(&CheckScoreTrials);
  }

  absl::Status Open(OpenContext& context) override {
    options_ = context.options<options::ScoreTrials>();
    trials_ = context.Get(kTrials);
    run_folder_ = context.run_folder();
    floor_.connected = context.IsConnected(kFloor);
    reference_.connected = context.IsConnected(kReference);
    if (trials_->list.num_target() == 0 || trials_->list.num_nontarget() == 0) {
      return absl::InvalidArgumentError(absl::StrCat("the list has ", trials_->list.num_target(), " target and ",
                                                     trials_->list.num_nontarget(), " non-target trials (",
                                                     trials_->description, "): error rates need both"));
    }
    const std::vector<ListedUtterance>& utterances = trials_->list.utterances;
    for (size_t i = 0; i < utterances.size(); ++i) index_[utterances[i].id] = i;
    for (Input* input : {&system_, &floor_, &reference_}) input->embeddings.resize(utterances.size());
    // Of an earlier run: they would be taken for this one's when it ends without a result.
    for (const char* name : {kScores, kPicture}) {
      if (!run_folder_.empty()) std::remove(JoinPath(run_folder_, name).c_str());
    }
    return absl::OkStatus();
  }

  absl::Status Add(ItemContext& item) override {
    const auto found = index_.find(item.item());
    if (found == index_.end()) return absl::InvalidArgumentError("the utterance is not in the list of trials");
    const Embedding* embeddings[] = {&item.Get(kEmbedding), item.Get(kFloor), item.Get(kReference)};
    Input* inputs[] = {&system_, &floor_, &reference_};
    // All or none: an utterance is scored by every system or by none.
    for (int i = 0; i < 3; ++i) RETURN_IF_ERROR(inputs[i]->Check(embeddings[i]));
    for (int i = 0; i < 3; ++i) inputs[i]->Take(found->second, embeddings[i]);
    ++received_;
    return absl::OkStatus();
  }

  absl::Status Finish(FinishContext& context) override {
    const TrialList& list = trials_->list;
    if (received_ == 0) return absl::DataLossError("no utterance reached the scoring: all failed on their way");
    ScoreReport report;
    report.set_trials(trials_->description);
    report.set_utterances_missing(static_cast<int64_t>(list.utterances.size()) - received_);
    RETURN_IF_ERROR(Measure(&system_, report.mutable_system()));
    report.set_trials_left_out(static_cast<int64_t>(list.trials.size() - system_.scored.trials.size()));
    report.set_verdict(std::string(BaselineVerdict(report.system().eer())));
    if (floor_.connected) RETURN_IF_ERROR(Measure(&floor_, report.mutable_floor()));
    if (reference_.connected) RETURN_IF_ERROR(Measure(&reference_, report.mutable_reference()));
    context.Publish(report);
    context.Say(FormatScoreTable(report));
    return run_folder_.empty() ? absl::OkStatus() : WriteFiles(report);
  }

 private:
  // What arrives at one port.
  struct Input {
    bool connected = true;
    // What made the embeddings.
    std::shared_ptr<const std::string> name;
    // As the list's utterances; empty where nothing arrived.
    std::vector<FloatArray> embeddings;
    int64_t width = 0;
    ScoredTrials scored;

    // Whether the embedding can be compared with those before it.
    absl::Status Check(const Embedding* embedding) const {
      if (embedding == nullptr) return absl::OkStatus();
      const FloatArray& values = embedding->values;
      if (width != 0 && values.size() != width) {
        return absl::InvalidArgumentError(
            absl::StrCat("the embedding has ", values.size(), " numbers, those before it have ", width));
      }
      return values.empty() ? absl::InvalidArgumentError("the embedding is empty") : absl::OkStatus();
    }
    void Take(size_t utterance, const Embedding* embedding) {
      if (embedding == nullptr) return;
      embeddings[utterance] = embedding->values;
      width = embedding->values.size();
      name = embedding->producer;
    }
  };

  absl::Status Measure(Input* input, SystemScores* figures) const {
    const TrialList& list = trials_->list;
    if (input->name == nullptr) return absl::DataLossError("no embedding of a connected system reached the scoring");
    ASSIGN_OR_RETURN(input->scored, ScoreByCosine(list, input->embeddings, *input->name));
    ASSIGN_OR_RETURN(*figures,
                     MeasureSystem(list, input->scored, options_.bootstrap_replicates(), options_.bootstrap_seed()));
    return absl::OkStatus();
  }

  absl::Status WriteFiles(const ScoreReport& report) const {
    std::vector<ScoreColumn> others;
    if (floor_.connected) others.push_back({"floor", &floor_.scored});
    if (reference_.connected) others.push_back({"reference", &reference_.scored});
    const TrialList& list = trials_->list;
    RETURN_IF_ERROR(WriteFileAtomically(JoinPath(run_folder_, kScores), FormatScores(list, system_.scored, others)));
    ASSIGN_OR_RETURN(const std::string svg,
                     DrawScores(list, report, system_.scored, floor_.connected ? &floor_.scored : nullptr));
    return WriteFileAtomically(JoinPath(run_folder_, kPicture), svg);
  }

  options::ScoreTrials options_;
  std::shared_ptr<const TrialListResource> trials_;
  std::string run_folder_;
  std::unordered_map<std::string, size_t> index_;
  Input system_;
  Input floor_;
  Input reference_;
  int64_t received_ = 0;
};

DIARFLOW_REGISTER_NODE("ScoreTrials", ScoreTrialsNode);

}  // namespace
}  // namespace diarflow
