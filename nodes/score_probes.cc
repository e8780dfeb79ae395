// ScoreProbes: trains linear probes on embeddings, then scores a list of trials by the cosine of their outputs, without
// the biases (models/training/linear_probe.h).
//
// The original probe learns the speakers of the trials from the very utterances that the trials compare, the honest one
// those of other people. Beside them stands the cosine of the embeddings themselves, on the same trials. Writes
// scores.tsv and scores.svg into the run's folder and publishes a ProbeReport.
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "models/training/linear_probe.h"
#include "nodes/payloads.h"
#include "nodes/probe.h"
#include "nodes/probe_report.pb.h"
#include "nodes/score_probes.pb.h"
#include "nodes/trial_list.h"
#include "nodes/verification_report.h"

namespace diarflow {
namespace {

constexpr char kScores[] = "scores.tsv";
constexpr char kPicture[] = "scores.svg";
constexpr char kWithoutProbe[] = "no_probe";

LinearProbeOptions TrainingOf(const options::ScoreProbes& options) {
  return {options.epochs(), options.batch(), options.rate(), options.seed()};
}

absl::Status CheckScoreProbes(const options::ScoreProbes& options) {
  if (!options.original() && !options.honest()) {
    return absl::InvalidArgumentError("neither original nor honest is set: there is no probe to train");
  }
  if (options.bootstrap_replicates() < 0)
    return absl::InvalidArgumentError("bootstrap_replicates is negative; 0 leaves the intervals out");
  return CheckLinearProbeOptions(TrainingOf(options));
}

// The original probe learns who speaks from the names in the list.
absl::Status CheckSpeakers(const TrialListResource& trials) {
  const TrialList& list = trials.list;
  for (const Trial& trial : list.trials) {
    const ListedUtterance &enrol = list.utterances[trial.enrol], &test = list.utterances[trial.test];
    if (trial.target == (enrol.speaker == test.speaker)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "the trial of ", enrol.id, " and ", test.id, " says ", trial.target ? "one speaker" : "two speakers",
        ", their paths say ", enrol.speaker, " and ", test.speaker, " (", trials.description,
        "): the original probe learns by the paths, SPEAKER/SESSION/FILE; `original: false` leaves it out"));
  }
  return absl::OkStatus();
}

// What a probe learns from: embeddings and whose they are. Speakers are numbered as they come.
class TrainingSet {
 public:
  void Add(const std::string& speaker, const FloatArray& vector) {
    const auto number = static_cast<int32_t>(numbers_.size());
    examples_.push_back({vector, numbers_.emplace(speaker, number).first->second});
  }

  absl::StatusOr<LinearProbe> Train(const LinearProbeOptions& options) const {
    return TrainLinearProbe(examples_, options);
  }

  int32_t speakers() const { return static_cast<int32_t>(numbers_.size()); }
  int64_t utterances() const { return static_cast<int64_t>(examples_.size()); }

 private:
  std::map<std::string, int32_t> numbers_;
  std::vector<ProbeExample> examples_;
};

// What the probes were trained on, as a table below that of the scores.
std::string FormatTraining(const ProbeReport& report) {
  std::string table =
      absl::StrFormat("%-10s  %8s  %10s  %17s  learned from", "probe", "speakers", "utterances", "training accuracy");
  for (const ProbeScores& probe : report.probe()) {
    const bool honest = probe.protocol() == ProbeScores::HONEST;
    absl::StrAppendFormat(&table, "\n%-10s  %8d  %10d  %15.2f %%  %s", honest ? "honest" : "original",
                          probe.training_speakers(), probe.training_utterances(), 100 * probe.training_accuracy(),
                          honest ? "speakers of no trial" : "the utterances of the trials");
  }
  return table;
}

class ScoreProbesNode : public CollectNode {
 public:
  static constexpr In<Embedding> kEmbedding{"EMBEDDING"};
  static constexpr In<ProbeRole> kRole{"ROLE"};
  static constexpr Uses<TrialListResource> kTrials{"TRIALS"};

  static void Contract(ContractBuilder& contract) {
    contract
        .Summary(
            "Trains linear probes to tell speakers apart and scores trials by the cosine of their outputs: one probe "
            "trained on the trials' own utterances, one on other speakers.")
        .Input(kEmbedding)
        .Input(kRole)
        .Resource(kTrials)
        .Options<options::ScoreProbes>(&CheckScoreProbes);
  }

  absl::Status Open(OpenContext& context) override {
    options_ = context.options<options::ScoreProbes>();
    trials_ = context.Get(kTrials);
    run_folder_ = context.run_folder();
    embeddings_ = std::make_unique<ListEmbeddings>(trials_->list);
    if (trials_->list.num_target() == 0 || trials_->list.num_nontarget() == 0) {
      return absl::InvalidArgumentError(absl::StrCat("the list has ", trials_->list.num_target(), " target and ",
                                                     trials_->list.num_nontarget(), " non-target trials (",
                                                     trials_->description, "): error rates need both"));
    }
    if (options_.original()) RETURN_IF_ERROR(CheckSpeakers(*trials_));
    // Of an earlier run: they would be taken for this one's when it ends without a result.
    for (const char* name : {kScores, kPicture}) {
      if (!run_folder_.empty()) std::remove(JoinPath(run_folder_, name).c_str());
    }
    return absl::OkStatus();
  }

  absl::Status Add(ItemContext& item) override {
    const Embedding& embedding = item.Get(kEmbedding);
    const ProbeRole& role = item.Get(kRole);
    RETURN_IF_ERROR(CheckProbeVector(embedding.values));
    if (width_ != 0 && embedding.values.size() != width_) {
      return absl::InvalidArgumentError(
          absl::StrCat("the embedding has ", embedding.values.size(), " numbers, those before it have ", width_));
    }
    if (role.speaker.empty()) return absl::InvalidArgumentError("nobody knows who speaks in this utterance");
    if (role.in_trials) {
      RETURN_IF_ERROR(embeddings_->Check(item.item(), embedding.values));
      embeddings_->Take(item.item(), embedding.values);
      ++received_;
    }
    (role.in_trials ? original_ : honest_).Add(role.speaker, embedding.values);
    width_ = embedding.values.size();
    name_ = embedding.producer;
    return absl::OkStatus();
  }

  absl::Status Finish(FinishContext& context) override {
    const TrialList& list = trials_->list;
    if (received_ == 0)
      return absl::DataLossError("no utterance of the trials reached the probes: all failed on their way");
    ProbeReport report;
    report.set_trials(trials_->description);
    report.set_embeddings(*name_);
    report.set_utterances_missing(static_cast<int64_t>(list.utterances.size()) - received_);
    if (options_.original()) {
      RETURN_IF_ERROR(Probe(ProbeScores::ORIGINAL, "original probe, trained on the speakers of the trials", &report));
    }
    if (options_.honest()) {
      RETURN_IF_ERROR(Probe(ProbeScores::HONEST, "honest probe, trained on other speakers", &report));
    }
    ASSIGN_OR_RETURN(*report.mutable_without_probe(),
                     Measure(kWithoutProbe, embeddings_->values(), absl::StrCat("no probe: ", *name_)));
    report.set_trials_left_out(static_cast<int64_t>(list.trials.size() - systems_[0].scored.trials.size()));
    context.Publish(report);
    const ScoreReport rows = Rows(report);
    context.Say(absl::StrCat(FormatScoreTable(rows), "\n\n", FormatTraining(report)));
    return run_folder_.empty() ? absl::OkStatus() : WriteFiles(rows);
  }

 private:
  // A row of the table and a column of scores.tsv.
  struct System {
    std::string column;
    ScoredTrials scored;
  };

  absl::StatusOr<SystemScores> Measure(const std::string& column, const std::vector<FloatArray>& embeddings,
                                       const std::string& name) {
    ASSIGN_OR_RETURN(ScoredTrials scored, ScoreByCosine(trials_->list, embeddings, name));
    systems_.push_back({column, std::move(scored)});
    return MeasureSystem(trials_->list, systems_.back().scored, options_.bootstrap_replicates(),
                         options_.bootstrap_seed());
  }

  // Trains the probe of a protocol and scores the trials by it.
  absl::Status Probe(ProbeScores::Protocol protocol, const std::string& name, ProbeReport* report) {
    const bool honest = protocol == ProbeScores::HONEST;
    const TrainingSet& training = honest ? honest_ : original_;
    const absl::StatusOr<LinearProbe> probe = training.Train(TrainingOf(options_));
    if (!probe.ok()) {
      return absl::Status(
          probe.status().code(),
          absl::StrCat(honest ? "the honest probe: " : "the original probe: ", probe.status().message(), " (",
                       training.utterances(), " utterances of ", training.speakers(), " speakers reached it)"));
    }
    ProbeScores* scores = report->add_probe();
    scores->set_protocol(protocol);
    scores->set_training_speakers(training.speakers());
    scores->set_training_utterances(training.utterances());
    scores->set_training_accuracy(probe->training_accuracy);
    std::vector<FloatArray> outputs;
    for (const FloatArray& embedding : embeddings_->values()) {
      outputs.push_back(embedding.empty() ? FloatArray() : ApplyWithoutBias(*probe, embedding));
    }
    ASSIGN_OR_RETURN(*scores->mutable_scores(), Measure(honest ? "honest" : "original", outputs, name));
    return absl::OkStatus();
  }

  static ScoreReport Rows(const ProbeReport& report) {
    ScoreReport rows;
    rows.set_trials(report.trials());
    rows.set_trials_left_out(report.trials_left_out());
    rows.set_utterances_missing(report.utterances_missing());
    *rows.mutable_system() = report.probe(0).scores();
    for (int i = 1; i < report.probe_size(); ++i) *rows.add_other() = report.probe(i).scores();
    *rows.add_other() = report.without_probe();
    return rows;
  }

  absl::Status WriteFiles(const ScoreReport& rows) const {
    std::vector<ScoreColumn> others;
    for (size_t i = 1; i < systems_.size(); ++i) others.push_back({systems_[i].column, &systems_[i].scored});
    const TrialList& list = trials_->list;
    RETURN_IF_ERROR(
        WriteFileAtomically(JoinPath(run_folder_, kScores), FormatScores(list, systems_[0].scored, others)));
    ASSIGN_OR_RETURN(const std::string svg, DrawScores(list, rows, systems_[0].scored, others));
    return WriteFileAtomically(JoinPath(run_folder_, kPicture), svg);
  }

  options::ScoreProbes options_;
  std::shared_ptr<const TrialListResource> trials_;
  std::string run_folder_;
  std::unique_ptr<ListEmbeddings> embeddings_;  // of the trials
  TrainingSet original_, honest_;
  int64_t width_ = 0;
  int64_t received_ = 0;
  std::shared_ptr<const std::string> name_;  // what made the embeddings
  std::vector<System> systems_;
};

DIARFLOW_REGISTER_NODE("ScoreProbes", ScoreProbesNode);

}  // namespace
}  // namespace diarflow
