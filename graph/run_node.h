// One node of a run as parts of a TBB flow graph. Internal to graph/.
//
// Each node becomes: a gather part (one input as it is, several joined by sequence number) that makes a Bundle, a
// sequencer where the kind needs order, and a function node that runs the body; each output port is a broadcast
// node. A source is an input node behind which stands a limiter, and so is an Expand for its parts: its tokens alone
// bound what is in flight, and each comes back when the last packet of its item is gone. docs/design/graph.md says
// why it is built so.
#ifndef DIARFLOW_GRAPH_RUN_NODE_H_
#define DIARFLOW_GRAPH_RUN_NODE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "graph/node.h"
#include "graph/plan.h"
#include "graph/run_state.h"
#include "oneapi/tbb/flow_graph.h"

namespace diarflow {

// The packets of one item at a node, one for each input of its contract; empty where an input is not connected.
using Bundle = std::vector<Packet>;

// A place in a scope. What is no item (Origin::end, ::tail) is for the caller to say.
Origin OriginAt(uint64_t sequence, std::shared_ptr<const std::string> item,
                std::shared_ptr<const Origin> parent = nullptr);

// Where the item of a bundle comes from.
const Origin& OriginOf(const Bundle& bundle);

class RunNode {
 public:
  RunNode(const PlannedNode* planned, std::unique_ptr<Node> node, RunState* run)
      : planned_(planned), node_(std::move(node)), run_(run) {}
  virtual ~RunNode() = default;

  // Adds the TBB parts to `graph`.
  virtual void Build(oneapi::tbb::flow::graph& graph) = 0;
  // Lets a source start.
  virtual void Activate() {}
  // After the run, before the parts are destroyed: tokens that are still held by stuck packets come to nothing.
  virtual void Close() {}

  // The receiver of input number `port` of the contract.
  oneapi::tbb::flow::receiver<Packet>& input(int port) { return *inputs_[port]; }
  oneapi::tbb::flow::broadcast_node<Packet>& output(int port) { return *outputs_[port]; }

  const PlannedNode& planned() const { return *planned_; }
  Node& node() { return *node_; }
  NodeStats& stats() { return stats_; }
  const FinishContext::Publication& publication() const { return publication_; }

 protected:
  void BuildOutputs(oneapi::tbb::flow::graph& graph);
  // The gather part; answers the sender of bundles.
  oneapi::tbb::flow::sender<Bundle>& BuildGather(oneapi::tbb::flow::graph& graph);
  // The same in the order of the scope.
  oneapi::tbb::flow::sender<Bundle>& BuildOrderedGather(oneapi::tbb::flow::graph& graph);

  // Seats behind an item's parts in which only some of the inputs carry something: the item fails, as it would lose
  // that otherwise.
  void CheckTail(Bundle& bundle);
  // The status of the first input that failed.
  absl::Status FailureOf(const Bundle& bundle) const;
  // Whether every required input carries a payload.
  bool IsComplete(const Bundle& bundle) const;
  // True when the bundle carries nothing to work on, and was passed on: a marker, a failed or a skipped item.
  bool PassOnEmpty(const Bundle& bundle);
  // Runs a body, takes the time, and turns what it throws into a status. `batch`: items in a batch, 0 for no batch.
  absl::Status Time(const Origin& origin, int batch, const std::function<absl::Status()>& body);
  // Sends what the body set, or the failure, or an empty packet for a skipped item. A body that left an output unset
  // has failed, unless `may_be_empty`.
  void Deliver(ItemContext& item, const absl::Status& status, bool may_be_empty = false);
  // What is wrong with the outputs that a body has set: one is missing, or has a fault.
  absl::Status CheckOutputs(const ItemContext& item, bool may_be_empty) const;
  // Sends an empty packet with this origin and status out of every port.
  void SendEmpty(const Origin& origin, const absl::Status& status);
  // "FILE:LINE: node "NAME": message".
  absl::Status AtNode(const absl::Status& status) const;

  const PlannedNode* planned_;
  std::unique_ptr<Node> node_;
  RunState* run_;
  NodeStats stats_;
  // Of a Collect, which is serial: so it needs no lock.
  FinishContext::Publication publication_;
  std::vector<std::unique_ptr<oneapi::tbb::flow::broadcast_node<Packet>>> outputs_;

 private:
  // Keeps TBB parts alive that nobody calls by name.
  std::vector<std::shared_ptr<void>> parts_;
  std::vector<oneapi::tbb::flow::receiver<Packet>*> inputs_;
};

// Nodes that make a sequence: Source and Expand.
std::unique_ptr<RunNode> MakeRunSource(const PlannedNode* planned, std::unique_ptr<Node> node, RunState* run);
std::unique_ptr<RunNode> MakeRunExpand(const PlannedNode* planned, std::unique_ptr<Node> node, RunState* run);
// Nodes that work on one: Map, Batch, Stream, Collect.
std::unique_ptr<RunNode> MakeRunWorker(const PlannedNode* planned, std::unique_ptr<Node> node, RunState* run);

// The node of its kind. The graph and the nodes live until RunNode::Close was called on all.
std::unique_ptr<RunNode> MakeRunNode(const PlannedNode* planned, std::unique_ptr<Node> node, RunState* run);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_RUN_NODE_H_
