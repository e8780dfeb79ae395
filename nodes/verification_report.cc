#include "nodes/verification_report.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "metrics/bootstrap.h"
#include "metrics/eer.h"
#include "metrics/score_plot.h"

namespace diarflow {
namespace {

constexpr double kSmallestNorm = 1e-8;
constexpr double kConfidence = 0.95;

const std::vector<DetectionCostModel>& CostModels() {
  static const auto* models = new std::vector<DetectionCostModel>{{0.01, 1, 1}, {0.05, 1, 1}};
  return *models;
}

double Norm(const FloatArray& a) {
  double sum = 0;
  for (const float x : a) sum += double{x} * x;
  return std::max(std::sqrt(sum), kSmallestNorm);
}

VerificationScores ByClass(const TrialList& list, const ScoredTrials& scored) {
  VerificationScores scores;
  for (size_t i = 0; i < scored.trials.size(); ++i) {
    (list.trials[scored.trials[i]].target ? scores.target : scores.nontarget).push_back(scored.scores[i]);
  }
  return scores;
}

RateInterval ToProto(const Interval& interval) {
  RateInterval proto;
  proto.set_low(interval.low);
  proto.set_high(interval.high);
  proto.set_confidence(kConfidence);
  return proto;
}

// Intervals need speakers that agree with the labels and enough of them; a list that has neither goes without.
void AddIntervals(const TrialList& list, const ScoredTrials& scored, int replicates, uint64_t seed,
                  SystemScores* system) {
  const SpeakerIndex speakers = IndexSpeakers(list);
  std::vector<SpeakerTrial> trials;
  for (size_t i = 0; i < scored.trials.size(); ++i) {
    const Trial& trial = list.trials[scored.trials[i]];
    trials.push_back(
        {scored.scores[i], trial.target, speakers.of_utterance[trial.enrol], speakers.of_utterance[trial.test]});
  }
  BootstrapOptions options;
  options.replicates = replicates;
  options.confidence = kConfidence;
  options.seed = seed;
  options.cost_models = CostModels();
  const absl::StatusOr<VerificationIntervals> intervals = BootstrapOverSpeakers(trials, options);
  if (!intervals.ok()) return;
  system->set_speakers(intervals->num_speakers);
  *system->mutable_eer_interval() = ToProto(intervals->eer);
  for (int i = 0; i < system->min_dcf_size(); ++i)
    *system->mutable_min_dcf(i)->mutable_interval() = ToProto(intervals->min_dcf[i]);
}

void AddRow(const std::string& name, const std::string& value, std::string* table) {
  absl::StrAppendFormat(table, "%-18s %s\n", name, value);
}

std::string EerCell(const SystemScores& system) {
  std::string cell = absl::StrFormat("%.2f %%", 100 * system.eer());
  if (system.has_eer_interval()) {
    absl::StrAppendFormat(&cell, "   (%.0f %% interval over %d speakers: %.2f to %.2f %%)",
                          100 * system.eer_interval().confidence(), system.speakers(),
                          100 * system.eer_interval().low(), 100 * system.eer_interval().high());
  }
  return cell;
}

// One row for each system on the same trials, the floor last.
void AddComparison(const ScoreReport& report, std::string* table) {
  const auto row = [table](const SystemScores& system, const std::string& name) {
    std::string interval;
    if (system.has_eer_interval()) {
      interval = absl::StrFormat("%.2f to %.2f", 100 * system.eer_interval().low(), 100 * system.eer_interval().high());
    }
    absl::StrAppendFormat(table, "%7.2f  %15s", 100 * system.eer(), interval);
    for (const DetectionCost& cost : system.min_dcf()) absl::StrAppendFormat(table, "  %12.4f", cost.min_dcf());
    absl::StrAppendFormat(table, "  %9.4f  %10.4f  %s\n", system.mean_positive(), system.mean_negative(), name);
  };
  absl::StrAppendFormat(table, "\n%7s  %15s", "EER (%)", absl::StrFormat("%.0f %% interval", 100 * kConfidence));
  for (const DetectionCost& cost : report.system().min_dcf()) {
    absl::StrAppendFormat(table, "  %12s", absl::StrFormat("minDCF(%g)", cost.p_target()));
  }
  absl::StrAppendFormat(table, "  %9s  %10s  system\n", "same mean", "other mean");
  row(report.system(), report.system().name());
  for (const SystemScores& other : report.other()) row(other, other.name());
  if (report.has_floor()) row(report.floor(), absl::StrCat("floor: ", report.floor().name()));
}

}  // namespace

double CosineScore(const FloatArray& a, const FloatArray& b) {
  double dot = 0;
  for (int64_t i = 0; i < a.size(); ++i) dot += double{a[i]} * b[i];
  return dot / (Norm(a) * Norm(b));
}

ListEmbeddings::ListEmbeddings(const TrialList& list) : values_(list.utterances.size()) {
  for (size_t i = 0; i < list.utterances.size(); ++i) index_[list.utterances[i].id] = i;
}

absl::Status ListEmbeddings::Check(const std::string& utterance, const FloatArray& embedding) const {
  if (index_.count(utterance) == 0) return absl::InvalidArgumentError("the utterance is not in the list of trials");
  if (embedding.empty()) return absl::InvalidArgumentError("the embedding is empty");
  if (width_ == 0 || embedding.size() == width_) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the embedding has ", embedding.size(), " numbers, those before it have ", width_));
}

void ListEmbeddings::Take(const std::string& utterance, const FloatArray& embedding) {
  values_[index_.at(utterance)] = embedding;
  width_ = embedding.size();
}

absl::StatusOr<ScoredTrials> ScoreByCosine(const TrialList& list, const std::vector<FloatArray>& embeddings,
                                           const std::string& name) {
  ScoredTrials scored;
  scored.name = name;
  int64_t width = 0;
  for (size_t i = 0; i < embeddings.size(); ++i) {
    if (embeddings[i].empty()) continue;
    if (width == 0) width = embeddings[i].size();
    if (embeddings[i].size() != width) {
      return absl::InvalidArgumentError(absl::StrCat("the embedding of ", list.utterances[i].id, " has ",
                                                     embeddings[i].size(), " numbers, others have ", width));
    }
  }
  for (size_t t = 0; t < list.trials.size(); ++t) {
    const FloatArray& enrol = embeddings[list.trials[t].enrol];
    const FloatArray& test = embeddings[list.trials[t].test];
    if (enrol.empty() || test.empty()) continue;
    scored.trials.push_back(t);
    scored.scores.push_back(CosineScore(enrol, test));
  }
  if (scored.trials.empty())
    return absl::InvalidArgumentError("no trial can be scored: not one has both its utterances");
  return scored;
}

absl::StatusOr<SystemScores> MeasureSystem(const TrialList& list, const ScoredTrials& scored, int replicates,
                                           uint64_t seed) {
  const VerificationScores scores = ByClass(list, scored);
  ASSIGN_OR_RETURN(const ScoreStatistics statistics, ComputeScoreStatistics(scores));
  ASSIGN_OR_RETURN(const DetCurve curve, DetCurve::Create(scores));
  SystemScores system;
  system.set_name(scored.name);
  system.set_pairs(static_cast<int64_t>(scored.trials.size()));
  system.set_positive_pairs(statistics.target.count);
  system.set_lowest_score(statistics.min);
  system.set_highest_score(statistics.max);
  system.set_mean_positive(statistics.target.mean);
  system.set_mean_negative(statistics.nontarget.mean);
  const EqualError equal = curve.FindEqualError();
  system.set_eer(equal.rate);
  system.set_eer_threshold(equal.threshold);
  for (const DetectionCostModel& model : CostModels()) {
    ASSIGN_OR_RETURN(const MinDcfPoint point, curve.FindMinDcf(model));
    DetectionCost* cost = system.add_min_dcf();
    cost->set_p_target(model.p_target);
    cost->set_min_dcf(point.cost);
  }
  if (replicates > 0) AddIntervals(list, scored, replicates, seed, &system);
  return system;
}

std::string FormatScoreTable(const ScoreReport& report) {
  const SystemScores& system = report.system();
  std::string table = absl::StrCat(system.name(), "\n");
  AddRow("Trials", report.trials(), &table);
  AddRow("Pairs", absl::StrCat(system.pairs()), &table);
  AddRow("Positive pairs", absl::StrCat(system.positive_pairs()), &table);
  if (report.trials_left_out() > 0) {
    AddRow("Left out",
           absl::StrCat(report.trials_left_out(), " pairs of ", report.utterances_missing(), " utterances that failed"),
           &table);
  }
  AddRow("Score range", absl::StrFormat("[%.4f, %.4f]", system.lowest_score(), system.highest_score()), &table);
  AddRow("Mean positive", absl::StrFormat("%.4f", system.mean_positive()), &table);
  AddRow("Mean negative", absl::StrFormat("%.4f", system.mean_negative()), &table);
  AddRow("EER", EerCell(system), &table);
  for (const DetectionCost& cost : system.min_dcf()) {
    std::string cell = absl::StrFormat("%.4f", cost.min_dcf());
    if (cost.has_interval())
      absl::StrAppendFormat(&cell, "   (%.4f to %.4f)", cost.interval().low(), cost.interval().high());
    AddRow(absl::StrFormat("minDCF(%g)", cost.p_target()), cell, &table);
  }
  if (report.has_verdict()) AddRow("Verdict", report.verdict(), &table);
  if (report.other_size() > 0 || report.has_floor()) AddComparison(report, &table);
  table.pop_back();
  return table;
}

std::string FormatScores(const TrialList& list, const ScoredTrials& system, const std::vector<ScoreColumn>& others) {
  std::string text = "label\tenrol\ttest\tscore";
  for (const ScoreColumn& other : others) absl::StrAppend(&text, "\t", other.name);
  text += '\n';
  // Every system's trials stand in the order of the list, but each may lack some.
  std::vector<size_t> next(others.size(), 0);
  for (size_t i = 0; i < system.trials.size(); ++i) {
    const Trial& trial = list.trials[system.trials[i]];
    absl::StrAppend(&text, trial.target ? "1\t" : "0\t", list.utterances[trial.enrol].id, "\t",
                    list.utterances[trial.test].id);
    absl::StrAppendFormat(&text, "\t%.9g", system.scores[i]);
    for (size_t o = 0; o < others.size(); ++o) {
      const ScoredTrials& scored = *others[o].scored;
      size_t& at = next[o];
      while (at < scored.trials.size() && scored.trials[at] < system.trials[i]) ++at;
      if (at < scored.trials.size() && scored.trials[at] == system.trials[i]) {
        absl::StrAppendFormat(&text, "\t%.9g", scored.scores[at]);
      } else {
        text += "\t-";
      }
    }
    text += '\n';
  }
  return text;
}

absl::StatusOr<std::string> DrawScores(const TrialList& list, const ScoreReport& report, const ScoredTrials& system,
                                       const std::vector<ScoreColumn>& others) {
  ScorePlot plot;
  plot.title = system.name;
  plot.subtitle = report.trials();
  plot.system = {others.empty() ? "this run" : system.name, ByClass(list, system)};
  for (const ScoreColumn& other : others) {
    const bool is_floor = other.name == kFloorColumn;
    plot.others.push_back(
        {is_floor ? absl::StrCat("floor: ", other.scored->name) : other.scored->name, ByClass(list, *other.scored)});
  }
  plot.cost_models = CostModels();
  return ScorePlotSvg(plot);
}

}  // namespace diarflow
