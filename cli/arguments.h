// The command line of a pipeline: its own flags and --set are taken out, absl's flags remain.
#ifndef DIARFLOW_CLI_ARGUMENTS_H_
#define DIARFLOW_CLI_ARGUMENTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "graph/config_loader.h"

namespace diarflow {

struct Arguments {
  // Of the pipeline's params: name -> value, or values in the order given.
  std::multimap<std::string, std::string> params;
  // "NODE.FIELD=VALUE" in the order given.
  std::vector<std::string> assignments;
  // The rest: argv[0], flags of the program and positional arguments.
  std::vector<std::string> rest;
  // --help or -h was among them.
  bool help = false;
};

// Takes --NAME=VALUE and --NAME VALUE (also with one dash) of the pipeline's params and of --set out of `arguments`;
// nothing after "--". kInvalidArgument for a flag that neither the pipeline nor the program has, with the nearest
// name, and for a flag without its value.
absl::StatusOr<Arguments> SplitArguments(const std::vector<std::string>& arguments, const Pipeline& pipeline);

// Sets the program's own absl flags from `arguments` (--NAME=VALUE, --NAME VALUE, --NAME and --noNAME of switches) and
// answers the arguments that are no flags, without argv[0]. As absl::ParseCommandLine does, but an error is a status:
// kInvalidArgument for a value that the flag does not take, and for a missing one. REQUIRES: every flag exists
// (SplitArguments has looked).
absl::StatusOr<std::vector<std::string>> SetProgramFlags(const std::vector<std::string>& arguments);

}  // namespace diarflow

#endif  // DIARFLOW_CLI_ARGUMENTS_H_
