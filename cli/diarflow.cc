// diarflow: the command line of the project.
#include <cstdio>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/suggest.h"
#include "cli/run_pipeline.h"
#include "graph/runtime.h"

int main(int argc, char** argv) {
  diarflow::SetProgramPath(argv[0]);
  std::vector<std::string> arguments(argv, argv + argc);
  const std::string verb = argc > 1 ? arguments[1] : "";
  if (verb == "run") {
    arguments.erase(arguments.begin() + 1);
    return diarflow::RunPipelineMain(arguments, "");
  }
  const bool help = verb == "help" || verb == "--help" || verb == "-h";
  if (!verb.empty() && !help) {
    std::fprintf(stderr, "diarflow has no verb \"%s\"%s\n", verb.c_str(),
                 diarflow::DidYouMean(verb, {"run", "help"}).c_str());
  }
  std::fprintf(
      help ? stdout : stderr,
      "diarflow run PIPELINE.textproto [flags]   runs a pipeline; with --help it lists the pipeline's flags\n");
  return help ? 0 : diarflow::kExitBadConfiguration;
}
