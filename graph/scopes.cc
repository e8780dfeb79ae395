#include "graph/scopes.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"

namespace diarflow {
namespace {

// The scope that encloses what node `opener` opens; -1 for none.
int EnclosingScope(const Plan& plan, int opener) {
  return plan.nodes[opener].entry->kind == NodeKind::kExpand ? plan.nodes[opener].scope : -1;
}

// The scope that a node's outputs are in.
int OutputScope(const Plan& plan, int index) {
  const PlannedNode& node = plan.nodes[index];
  switch (node.entry->kind) {
    case NodeKind::kSource:
    case NodeKind::kExpand: return index;
    case NodeKind::kCollect: {
      const int enclosing = node.scope < 0 ? -1 : EnclosingScope(plan, node.scope);
      return enclosing >= 0 ? enclosing : index;
    }
    default: return node.scope;
  }
}

std::string ScopeName(const Plan& plan, int scope) {
  const PlannedNode& opener = plan.nodes[scope];
  return absl::StrCat(opener.entry->kind == NodeKind::kExpand ? "parts of \"" : "items of \"", opener.name, "\"");
}

// How many Streams stand in a row in each scope. Nodes stand behind their producers.
void CountTailSeats(Plan* plan) {
  // For each node: by scope, the most Streams on the way to it, itself among them.
  std::vector<std::map<int, int>> in_a_row(plan->nodes.size());
  for (size_t i = 0; i < plan->nodes.size(); ++i) {
    const PlannedNode& node = plan->nodes[i];
    for (const int stream : node.inputs) {
      if (stream < 0) continue;
      for (const auto& [scope, streams] : in_a_row[static_cast<size_t>(plan->streams[stream].producer)]) {
        in_a_row[i][scope] = std::max(in_a_row[i][scope], streams);
      }
    }
    if (node.entry->kind != NodeKind::kStream || node.scope < 0) continue;
    int& seats = plan->nodes[node.scope].tail_seats;
    seats = std::max(seats, ++in_a_row[i][node.scope]);
  }
}

}  // namespace

void FindScopes(const std::vector<int>& place, Plan* plan, ConfigErrors* errors) {
  for (size_t i = 0; i < plan->nodes.size(); ++i) {
    PlannedNode& node = plan->nodes[i];
    const auto index = static_cast<int>(i);
    for (const int stream : node.inputs) {
      if (stream < 0) continue;
      const int other = plan->streams[stream].scope;
      if (node.scope >= 0 && other != node.scope) {
        errors->AddForNode(place[i], "input", 0,
                           absl::StrCat("its inputs are numbered differently, as ", ScopeName(*plan, node.scope),
                                        " and as ", ScopeName(*plan, other), ": they cannot be matched"));
      }
      node.scope = other;
      node.scope_name = plan->nodes[other].name;
    }
    if (node.scope < 0 && node.entry->kind != NodeKind::kSource) {
      errors->AddForNode(place[i], "", -1, "has no input connected");
    }
    for (const int stream : node.outputs) {
      if (stream >= 0) plan->streams[stream].scope = OutputScope(*plan, index);
    }
  }
  CountTailSeats(plan);
}

void DistributeTokens(const Pipeline& pipeline, const std::vector<int>& place, Plan* plan, ConfigErrors* errors) {
  const int run_tokens = plan->run.max_in_flight();
  for (size_t i = 0; i < plan->nodes.size(); ++i) {
    PlannedNode& opener = plan->nodes[i];
    const NodeKind kind = opener.entry->kind;
    const int own = opener.max_in_flight;
    if (kind != NodeKind::kSource && kind != NodeKind::kExpand) {
      if (own != 0) {
        errors->AddForNode(place[i], "max_in_flight", -1,
                           absl::StrCat("max_in_flight is for nodes that make items; ", opener.entry->type, " is a ",
                                        NodeKindName(kind), " node"));
      }
      continue;
    }
    if (own < 0) errors->AddForNode(place[i], "max_in_flight", -1, "max_in_flight is negative");
    opener.least_in_flight = 1;
    // Enough to keep every thread busy, with an item of one part and its last seats; and a batch filling while others
    // are worked on.
    int wanted = plan->threads * (1 + opener.tail_seats);
    for (const PlannedNode& node : plan->nodes) {
      int scope = node.scope;
      const bool directly = scope == static_cast<int>(i);
      while (scope >= 0 && scope != static_cast<int>(i)) scope = EnclosingScope(*plan, scope);
      if (scope < 0 || node.batch_size <= 1) continue;
      opener.least_in_flight += node.batch_size - 1;
      if (directly) wanted += node.batch_size * (node.concurrency == 0 ? plan->threads : node.concurrency);
    }
    if (own == 0) opener.max_in_flight = run_tokens > 0 ? run_tokens : opener.least_in_flight + wanted;
    if (opener.max_in_flight < opener.least_in_flight) {
      const std::string what =
          absl::StrCat("max_in_flight is ", opener.max_in_flight, ", but the batches need at least ",
                       opener.least_in_flight, " to fill (1 + the sum of size - 1)");
      if (own != 0) {
        errors->AddForNode(place[i], "max_in_flight", -1, what);
      } else {
        errors->Add(pipeline.WhereRun(), absl::StrCat("run: ", what));
      }
    }
    plan->max_in_flight = std::max(plan->max_in_flight, opener.max_in_flight);
    plan->least_in_flight = std::max(plan->least_in_flight, opener.least_in_flight);
  }
}

}  // namespace diarflow
