#include "cli/run_pipeline.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "cli/arguments.h"
#include "cli/progress.h"
#include "google/protobuf/text_format.h"
#include "graph/config_loader.h"
#include "graph/overrides.h"
#include "graph/runtime.h"
#include "graph/validator.h"

ABSL_FLAG(std::string, out, "",
          "Folder for what the run writes; made when missing, files of an earlier run in it are replaced. Relative to "
          "where the command was typed. Default: diarflow-out/NAME of the pipeline.");
ABSL_FLAG(int32_t, threads, 0, "Threads of the run; 0: as the pipeline says, else one per core.");

namespace diarflow {
namespace {

// The report names this many failures; failures.tsv has all.
constexpr int kFailuresInReport = 100;
constexpr int kFailuresOnTerminal = 5;

std::string Usage(const Pipeline& pipeline) {
  std::string usage = absl::StrCat("runs the pipeline \"", pipeline.name(), "\" (", pipeline.file_name(), ").\n");
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
                  "\n  Exit codes: 0 all items passed, 3 some failed, 1 the run failed, 2 it never started.\n");
  return usage;
}

// absl ends the program after printing; it shows the flags of this file, and --help names the pipeline's.
void ParseProgramFlags(const std::vector<std::string>& arguments, const std::string& usage,
                       std::vector<std::string>* positional) {
  absl::FlagsUsageConfig config;
  config.contains_help_flags = [](absl::string_view file) { return absl::StrContains(file, "cli/"); };
  config.contains_helpshort_flags = config.contains_help_flags;
  absl::SetFlagsUsageConfig(config);
  absl::SetProgramUsageMessage(usage);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  const std::vector<char*> rest = absl::ParseCommandLine(static_cast<int>(argv.size()), argv.data());
  positional->assign(rest.begin() + 1, rest.end());
}

std::string FailuresTable(const RunReport& report) {
  const auto field = [](const std::string& text) { return absl::StrReplaceAll(text, {{"\t", " "}, {"\n", " "}}); };
  std::string table = "item\tnode\tcode\tmessage\n";
  for (const FailureReport& failure : report.failure()) {
    absl::StrAppend(&table, field(failure.item()), "\t", failure.node(), "\t", failure.code(), "\t",
                    field(failure.message()), "\n");
  }
  return table;
}

absl::Status WriteReports(RunReport report, const std::string& folder) {
  const std::string failures = JoinPath(folder, "failures.tsv");
  if (report.failure_size() > 0) {
    RETURN_IF_ERROR(WriteFileAtomically(failures, FailuresTable(report)));
  } else {
    std::remove(failures.c_str());
  }
  if (report.failure_size() > kFailuresInReport) {
    report.mutable_failure()->DeleteSubrange(kFailuresInReport, report.failure_size() - kFailuresInReport);
  }
  google::protobuf::TextFormat::Printer printer;
  printer.SetExpandAny(true);
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(report, &text);
  return WriteFileAtomically(JoinPath(folder, "report.textproto"), text);
}

void PrintReport(const RunReport& report, const std::string& folder) {
  for (const std::string& summary : report.summary()) std::printf("%s\n\n", summary.c_str());
  double media = 0;
  for (const NodeReport& node : report.node()) media = std::max(media, node.media_seconds());
  if (media > 0) {
    std::printf("%.1f s of audio in %s: %.1f times real time (real-time factor %.4f), %d threads\n", media,
                Duration(report.wall_seconds()).c_str(), media / report.wall_seconds(), report.wall_seconds() / media,
                report.threads());
  }
  std::printf("%s\n\nWritten to %s\n", NodeTable(report).c_str(), folder.c_str());
  std::fflush(stdout);
  if (report.items_failed() > 0) {
    std::fprintf(stderr, "%ld of %ld items failed:\n", static_cast<long>(report.items_failed()),
                 static_cast<long>(report.items()));
    const int shown = std::min(report.failure_size(), kFailuresOnTerminal);
    for (int i = 0; i < shown; ++i) {
      const FailureReport& failure = report.failure(i);
      std::fprintf(stderr, "  %s: %s: %s\n", failure.item().c_str(), failure.node().c_str(), failure.message().c_str());
    }
    if (shown < report.failure_size()) std::fprintf(stderr, "  ... all in %s/failures.tsv\n", folder.c_str());
  }
  if (!report.error().empty()) std::fprintf(stderr, "the run failed: %s\n", report.error().c_str());
}

// Everything up to the run's report; an error is one that kept the run from starting.
absl::StatusOr<int> Run(const std::vector<std::string>& arguments, std::string pipeline_path) {
  if (pipeline_path.empty()) {
    // The first argument that is no flag: a pipeline stands in front of its flags.
    if (arguments.size() < 2 || absl::StartsWith(arguments[1], "-")) {
      return absl::InvalidArgumentError("name the pipeline first: diarflow run PIPELINE.textproto [flags]");
    }
    pipeline_path = arguments[1];
  }
  ASSIGN_OR_RETURN(const std::string path, ResolvePath(pipeline_path));
  ASSIGN_OR_RETURN(Pipeline pipeline, Pipeline::Load(path));
  ASSIGN_OR_RETURN(const Arguments split, SplitArguments(arguments, pipeline));
  std::vector<std::string> positional;
  ParseProgramFlags(split.rest, Usage(pipeline), &positional);
  if (!positional.empty() && positional[0] == pipeline_path) positional.erase(positional.begin());
  if (!positional.empty())
    return absl::InvalidArgumentError(absl::StrCat("\"", positional[0], "\" is no flag: flags begin with --"));

  RETURN_IF_ERROR(SetParams(split.params, pipeline));
  for (const std::string& assignment : split.assignments) RETURN_IF_ERROR(SetFromAssignment(assignment, pipeline));
  if (absl::GetFlag(FLAGS_threads) != 0)
    pipeline.mutable_config().mutable_run()->set_threads(absl::GetFlag(FLAGS_threads));
  ASSIGN_OR_RETURN(const Plan plan, Validate(pipeline));
  for (const std::string& warning : plan.warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());

  RunOptions options;
  const std::string out = absl::GetFlag(FLAGS_out);
  ASSIGN_OR_RETURN(options.run_folder, ResolvePath(out.empty() ? absl::StrCat("diarflow-out/", pipeline.name()) : out));
  RETURN_IF_ERROR(WriteFileAtomically(JoinPath(options.run_folder, "pipeline.textproto"), pipeline.ToText()));
  options.progress = MakeProgressPrinter();
  ASSIGN_OR_RETURN(const RunReport report, RunPlan(plan, options));
  PrintReport(report, options.run_folder);
  if (const absl::Status written = WriteReports(report, options.run_folder); !written.ok()) {
    std::fprintf(stderr, "%s\n", std::string(written.message()).c_str());
    return 1;
  }
  return ExitCode(report);
}

}  // namespace

int RunPipelineMain(const std::vector<std::string>& arguments, const std::string& pipeline_path) {
  const absl::StatusOr<int> code = Run(arguments, pipeline_path);
  if (code.ok()) return *code;
  std::fprintf(stderr, "%s\n", std::string(code.status().message()).c_str());
  return kExitBadConfiguration;
}

}  // namespace diarflow
