#include "cli/pipeline_command.h"

#include <cstdio>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
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

std::string Usage(const Verb& verb, const Pipeline& pipeline) {
  std::string usage = absl::StrCat(verb.what, " \"", pipeline.name(), "\" (", pipeline.file_name(), ").\n");
  if (!pipeline.config().description().empty()) absl::StrAppend(&usage, "\n", pipeline.config().description(), "\n");
  absl::StrAppend(&usage, "\n  Flags of this pipeline:\n");
  for (const ParamConfig& param : pipeline.config().param()) {
    absl::StrAppend(&usage, "    --", param.name(), " (", param.help(), ")");
    if (!param.env().empty()) absl::StrAppend(&usage, " also from the environment: ", param.env());
    absl::StrAppend(&usage, "\n");
  }
  absl::StrAppend(&usage,
                  "    --set (NODE.FIELD=VALUE sets any field of the pipeline: an option of a node or resource, its\n"
                  "      concurrency or batch.size, or run.FIELD; may be given several times)\n"
                  "\n  Exit codes: ",
                  verb.exit_codes, "\n");
  return usage;
}

// absl ends the program after printing; it shows the flags of the verb, and --help names the pipeline's.
void ParseProgramFlags(const std::vector<std::string>& arguments, const Verb& verb, const std::string& usage,
                       std::vector<std::string>* positional) {
  absl::FlagsUsageConfig config;
  config.contains_help_flags = [own = verb.flags_file](absl::string_view file) {
    return absl::EndsWith(file, "cli/pipeline_command.cc") || (!own.empty() && absl::EndsWith(file, own));
  };
  config.contains_helpshort_flags = config.contains_help_flags;
  absl::SetFlagsUsageConfig(config);
  absl::SetProgramUsageMessage(usage);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  const std::vector<char*> rest = absl::ParseCommandLine(static_cast<int>(argv.size()), argv.data());
  positional->assign(rest.begin() + 1, rest.end());
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
  std::vector<std::string> positional;
  ParseProgramFlags(split.rest, verb, Usage(verb, pipeline), &positional);
  if (!positional.empty() && positional[0] == pipeline_path) positional.erase(positional.begin());
  if (!positional.empty())
    return absl::InvalidArgumentError(absl::StrCat("\"", positional[0], "\" is no flag: flags begin with --"));

  RETURN_IF_ERROR(SetParams(split.params, pipeline));
  for (const std::string& assignment : split.assignments) RETURN_IF_ERROR(SetFromAssignment(assignment, pipeline));
  if (absl::GetFlag(FLAGS_threads) != 0)
    pipeline.mutable_config().mutable_run()->set_threads(absl::GetFlag(FLAGS_threads));
  ASSIGN_OR_RETURN(Plan plan, Validate(pipeline));
  for (const std::string& warning : plan.warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
  return CheckedPipeline{std::move(pipeline), std::move(plan)};
}

}  // namespace diarflow
