// diarflow: the command line of the project.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/suggest.h"
#include "base/version.h"
#include "cli/assign_command.h"
#include "cli/inspect_pipeline.h"
#include "cli/node_manual.h"
#include "cli/prepare.h"
#include "cli/results_command.h"
#include "cli/run_pipeline.h"
#include "cli/score_command.h"
#include "graph/runtime.h"

namespace diarflow {
namespace {

constexpr char kUsage[] =
    "diarflow run PIPELINE.textproto [flags]     runs a pipeline\n"
    "diarflow check PIPELINE.textproto [flags]   checks it and says what would run\n"
    "diarflow draw PIPELINE.textproto [flags]    draws it: SVG, or text for Graphviz with --format=dot\n"
    "diarflow nodes [TYPE...]                    what pipelines are made of: every node, its ports and options\n"
    "diarflow diarize [FILE...] [flags]          who spoke when; with --live while the sound comes in\n"
    "diarflow simulate [flags]                   makes conversations out of single voices\n"
    "diarflow prepare [CORPUS] [--root=DIR]      a corpus on disk becomes a manifest and labels; lists the corpora\n"
    "diarflow assign --ctm=FILE --rttm=PATH      gives words to speakers\n"
    "diarflow score --reference=PATH --hypothesis=PATH [flags]   scores who spoke when; --help lists the flags\n"
    "diarflow results --runs=DIR                 what runs of the experiments found, as one page\n"
    "diarflow --version                          says which one this is\n"
    "\n"
    "Flags of the first three are those that the pipeline declares, and --set NODE.FIELD=VALUE; --help behind the "
    "pipeline lists them.\n";

int Run(const std::vector<std::string>& arguments) { return RunPipelineMain(arguments, ""); }
int Diarize(const std::vector<std::string>& given) {
  std::vector<std::string> arguments = given;
  const auto live = std::find(arguments.begin(), arguments.end(), "--live");
  if (live == arguments.end()) return RunPipelineMain(arguments, "runfiles:experiments/diarize.textproto");
  arguments.erase(live);
  return RunPipelineMain(arguments, "runfiles:experiments/diarize_live.textproto");
}
int Simulate(const std::vector<std::string>& arguments) {
  return RunPipelineMain(arguments, "runfiles:experiments/simulate.textproto");
}

struct VerbMain {
  const char* name;
  int (*main)(const std::vector<std::string>& arguments);
  // Whether it has a --help of its own.
  bool helps;
};
constexpr VerbMain kVerbs[] = {
    {"run", &Run, false},
    {"check", &CheckPipelineMain, false},
    {"draw", &DrawPipelineMain, false},
    {"nodes", &NodesMain, false},
    {"diarize", &Diarize, true},
    {"simulate", &Simulate, true},
    {"prepare", &PrepareMain, true},
    {"assign", &AssignMain, true},
    {"score", &ScoreMain, true},
    {"results", &ResultsMain, true},
};

int Main(std::vector<std::string> arguments) {
  const std::string verb = arguments.size() > 1 ? arguments[1] : "";
  const std::string first = arguments.size() > 2 ? arguments[2] : "";
  if (arguments.size() > 1) arguments.erase(arguments.begin() + 1);
  std::vector<std::string> names = {"help"};
  for (const VerbMain& known : kVerbs) {
    names.push_back(known.name);
    const bool asks = first == "--help" || first == "-h";
    if (verb == known.name && (known.helps || !asks)) return known.main(arguments);
    if (verb == known.name) {
      std::printf("%s", kUsage);
      return 0;
    }
  }
  if (verb == "--version" || verb == "version") {
    std::printf("diarflow %s\n", kVersion);
    return 0;
  }
  const bool help = verb == "help" || verb == "--help" || verb == "-h";
  if (!verb.empty() && !help) {
    std::fprintf(stderr, "diarflow has no verb \"%s\"%s\n", verb.c_str(), DidYouMean(verb, names).c_str());
  }
  std::fprintf(help ? stdout : stderr, "%s", kUsage);
  return help ? 0 : kExitBadConfiguration;
}

}  // namespace
}  // namespace diarflow

int main(int argc, char** argv) {
  diarflow::SetProgramPath(argv[0]);
  return diarflow::Main(std::vector<std::string>(argv, argv + argc));
}
