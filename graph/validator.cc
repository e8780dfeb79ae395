#include "graph/validator.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/suggest.h"
#include "google/protobuf/descriptor.h"
#include "graph/overrides.h"
#include "re2/re2.h"

namespace diarflow {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// TBB's joins, and what a reader can follow.
constexpr size_t kMaxInputs = 8;

struct PortName {
  std::string port;  // empty when the pipeline names only the stream
  std::string stream;
};

PortName SplitPort(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  return parts.size() == 1 ? PortName{"", parts[0]} : PortName{parts[0], parts[1]};
}

template <typename Named>
std::vector<std::string> NamesOf(const std::vector<Named>& list) {
  std::vector<std::string> names;
  for (const Named& named : list) names.push_back(named.name);
  return names;
}

// The first number in the message that is not finite, as a sentence; empty when all are.
std::string NotFinite(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated()) continue;
    double value = 0;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) value = message.GetReflection()->GetDouble(message, field);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) value = message.GetReflection()->GetFloat(message, field);
    if (!std::isfinite(value)) return absl::StrCat(field->name(), " is not a finite number");
  }
  return "";
}

class Validator {
 public:
  Validator(const Pipeline& pipeline, const Registry& registry)
      : pipeline_(pipeline), config_(pipeline.config()), registry_(registry) {}

  absl::StatusOr<Plan> Run() {
    plan_.pipeline = pipeline_.name();
    plan_.run = config_.run();
    CheckNames();
    for (int i = 0; i < config_.resource_size(); ++i) AddResource(i);
    for (int i = 0; i < config_.node_size(); ++i) AddNode(i);
    for (int i = 0; i < config_.node_size(); ++i) ConnectInputs(i);
    CheckResourceUse();
    CheckParams();
    if (errors_.empty()) SortNodes();
    if (errors_.empty()) {
      FindScopes();
      WarnOfUnreadOutputs();
      CheckSourcesAndRun();
    }
    if (!errors_.empty()) return absl::InvalidArgumentError(absl::StrJoin(errors_, "\n"));
    return std::move(plan_);
  }

 private:
  void Error(const std::string& where, const std::string& what) { errors_.push_back(absl::StrCat(where, ": ", what)); }
  void NodeError(int index, const std::string& field, int element, const std::string& what) {
    Error(pipeline_.WhereNode(index, field, element), absl::StrCat("node \"", config_.node(index).name(), "\": ", what));
  }

  void CheckNames() {
    static const LazyRE2 kName = {"[A-Za-z][A-Za-z0-9_]*"};
    std::map<std::string, std::string> first_place = {{"run", pipeline_.WhereRun()}};
    const auto check = [&](const std::string& what, const std::string& name, const std::string& where) {
      if (!RE2::FullMatch(name, *kName)) {
        Error(where, absl::StrCat(what, " \"", name, "\": a name is a letter followed by letters, digits and _"));
      }
      const auto [place, added] = first_place.emplace(name, where);
      if (!added) {
        Error(where, absl::StrCat(what, " \"", name, "\": the name is taken (", place->second, "); give it a `name` of its own"));
      }
    };
    for (int i = 0; i < config_.resource_size(); ++i) check("resource", config_.resource(i).name(), pipeline_.WhereResource(i));
    for (int i = 0; i < config_.node_size(); ++i) check("node", config_.node(i).name(), pipeline_.WhereNode(i));
  }

  // The options of a node or resource, or their defaults; null after an error.
  std::shared_ptr<const Message> ReadOptions(const OptionsContract& contract, bool given, const google::protobuf::Any& any,
                                             const std::string& where, const std::string& who) {
    if (contract.prototype == nullptr) {
      if (given) Error(where, absl::StrCat(who, " takes no options"));
      return nullptr;
    }
    std::shared_ptr<Message> options(contract.prototype->New());
    if (given && !any.UnpackTo(options.get())) {
      absl::string_view name = any.type_url();
      name.remove_prefix(std::min(name.size(), name.rfind('/') + 1));
      Error(where, absl::StrCat(who, " takes options of the type ", options->GetDescriptor()->full_name(), ", not ", name));
      return nullptr;
    }
    const std::string not_finite = NotFinite(*options);
    if (!not_finite.empty()) {
      Error(where, absl::StrCat(who, ": ", not_finite));
    } else if (contract.check) {
      const absl::Status status = contract.check(*options);
      if (!status.ok()) Error(where, absl::StrCat(who, ": ", std::string(status.message())));
    }
    return options;
  }

  void AddResource(int index) {
    const ResourceConfig& config = config_.resource(index);
    const std::string who = absl::StrCat("resource \"", config.name(), "\"");
    PlannedResource resource;
    resource.name = config.name();
    resource.where = pipeline_.WhereResource(index);
    resource.entry = registry_.FindResource(config.type());
    if (resource.entry == nullptr) {
      Error(pipeline_.WhereResource(index, "type"),
            absl::StrCat(who, ": there is no resource type \"", config.type(), "\"", DidYouMean(config.type(), registry_.ResourceTypes()),
                         " (is its library linked in?)"));
    } else {
      resource.options = ReadOptions(resource.entry->contract().options, config.has_options(), config.options(),
                                     pipeline_.WhereResource(index, "options"), who);
    }
    plan_.resources.push_back(std::move(resource));
  }

  void AddNode(int index) {
    const NodeConfig& config = config_.node(index);
    PlannedNode node;
    node.name = config.name();
    node.where = pipeline_.WhereNode(index);
    node.on_error = config.on_error();
    node.entry = registry_.FindNode(config.type());
    if (node.entry == nullptr) {
      NodeError(index, "type", -1,
                absl::StrCat("there is no node type \"", config.type(), "\"", DidYouMean(config.type(), registry_.NodeTypes()),
                             " (is its library among the deps, as //nodes:all is?)"));
    } else {
      node.contract = node.entry->contract();
      node.options = ReadOptions(node.contract.options, config.has_options(), config.options(),
                                 pipeline_.WhereNode(index, "options"), absl::StrCat("node \"", config.name(), "\""));
      CheckConcurrency(index, &node);
      AddOutputs(index, &node);
      AddResourceUses(index, &node);
    }
    plan_.nodes.push_back(std::move(node));
  }

  void CheckConcurrency(int index, PlannedNode* node) {
    const NodeConfig& config = config_.node(index);
    node->concurrency = node->contract.concurrent ? config.concurrency() : 1;
    if (config.concurrency() < 0) NodeError(index, "concurrency", -1, "concurrency is negative");
    if (config.concurrency() > 1 && !node->contract.concurrent) {
      NodeError(index, "concurrency", -1,
                absl::StrCat("concurrency is ", config.concurrency(), ", but ", config.type(), " works on one item at a time"));
    }
    if (node->entry->kind == NodeKind::kBatch) {
      node->batch_size = config.batch().size();
      if (node->batch_size < 1) NodeError(index, "batch", -1, absl::StrCat("batch size is ", node->batch_size, ", must be at least 1"));
    } else if (config.has_batch()) {
      NodeError(index, "batch", -1, absl::StrCat(config.type(), " is a ", NodeKindName(node->entry->kind), " node and makes no batches"));
    }
  }

  // Which port of `ports` each "PORT:name" entry means: index into the ports, or -1 after an error.
  template <typename Port>
  std::vector<int> MatchPorts(int index, const std::string& field, const std::vector<Port>& ports,
                              const google::protobuf::RepeatedPtrField<std::string>& entries) {
    std::vector<int> matched;
    std::set<int> used;
    for (int e = 0; e < entries.size(); ++e) {
      const PortName name = SplitPort(entries[e]);
      int found = -1;
      if (name.port.empty() && ports.size() == 1) found = 0;
      for (size_t p = 0; p < ports.size(); ++p) {
        if (ports[p].name == name.port) found = static_cast<int>(p);
      }
      if (ports.empty()) {
        NodeError(index, field, e, absl::StrCat("\"", entries[e], "\": ", config_.node(index).type(), " has no ", field));
      } else if (found < 0 && name.port.empty()) {
        NodeError(index, field, e, absl::StrCat("\"", entries[e], "\" names no port: write PORT:", name.stream, " with one of ",
                                                absl::StrJoin(NamesOf(ports), ", ")));
      } else if (found < 0) {
        NodeError(index, field, e, absl::StrCat("there is no ", field, " \"", name.port, "\"", DidYouMean(name.port, NamesOf(ports)),
                                                " (", absl::StrJoin(NamesOf(ports), ", "), ")"));
      } else if (!used.insert(found).second) {
        NodeError(index, field, e, absl::StrCat(field, " \"", ports[found].name, "\" is connected twice"));
        found = -1;
      }
      matched.push_back(found);
    }
    return matched;
  }

  void AddOutputs(int index, PlannedNode* node) {
    const auto& entries = config_.node(index).output();
    const std::vector<int> matched = MatchPorts(index, "output", node->contract.outputs, entries);
    node->outputs.assign(node->contract.outputs.size(), -1);
    for (int e = 0; e < entries.size(); ++e) {
      if (matched[e] < 0) continue;
      const std::string name = SplitPort(entries[e]).stream;
      const auto [place, added] = stream_index_.emplace(name, plan_.streams.size());
      if (!added) {
        NodeError(index, "output", e, absl::StrCat("stream \"", name, "\" already comes from node \"",
                                                   config_.node(plan_.streams[place->second].producer).name(), "\""));
        continue;
      }
      node->outputs[matched[e]] = static_cast<int>(plan_.streams.size());
      plan_.streams.push_back({name, index, matched[e], -1});
    }
  }

  void AddResourceUses(int index, PlannedNode* node) {
    const auto& entries = config_.node(index).resource();
    const std::vector<int> matched = MatchPorts(index, "resource", node->contract.resources, entries);
    node->resources.assign(node->contract.resources.size(), -1);
    for (int e = 0; e < entries.size(); ++e) {
      if (matched[e] < 0) continue;
      const std::string name = SplitPort(entries[e]).stream;
      const ResourceUse& use = node->contract.resources[matched[e]];
      int found = -1;
      for (size_t r = 0; r < plan_.resources.size(); ++r) {
        if (plan_.resources[r].name == name) found = static_cast<int>(r);
      }
      if (found < 0) {
        NodeError(index, "resource", e, absl::StrCat("there is no resource \"", name, "\"", DidYouMean(name, NamesOf(plan_.resources))));
        continue;
      }
      used_resources_.insert(found);
      const ResourceEntry* entry = plan_.resources[found].entry;
      if (entry != nullptr && entry->type != use.type) {
        NodeError(index, "resource", e, absl::StrCat("resource \"", name, "\" is a ", entry->type, ", but ", use.name, " takes a ", use.type));
      }
      node->resources[matched[e]] = found;
    }
    for (size_t u = 0; u < node->contract.resources.size(); ++u) {
      const ResourceUse& use = node->contract.resources[u];
      if (!use.optional && node->resources[u] < 0 && entries.empty()) {
        NodeError(index, "", -1, absl::StrCat("needs a resource of the type ", use.type, ": write resource: \"", use.name, ":NAME\""));
      }
    }
  }

  void ConnectInputs(int index) {
    PlannedNode& node = plan_.nodes[index];
    if (node.entry == nullptr) return;
    const auto& entries = config_.node(index).input();
    const std::vector<int> matched = MatchPorts(index, "input", node.contract.inputs, entries);
    node.inputs.assign(node.contract.inputs.size(), -1);
    std::vector<std::string> known;
    for (const auto& [name, stream] : stream_index_) known.push_back(name);
    std::set<int> attempted;
    for (int e = 0; e < entries.size(); ++e) {
      if (matched[e] < 0) continue;
      attempted.insert(matched[e]);
      const std::string name = SplitPort(entries[e]).stream;
      const auto found = stream_index_.find(name);
      if (found == stream_index_.end()) {
        NodeError(index, "input", e, absl::StrCat("nobody produces the stream \"", name, "\"", DidYouMean(name, known)));
        continue;
      }
      const PlannedStream& stream = plan_.streams[found->second];
      const PlannedNode& producer = plan_.nodes[stream.producer];
      const std::string& produced = producer.contract.outputs[stream.port].type->name;
      const PortContract& port = node.contract.inputs[matched[e]];
      if (produced != port.type->name) {
        NodeError(index, "input", e, absl::StrCat("stream \"", name, "\" carries ", produced, " (from node \"", producer.name,
                                                  "\"), but ", port.name, " takes ", port.type->name));
      }
      node.inputs[matched[e]] = found->second;
    }
    for (size_t p = 0; p < node.contract.inputs.size(); ++p) {
      const PortContract& port = node.contract.inputs[p];
      // Where an entry failed to match a port, its own message says enough.
      const bool failed_entry = std::count(matched.begin(), matched.end(), -1) > 0;
      if (!port.optional && attempted.count(static_cast<int>(p)) == 0 && !failed_entry) {
        NodeError(index, "", -1, absl::StrCat("input ", port.name, " is not connected: write input: \"", port.name, ":STREAM\""));
      }
    }
    if (entries.size() > static_cast<int>(kMaxInputs)) {
      NodeError(index, "input", kMaxInputs, absl::StrCat("has ", entries.size(), " inputs; at most ", kMaxInputs, " can be joined"));
    }
  }

  void CheckResourceUse() {
    for (size_t r = 0; r < plan_.resources.size(); ++r) {
      if (used_resources_.count(static_cast<int>(r)) == 0) {
        plan_.warnings.push_back(absl::StrCat(plan_.resources[r].where, ": no node uses the resource \"", plan_.resources[r].name, "\""));
      }
    }
  }

  void CheckParams() {
    std::set<std::string> names;
    for (int i = 0; i < config_.param_size(); ++i) {
      const ParamConfig& param = config_.param(i);
      const std::string who = absl::StrCat("param \"", param.name(), "\": ");
      if (!names.insert(param.name()).second) Error(pipeline_.WhereParam(i), absl::StrCat(who, "the name is taken"));
      const absl::Status status = CheckTarget(param.target(), pipeline_, registry_);
      if (!status.ok()) Error(pipeline_.WhereParam(i), absl::StrCat(who, std::string(status.message())));
    }
  }

  // Depth first along the inputs. What is met again while it is still open closes a cycle.
  bool Visit(int index, std::vector<int>* state, std::vector<int>* path, std::vector<int>* order) {
    (*state)[index] = 1;
    path->push_back(index);
    for (const int stream : plan_.nodes[index].inputs) {
      if (stream < 0) continue;
      const int producer = plan_.streams[stream].producer;
      if ((*state)[producer] == 1) {
        // The path leads from consumers to producers: backwards, it reads in the direction of the data.
        std::vector<std::string> names = {plan_.nodes[producer].name};
        for (auto step = path->rbegin(); step != path->rend(); ++step) {
          names.push_back(plan_.nodes[*step].name);
          if (*step == producer) break;
        }
        NodeError(producer, "", -1, absl::StrCat("is part of a cycle: ", absl::StrJoin(names, " -> ")));
        return false;
      }
      if ((*state)[producer] == 0 && !Visit(producer, state, path, order)) return false;
    }
    path->pop_back();
    (*state)[index] = 2;
    order->push_back(index);
    return true;
  }

  void SortNodes() {
    std::vector<int> state(plan_.nodes.size(), 0), path, order;
    for (size_t i = 0; i < plan_.nodes.size(); ++i) {
      if (state[i] == 0 && !Visit(static_cast<int>(i), &state, &path, &order)) return;
    }
    std::vector<int> position(order.size());
    std::vector<PlannedNode> sorted;
    for (size_t i = 0; i < order.size(); ++i) {
      position[order[i]] = static_cast<int>(i);
      sorted.push_back(std::move(plan_.nodes[order[i]]));
    }
    plan_.nodes = std::move(sorted);
    for (PlannedStream& stream : plan_.streams) stream.producer = position[stream.producer];
    original_index_ = std::move(order);
  }

  void FindScopes() {
    for (size_t i = 0; i < plan_.nodes.size(); ++i) {
      const PlannedNode& node = plan_.nodes[i];
      const bool opens = node.entry->kind == NodeKind::kSource || node.entry->kind == NodeKind::kCollect;
      int scope = -1;
      for (const int stream : node.inputs) {
        if (stream < 0) continue;
        const int other = plan_.streams[stream].scope;
        if (scope >= 0 && other != scope) {
          NodeError(original_index_[i], "input", 0,
                    absl::StrCat("its inputs come from different sources, \"", plan_.nodes[scope].name, "\" and \"",
                                 plan_.nodes[other].name, "\": their items cannot be matched"));
        }
        scope = other;
      }
      if (scope < 0 && node.entry->kind != NodeKind::kSource) {
        NodeError(original_index_[i], "", -1, "has no input connected");
      }
      for (const int stream : node.outputs) {
        if (stream >= 0) plan_.streams[stream].scope = opens ? static_cast<int>(i) : scope;
      }
    }
  }

  void WarnOfUnreadOutputs() {
    std::set<int> read;
    for (const PlannedNode& node : plan_.nodes) read.insert(node.inputs.begin(), node.inputs.end());
    for (size_t s = 0; s < plan_.streams.size(); ++s) {
      if (read.count(static_cast<int>(s)) != 0) continue;
      const PlannedNode& producer = plan_.nodes[plan_.streams[s].producer];
      plan_.warnings.push_back(absl::StrCat(producer.where, ": node \"", producer.name, "\": nobody reads the stream \"", plan_.streams[s].name, "\""));
    }
  }

  void CheckSourcesAndRun() {
    const RunConfig& run = plan_.run;
    if (run.threads() < 0 || run.model_threads() < 1 || run.max_in_flight() < 0) {
      Error(pipeline_.WhereRun(), "run: threads and max_in_flight must not be negative, model_threads must be at least 1");
      return;
    }
    if (!(run.max_failed_fraction() >= 0 && run.max_failed_fraction() <= 1)) {
      Error(pipeline_.WhereRun(), "run: max_failed_fraction must lie between 0 and 1");
    }
    const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    plan_.threads = run.threads() > 0 ? run.threads() : cores;
    plan_.model_threads = run.model_threads();
    int sources = 0, wanted = 2 * plan_.threads;
    plan_.least_in_flight = 1;
    for (const PlannedNode& node : plan_.nodes) {
      sources += node.entry->kind == NodeKind::kSource;
      plan_.least_in_flight += node.batch_size - 1;
      // A batch that fills while others are worked on.
      if (node.batch_size > 1) wanted += node.batch_size * (node.concurrency == 0 ? plan_.threads : node.concurrency);
    }
    if (sources == 0) Error(pipeline_.WhereRun(), "the pipeline has no source: no node that makes items");
    plan_.max_in_flight = run.max_in_flight() > 0 ? run.max_in_flight() : plan_.least_in_flight + wanted;
    if (plan_.max_in_flight < plan_.least_in_flight) {
      Error(pipeline_.WhereRun(), absl::StrCat("run: max_in_flight is ", plan_.max_in_flight, ", but the batches need at least ",
                                               plan_.least_in_flight, " to fill (1 + the sum of size - 1)"));
    }
  }

  const Pipeline& pipeline_;
  const GraphConfig& config_;
  const Registry& registry_;
  Plan plan_;
  std::vector<std::string> errors_;
  std::map<std::string, size_t> stream_index_;
  std::set<int> used_resources_;
  // Of a sorted node: where it stands in the pipeline.
  std::vector<int> original_index_;
};

}  // namespace

absl::StatusOr<Plan> Validate(const Pipeline& pipeline, const Registry& registry) {
  return Validator(pipeline, registry).Run();
}

}  // namespace diarflow
