// What is left of a pipeline when disabled nodes are taken out. Internal to graph/.
#ifndef DIARFLOW_GRAPH_PRUNING_H_
#define DIARFLOW_GRAPH_PRUNING_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "graph/graph.pb.h"

namespace diarflow {

struct Pruning {
  // For each node and each resource of the pipeline.
  std::vector<bool> node_removed;
  std::vector<bool> resource_removed;
  // Streams of nodes that stay, which only removed nodes read.
  std::set<std::string> unread_streams;
  // Streams of removed nodes -> the node's name.
  std::map<std::string, std::string> removed_streams;
};

// Takes out every node that is not `enabled` (for each node of `config`), then, again and again, those whose outputs
// nobody reads any more, then the resources that only such nodes used. A node or output that nobody read before
// stays.
Pruning FindPruning(const GraphConfig& config, const std::vector<bool>& enabled);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_PRUNING_H_
