// The results of a verification experiment: from embeddings and a list of trials to figures, a table and files.
#ifndef DIARFLOW_NODES_VERIFICATION_REPORT_H_
#define DIARFLOW_NODES_VERIFICATION_REPORT_H_

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "datasets/trial_list.h"
#include "nodes/score_report.pb.h"

namespace diarflow {

// Cosine of two vectors of the same size, in float64; each norm is at least 1e-8, so a zero vector scores 0.
double CosineScore(const FloatArray& a, const FloatArray& b);

// The embeddings of a list's utterances, as one system makes them.
class ListEmbeddings {
 public:
  explicit ListEmbeddings(const TrialList& list);

  // kInvalidArgument when the list has no such utterance, or its embedding cannot be compared with those before it.
  absl::Status Check(const std::string& utterance, const FloatArray& embedding) const;
  // REQUIRES: Check() was OK.
  void Take(const std::string& utterance, const FloatArray& embedding);

  // As TrialList.utterances; empty where nothing arrived.
  const std::vector<FloatArray>& values() const { return values_; }

 private:
  std::unordered_map<std::string, size_t> index_;
  std::vector<FloatArray> values_;
  int64_t width_ = 0;
};

// The trials of a list whose both utterances have an embedding, with their scores, in the order of the list.
struct ScoredTrials {
  std::string name;
  // Indices into TrialList.trials.
  std::vector<size_t> trials;
  std::vector<double> scores;
};

// `embeddings` as TrialList.utterances; an empty array where there is none. kInvalidArgument when two embeddings
// differ in size, or none of the trials can be scored.
absl::StatusOr<ScoredTrials> ScoreByCosine(const TrialList& list, const std::vector<FloatArray>& embeddings,
                                           const std::string& name);

// Figures of one system. `replicates` 0: without intervals.
absl::StatusOr<SystemScores> MeasureSystem(const TrialList& list, const ScoredTrials& scored, int replicates,
                                           uint64_t seed);

// The report as the table that a run prints: a row for each figure of the first system, then a row for each system.
std::string FormatScoreTable(const ScoreReport& report);

// The name of the floor's column.
constexpr char kFloorColumn[] = "floor";

// Scores of another system on the same trials, under the name of its column.
struct ScoreColumn {
  std::string name;
  const ScoredTrials* scored;
};

// scores.tsv: label, enrol, test, score with 9 significant digits, and a column for each other system. A trial that
// another system could not score is "-" there.
std::string FormatScores(const TrialList& list, const ScoredTrials& system, const std::vector<ScoreColumn>& others);

// scores.svg: histograms of the system, DET curves of all.
absl::StatusOr<std::string> DrawScores(const TrialList& list, const ScoreReport& report, const ScoredTrials& system,
                                       const std::vector<ScoreColumn>& others);

}  // namespace diarflow

#endif  // DIARFLOW_NODES_VERIFICATION_REPORT_H_
