#include "graph/node_runner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/config_loader.h"
#include "graph/node.h"
#include "graph/runtime.h"
#include "graph/validator.h"

namespace diarflow {

class NodeRunner::PushSource : public SourceNode {
 public:
  explicit PushSource(const NodeRunner* runner) : runner_(runner) {}

  absl::StatusOr<bool> Next(SourceContext& item) override {
    if (next_ == ItemCount()) return false;
    item.SetItem(absl::StrCat("item ", next_));
    size_t port = 0;
    for (const auto& [name, values] : runner_->pushed_) {
      if (static_cast<size_t>(next_) >= values.size()) {
        return absl::InvalidArgumentError(absl::StrCat("nothing was pushed into ", name, " for item ", next_));
      }
      const Pushed& value = values[static_cast<size_t>(next_)];
      if (!value.status.ok()) item.Fail(value.status);
      item.SetOutput(port++, {value.type, value.payload});
    }
    ++next_;
    return true;
  }
  int64_t ItemCount() const override {
    size_t count = 0;
    for (const auto& [port, values] : runner_->pushed_) count = std::max(count, values.size());
    return static_cast<int64_t>(count);
  }

 private:
  const NodeRunner* runner_;
  int64_t next_ = 0;
};

class NodeRunner::Sink : public CollectNode {
 public:
  Sink(std::map<uint64_t, Packet>* packets, std::map<uint64_t, std::vector<Packet>>* parts)
      : packets_(packets), parts_(parts) {}
  absl::Status Begin() override {
    of_item_.clear();
    return absl::OkStatus();
  }
  absl::Status Add(ItemContext& item) override {
    // Without the origin: it holds tokens, also those of the items that a part comes from.
    const Packet packet({}, item.input(0).type(), item.input(0).payload());
    packets_->emplace(item.sequence(), packet);
    of_item_.push_back(packet);
    return absl::OkStatus();
  }
  absl::Status Finish(FinishContext& context) override {
    parts_->emplace(context.sequence(), std::move(of_item_));
    return absl::OkStatus();
  }

 private:
  std::map<uint64_t, Packet>* packets_;
  std::map<uint64_t, std::vector<Packet>>* parts_;
  std::vector<Packet> of_item_;
};

NodeRunner::NodeRunner(const std::string& node_textproto) : node_text_(node_textproto) {}

void NodeRunner::SetResourceObject(const std::string& use, const std::string& type,
                                   std::shared_ptr<const void> resource) {
  resources_[use] = {type, std::move(resource)};
}

absl::Status NodeRunner::Run() {
  outputs_.clear();
  parts_.clear();
  Registry registry(&Registry::Global());
  ASSIGN_OR_RETURN(Pipeline pipeline, Pipeline::Parse(absl::StrCat("name: \"node_runner\" node { ", node_text_, " }"),
                                                      "node_runner", registry));
  GraphConfig& config = pipeline.mutable_config();
  config.mutable_run()->set_threads(threads_);
  NodeConfig tested = config.node(0);
  const NodeEntry* entry = registry.FindNode(tested.type());
  if (entry == nullptr) return Validate(pipeline, registry).status();
  const Contract contract = entry->contract();
  config.clear_node();

  Contract source_contract;
  NodeConfig* source = config.add_node();
  source->set_name("push");
  source->set_type("push");
  for (const auto& [port, values] : pushed_) {
    const PayloadType* type = nullptr;
    for (const Pushed& value : values) type = value.type == nullptr ? type : value.type;
    // A port that only ever fails has the type that the node expects.
    for (const PortContract& input : contract.inputs) type = type == nullptr && input.name == port ? input.type : type;
    source_contract.outputs.push_back({port, type, false});
    source->add_output(absl::StrCat(port, ":", port, "_in"));
    tested.add_input(absl::StrCat(port, ":", port, "_in"));
  }
  registry.AddNode({"push", NodeKind::kSource, [source_contract] { return source_contract; },
                    [this] { return std::make_unique<PushSource>(this); }},
                   __FILE__, __LINE__);

  for (const auto& [use, resource] : resources_) {
    const std::string type = resource.first;
    const std::shared_ptr<const void> object = resource.second;
    registry.AddResource(
        {type, [] { return Contract(); },
         [object](const ResourceContext&) -> absl::StatusOr<std::shared_ptr<const void>> { return object; }},
        __FILE__, __LINE__);
    ResourceConfig* named = config.add_resource();
    named->set_name(absl::StrCat(use, "_resource"));
    named->set_type(type);
    tested.add_resource(absl::StrCat(use, ":", use, "_resource"));
  }
  for (const PortContract& output : contract.outputs)
    tested.add_output(absl::StrCat(output.name, ":", output.name, "_out"));
  *config.add_node() = tested;

  for (const PortContract& output : contract.outputs) {
    Contract sink_contract;
    sink_contract.inputs.push_back({output.name, output.type, false});
    const std::string type = absl::StrCat("sink_", output.name);
    std::map<uint64_t, Packet>* packets = &outputs_[output.name];
    std::map<uint64_t, std::vector<Packet>>* parts = &parts_[output.name];
    registry.AddNode({type, NodeKind::kCollect, [sink_contract] { return sink_contract; },
                      [packets, parts] { return std::make_unique<Sink>(packets, parts); }},
                     __FILE__, __LINE__);
    NodeConfig* sink = config.add_node();
    sink->set_name(type);
    sink->set_type(type);
    sink->add_input(absl::StrCat(output.name, "_out"));
  }

  ASSIGN_OR_RETURN(const Plan plan, Validate(pipeline, registry));
  RunOptions options;
  options.run_folder = run_folder_;
  ASSIGN_OR_RETURN(report_, RunPlan(plan, options));
  if (report_.outcome() == RunReport::RUN_FAILED) return absl::InternalError(report_.error());
  return absl::OkStatus();
}

}  // namespace diarflow
