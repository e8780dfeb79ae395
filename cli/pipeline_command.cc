#include "cli/pipeline_command.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "cli/arguments.h"
#include "graph/overrides.h"
#include "graph/validator.h"

ABSL_FLAG(std::string, out, "",
          "Where to write, relative to where the command was typed. A run: the folder for what it writes; made when "
          "missing, files of an earlier run in it are replaced; by default diarflow-out/NAME of the pipeline. A "
          "drawing: the file; by default standard output.");
ABSL_FLAG(int32_t, threads, 0, "Threads of the run; 0: as the pipeline says, else one per core.");

namespace diarflow {
namespace {

// The flags that the program itself has for a verb, as absl writes them.
std::string FlagsOf(const Verb& verb) {
  std::map<std::string, std::string> lines;
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    const std::string file = flag->Filename();
    bool own = false;
    for (const std::string& of_verb : verb.flags_files) own |= absl::EndsWith(file, of_verb);
    if (!own && !absl::EndsWith(file, "cli/pipeline_command.cc")) continue;
    lines[std::string(name)] = absl::StrCat("    --", name, " (", flag->Help(), ")\n");
  }
  std::string text = "\n  Flags of the program:\n";
  for (const auto& [name, line] : lines) text += line;
  return text;
}

std::string ChoicesOf(const ParamConfig& param) {
  return absl::StrJoin(param.choice(), ", ",
                       [](std::string* text, const ParamChoice& choice) { absl::StrAppend(text, choice.name()); });
}

std::string Usage(const Verb& verb, const Pipeline& pipeline) {
  std::string usage = absl::StrCat(verb.what, " \"", pipeline.name(), "\" (", pipeline.file_name(), ").\n");
  if (!pipeline.config().description().empty()) absl::StrAppend(&usage, "\n", pipeline.config().description(), "\n");
  absl::StrAppend(&usage, "\n  Flags of this pipeline:\n");
  for (const ParamConfig& param : pipeline.config().param()) {
    absl::StrAppend(&usage, "    --", param.name(), " (", param.help(), ")");
    if (param.positional()) absl::StrAppend(&usage, " also as arguments without a flag");
    if (!param.choice().empty()) absl::StrAppend(&usage, " a list of: ", ChoicesOf(param));
    if (!param.env().empty()) absl::StrAppend(&usage, " also from the environment: ", param.env());
    absl::StrAppend(&usage, "\n");
  }
  absl::StrAppend(&usage,
                  "    --set (NODE.FIELD=VALUE sets any field of the pipeline: an option of a node or resource, its\n"
                  "      concurrency or batch.size, or run.FIELD; may be given several times)\n",
                  FlagsOf(verb), "\n  Exit codes: ", verb.exit_codes, "\n");
  return usage;
}

}  // namespace

absl::StatusOr<CheckedPipeline> ReadPipelineCommand(const Verb& verb, const std::vector<std::string>& arguments,
                                                    std::string pipeline_path) {
  if (pipeline_path.empty()) {
    // The first argument that is no flag: a pipeline stands in front of its flags.
    if (arguments.size() < 2 || absl::StartsWith(arguments[1], "-")) {
      return absl::InvalidArgumentError(
          absl::StrCat("name the pipeline first: diarflow ", verb.name, " PIPELINE.textproto [flags]"));
    }
    pipeline_path = arguments[1];
  }
  ASSIGN_OR_RETURN(const std::string path, ResolvePath(pipeline_path));
  ASSIGN_OR_RETURN(Pipeline pipeline, Pipeline::Load(path));
  ASSIGN_OR_RETURN(const Arguments split, SplitArguments(arguments, pipeline));
  if (split.help) {
    std::printf("%s", Usage(verb, pipeline).c_str());
    std::exit(0);
  }
  ASSIGN_OR_RETURN(std::vector<std::string> positional, SetProgramFlags(split.rest));
  if (!positional.empty() && positional[0] == pipeline_path) positional.erase(positional.begin());
  RETURN_IF_ERROR(SetParams(split.params, positional, pipeline));
  for (const std::string& assignment : split.assignments) RETURN_IF_ERROR(SetFromAssignment(assignment, pipeline));
  if (absl::GetFlag(FLAGS_threads) != 0)
    pipeline.mutable_config().mutable_run()->set_threads(absl::GetFlag(FLAGS_threads));
  ASSIGN_OR_RETURN(Plan plan, Validate(pipeline));
  for (const std::string& warning : plan.warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
  return CheckedPipeline{std::move(pipeline), std::move(plan)};
}

}  // namespace diarflow
