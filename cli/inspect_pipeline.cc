#include "cli/inspect_pipeline.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "cli/pipeline_command.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "graph/draw.h"
#include "graph/plan_memory.h"
#include "graph/run_report.pb.h"
#include "graph/runtime.h"

ABSL_FLAG(std::string, format, "svg", "Of the drawing: svg, or dot for Graphviz.");
ABSL_FLAG(std::string, report, "",
          "The report.textproto of a run of this pipeline: colours each node by its share of the work.");

namespace diarflow {
namespace {

constexpr char kExitCodes[] = "0 all checks passed, 2 something is wrong.";

class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text.empty()) text = absl::StrCat(line + 1, ":", column + 1, ": ", message);
  }
  std::string text;
};

absl::StatusOr<RunReport> ReadReport(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  RunReport report;
  if (parser.ParseFromString(text, &report)) return report;
  return absl::InvalidArgumentError(
      absl::StrCat(path, ":", error.text, " (--report takes the report.textproto that a run writes)"));
}

int ExitWith(const absl::Status& status) {
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return kExitBadConfiguration;
}

absl::Status Check(const std::vector<std::string>& arguments) {
  ASSIGN_OR_RETURN(const CheckedPipeline checked,
                   ReadPipelineCommand({"check", "checks the pipeline", {}, kExitCodes}, arguments, ""));
  std::printf("%s", PlanSummary(checked.plan).c_str());
  return absl::OkStatus();
}

absl::Status Draw(const std::vector<std::string>& arguments) {
  ASSIGN_OR_RETURN(
      const CheckedPipeline checked,
      ReadPipelineCommand(
          {"draw", "draws the pipeline", {"cli/inspect_pipeline.cc"}, "0 it is drawn, 2 something is wrong."},
          arguments, ""));
  const std::string format = absl::GetFlag(FLAGS_format);
  if (format != "svg" && format != "dot") {
    return absl::InvalidArgumentError(absl::StrCat("--format is \"", format, "\", must be svg or dot"));
  }
  RunReport report;
  const bool has_report = !absl::GetFlag(FLAGS_report).empty();
  if (has_report) {
    ASSIGN_OR_RETURN(const std::string path, ResolvePath(absl::GetFlag(FLAGS_report)));
    ASSIGN_OR_RETURN(report, ReadReport(path));
  }
  const RunReport* given = has_report ? &report : nullptr;
  const std::string picture = format == "dot" ? PlanToDot(checked.plan, given) : PlanToSvg(checked.plan, given);
  if (absl::GetFlag(FLAGS_out).empty()) {
    std::fwrite(picture.data(), 1, picture.size(), stdout);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::string out, ResolvePath(absl::GetFlag(FLAGS_out)));
  return WriteFileAtomically(out, picture);
}

// "3 nodes", "1 node".
std::string Counted(size_t count, const std::string& what) {
  return absl::StrCat(count, " ", what, count == 1 ? "" : "s");
}

std::string StreamNames(const Plan& plan, const std::vector<int>& streams) {
  std::vector<std::string> names;
  for (const int stream : streams) {
    if (stream >= 0) names.push_back(plan.streams[stream].name);
  }
  return names.empty() ? "-" : absl::StrJoin(names, ", ");
}

// Cells side by side, each column as wide as its widest cell.
std::string Table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string table;
  for (const auto& row : rows) {
    for (size_t c = 0; c < row.size(); ++c) {
      const bool last = c + 1 == row.size();
      absl::StrAppend(&table, row[c], last ? "\n" : std::string(widths[c] - row[c].size() + 2, ' '));
    }
  }
  return table;
}

}  // namespace

std::string PlanSummary(const Plan& plan) {
  std::vector<std::vector<std::string>> rows = {{"node", "type", "kind", "at once", "reads", "writes"}};
  for (const PlannedNode& node : plan.nodes) {
    std::string kind = NodeKindName(node.entry->kind);
    if (node.batch_size > 1) absl::StrAppend(&kind, " of ", node.batch_size);
    rows.push_back({node.name, node.entry->type, kind,
                    absl::StrCat(node.concurrency > 0 ? node.concurrency : plan.threads),
                    StreamNames(plan, node.inputs), StreamNames(plan, node.outputs)});
  }
  std::string summary = absl::StrCat("\"", plan.pipeline, "\" passed all checks: ", Counted(plan.nodes.size(), "node"),
                                     ", ", Counted(plan.streams.size(), "stream"), ", ",
                                     Counted(plan.resources.size(), "resource"), "\n\n", Table(rows), "\n");
  absl::StrAppend(&summary, "threads: ", plan.threads, ", within one model call: ", plan.model_threads, "\n");
  for (const PlannedNode& node : plan.nodes) {
    if (node.max_in_flight == 0) continue;
    absl::StrAppend(&summary, "items in flight behind ", node.name, ": up to ", node.max_in_flight, "; at least ",
                    node.least_in_flight,
                    node.least_in_flight > 1 ? " are needed to fill the batches\n" : " is needed\n");
  }
  const PlanMemory memory = EstimateMemory(plan);
  absl::StrAppendFormat(
      &summary,
      "memory: up to %d items live at once, %.2f MB for each second that they last (%.0f MB for items of 60 s)",
      memory.items, memory.Megabytes(1), memory.Megabytes(60));
  if (memory.unknown_streams > 0) {
    absl::StrAppend(&summary, ", without ", Counted(static_cast<size_t>(memory.unknown_streams), "stream"),
                    " of unknown rate");
  }
  return summary + "\n";
}

int CheckPipelineMain(const std::vector<std::string>& arguments) { return ExitWith(Check(arguments)); }

int DrawPipelineMain(const std::vector<std::string>& arguments) { return ExitWith(Draw(arguments)); }

}  // namespace diarflow
