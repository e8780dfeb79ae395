#include "graph/run_text.h"

#include "base/status_macros.h"
#include "graph/config_loader.h"
#include "graph/test_nodes.h"
#include "graph/validator.h"

namespace diarflow {

absl::StatusOr<RunReport> RunText(const std::string& text, const RunOptions& options) {
  ASSIGN_OR_RETURN(const Pipeline pipeline, Pipeline::Parse(text, "test.textproto"));
  ASSIGN_OR_RETURN(const Plan plan, Validate(pipeline));
  LastList().clear();
  LastBatches().clear();
  Records().clear();
  return RunPlan(plan, options);
}

std::string WithoutTime(FailureReport failure) {
  failure.clear_seconds();
  return failure.ShortDebugString();
}

}  // namespace diarflow
