// What activities of speakers are worth: thresholds chosen on validation sessions, then test sets scored under two
// protocols, beside systems that know next to nothing.
//
//   HONEST    activity, frame by frame, of the whole session to turns (diarization/activity_turns.h); diarization error
//             rate with the speakers mapped, no collar, overlap scored, over the whole of the session, pooled; Jaccard
//             error rate
//   ORIGINAL  activity of windows each for itself, column k for the session's k-th speaker; the frame error of the
//             original experiments (session_order_error.h) against labels by its rules (frame_labels.h)
//
// Trivial systems know when somebody speaks, from the reference: one speaker, random speakers, all speakers one at a
// time; and, for each system, one speaker where that system hears speech: what it gains over this one it gains by
// telling speakers apart.
//
// Threshold and median filter are those with the lowest rate on the validation sessions, of the same protocol; of
// equals the lowest threshold, then the shortest filter. Intervals and differences: session_bootstrap.h, over groups
// of sessions with the same speakers.
#ifndef DIARFLOW_METRICS_SESSION_SCORES_H_
#define DIARFLOW_METRICS_SESSION_SCORES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "audio/time_grid.h"
#include "base/float_array.h"
#include "diarization/turns.h"
#include "metrics/session_scores.pb.h"

namespace diarflow {

struct ActivitySystem {
  std::string name;
  SessionScores::Protocol protocol = SessionScores::HONEST;
  std::string producer;
};

struct ScoredSession {
  std::string set;
  bool validation = false;
  Recording reference;  // its uri is the session's name
  // Of each system, [T, K], 0 to 1. All on this grid.
  std::vector<FloatArray> activity;
  FrameGrid grid;
};

struct SessionScoresOptions {
  std::vector<double> thresholds = {0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6};
  std::vector<int> median_frames = {1, 5, 11, 21};
  // ORIGINAL: frames of a window.
  int64_t window_frames = 1125;
  int bootstrap_replicates = 1000;
};

// A system's turns in a test set, as they were scored.
struct SetTurns {
  std::string set;
  std::string system;
  std::vector<Recording> recordings;
};

struct ScoredSystems {
  SessionScores scores;
  // Of the HONEST systems, set by set.
  std::vector<SetTurns> turns;
};

// kInvalidArgument, naming the session: not an activity for each of so many systems, of one shape [T, K] and finite; a
// grid or turns that cannot be.
absl::Status CheckScoredSession(const ScoredSession& session, size_t systems);

// kInvalidArgument, naming it: an option out of its range, a session without an activity for each system or of another
// shape, a name that comes twice; kFailedPrecondition: no validation session with speech, or no other.
absl::StatusOr<ScoredSystems> ScoreSessions(const std::vector<ActivitySystem>& systems,
                                            const std::vector<ScoredSession>& sessions,
                                            const SessionScoresOptions& options);

// The rows, set by set, for people: rates in percent with their intervals, differences that matter, what was chosen.
std::string SessionScoresTable(const SessionScores& scores);

// The rows as bars, an SVG file that stands alone.
std::string SessionScoresSvg(const SessionScores& scores);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_SESSION_SCORES_H_
