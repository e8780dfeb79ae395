// diarflow: the command line of the project.
#include <cstdio>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/suggest.h"
#include "cli/inspect_pipeline.h"
#include "cli/node_manual.h"
#include "cli/run_pipeline.h"
#include "cli/score_command.h"
#include "graph/runtime.h"

namespace {

constexpr char kUsage[] =
    "diarflow run PIPELINE.textproto [flags]     runs a pipeline\n"
    "diarflow check PIPELINE.textproto [flags]   checks it and says what would run\n"
    "diarflow draw PIPELINE.textproto [flags]    draws it: SVG, or text for Graphviz with --format=dot\n"
    "diarflow nodes [TYPE...]                    what pipelines are made of: every node, its ports and options\n"
    "diarflow diarize [FILE...] [flags]          who spoke when\n"
    "diarflow simulate [flags]                   makes conversations out of single voices\n"
    "diarflow score --reference=PATH --hypothesis=PATH [flags]   scores who spoke when; --help lists the flags\n"
    "\n"
    "Flags of the first three are those that the pipeline declares, and --set NODE.FIELD=VALUE; --help behind the "
    "pipeline lists them.\n";

// Verbs that run a pipeline of //experiments.
struct PipelineVerb {
  const char* name;
  const char* pipeline;
};
constexpr PipelineVerb kPipelineVerbs[] = {
    {"diarize", "runfiles:experiments/diarize.textproto"},
    {"simulate", "runfiles:experiments/simulate.textproto"},
};

}  // namespace

int main(int argc, char** argv) {
  diarflow::SetProgramPath(argv[0]);
  std::vector<std::string> arguments(argv, argv + argc);
  const std::string verb = argc > 1 ? arguments[1] : "";
  const std::string first = argc > 2 ? arguments[2] : "";
  if (argc > 1) arguments.erase(arguments.begin() + 1);
  for (const PipelineVerb& known : kPipelineVerbs) {
    if (verb == known.name) return diarflow::RunPipelineMain(arguments, known.pipeline);
  }
  if (verb != "score" && (first == "--help" || first == "-h")) {
    std::printf("%s", kUsage);
    return 0;
  }
  if (verb == "run") return diarflow::RunPipelineMain(arguments, "");
  if (verb == "check") return diarflow::CheckPipelineMain(arguments);
  if (verb == "draw") return diarflow::DrawPipelineMain(arguments);
  if (verb == "nodes") return diarflow::NodesMain(arguments);
  if (verb == "score") return diarflow::ScoreMain(arguments);
  const bool help = verb == "help" || verb == "--help" || verb == "-h";
  if (!verb.empty() && !help) {
    std::fprintf(stderr, "diarflow has no verb \"%s\"%s\n", verb.c_str(),
                 diarflow::DidYouMean(verb, {"run", "check", "draw", "nodes", "diarize", "simulate", "score", "help"}).c_str());
  }
  std::fprintf(help ? stdout : stderr, "%s", kUsage);
  return help ? 0 : diarflow::kExitBadConfiguration;
}
