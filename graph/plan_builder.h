// Resolves the names of a pipeline: types to registry entries, ports and streams to indices, options to messages.
// Internal to graph/; the part of validator.h that looks at one node at a time.
#ifndef DIARFLOW_GRAPH_PLAN_BUILDER_H_
#define DIARFLOW_GRAPH_PLAN_BUILDER_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "google/protobuf/any.pb.h"
#include "google/protobuf/message.h"
#include "graph/config_loader.h"
#include "graph/plan.h"
#include "graph/port_names.h"
#include "graph/registry.h"

namespace diarflow {

// What is wrong with a pipeline, collected: "FILE:LINE: ...".
class ConfigErrors {
 public:
  explicit ConfigErrors(const Pipeline* pipeline) : pipeline_(pipeline) {}

  void Add(const std::string& where, const std::string& what);
  // At element `element` of a field of node number `index` of the pipeline.
  void AddForNode(int index, const std::string& field, int element, const std::string& what);

  const std::vector<std::string>& list() const { return list_; }
  bool empty() const { return list_.empty(); }
  // So many that more would help nobody; they are not kept.
  bool full() const { return list_.size() >= kMaxErrors; }

 private:
  static constexpr size_t kMaxErrors = 100;

  const Pipeline* pipeline_;
  std::vector<std::string> list_;
};

class PlanBuilder {
 public:
  PlanBuilder(const Pipeline& pipeline, const Registry& registry, Plan* plan, ConfigErrors* errors)
      : pipeline_(pipeline), config_(pipeline.config()), registry_(registry), plan_(plan), errors_(errors) {}

  // Fills resources, nodes and streams, in the order of the pipeline. What could not be resolved is -1 or null, and
  // an error.
  void Build();

 private:
  std::shared_ptr<const google::protobuf::Message> ReadOptions(const OptionsContract& contract, bool given,
                                                               const google::protobuf::Any& any,
                                                               const std::string& where, const std::string& who,
                                                               const std::string& context);
  void AddResource(int index);
  void AddNode(int index);
  void CheckConcurrency(int index, PlannedNode* node);
  template <typename Port>
  std::vector<PortMatch> MatchEntries(int index, const std::string& field, const std::vector<Port>& ports,
                                      const google::protobuf::RepeatedPtrField<std::string>& entries);
  void AddOutputs(int index, PlannedNode* node);
  void AddResourceUses(int index, PlannedNode* node);
  void AddMissingStream(int index, int element, const std::string& name, const PortContract& port);
  void ConnectInputs(int index);
  void WarnOfUnusedResources();

  const Pipeline& pipeline_;
  const GraphConfig& config_;
  const Registry& registry_;
  Plan* plan_;
  ConfigErrors* errors_;
  std::map<std::string, size_t> stream_index_;
  // Of nodes or ports that are unknown themselves.
  std::set<std::string> unresolved_streams_;
  std::set<int> used_resources_;
};

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_PLAN_BUILDER_H_
