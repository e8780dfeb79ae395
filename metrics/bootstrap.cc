#include "metrics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "metrics/equal_error_walk.h"
#include "metrics/resampling.h"

namespace diarflow {
namespace {

// A trial for the walk: in order of falling scores.
struct SortedTrial {
  int32_t enrol = 0;
  int32_t test = 0;
  bool target = false;
  bool ends_group = false;  // the last of its score
};

struct SortedTrials {
  std::vector<SortedTrial> trials;
  int num_speakers = 0;
};

struct Replicate {
  double eer = 0;
  std::vector<double> min_dcf;
};

absl::Status CheckOptions(const BootstrapOptions& options) {
  if (options.replicates < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("a bootstrap of ", options.replicates, " replicates: ask for 1 at least"));
  }
  if (!(options.confidence > 0 && options.confidence < 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the confidence level is ", options.confidence, "; it must lie between 0 and 1"));
  }
  for (const DetectionCostModel& model : options.cost_models) RETURN_IF_ERROR(CheckCostModel(model));
  return absl::OkStatus();
}

absl::Status CheckTrials(const std::vector<SpeakerTrial>& trials) {
  VerificationScores scores;
  for (size_t i = 0; i < trials.size(); ++i) {
    const SpeakerTrial& trial = trials[i];
    const auto error = [&](absl::string_view what) {
      return absl::InvalidArgumentError(absl::StrCat("trial ", i, " (counted from 0) ", what));
    };
    if (trial.enrol_speaker < 0 || trial.test_speaker < 0) return error("has a negative speaker number");
    if (trial.target && trial.enrol_speaker != trial.test_speaker) {
      return error("is a target trial of two different speakers");
    }
    if (!trial.target && trial.enrol_speaker == trial.test_speaker) {
      return error("is a non-target trial of one speaker with itself");
    }
    if (std::isnan(trial.score)) return error("has the score NaN");
    (trial.target ? scores.target : scores.nontarget).push_back(trial.score);
  }
  return CheckScores(scores);
}

// Speakers are numbered anew in order of their old numbers, without gaps.
SortedTrials Sort(const std::vector<SpeakerTrial>& trials) {
  std::vector<int32_t> speakers;
  for (const SpeakerTrial& trial : trials) {
    speakers.push_back(trial.enrol_speaker);
    speakers.push_back(trial.test_speaker);
  }
  std::sort(speakers.begin(), speakers.end());
  speakers.erase(std::unique(speakers.begin(), speakers.end()), speakers.end());
  absl::flat_hash_map<int32_t, int32_t> number;
  for (size_t i = 0; i < speakers.size(); ++i) number[speakers[i]] = static_cast<int32_t>(i);

  std::vector<size_t> order(trials.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&trials](size_t a, size_t b) { return trials[a].score > trials[b].score; });

  SortedTrials sorted;
  sorted.num_speakers = static_cast<int>(speakers.size());
  sorted.trials.reserve(trials.size());
  for (size_t i = 0; i < order.size(); ++i) {
    const SpeakerTrial& trial = trials[order[i]];
    const bool ends_group = i + 1 == order.size() || trials[order[i + 1]].score != trial.score;
    sorted.trials.push_back({number[trial.enrol_speaker], number[trial.test_speaker], trial.target, ends_group});
  }
  return sorted;
}

int64_t Weight(const SortedTrial& trial, const std::vector<int64_t>& drawn) {
  return trial.target ? drawn[trial.enrol] : drawn[trial.enrol] * drawn[trial.test];
}

// One walk down the scores. False when a class is left without weight.
bool Evaluate(const SortedTrials& sorted, const std::vector<int64_t>& drawn,
              const std::vector<DetectionCostModel>& models, Replicate* replicate) {
  int64_t totals[2] = {0, 0};  // non-target, target
  for (const SortedTrial& trial : sorted.trials) totals[trial.target] += Weight(trial, drawn);
  if (totals[0] == 0 || totals[1] == 0) return false;

  EqualErrorWalk walk(totals[1], totals[0]);
  bool reached = false;
  std::vector<double> per_miss;
  std::vector<double> per_false_accept;
  for (const DetectionCostModel& model : models) {
    const double miss = model.c_miss * model.p_target;
    const double false_accept = model.c_fa * (1 - model.p_target);
    per_miss.push_back(miss / std::min(miss, false_accept) / static_cast<double>(totals[1]));
    per_false_accept.push_back(false_accept / std::min(miss, false_accept) / static_cast<double>(totals[0]));
    // Nothing accepted.
    replicate->min_dcf.push_back(miss / std::min(miss, false_accept));
  }
  int64_t accepted[2] = {0, 0};
  for (const SortedTrial& trial : sorted.trials) {
    accepted[trial.target] += Weight(trial, drawn);
    if (!trial.ends_group) continue;
    reached = reached || walk.Reached(accepted[1], accepted[0]);
    for (size_t i = 0; i < models.size(); ++i) {
      const double cost = per_miss[i] * static_cast<double>(totals[1] - accepted[1]) +
                          per_false_accept[i] * static_cast<double>(accepted[0]);
      replicate->min_dcf[i] = std::min(replicate->min_dcf[i], cost);
    }
  }
  replicate->eer = walk.rate();
  return true;
}

}  // namespace

absl::StatusOr<VerificationIntervals> BootstrapOverSpeakers(const std::vector<SpeakerTrial>& trials,
                                                            const BootstrapOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  RETURN_IF_ERROR(CheckTrials(trials));
  const SortedTrials sorted = Sort(trials);

  SplitMix64 random(options.seed);
  std::vector<double> eers;
  std::vector<std::vector<double>> costs(options.cost_models.size());
  // Ends: two draws in nine or more hold the three speakers that one trial of each class needs.
  while (static_cast<int>(eers.size()) < options.replicates) {
    std::vector<int64_t> drawn(sorted.num_speakers, 0);
    for (int i = 0; i < sorted.num_speakers; ++i) ++drawn[random.Below(sorted.num_speakers)];
    Replicate replicate;
    if (!Evaluate(sorted, drawn, options.cost_models, &replicate)) continue;
    eers.push_back(replicate.eer);
    for (size_t i = 0; i < costs.size(); ++i) costs[i].push_back(replicate.min_dcf[i]);
  }

  VerificationIntervals intervals;
  intervals.eer = PercentileInterval(std::move(eers), options.confidence);
  for (std::vector<double>& values : costs) {
    intervals.min_dcf.push_back(PercentileInterval(std::move(values), options.confidence));
  }
  intervals.num_speakers = sorted.num_speakers;
  intervals.replicates = options.replicates;
  return intervals;
}

}  // namespace diarflow
