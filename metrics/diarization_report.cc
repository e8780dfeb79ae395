#include "metrics/diarization_report.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/suggest.h"
#include "metrics/der_floors.h"
#include "metrics/recording_pairs.h"

namespace diarflow {
namespace {

// The recordings of one system, the same for all systems and in the same order.
using Pairs = std::vector<RecordingPair>;

absl::StatusOr<std::vector<Pairs>> PairSystems(const DiarizationReportInput& input, DiarizationReport* report) {
  std::set<std::string> said;
  for (const Recording& reference : input.references) said.insert(reference.uri);
  for (const SystemOutput& system : input.systems) {
    for (const Recording& recording : system.recordings) said.insert(recording.uri);
  }
  std::vector<Pairs> all;
  for (const SystemOutput& system : input.systems) {
    absl::StatusOr<Pairs> pairs = PairRecordings(input.references, system.recordings, input.regions);
    if (!pairs.ok()) {
      if (input.systems.size() == 1) return pairs.status();
      return absl::Status(pairs.status().code(), absl::StrCat(system.name, ": ", pairs.status().message()));
    }
    Pairs kept;
    for (RecordingPair& pair : *pairs) {
      if (said.count(pair.reference.uri) > 0) {
        kept.push_back(std::move(pair));
      } else if (all.empty()) {
        report->left_out.push_back(pair.reference.uri);
      }
    }
    all.push_back(std::move(kept));
  }
  return all;
}

absl::Status TakeRecordings(const Pairs& pairs, const DiarizationReportInput& input, DiarizationReport* report) {
  report->has_regions = input.regions.has_value();
  report->has_groups = !input.groups.empty();
  for (const RecordingPair& pair : pairs) {
    const std::string& uri = pair.reference.uri;
    report->uris.push_back(uri);
    report->groups.emplace_back();
    if (!report->has_groups) continue;
    const auto group = input.groups.find(uri);
    if (group == input.groups.end()) {
      std::vector<std::string> known;
      for (const auto& [name, unused] : input.groups) known.push_back(name);
      return absl::InvalidArgumentError(
          absl::StrCat("the recording \"", uri, "\" is in no group", DidYouMean(uri, known)));
    }
    report->groups.back() = group->second;
  }
  if (report->uris.empty()) {
    return absl::InvalidArgumentError(
        "there is nothing to score: the reference names no recording, and no regions say where silence is meant");
  }
  return absl::OkStatus();
}

absl::StatusOr<SystemScore> ScoreSystem(const std::string& name, const Pairs& pairs, const DerOptions& options) {
  SystemScore system;
  system.name = name;
  JerOptions jer;
  jer.convention = options.convention == DerConvention::kMdEval ? JerConvention::kDscore : JerConvention::kPyannote;
  for (const RecordingPair& pair : pairs) {
    FileScore file;
    ASSIGN_OR_RETURN(file.der, ScoreDer(pair.reference, pair.hypothesis, pair.region, options));
    ASSIGN_OR_RETURN(file.jer, ScoreJer(pair.reference, pair.hypothesis, pair.region, jer));
    file.has_hypothesis = pair.has_hypothesis;
    system.pooled += file.der.components;
    system.jer += file.jer.sum;
    system.files.push_back(std::move(file));
  }
  return system;
}

int MostSpeakers(const Pairs& pairs) {
  size_t most = 1;
  for (const RecordingPair& pair : pairs) {
    std::set<std::string> speakers;
    for (const Turn& turn : pair.reference.turns) speakers.insert(turn.speaker);
    most = std::max(most, speakers.size());
  }
  return static_cast<int>(most);
}

absl::StatusOr<TrivialSystems> ScoreTrivialSystems(const Pairs& pairs, const DiarizationReportOptions& options) {
  TrivialSystems trivial;
  trivial.num_random_speakers = options.random_speakers > 0 ? options.random_speakers : MostSpeakers(pairs);
  RandomSpeakersOptions random;
  random.num_speakers = trivial.num_random_speakers;
  random.draws = options.random_draws;
  random.seed = options.bootstrap.seed;
  for (const RecordingPair& pair : pairs) {
    const Recording& reference = pair.reference;
    ASSIGN_OR_RETURN(const FileDer one, ScoreDer(reference, OneSpeakerHypothesis(reference), pair.region, options.der));
    trivial.one_speaker += one.components;
    ASSIGN_OR_RETURN(const FileDer oracle,
                     ScoreDer(reference, OracleWithoutOverlap(reference), pair.region, options.der));
    trivial.oracle_without_overlap += oracle.components;
    ASSIGN_OR_RETURN(const DerComponents drawn, RandomSpeakersSum(reference, pair.region, options.der, random));
    trivial.random_speakers += drawn;
    // Recordings with equal reference turns must not get equal draws.
    ++random.seed;
  }
  return trivial;
}

std::vector<SessionErrors> SessionsOf(const SystemScore& system, const DiarizationReport& report) {
  std::vector<SessionErrors> sessions;
  for (size_t i = 0; i < system.files.size(); ++i) {
    const DerComponents& components = system.files[i].der.components;
    sessions.push_back({report.uris[i], report.groups[i], components.errors(), components.total});
  }
  return sessions;
}

// Intervals and comparisons, where there are groups to draw from.
absl::Status AddIntervals(DiarizationReport* report) {
  std::set<std::string> groups;
  for (size_t i = 0; i < report->uris.size(); ++i) {
    groups.insert(report->has_groups ? report->groups[i] : report->uris[i]);
  }
  const bool can_draw = groups.size() > 1 && report->systems[0].pooled.total > 0;
  const std::vector<SessionErrors> first = SessionsOf(report->systems[0], *report);
  for (size_t i = 0; i < report->systems.size(); ++i) {
    SystemScore& system = report->systems[i];
    if (i > 0) report->comparisons.push_back({system.name, std::nullopt});
    if (!can_draw) continue;
    const std::vector<SessionErrors> sessions = SessionsOf(system, *report);
    ASSIGN_OR_RETURN(system.interval, BootstrapOverGroups(sessions, report->options.bootstrap));
    if (i == 0) continue;
    ASSIGN_OR_RETURN(report->comparisons.back().difference,
                     BootstrapPairedDifference(first, sessions, report->options.bootstrap));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> SystemScore::MissingRecordings() const {
  std::vector<std::string> missing;
  for (const FileScore& file : files) {
    if (!file.has_hypothesis) missing.push_back(file.der.uri);
  }
  return missing;
}

absl::StatusOr<DiarizationReport> MakeDiarizationReport(const DiarizationReportInput& input,
                                                        const DiarizationReportOptions& options) {
  if (input.systems.empty()) return absl::InvalidArgumentError("there is no system to score");
  if (options.random_speakers < 0) {
    return absl::InvalidArgumentError(absl::StrCat(options.random_speakers, " random speakers: ask for 1 at least"));
  }
  DiarizationReport report;
  report.options = options;
  ASSIGN_OR_RETURN(const std::vector<Pairs> pairs, PairSystems(input, &report));
  RETURN_IF_ERROR(TakeRecordings(pairs[0], input, &report));
  for (size_t i = 0; i < pairs.size(); ++i) {
    ASSIGN_OR_RETURN(SystemScore system, ScoreSystem(input.systems[i].name, pairs[i], options.der));
    report.systems.push_back(std::move(system));
  }
  ASSIGN_OR_RETURN(report.trivial, ScoreTrivialSystems(pairs[0], options));
  RETURN_IF_ERROR(AddIntervals(&report));
  return report;
}

}  // namespace diarflow
