// Looks at a pipeline without running it.
#ifndef DIARFLOW_CLI_INSPECT_PIPELINE_H_
#define DIARFLOW_CLI_INSPECT_PIPELINE_H_

#include <string>
#include <vector>

#include "graph/plan.h"

namespace diarflow {

// `diarflow check PIPELINE [flags]`: all checks, without opening what the pipeline names; then PlanSummary. Answers
// the exit code: 0, or 2 with every mistake on standard error. `arguments` is argv without the verb.
int CheckPipelineMain(const std::vector<std::string>& arguments);

// `diarflow draw PIPELINE [--format svg|dot] [--report report.textproto] [--out FILE] [flags]`: the picture of
// graph/draw.h, on standard output where no file is named. Answers 0, or 2 for what cannot be drawn.
int DrawPipelineMain(const std::vector<std::string>& arguments);

// The nodes in the order of the data, each with what it reads and writes, and what the run would take: threads, items
// in flight and the fewest that fill the batches. Lines, with a newline at the end.
std::string PlanSummary(const Plan& plan);

}  // namespace diarflow

#endif  // DIARFLOW_CLI_INSPECT_PIPELINE_H_
