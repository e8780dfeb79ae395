#include "metrics/session_scores.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "diarization/activity_turns.h"
#include "diarization/frame_labels.h"
#include "metrics/der.h"
#include "metrics/der_floors.h"
#include "metrics/jer.h"
#include "metrics/session_bootstrap.h"
#include "metrics/session_tally.h"
#include "metrics/window_order_scores.h"

namespace diarflow {
namespace {

constexpr int kRandomDraws = 20;

SessionTally TallyOf(const DerComponents& components, int64_t draws) {
  SessionTally tally;
  tally.total = components.total / draws;
  tally.missed = components.missed / draws;
  tally.false_alarm = components.false_alarm / draws;
  tally.confusion = components.confusion / draws;
  return tally;
}

int64_t EndOf(const ScoredSession& session) {
  const FrameGrid& grid = session.grid;
  return MicrosecondsFromSamples(grid.Begin(session.activity[0].dim(0)), grid.sample_rate);
}

// ---- HONEST ----

// The whole of the session, and where turns of the reference end later, up to there.
std::vector<TimeSpan> RegionOf(const ScoredSession& session) {
  int64_t end = EndOf(session);
  for (const Turn& turn : session.reference.turns) end = std::max(end, turn.end());
  return {{0, end}};
}

absl::StatusOr<Recording> TurnsOf(const ScoredSession& session, size_t system, double threshold, int median_frames) {
  const FloatArray& activity = session.activity[system];
  ActivityTurns turns(static_cast<int>(activity.dim(1)), {threshold, median_frames, 0});
  ASSIGN_OR_RETURN(std::vector<LiveRecord> records, turns.Push(activity, session.grid));
  for (LiveRecord& record : turns.Flush(EndOf(session))) records.push_back(std::move(record));
  Recording recording{session.reference.uri, {}};
  for (const LiveRecord& record : records) {
    if (record.kind != LiveRecord::kEnded || record.end <= record.start) continue;
    recording.turns.push_back({record.start, record.end - record.start, record.speaker});
  }
  std::sort(recording.turns.begin(), recording.turns.end());
  return recording;
}

absl::StatusOr<SessionTally> ScoreTurns(const ScoredSession& session, const Recording& turns) {
  const std::vector<TimeSpan> region = RegionOf(session);
  ASSIGN_OR_RETURN(const FileDer der, ScoreDer(session.reference, turns, region));
  SessionTally tally = TallyOf(der.components, 1);
  ASSIGN_OR_RETURN(const FileJer jer, ScoreJer(session.reference, turns, region));
  tally.jer = jer.sum;
  return tally;
}

absl::StatusOr<SessionTally> ScoreRandom(const ScoredSession& session, uint64_t seed) {
  std::set<std::string> speakers;
  for (const Turn& turn : session.reference.turns) speakers.insert(turn.speaker);
  RandomSpeakersOptions options;
  options.num_speakers = std::max<int>(1, static_cast<int>(speakers.size()));
  options.draws = kRandomDraws;
  options.seed = seed;
  ASSIGN_OR_RETURN(const DerComponents sum, RandomSpeakersSum(session.reference, RegionOf(session), {}, options));
  return TallyOf(sum, kRandomDraws);
}

// ---- ORIGINAL ----

// Labels [T, K] by the rules of the original.
absl::StatusOr<FloatArray> OriginalLabels(const ScoredSession& session) {
  const FloatArray& activity = session.activity[0];
  FrameLabelOptions options = FrameLabelOptionsOf(ProtocolRules::kOriginal);
  options.frame_rate = session.grid.Rate();
  options.num_speakers = static_cast<int>(activity.dim(1));
  const int64_t begin = MicrosecondsFromSamples(session.grid.first_sample, session.grid.sample_rate);
  ASSIGN_OR_RETURN(FrameLabels labels,
                   LabelFrames(session.reference, {begin, EndOf(session)}, activity.dim(0), options));
  return std::move(labels.values);
}

// ---- Both ----

absl::Status CheckOptions(const SessionScoresOptions& options) {
  if (options.thresholds.empty() || options.median_frames.empty()) {
    return absl::InvalidArgumentError("there is no threshold, or no median filter, to choose from");
  }
  for (const double threshold : options.thresholds) {
    for (const int median_frames : options.median_frames) {
      RETURN_IF_ERROR(CheckActivityTurnOptions({threshold, median_frames, 0}));
    }
  }
  if (options.window_frames < 1) {
    return absl::InvalidArgumentError(absl::StrCat("window_frames is ", options.window_frames, "; at least 1"));
  }
  return absl::OkStatus();
}

// The trivial system that hears speech where `system` does, and tells nobody apart.
std::string OwnSpeechName(const std::string& system) { return absl::StrCat("one speaker in the speech of ", system); }

std::string GroupOf(const ScoredSession& session) {
  std::set<std::string> speakers;
  for (const Turn& turn : session.reference.turns) speakers.insert(turn.speaker);
  return absl::StrJoin(speakers, "\n");
}

class Scorer {
 public:
  Scorer(const std::vector<ActivitySystem>& systems, const std::vector<ScoredSession>& sessions,
         const SessionScoresOptions& options)
      : systems_(systems), sessions_(sessions), options_(options) {}

  absl::StatusOr<ScoredSystems> Score() {
    for (const ScoredSession& session : sessions_) {
      ASSIGN_OR_RETURN(labels_.emplace_back(), OriginalLabels(session));
      if (!session.validation) {
        if (std::find(sets_.begin(), sets_.end(), session.set) == sets_.end()) sets_.push_back(session.set);
        continue;
      }
      result_.scores.set_validation_sessions(result_.scores.validation_sessions() + 1);
      result_.scores.set_validation_seconds(result_.scores.validation_seconds() + ToSeconds(EndOf(session)));
    }
    if (sets_.empty()) return absl::FailedPreconditionError("there is no session to score");
    for (size_t i = 0; i < systems_.size(); ++i) RETURN_IF_ERROR(Choose(i));
    for (const std::string& set : sets_) {
      for (const auto protocol : {SessionScores::HONEST, SessionScores::ORIGINAL}) RETURN_IF_ERROR(Rows(set, protocol));
    }
    return std::move(result_);
  }

 private:
  // Tallies of each session of a set.
  using Tallies = std::vector<SessionTally>;

  absl::StatusOr<SessionTally> ScoreSession(size_t session, size_t system, double threshold, int median_frames,
                                            Recording* turns) const {
    const ScoredSession& scored = sessions_[session];
    if (systems_[system].protocol == SessionScores::ORIGINAL) {
      return TallyWindowActivity(labels_[session], options_.window_frames, scored.activity[system], threshold,
                                 median_frames);
    }
    ASSIGN_OR_RETURN(*turns, TurnsOf(scored, system, threshold, median_frames));
    return ScoreTurns(scored, *turns);
  }

  absl::Status Choose(size_t system) {
    SessionScores::System* chosen = result_.scores.add_system();
    chosen->set_name(systems_[system].name);
    chosen->set_protocol(systems_[system].protocol);
    chosen->set_producer(systems_[system].producer);
    double least = std::numeric_limits<double>::infinity();
    for (const double threshold : options_.thresholds) {
      for (const int median_frames : options_.median_frames) {
        SessionTally sum;
        for (size_t i = 0; i < sessions_.size(); ++i) {
          if (!sessions_[i].validation) continue;
          Recording turns;
          ASSIGN_OR_RETURN(const SessionTally tally, ScoreSession(i, system, threshold, median_frames, &turns));
          sum += tally;
        }
        if (sum.total == 0) return absl::FailedPreconditionError("nobody speaks in any session for validation");
        if (sum.rate() >= least) continue;
        least = sum.rate();
        chosen->set_threshold(threshold);
        chosen->set_median_frames(median_frames);
        chosen->set_validation_rate(least);
      }
    }
    return absl::OkStatus();
  }

  absl::Status Rows(const std::string& set, SessionScores::Protocol protocol) {
    std::vector<size_t> members;
    for (size_t i = 0; i < sessions_.size(); ++i) {
      if (!sessions_[i].validation && sessions_[i].set == set) members.push_back(i);
    }
    std::vector<std::pair<std::string, Tallies>> rows, own_speech;
    for (size_t system = 0; system < systems_.size(); ++system) {
      if (systems_[system].protocol != protocol) continue;
      const SessionScores::System chosen = result_.scores.system(static_cast<int>(system));
      Tallies tallies;
      SetTurns all = {set, systems_[system].name, {}};
      for (const size_t i : members) {
        ASSIGN_OR_RETURN(tallies.emplace_back(), ScoreSession(i, system, chosen.threshold(), chosen.median_frames(),
                                                              &all.recordings.emplace_back()));
      }
      rows.emplace_back(systems_[system].name, std::move(tallies));
      if (protocol != SessionScores::HONEST) continue;
      Tallies nobody;
      for (size_t m = 0; m < members.size(); ++m) {
        ASSIGN_OR_RETURN(nobody.emplace_back(),
                         ScoreTurns(sessions_[members[m]], OneSpeakerHypothesis(all.recordings[m])));
      }
      own_speech.emplace_back(OwnSpeechName(systems_[system].name), std::move(nobody));
      result_.turns.push_back(std::move(all));
    }
    if (rows.empty()) return absl::OkStatus();
    const size_t num_systems = rows.size();
    std::move(own_speech.begin(), own_speech.end(), std::back_inserter(rows));
    RETURN_IF_ERROR(protocol == SessionScores::HONEST ? TrivialTurns(members, &rows) : TrivialWindows(members, &rows));
    for (size_t i = 0; i < rows.size(); ++i) RETURN_IF_ERROR(AddRow(set, protocol, members, rows, i, num_systems));
    return absl::OkStatus();
  }

  absl::Status TrivialTurns(const std::vector<size_t>& members,
                            std::vector<std::pair<std::string, Tallies>>* rows) const {
    Tallies one, random, oracle;
    for (const size_t i : members) {
      const ScoredSession& session = sessions_[i];
      ASSIGN_OR_RETURN(one.emplace_back(), ScoreTurns(session, OneSpeakerHypothesis(session.reference)));
      ASSIGN_OR_RETURN(random.emplace_back(), ScoreRandom(session, i));
      ASSIGN_OR_RETURN(oracle.emplace_back(), ScoreTurns(session, OracleWithoutOverlap(session.reference)));
    }
    rows->emplace_back("one speaker", std::move(one));
    rows->emplace_back("random speakers", std::move(random));
    rows->emplace_back("oracle without overlap", std::move(oracle));
    return absl::OkStatus();
  }

  absl::Status TrivialWindows(const std::vector<size_t>& members,
                              std::vector<std::pair<std::string, Tallies>>* rows) const {
    Tallies one, arrival, random;
    const int64_t window = options_.window_frames;
    for (const size_t i : members) {
      ASSIGN_OR_RETURN(one.emplace_back(), TallyOneColumn(labels_[i], window));
      ASSIGN_OR_RETURN(arrival.emplace_back(), TallyArrivalOrder(labels_[i], window));
      ASSIGN_OR_RETURN(random.emplace_back(), TallyRandomOrder(labels_[i], window, i));
    }
    rows->emplace_back("one speaker", std::move(one));
    rows->emplace_back("perfect, in the window's order", std::move(arrival));
    rows->emplace_back("perfect, in random order", std::move(random));
    return absl::OkStatus();
  }

  std::vector<SessionErrors> ErrorsOf(const std::vector<size_t>& members, const Tallies& tallies) const {
    std::vector<SessionErrors> errors;
    for (size_t m = 0; m < members.size(); ++m) {
      const ScoredSession& session = sessions_[members[m]];
      errors.push_back({session.reference.uri, GroupOf(session), tallies[m].errors(), tallies[m].total});
    }
    return errors;
  }

  absl::Status AddRow(const std::string& set, SessionScores::Protocol protocol, const std::vector<size_t>& members,
                      const std::vector<std::pair<std::string, Tallies>>& rows, size_t index, size_t num_systems) {
    const auto& [name, tallies] = rows[index];
    const bool trivial = index >= num_systems;
    SessionTally sum;
    for (const SessionTally& tally : tallies) sum += tally;
    SessionScores::Row* row = result_.scores.add_row();
    row->set_set(set);
    row->set_protocol(protocol);
    row->set_system(name);
    if (trivial) row->set_trivial(true);
    row->set_sessions(static_cast<int>(members.size()));
    row->set_rate(sum.rate());
    const double total = static_cast<double>(std::max<int64_t>(1, sum.total));
    row->set_missed(static_cast<double>(sum.missed) / total);
    row->set_false_alarm(static_cast<double>(sum.false_alarm) / total);
    row->set_confusion(static_cast<double>(sum.confusion) / total);
    if (sum.jer.speakers > 0) row->set_jaccard(sum.jer.rate());
    if (sum.num_windows > 0) row->set_mean_of_windows(sum.windows / static_cast<double>(sum.num_windows));
    std::set<std::string> groups;
    for (const size_t i : members) groups.insert(GroupOf(sessions_[i]));
    if (groups.size() < 2 || sum.total == 0) return absl::OkStatus();
    SessionBootstrapOptions bootstrap;
    bootstrap.replicates = options_.bootstrap_replicates;
    const std::vector<SessionErrors> own = ErrorsOf(members, tallies);
    ASSIGN_OR_RETURN(const RateInterval interval, BootstrapOverGroups(own, bootstrap));
    row->set_low(interval.interval.low);
    row->set_high(interval.interval.high);
    if (trivial) return absl::OkStatus();
    for (size_t other = 0; other < rows.size(); ++other) {
      // What others hear as speech says nothing of this one.
      const bool is_own_speech = other >= num_systems && other < 2 * num_systems && protocol == SessionScores::HONEST;
      if (other == index || (is_own_speech && other != index + num_systems)) continue;
      ASSIGN_OR_RETURN(const PairedDifference paired,
                       BootstrapPairedDifference(own, ErrorsOf(members, rows[other].second), bootstrap));
      SessionScores::Difference* difference = row->add_difference();
      difference->set_other(rows[other].first);
      difference->set_value(paired.difference);
      difference->set_low(paired.interval.low);
      difference->set_high(paired.interval.high);
    }
    return absl::OkStatus();
  }

  const std::vector<ActivitySystem>& systems_;
  const std::vector<ScoredSession>& sessions_;
  const SessionScoresOptions& options_;
  std::vector<FloatArray> labels_;  // of each session
  std::vector<std::string> sets_;
  ScoredSystems result_;
};

}  // namespace

absl::Status CheckScoredSession(const ScoredSession& session, size_t systems) {
  const std::string& uri = session.reference.uri;
  RETURN_IF_ERROR(CheckGrid(absl::StrCat("frames of ", uri), session.grid));
  if (session.activity.size() != systems || systems == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(uri, ": activities of ", session.activity.size(), " systems, but there are ", systems));
  }
  for (const FloatArray& activity : session.activity) {
    if (activity.shape().size() == 2 && activity.dim(0) > 0 && activity.dim(1) > 0 &&
        activity.shape() == session.activity[0].shape() && activity.FirstNotFinite() < 0) {
      continue;
    }
    return absl::InvalidArgumentError(absl::StrCat(uri, ": an activity ", activity.ShapeString(),
                                                   "; finite numbers [T, K] are needed, of one shape for all systems"));
  }
  RETURN_IF_ERROR(CheckTurns(session.reference));
  // Frames that lie beyond all times have no labels.
  return OriginalLabels(session).status();
}

absl::StatusOr<ScoredSystems> ScoreSessions(const std::vector<ActivitySystem>& systems,
                                            const std::vector<ScoredSession>& sessions,
                                            const SessionScoresOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  std::set<std::string> names, uris;
  for (const ActivitySystem& system : systems) {
    if (!names.insert(absl::StrCat(system.protocol, system.name)).second) {
      return absl::InvalidArgumentError(absl::StrCat("two systems are called \"", system.name, "\""));
    }
  }
  for (const ScoredSession& session : sessions) {
    RETURN_IF_ERROR(CheckScoredSession(session, systems.size()));
    if (!uris.insert(session.reference.uri).second) {
      return absl::InvalidArgumentError(absl::StrCat("two sessions are called \"", session.reference.uri, "\""));
    }
  }
  return Scorer(systems, sessions, options).Score();
}

}  // namespace diarflow
