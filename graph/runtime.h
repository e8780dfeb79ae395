// Runs a checked plan once.
#ifndef DIARFLOW_GRAPH_RUNTIME_H_
#define DIARFLOW_GRAPH_RUNTIME_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "graph/plan.h"
#include "graph/run_report.pb.h"
#include "graph/trace.h"

namespace diarflow {

struct Progress {
  int64_t items_done = 0;
  // -1: the sources do not know.
  int64_t items_total = -1;
  int64_t in_flight = 0;
  // In items: those done, and the parts that are done of the others, as far as these are counted.
  double work_done = 0;
  double seconds = 0;
  // The run is over, however it ended.
  bool last = false;
};

struct RunOptions {
  // Called once the resources are loaded and the nodes are open, before the first item. An error keeps the run from
  // starting.
  std::function<absl::Status()> on_start;
  // Where nodes write their files; empty: nowhere.
  std::string run_folder;
  // Called from the run's threads, one call at a time, at most every `progress_seconds` of the plan's run settings,
  // and once at the end.
  std::function<void(const Progress&)> progress;
  // Counted up from outside, by a signal handler for example: at 1 the sources end and what is on its way is finished,
  // at 2 no body is called any more. Either way there is a report. Null: nobody will.
  const std::atomic<int>* interrupts = nullptr;
  // Takes down what happened when; null: nothing. It keeps names of the plan, which must live as long.
  Trace* trace = nullptr;
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

// A table of the run: for each node its items, the time it took, its share, half and nine tenths of the calls (p50,
// p90), and how many times faster than real time it was. One line each, no trailing newline.
std::string NodeTable(const RunReport& report);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_RUNTIME_H_
