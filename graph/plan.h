// Plan: a pipeline that passed every check, with names resolved to indices. What the runtime works from.
#ifndef DIARFLOW_GRAPH_PLAN_H_
#define DIARFLOW_GRAPH_PLAN_H_

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "graph/contract.h"
#include "graph/graph.pb.h"
#include "graph/registry.h"

namespace diarflow {

struct PlannedResource {
  std::string name;
  std::string where;
  const ResourceEntry* entry = nullptr;
  std::shared_ptr<const google::protobuf::Message> options;
};

struct PlannedNode {
  std::string name;
  // "FILE:LINE" of the node.
  std::string where;
  const NodeEntry* entry = nullptr;
  Contract contract;
  std::shared_ptr<const google::protobuf::Message> options;
  // For each port of the contract: index into Plan.streams, or -1 when an optional input is not connected.
  std::vector<int> inputs;
  std::vector<int> outputs;
  // For each resource use of the contract: index into Plan.resources, or -1.
  std::vector<int> resources;
  // 0: no bound but the threads.
  int concurrency = 1;
  // 1 for what is no batch.
  int batch_size = 1;
  // What opened the sequence that its inputs are numbered in: the index of a Source, an Expand or a Collect; -1 for a
  // Source.
  int scope = -1;
  // The name of that node.
  std::string scope_name;
  // Of what opens a scope: the seats behind the parts of each item, as many as there are Streams in a row.
  int tail_seats = 1;
  // Of a Source or an Expand: the tokens of the scope that it opens, and the fewest that its batches allow.
  int max_in_flight = 0;
  int least_in_flight = 0;
  ErrorPolicy on_error = SKIP_ITEM;
};

struct PlannedStream {
  std::string name;
  // Index of the producing node, and of the port there.
  int producer = -1;
  int port = -1;
  // What opened the sequence that its packets are numbered in: the index of a Source, an Expand or a Collect.
  int scope = -1;
  // Rates and width, as far as the contracts say.
  StreamProperties properties;
};

struct Plan {
  std::string pipeline;
  std::vector<PlannedResource> resources;
  // In an order in which every node stands behind its producers.
  std::vector<PlannedNode> nodes;
  std::vector<PlannedStream> streams;
  // Resolved: no zeros that mean "choose".
  int threads = 1;
  int model_threads = 1;
  // The largest of all scopes: see PlannedNode.
  int max_in_flight = 1;
  // Fewer tokens than this cannot fill the batches.
  int least_in_flight = 1;
  RunConfig run;
  // Nothing that keeps the pipeline from running: an output that nobody reads.
  std::vector<std::string> warnings;
};

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_PLAN_H_
