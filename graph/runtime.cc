#include "graph/runtime.h"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "graph/run_node.h"
#include "graph/run_state.h"
#include "oneapi/tbb/flow_graph.h"
#include "oneapi/tbb/global_control.h"
#include "oneapi/tbb/task_arena.h"

namespace diarflow {
namespace {

absl::Status AtPlace(const std::string& where, const std::string& what, const std::string& name,
                     const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(where, ": ", what, " \"", name, "\": ", std::string(status.message())));
}

absl::StatusOr<std::vector<std::shared_ptr<const void>>> LoadResources(const Plan& plan) {
  std::vector<std::shared_ptr<const void>> loaded;
  for (const PlannedResource& resource : plan.resources) {
    const ResourceContext context(resource.options.get(), plan.model_threads);
    std::shared_ptr<const void> object;
    const absl::Status status = Guarded([&] {
      absl::StatusOr<std::shared_ptr<const void>> result = resource.entry->load(context);
      if (result.ok()) object = *std::move(result);
      return result.status();
    });
    if (!status.ok()) return AtPlace(resource.where, "resource", resource.name, status);
    loaded.push_back(std::move(object));
  }
  return loaded;
}

absl::StatusOr<std::unique_ptr<Node>> OpenNode(const PlannedNode& planned,
                                               const std::vector<std::shared_ptr<const void>>& resources,
                                               const RunOptions& options) {
  OpenContext::Fields fields;
  fields.options = planned.options.get();
  fields.run_folder = options.run_folder;
  const Contract& contract = planned.contract;
  for (size_t i = 0; i < contract.resources.size(); ++i) {
    if (planned.resources[i] >= 0) fields.resources[contract.resources[i].name] = resources[planned.resources[i]];
  }
  for (size_t i = 0; i < contract.inputs.size(); ++i) {
    if (planned.inputs[i] >= 0) fields.inputs.push_back(contract.inputs[i].name);
  }
  for (size_t i = 0; i < contract.outputs.size(); ++i) {
    if (planned.outputs[i] >= 0) fields.outputs.push_back(contract.outputs[i].name);
  }
  OpenContext context(std::move(fields));
  std::unique_ptr<Node> node = planned.entry->make();
  const absl::Status status = Guarded([&] { return node->Open(context); });
  if (!status.ok()) return AtPlace(planned.where, "node", planned.name, status);
  return node;
}

// Edges from every output port to the inputs that read its stream.
void Connect(const Plan& plan, const std::vector<std::unique_ptr<RunNode>>& nodes) {
  for (const std::unique_ptr<RunNode>& node : nodes) {
    const std::vector<int>& inputs = node->planned().inputs;
    for (size_t port = 0; port < inputs.size(); ++port) {
      if (inputs[port] < 0) continue;
      const PlannedStream& stream = plan.streams[inputs[port]];
      oneapi::tbb::flow::make_edge(nodes[stream.producer]->output(stream.port), node->input(static_cast<int>(port)));
    }
  }
}

int64_t TotalItems(const std::vector<std::unique_ptr<RunNode>>& nodes) {
  int64_t total = 0;
  for (const std::unique_ptr<RunNode>& node : nodes) {
    if (node->planned().entry->kind != NodeKind::kSource) continue;
    const int64_t count = static_cast<SourceNode&>(node->node()).ItemCount();
    if (count < 0) return -1;
    total += count;
  }
  return total;
}

void FillNodes(const std::vector<std::unique_ptr<RunNode>>& nodes, RunReport* report) {
  for (const std::unique_ptr<RunNode>& node : nodes) {
    NodeReport* row = report->add_node();
    row->set_name(node->planned().name);
    row->set_type(node->planned().entry->type);
    const NodeStats& stats = node->stats();
    row->set_items(stats.items);
    row->set_items_failed(stats.failed);
    row->set_items_skipped(stats.skipped);
    row->set_busy_seconds(1e-9 * static_cast<double>(stats.calls.Sum()));
    row->set_calls(stats.calls.Count());
    row->set_p50_seconds(1e-9 * static_cast<double>(stats.calls.Quantile(0.5)));
    row->set_p90_seconds(1e-9 * static_cast<double>(stats.calls.Quantile(0.9)));
    row->set_media_seconds(1e-6 * static_cast<double>(stats.media_micros));
    row->set_cached_media_seconds(1e-6 * static_cast<double>(stats.cached_media_micros));
    for (const auto& result : node->publication().results) report->add_result()->PackFrom(*result);
    for (const std::string& summary : node->publication().summaries) report->add_summary(summary);
  }
}

// Where the items of a stalled run are: what each node got and gave, and what the ordered ones wait for.
std::string DescribeStall(const std::vector<std::unique_ptr<RunNode>>& nodes) {
  std::string text;
  for (const std::unique_ptr<RunNode>& node : nodes) {
    const NodeStats& stats = node->stats();
    const NodeKind kind = node->planned().entry->kind;
    absl::StrAppend(&text, " ", node->planned().name, ": ", stats.received.load(), " in, ", stats.items.load(), " out");
    if (stats.failed > 0) absl::StrAppend(&text, ", ", stats.failed.load(), " failed");
    // Numbers are dense and these nodes take them in order: the lowest missing one is how many came.
    if (kind == NodeKind::kBatch || kind == NodeKind::kCollect || kind == NodeKind::kStream) {
      absl::StrAppend(&text, ", waits for number ", stats.received.load());
    }
    if (kind == NodeKind::kBatch) absl::StrAppend(&text, " (batches of ", node->planned().batch_size, ")");
    text += ';';
  }
  text.pop_back();
  return text;
}

}  // namespace

absl::StatusOr<RunReport> RunPlan(const Plan& plan, const RunOptions& options) {
  // More slots than cores only when the plan asks for them.
  const size_t cores = std::max(1u, std::thread::hardware_concurrency());
  const oneapi::tbb::global_control parallelism(oneapi::tbb::global_control::max_allowed_parallelism,
                                                std::max(cores, static_cast<size_t>(plan.threads)));
  oneapi::tbb::task_arena arena(plan.threads);
  ASSIGN_OR_RETURN(const auto resources, LoadResources(plan));

  std::unique_ptr<oneapi::tbb::flow::graph> graph;
  // A graph uses the arena that it is made in.
  arena.execute([&] { graph = std::make_unique<oneapi::tbb::flow::graph>(); });
  RunState run(&plan, &options, [&graph] { graph->cancel(); });
  std::vector<std::unique_ptr<RunNode>> nodes;
  for (const PlannedNode& planned : plan.nodes) {
    ASSIGN_OR_RETURN(std::unique_ptr<Node> node, OpenNode(planned, resources, options));
    nodes.push_back(MakeRunNode(&planned, std::move(node), &run));
  }
  if (options.on_start) RETURN_IF_ERROR(options.on_start());
  RETURN_IF_ERROR(Guarded([&] {
    run.set_items_total(TotalItems(nodes));
    return absl::OkStatus();
  }));
  const absl::Status status = Guarded([&] {
    arena.execute([&] {
      for (const std::unique_ptr<RunNode>& node : nodes) node->Build(*graph);
      Connect(plan, nodes);
      for (const std::unique_ptr<RunNode>& node : nodes) node->Activate();
      graph->wait_for_all();
    });
    return absl::OkStatus();
  });
  for (const std::unique_ptr<RunNode>& node : nodes) node->Close();
  if (!status.ok()) run.FailRun(status);
  run.ReportProgress(/*last=*/true);
  RunReport report;
  run.Fill(&report);
  FillNodes(nodes, &report);
  if (run.stalled()) report.set_error(absl::StrCat(report.error(), ";", DescribeStall(nodes)));
  return report;
}

int ExitCode(const RunReport& report) {
  switch (report.outcome()) {
    case RunReport::ALL_ITEMS_OK: return 0;
    case RunReport::SOME_ITEMS_FAILED: return 3;
    case RunReport::RUN_FAILED: return 1;
  }
  return 1;
}

std::string NodeTable(const RunReport& report) {
  double busy = 0;
  size_t widest = 4;
  for (const NodeReport& node : report.node()) {
    busy += node.busy_seconds();
    widest = std::max(widest, node.name().size());
  }
  const auto width = static_cast<int>(widest);
  std::vector<std::string> lines = {absl::StrFormat("%-*s %8s %7s %9s %6s %9s %9s %12s", width, "node", "items",
                                                    "failed", "seconds", "share", "p50 ms", "p90 ms", "x real time")};
  for (const NodeReport& node : report.node()) {
    std::string speed = "-";
    if (node.media_seconds() > 0 && node.busy_seconds() > 0) {
      const double times = node.media_seconds() / node.busy_seconds();
      // Beyond this it did nothing but hand the audio on.
      speed = times > 1e5 ? "> 100000" : absl::StrFormat("%.0f", times);
      if (node.cached_media_seconds() > 0) {
        absl::StrAppendFormat(&speed, " (%.0f%% cached)", 100 * node.cached_media_seconds() / node.media_seconds());
      }
    }
    lines.push_back(absl::StrFormat("%-*s %8d %7d %9.3f %5.1f%% %9.3f %9.3f %12s", width, node.name(), node.items(),
                                    node.items_failed(), node.busy_seconds(),
                                    busy > 0 ? 100 * node.busy_seconds() / busy : 0.0, 1e3 * node.p50_seconds(),
                                    1e3 * node.p90_seconds(), speed));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace diarflow
