// How sure a pooled error rate of sessions is, and how sure it is that one system is better than another: percentile
// intervals from a bootstrap over groups of sessions.
//
// The figure is errors / total, pooled: sums over sessions, then one division (a diarization error rate in microseconds
// of speaker time, a word error rate, ...). Sessions with the same speakers are not independent (four meetings of each
// group in AMI's test set): give them one group, and whole groups are drawn with replacement, as many as there are.
// Sessions that stand for themselves are groups of their own. With m_g = how often group g was drawn, the replicate's
// figure is sum m_g errors_g / sum m_g total_g.
//
// Two systems are compared on the same draws: the interval of the difference is much narrower than those of the figures
// suggest, since hard sessions are hard for both.
//
// Few groups make a coarse interval: with four of them read it as an order of magnitude.
//
// Deterministic: the same sessions in any order, options and seed give the same numbers everywhere.
#ifndef DIARFLOW_METRICS_SESSION_BOOTSTRAP_H_
#define DIARFLOW_METRICS_SESSION_BOOTSTRAP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metrics/resampling.h"

namespace diarflow {

struct SessionErrors {
  std::string session;
  std::string group;   // those who may be dependent; empty for a session that stands for itself
  int64_t errors = 0;  // >= 0, in any unit
  int64_t total = 0;   // >= 0, in the same unit
};

struct SessionBootstrapOptions {
  int replicates = 1000;     // >= 1
  double confidence = 0.95;  // inside (0, 1)
  uint64_t seed = 1;
};

struct RateInterval {
  double rate = 0;  // pooled over all sessions
  Interval interval;
  int num_sessions = 0;
  int num_groups = 0;
};

// A draw whose total is 0 is drawn again.
// kInvalidArgument, naming the session: a negative number, a session given twice; also for an option out of its range,
// and when no session has a total.
absl::StatusOr<RateInterval> BootstrapOverGroups(const std::vector<SessionErrors>& sessions,
                                                 const SessionBootstrapOptions& options = {});

struct SessionDifference {
  std::string session;
  double difference = 0;  // rate of a minus rate of b; 0 for a session without a total
};

struct PairedDifference {
  double rate_a = 0;
  double rate_b = 0;
  double difference = 0;  // rate_a - rate_b: below 0 when a is better
  Interval interval;      // of the difference
  // Share of the replicates in which a is better (ties count half).
  double share_a_better = 0;
  // By session, in the order of a.
  std::vector<SessionDifference> sessions;
  int num_groups = 0;
};

// Both systems on the same sessions, in any order. kInvalidArgument as above, and, naming the session, where one of
// them lacks it or they disagree on its group or total.
absl::StatusOr<PairedDifference> BootstrapPairedDifference(const std::vector<SessionErrors>& a,
                                                           const std::vector<SessionErrors>& b,
                                                           const SessionBootstrapOptions& options = {});

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_SESSION_BOOTSTRAP_H_
