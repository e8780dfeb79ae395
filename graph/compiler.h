// Turns a plan into a TBB flow graph. Internal to graph/.
//
// Each node becomes: a gather part (one input as it is, several joined by sequence number) that makes a Bundle, a
// sequencer where the kind needs order, and a function node that runs the body; each output port is a broadcast
// node. A source is an input node behind which stands a limiter: its tokens alone bound what is in flight, and each
// comes back when the last packet of its item is gone. docs/design/graph.md says why it is built so.
#ifndef DIARFLOW_GRAPH_COMPILER_H_
#define DIARFLOW_GRAPH_COMPILER_H_

#include <memory>
#include <utility>
#include <vector>

#include "graph/node.h"
#include "graph/plan.h"
#include "graph/run_state.h"
#include "oneapi/tbb/flow_graph.h"

namespace diarflow {

// The packets of one item at a node, one for each input of its contract; empty where an input is not connected.
using Bundle = std::vector<Packet>;

// One node of a run, with its body's parts in the TBB graph.
class RunNode {
 public:
  RunNode(const PlannedNode* planned, std::unique_ptr<Node> node, RunState* run)
      : planned_(planned), node_(std::move(node)), run_(run) {}
  virtual ~RunNode() = default;

  // Adds the TBB parts to `graph`.
  virtual void Build(oneapi::tbb::flow::graph& graph, const Plan& plan) = 0;
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

 protected:
  void BuildOutputs(oneapi::tbb::flow::graph& graph);
  // The gather part; answers the sender of bundles.
  oneapi::tbb::flow::sender<Bundle>& BuildGather(oneapi::tbb::flow::graph& graph);
  // The same in the order of the source.
  oneapi::tbb::flow::sender<Bundle>& BuildOrderedGather(oneapi::tbb::flow::graph& graph);
  // Sends an empty packet with this origin and status out of every port.
  void SendEmpty(const Origin& origin, const absl::Status& status);
  // Sends what the body set; a body that left an output unset has failed.
  void SendOutputs(ItemContext& item);
  // Counts the failure and sends the empty packet on.
  void Fail(const Origin& origin, const absl::Status& status);
  // True when the bundle carries nothing to work on, and was passed on: the end marker or a failed item.
  bool PassOnEmpty(const Bundle& bundle);

  const PlannedNode* planned_;
  std::unique_ptr<Node> node_;
  RunState* run_;
  NodeStats stats_;
  // Keeps TBB parts alive that nobody calls by name.
  std::vector<std::shared_ptr<void>> parts_;
  std::vector<oneapi::tbb::flow::receiver<Packet>*> inputs_;
  std::vector<std::unique_ptr<oneapi::tbb::flow::broadcast_node<Packet>>> outputs_;
};

// The node of its kind. The graph and the nodes live until RunNode::Close was called on all.
std::unique_ptr<RunNode> MakeRunNode(const PlannedNode* planned, std::unique_ptr<Node> node, RunState* run);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_COMPILER_H_
