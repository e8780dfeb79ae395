// Runs a pipeline that a test writes as text.
#ifndef DIARFLOW_GRAPH_RUN_TEXT_H_
#define DIARFLOW_GRAPH_RUN_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "graph/run_report.pb.h"
#include "graph/runtime.h"

namespace diarflow {

// Clears what the test nodes keep, then parses, checks and runs. Places are called "test.textproto:LINE".
absl::StatusOr<RunReport> RunText(const std::string& text, const RunOptions& options = {});

// A failure as text, without what differs from run to run.
std::string WithoutTime(FailureReport failure);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_RUN_TEXT_H_
