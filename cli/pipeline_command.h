// What the verbs that take a pipeline have in common: its file, its flags and --set, the checks.
#ifndef DIARFLOW_CLI_PIPELINE_COMMAND_H_
#define DIARFLOW_CLI_PIPELINE_COMMAND_H_

#include <string>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/status/statusor.h"
#include "graph/config_loader.h"
#include "graph/plan.h"

ABSL_DECLARE_FLAG(std::string, out);

namespace diarflow {

struct Verb {
  // "run", as it is typed.
  std::string name;
  // "runs the pipeline": how --help begins.
  std::string what;
  // The source files with the flags that only this verb has, "cli/run_pipeline.cc".
  std::vector<std::string> flags_files;
  // How --help ends.
  std::string exit_codes;
};

struct CheckedPipeline {
  // With flags and --set applied.
  Pipeline pipeline;
  Plan plan;
};

// Reads the pipeline, parses and applies flags and --set, checks the result; prints warnings on standard error.
// `arguments` is argv without the verb; with an empty `pipeline_path` its first argument names the pipeline. --help
// prints and ends the program. An error says what keeps the pipeline from running.
absl::StatusOr<CheckedPipeline> ReadPipelineCommand(const Verb& verb, const std::vector<std::string>& arguments,
                                                    std::string pipeline_path);

}  // namespace diarflow

#endif  // DIARFLOW_CLI_PIPELINE_COMMAND_H_
