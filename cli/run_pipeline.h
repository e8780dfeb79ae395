// Runs a pipeline file for a person at a command line.
#ifndef DIARFLOW_CLI_RUN_PIPELINE_H_
#define DIARFLOW_CLI_RUN_PIPELINE_H_

#include <string>
#include <vector>

namespace diarflow {

// The whole of `diarflow run PIPELINE ...` and of the //experiments programs: reads the pipeline, applies flags and
// --set, checks, runs, prints what the nodes have to say on standard output and the table of times behind it, and
// writes into the run's folder
//
//   pipeline.textproto   the pipeline as it was run: running this file again gives the same
//   pipeline.svg         its picture, each node coloured by its share of the work
//   report.textproto     RunReport
//   failures.tsv         item, number, time, node, code and message of what failed; only when something did
//   trace.json           with --trace: what every thread did when, in the Chrome trace format
//
// beside what the nodes write. Ctrl-C (SIGINT, SIGTERM) lets the run finish what is on its way, a second one stops it
// at once; either way the folder is written. Answers the exit code: 0 all items passed, 3 some failed, 1 the run
// failed, 2 it never started (a flag, the pipeline, a model). `arguments` is argv; with an empty `pipeline_path` its
// first positional argument names the pipeline.
int RunPipelineMain(const std::vector<std::string>& arguments, const std::string& pipeline_path);

}  // namespace diarflow

#endif  // DIARFLOW_CLI_RUN_PIPELINE_H_
