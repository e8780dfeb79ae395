#include "metrics/session_bootstrap.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/random.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

struct Sums {
  // Whole numbers: exact up to 2^53, and beyond it close enough for a rate.
  double errors = 0;
  double errors_of_other = 0;
  double total = 0;
};

double Rate(int64_t errors, int64_t total) {
  return total == 0 ? 0 : static_cast<double>(errors) / static_cast<double>(total);
}

absl::Status CheckOptions(const SessionBootstrapOptions& options) {
  if (options.replicates < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("a bootstrap of ", options.replicates, " replicates: ask for 1 at least"));
  }
  if (options.confidence > 0 && options.confidence < 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the confidence level is ", options.confidence, "; it must lie between 0 and 1"));
}

absl::Status SessionError(const SessionErrors& session, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("session \"", session.session, "\" ", what));
}

using SessionIndex = absl::flat_hash_map<absl::string_view, const SessionErrors*>;

absl::StatusOr<SessionIndex> CheckSessions(const std::vector<SessionErrors>& sessions) {
  SessionIndex index;
  int64_t total = 0;
  for (const SessionErrors& session : sessions) {
    if (session.errors < 0 || session.total < 0) return SessionError(session, "has negative errors or total");
    if (!index.try_emplace(session.session, &session).second) return SessionError(session, "is given twice");
    total = std::max(total, session.total);
  }
  if (total == 0) return absl::InvalidArgumentError("no session has a total: there is no rate");
  return index;
}

// The sums of each group, in the order of the groups' names; sessions without a group by their own. `others` holds the
// same sessions or is empty.
std::vector<Sums> SumGroups(const std::vector<SessionErrors>& sessions, const SessionIndex& others) {
  std::map<std::pair<absl::string_view, absl::string_view>, Sums> groups;
  for (const SessionErrors& session : sessions) {
    const absl::string_view alone = session.group.empty() ? session.session : absl::string_view();
    Sums& sums = groups[{session.group, alone}];
    sums.errors += static_cast<double>(session.errors);
    sums.total += static_cast<double>(session.total);
    const auto other = others.find(session.session);
    if (other != others.end()) sums.errors_of_other += static_cast<double>(other->second->errors);
  }
  std::vector<Sums> in_order;
  for (const auto& [name, sums] : groups) in_order.push_back(sums);
  return in_order;
}

Sums Add(const std::vector<Sums>& groups) {
  Sums sum;
  for (const Sums& group : groups) {
    sum.errors += group.errors;
    sum.errors_of_other += group.errors_of_other;
    sum.total += group.total;
  }
  return sum;
}

// One entry for each replicate; none has the total 0. Ends: a draw holds a group with a total at least as often as not.
std::vector<Sums> Resample(const std::vector<Sums>& groups, const SessionBootstrapOptions& options) {
  SplitMix64 random(options.seed);
  std::vector<Sums> replicates;
  std::vector<Sums> drawn(groups.size());
  while (static_cast<int>(replicates.size()) < options.replicates) {
    for (Sums& group : drawn) group = groups[random.Below(static_cast<int64_t>(groups.size()))];
    const Sums sum = Add(drawn);
    if (sum.total > 0) replicates.push_back(sum);
  }
  return replicates;
}

}  // namespace

absl::StatusOr<RateInterval> BootstrapOverGroups(const std::vector<SessionErrors>& sessions,
                                                 const SessionBootstrapOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  RETURN_IF_ERROR(CheckSessions(sessions).status());
  const std::vector<Sums> groups = SumGroups(sessions, {});
  std::vector<double> rates;
  for (const Sums& sum : Resample(groups, options)) rates.push_back(sum.errors / sum.total);
  const Sums all = Add(groups);
  RateInterval result;
  result.rate = all.errors / all.total;
  result.interval = PercentileInterval(std::move(rates), options.confidence);
  result.num_sessions = static_cast<int>(sessions.size());
  result.num_groups = static_cast<int>(groups.size());
  return result;
}

absl::StatusOr<PairedDifference> BootstrapPairedDifference(const std::vector<SessionErrors>& a,
                                                           const std::vector<SessionErrors>& b,
                                                           const SessionBootstrapOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(const SessionIndex of_a, CheckSessions(a));
  ASSIGN_OR_RETURN(const SessionIndex of_b, CheckSessions(b));
  for (const SessionErrors& session : b) {
    if (!of_a.contains(session.session)) return SessionError(session, "is missing from the first system");
  }
  PairedDifference result;
  for (const SessionErrors& session : a) {
    const auto found = of_b.find(session.session);
    if (found == of_b.end()) return SessionError(session, "is missing from the second system");
    const SessionErrors& other = *found->second;
    if (session.group != other.group) return SessionError(session, "is in another group in the second system");
    if (session.total != other.total) {
      return SessionError(session, absl::StrCat("has the total ", session.total, " in the first system and ",
                                                other.total, " in the second: score both the same way"));
    }
    result.sessions.push_back({session.session, Rate(session.errors, session.total) - Rate(other.errors, other.total)});
  }
  const std::vector<Sums> groups = SumGroups(a, of_b);
  std::vector<double> differences;
  for (const Sums& sum : Resample(groups, options)) {
    differences.push_back(sum.errors / sum.total - sum.errors_of_other / sum.total);
    if (sum.errors < sum.errors_of_other) result.share_a_better += 1;
    if (sum.errors == sum.errors_of_other) result.share_a_better += 0.5;
  }
  result.share_a_better /= options.replicates;
  const Sums all = Add(groups);
  result.rate_a = all.errors / all.total;
  result.rate_b = all.errors_of_other / all.total;
  result.difference = result.rate_a - result.rate_b;
  result.interval = PercentileInterval(std::move(differences), options.confidence);
  result.num_groups = static_cast<int>(groups.size());
  return result;
}

}  // namespace diarflow
