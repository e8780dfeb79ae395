// Runs a checked plan once.
#ifndef DIARFLOW_GRAPH_RUNTIME_H_
#define DIARFLOW_GRAPH_RUNTIME_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "graph/plan.h"
#include "graph/run_report.pb.h"

namespace diarflow {

struct Progress {
  int64_t items_done = 0;
  // -1: the sources do not know.
  int64_t items_total = -1;
  int64_t in_flight = 0;
  double seconds = 0;
};

struct RunOptions {
  // Where nodes write their files; empty: nowhere.
  std::string run_folder;
  // Called from the run's threads, one call at a time, at most every `progress_seconds` of the plan's run settings,
  // and once at the end.
  std::function<void(const Progress&)> progress;
};

// Loads the resources, opens the nodes, runs every item through the graph and reports.
//
// An error status: the run could not start (a resource that cannot be loaded, a node that cannot open); nothing was
// run. Otherwise a report, whose outcome says how the run ended: failed items do not make it an error.
absl::StatusOr<RunReport> RunPlan(const Plan& plan, const RunOptions& options);

// The exit code of a program that ran a pipeline: 0 all items passed, 3 some failed, 1 the run failed.
// (2 is for what never started: bad flags, a bad pipeline, a missing model.)
int ExitCode(const RunReport& report);
constexpr int kExitBadConfiguration = 2;

// A table of the run: for each node its items, the time it took, its share, and how many times faster than real
// time it was. One line each, no trailing newline.
std::string NodeTable(const RunReport& report);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_RUNTIME_H_
