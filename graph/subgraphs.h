// Replaces the uses of sub-graphs by their nodes. Internal to graph/.
#ifndef DIARFLOW_GRAPH_SUBGRAPHS_H_
#define DIARFLOW_GRAPH_SUBGRAPHS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "graph/config_text.h"
#include "graph/graph.pb.h"
#include "graph/registry.h"

namespace diarflow {

// A pipeline has at most so many nodes when its sub-graphs are expanded.
inline constexpr int kMaxNodes = 5000;

struct ExpandedNode {
  NodeConfig config;
  SourcePlace place;
  // " (in sub-graph "X", used at FILE:LINE)", from the inside out; empty for a node of the pipeline itself.
  std::string context;
  // The innermost use of a sub-graph that the node comes from: index into Expansion.uses, or -1.
  int use = -1;
};

// A node of the pipeline, or of a sub-graph, whose type is a sub-graph.
struct SubgraphUse {
  // Name (a path), type and `enabled`; nothing else.
  NodeConfig config;
  // The use around this one, or -1.
  int parent = -1;
  // Names of the nodes inside.
  std::vector<std::string> inside;
};

struct Expansion {
  std::vector<ExpandedNode> nodes;
  std::vector<SubgraphUse> uses;
  // Names of all sub-graphs.
  std::vector<std::string> subgraphs;
};

// `files`: the pipeline, and what it includes. A sub-graph's node "inner" at the use "outer" is called "outer/inner",
// a stream inside "outer/stream", unless it is one that the use connects.
// kInvalidArgument with all mistakes, a line each: definitions that make no sense, uses that do not fit them,
// sub-graphs that contain themselves (with the path), too many nodes.
absl::StatusOr<Expansion> ExpandSubgraphs(const std::vector<std::shared_ptr<const ParsedFile>>& files,
                                          const Registry& registry);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_SUBGRAPHS_H_
