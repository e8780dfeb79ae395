#include "cli/run_pipeline.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "cli/pipeline_command.h"
#include "cli/progress.h"
#include "cli/trainings.h"
#include "google/protobuf/text_format.h"
#include "graph/draw.h"
#include "graph/runtime.h"
#include "graph/trace.h"

ABSL_FLAG(bool, trace, false,
          "Writes trace.json, what every thread did when, into the run's folder: for ui.perfetto.dev.");

namespace diarflow {
namespace {

// The report names this many failures; failures.tsv has all.
constexpr int kFailuresInReport = 100;
constexpr int kFailuresOnTerminal = 5;
// A trace of this many events takes some 150 MB; what is more is counted and said.
constexpr int64_t kTraceCapacity = 1000000;

// What an earlier run may have left in the folder, beside what its nodes wrote: gone once this one starts, so that
// nothing there is of two runs.
constexpr const char* kFilesOfRun[] = {"failures.tsv", "pipeline.svg", "report.textproto", "trace.json"};

// How often somebody asked for an end: see RunOptions.interrupts.
std::atomic<int> interrupts{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may use nothing else");

void CountInterrupt(int) {
  constexpr char kFirst[] = "\nfinishing what is on its way; interrupt once more to stop at once\n";
  if (interrupts.fetch_add(1) > 0) return;
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kFirst, sizeof(kFirst) - 1);
}

void CatchInterrupts() {
  struct sigaction action = {};
  action.sa_handler = &CountInterrupt;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

std::string FailuresTable(const RunReport& report) {
  const auto field = [](const std::string& text) { return absl::StrReplaceAll(text, {{"\t", " "}, {"\n", " "}}); };
  std::string table = "item\tsequence\tseconds\tnode\tcode\tmessage\n";
  for (const FailureReport& failure : report.failure()) {
    absl::StrAppend(&table, field(failure.item()), "\t", failure.sequence(), "\t",
                    absl::StrFormat("%.3f", failure.seconds()), "\t", failure.node(), "\t", failure.code(), "\t",
                    field(failure.message()), "\n");
  }
  return table;
}

absl::Status WriteReports(RunReport report, const std::string& folder) {
  if (report.failure_size() > 0) {
    RETURN_IF_ERROR(WriteFileAtomically(JoinPath(folder, "failures.tsv"), FailuresTable(report)));
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

// What a run leaves beside what its nodes write.
absl::Status WriteFiles(const Plan& plan, const RunReport& report, const Trace* trace, const std::string& folder) {
  RETURN_IF_ERROR(WriteReports(report, folder));
  RETURN_IF_ERROR(WriteFileAtomically(JoinPath(folder, "pipeline.svg"), PlanToSvg(plan, &report)));
  if (trace == nullptr) return absl::OkStatus();
  if (trace->dropped() > 0) {
    std::fprintf(stderr, "warning: the trace holds the first %ld events, %ld more are missing\n",
                 static_cast<long>(kTraceCapacity), static_cast<long>(trace->dropped()));
  }
  return WriteFileAtomically(JoinPath(folder, "trace.json"), trace->ToJson(plan.pipeline));
}

void PrintReport(const RunReport& report, const std::string& folder) {
  for (const std::string& summary : report.summary()) std::printf("%s\n\n", summary.c_str());
  // Of the first node that counts any: windows that overlap would count twice.
  double media = 0;
  for (const NodeReport& node : report.node()) {
    if (media <= 0) media = node.media_seconds();
  }
  if (media > 0) {
    std::printf("%.1f s of audio in %s: %.1f times real time (real-time factor %.4f), %d threads\n", media,
                Duration(report.wall_seconds()).c_str(), media / report.wall_seconds(), report.wall_seconds() / media,
                report.threads());
  }
  std::printf("%s\n", NodeTable(report).c_str());
  std::printf("At most %ld items on their way, their data %.1f MB\n\nWritten to %s\n",
              static_cast<long>(report.peak_in_flight()), 1e-6 * static_cast<double>(report.peak_payload_bytes()),
              folder.c_str());
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
absl::StatusOr<int> Run(const std::vector<std::string>& arguments, const std::string& pipeline_path) {
  ASSIGN_OR_RETURN(const CheckedPipeline checked,
                   ReadPipelineCommand({"run",
                                        "runs the pipeline",
                                        {"cli/run_pipeline.cc", "cli/trainings.cc"},
                                        "0 all items passed, 3 some failed, 1 the run failed, 2 it never started."},
                                       arguments, pipeline_path));
  const Pipeline& pipeline = checked.pipeline;
  if (TrainsFirst()) {
    ASSIGN_OR_RETURN(const Trained trained, RunTrainings(pipeline, arguments, &RunPipelineMain));
    return trained.exit_code != 0 ? trained.exit_code : Run(trained.arguments, pipeline_path);
  }
  RunOptions options;
  const std::string out = absl::GetFlag(FLAGS_out);
  ASSIGN_OR_RETURN(options.run_folder, ResolvePath(out.empty() ? absl::StrCat("diarflow-out/", pipeline.name()) : out));
  options.on_start = [&options, &pipeline] {
    for (const char* name : kFilesOfRun) std::remove(JoinPath(options.run_folder, name).c_str());
    return WriteFileAtomically(JoinPath(options.run_folder, "pipeline.textproto"), pipeline.ToText());
  };
  options.progress = MakeProgressPrinter();
  options.interrupts = &interrupts;
  CatchInterrupts();
  std::unique_ptr<Trace> trace;
  if (absl::GetFlag(FLAGS_trace)) trace = std::make_unique<Trace>(kTraceCapacity);
  options.trace = trace.get();
  ASSIGN_OR_RETURN(const RunReport report, RunPlan(checked.plan, options));
  PrintReport(report, options.run_folder);
  if (const absl::Status written = WriteFiles(checked.plan, report, trace.get(), options.run_folder); !written.ok()) {
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
