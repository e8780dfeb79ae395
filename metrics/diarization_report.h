// Scores of one or several diarization systems on a test set: every recording, the pooled figures with their intervals,
// what trivial systems reach on the same recordings, and how sure it is that one system is better than another.
//
// What is measured: der.h, jer.h, der_floors.h, session_bootstrap.h. This library pairs the recordings, calls those and
// keeps what they say; diarization_report_text.h prints it.
#ifndef DIARFLOW_METRICS_DIARIZATION_REPORT_H_
#define DIARFLOW_METRICS_DIARIZATION_REPORT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "diarization/turns.h"
#include "metrics/der.h"
#include "metrics/jer.h"
#include "metrics/session_bootstrap.h"

namespace diarflow {

struct DiarizationReportOptions {
  // The Jaccard error rate goes with the convention (kPyannote; kDscore for kMdEval), but is always without collar and
  // with overlap, as published ones are.
  DerOptions der;
  // Labels of the trivial system that draws them; 0: as many as the reference recording with most speakers has.
  int random_speakers = 0;
  int random_draws = 100;  // >= 1
  SessionBootstrapOptions bootstrap;
};

// A system's name, as it is to be printed, and what it said.
struct SystemOutput {
  std::string name;
  std::vector<Recording> recordings;
};

// What is to be scored.
struct DiarizationReportInput {
  std::vector<Recording> references;
  // At least one.
  std::vector<SystemOutput> systems;
  // Nothing: the rule of the convention says what is scored (der.h).
  std::optional<std::vector<EvaluationRegion>> regions;
  // uri -> group of dependent sessions; empty when every session stands for itself.
  std::map<std::string, std::string> groups;
};

struct FileScore {
  FileDer der;
  FileJer jer;
  // False when the system has nothing of this recording: all speech is missed.
  bool has_hypothesis = false;
};

struct SystemScore {
  std::string name;
  // In the order of the report's recordings.
  std::vector<FileScore> files;
  DerComponents pooled;
  JerSum jer;
  // Of the pooled rate. Missing where it would say nothing: fewer than two groups, or no speech at all.
  std::optional<RateInterval> interval;

  std::vector<std::string> MissingRecordings() const;
};

// Pooled over the recordings of the report, each scored as the systems are. See der_floors.h.
struct TrivialSystems {
  DerComponents one_speaker;
  DerComponents random_speakers;  // the sum over the draws
  DerComponents oracle_without_overlap;
  int num_random_speakers = 0;
};

// The first system against another one, on the same draws.
struct SystemComparison {
  std::string other;
  // Missing where it would say nothing, as for intervals.
  std::optional<PairedDifference> difference;
};

struct DiarizationReport {
  DiarizationReportOptions options;
  bool has_regions = false;
  // Sessions were grouped.
  bool has_groups = false;
  std::vector<std::string> uris;
  // The group of each recording, empty for one that stands for itself.
  std::vector<std::string> groups;
  std::vector<SystemScore> systems;
  TrivialSystems trivial;
  std::vector<SystemComparison> comparisons;
  // Recordings that only the regions name: neither the reference nor a system says anything of them. Not scored.
  std::vector<std::string> left_out;
};

// Recordings come in the order of the references, those without speech (named by regions and a system) behind them.
// Errors: those of PairRecordings() and ScoreDer(), with the system's name in front where there are several;
// kInvalidArgument for no system, no recording to score, a recording without a group where there are groups, an option
// out of its range.
absl::StatusOr<DiarizationReport> MakeDiarizationReport(const DiarizationReportInput& input,
                                                        const DiarizationReportOptions& options = {});

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_DIARIZATION_REPORT_H_
