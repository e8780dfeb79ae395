// VerifySpeakers: one speaker or two? Answers for every pair of the files in question, by the threshold that divides
// the pairs of a trial list best, and says what happened on that list. Publishes a VerifyReport.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "metrics/eer.h"
#include "nodes/payloads.h"
#include "nodes/trial_list.h"
#include "nodes/verification_report.h"
#include "nodes/verify_report.pb.h"

namespace diarflow {
namespace {

double Share(const std::vector<double>& scores, double score, bool at_or_above) {
  const auto count = std::count_if(scores.begin(), scores.end(),
                                   [&](double other) { return at_or_above ? other >= score : other <= score; });
  return static_cast<double>(count) / static_cast<double>(scores.size());
}

std::string Format(const VerifyReport& report) {
  std::string text = absl::StrCat(report.system(), "\n");
  for (const VerifyReport::Pair& pair : report.pair()) {
    absl::StrAppendFormat(&text,
                          "%s\n%s\n"
                          "  Answer      %s\n"
                          "  Score       %.4f (cosine), threshold %.4f\n"
                          "  Evidence    %.2f %% of the pairs of two speakers score as high or higher, %.2f %% of "
                          "those of one speaker as "
                          "low or lower\n",
                          pair.first(), pair.second(), pair.same_speaker() ? "the same speaker" : "two speakers",
                          pair.score(), report.threshold(), 100 * pair.different_at_or_above(),
                          100 * pair.same_at_or_below());
  }
  absl::StrAppendFormat(
      &text, "Threshold     where both errors are equal, %.2f %%, on %d pairs of one speaker and %d of two: %s",
      100 * report.eer(), report.same_pairs(), report.different_pairs(), report.trials());
  return text;
}

class VerifySpeakersNode : public CollectNode {
 public:
  static constexpr In<Embedding> kEmbedding{"EMBEDDING"};
  static constexpr Uses<TrialListResource> kTrials{"TRIALS"};

  static void Contract(ContractBuilder& contract) {
    contract
        .Summary(
            "One speaker or two? Compares the files in question with the threshold and the evidence of a trial list.")
        .Input(kEmbedding)
        .Resource(kTrials);
  }

  absl::Status Open(OpenContext& context) override {
    trials_ = context.Get(kTrials);
    if (trials_->questions.size() < 2) {
      return absl::InvalidArgumentError(
          absl::StrCat("there are ", trials_->questions.size(), " files in question; name two or more"));
    }
    embeddings_.emplace(trials_->list);
    return absl::OkStatus();
  }

  absl::Status Add(ItemContext& item) override {
    const Embedding& embedding = item.Get(kEmbedding);
    RETURN_IF_ERROR(embeddings_->Check(item.item(), embedding.values));
    embeddings_->Take(item.item(), embedding.values);
    system_ = *embedding.producer;
    return absl::OkStatus();
  }

  absl::Status Finish(FinishContext& context) override {
    ASSIGN_OR_RETURN(const ScoredTrials scored, ScoreByCosine(trials_->list, embeddings_->values(), system_));
    VerificationScores scores;
    for (size_t i = 0; i < scored.trials.size(); ++i) {
      (trials_->list.trials[scored.trials[i]].target ? scores.target : scores.nontarget).push_back(scored.scores[i]);
    }
    ASSIGN_OR_RETURN(const DetCurve curve, DetCurve::Create(scores));
    const EqualError equal = curve.FindEqualError();
    VerifyReport report;
    report.set_system(system_);
    report.set_trials(trials_->description);
    report.set_same_pairs(curve.num_target());
    report.set_different_pairs(curve.num_nontarget());
    report.set_threshold(equal.threshold);
    report.set_eer(equal.rate);
    AddPairs(scores, &report);
    if (report.pair().empty()) return absl::DataLossError("no two of the files in question have an embedding");
    context.Publish(report);
    context.Say(Format(report));
    return absl::OkStatus();
  }

 private:
  void AddPairs(const VerificationScores& scores, VerifyReport* report) const {
    const std::vector<size_t>& questions = trials_->questions;
    for (size_t i = 0; i < questions.size(); ++i) {
      for (size_t j = i + 1; j < questions.size(); ++j) {
        const FloatArray& first = embeddings_->values()[questions[i]];
        const FloatArray& second = embeddings_->values()[questions[j]];
        if (first.empty() || second.empty()) continue;
        VerifyReport::Pair* pair = report->add_pair();
        pair->set_first(trials_->list.utterances[questions[i]].id);
        pair->set_second(trials_->list.utterances[questions[j]].id);
        pair->set_score(CosineScore(first, second));
        pair->set_same_speaker(pair->score() >= report->threshold());
        pair->set_different_at_or_above(Share(scores.nontarget, pair->score(), /*at_or_above=*/true));
        pair->set_same_at_or_below(Share(scores.target, pair->score(), /*at_or_above=*/false));
      }
    }
  }

  std::shared_ptr<const TrialListResource> trials_;
  std::optional<ListEmbeddings> embeddings_;
  std::string system_;
};

DIARFLOW_REGISTER_NODE("VerifySpeakers", VerifySpeakersNode);

}  // namespace
}  // namespace diarflow
