#include "graph/plan_builder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/suggest.h"
#include "google/protobuf/descriptor.h"

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
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE)
      value = message.GetReflection()->GetDouble(message, field);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) value = message.GetReflection()->GetFloat(message, field);
    if (!std::isfinite(value)) return absl::StrCat(field->name(), " is not a finite number");
  }
  return "";
}

}  // namespace

void ConfigErrors::Add(const std::string& where, const std::string& what) {
  list_.push_back(absl::StrCat(where, ": ", what));
}

void ConfigErrors::AddForNode(int index, const std::string& field, int element, const std::string& what) {
  Add(pipeline_->WhereNode(index, field, element),
      absl::StrCat("node \"", pipeline_->config().node(index).name(), "\": ", what));
}

void PlanBuilder::Build() {
  for (int i = 0; i < config_.resource_size(); ++i) AddResource(i);
  for (int i = 0; i < config_.node_size(); ++i) AddNode(i);
  for (int i = 0; i < config_.node_size(); ++i) ConnectInputs(i);
  WarnOfUnusedResources();
}

// The options of a node or resource, or their defaults; null after an error.
std::shared_ptr<const Message> PlanBuilder::ReadOptions(const OptionsContract& contract, bool given,
                                                        const google::protobuf::Any& any, const std::string& where,
                                                        const std::string& who) {
  if (contract.prototype == nullptr) {
    if (given) errors_->Add(where, absl::StrCat(who, " takes no options"));
    return nullptr;
  }
  std::shared_ptr<Message> options(contract.prototype->New());
  if (given && !any.UnpackTo(options.get())) {
    absl::string_view name = any.type_url();
    name.remove_prefix(std::min(name.size(), name.rfind('/') + 1));
    errors_->Add(
        where, absl::StrCat(who, " takes options of the type ", options->GetDescriptor()->full_name(), ", not ", name));
    return nullptr;
  }
  const std::string not_finite = NotFinite(*options);
  if (!not_finite.empty()) {
    errors_->Add(where, absl::StrCat(who, ": ", not_finite));
  } else if (contract.check) {
    const absl::Status status = contract.check(*options);
    if (!status.ok()) errors_->Add(where, absl::StrCat(who, ": ", std::string(status.message())));
  }
  return options;
}

void PlanBuilder::AddResource(int index) {
  const ResourceConfig& config = config_.resource(index);
  const std::string who = absl::StrCat("resource \"", config.name(), "\"");
  PlannedResource resource;
  resource.name = config.name();
  resource.where = pipeline_.WhereResource(index);
  resource.entry = registry_.FindResource(config.type());
  if (resource.entry == nullptr) {
    errors_->Add(pipeline_.WhereResource(index, "type"),
                 absl::StrCat(who, ": there is no resource type \"", config.type(), "\"",
                              DidYouMean(config.type(), registry_.ResourceTypes()), " (is its library linked in?)"));
  } else {
    resource.options = ReadOptions(resource.entry->contract().options, config.has_options(), config.options(),
                                   pipeline_.WhereResource(index, "options"), who);
  }
  plan_->resources.push_back(std::move(resource));
}

void PlanBuilder::AddNode(int index) {
  const NodeConfig& config = config_.node(index);
  PlannedNode node;
  node.name = config.name();
  node.where = pipeline_.WhereNode(index);
  node.on_error = config.on_error();
  node.entry = registry_.FindNode(config.type());
  if (node.entry == nullptr) {
    errors_->AddForNode(
        index, "type", -1,
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
  plan_->nodes.push_back(std::move(node));
}

void PlanBuilder::CheckConcurrency(int index, PlannedNode* node) {
  const NodeConfig& config = config_.node(index);
  node->concurrency = node->contract.concurrent ? config.concurrency() : 1;
  if (config.concurrency() < 0) errors_->AddForNode(index, "concurrency", -1, "concurrency is negative");
  if (config.concurrency() > 1 && !node->contract.concurrent) {
    errors_->AddForNode(
        index, "concurrency", -1,
        absl::StrCat("concurrency is ", config.concurrency(), ", but ", config.type(), " works on one item at a time"));
  }
  if (node->entry->kind == NodeKind::kBatch) {
    node->batch_size = config.batch().size();
    if (node->batch_size < 1)
      errors_->AddForNode(index, "batch", -1, absl::StrCat("batch size is ", node->batch_size, ", must be at least 1"));
  } else if (config.has_batch()) {
    errors_->AddForNode(
        index, "batch", -1,
        absl::StrCat(config.type(), " is a ", NodeKindName(node->entry->kind), " node and makes no batches"));
  }
}

template <typename Port>
std::vector<int> PlanBuilder::MatchPorts(int index, const std::string& field, const std::vector<Port>& ports,
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
      errors_->AddForNode(index, field, e,
                          absl::StrCat("\"", entries[e], "\": ", config_.node(index).type(), " has no ", field));
    } else if (found < 0 && name.port.empty()) {
      errors_->AddForNode(index, field, e,
                          absl::StrCat("\"", entries[e], "\" names no port: write PORT:", name.stream, " with one of ",
                                       absl::StrJoin(NamesOf(ports), ", ")));
    } else if (found < 0) {
      errors_->AddForNode(
          index, field, e,
          absl::StrCat("there is no ", field, " \"", name.port, "\"", DidYouMean(name.port, NamesOf(ports)), " (",
                       absl::StrJoin(NamesOf(ports), ", "), ")"));
    } else if (!used.insert(found).second) {
      errors_->AddForNode(index, field, e, absl::StrCat(field, " \"", ports[found].name, "\" is connected twice"));
      found = -1;
    }
    matched.push_back(found);
  }
  return matched;
}

void PlanBuilder::AddOutputs(int index, PlannedNode* node) {
  const auto& entries = config_.node(index).output();
  const std::vector<int> matched = MatchPorts(index, "output", node->contract.outputs, entries);
  node->outputs.assign(node->contract.outputs.size(), -1);
  for (int e = 0; e < entries.size(); ++e) {
    if (matched[e] < 0) continue;
    const std::string name = SplitPort(entries[e]).stream;
    const auto [place, added] = stream_index_.emplace(name, plan_->streams.size());
    if (!added) {
      errors_->AddForNode(index, "output", e,
                          absl::StrCat("stream \"", name, "\" already comes from node \"",
                                       config_.node(plan_->streams[place->second].producer).name(), "\""));
      continue;
    }
    node->outputs[matched[e]] = static_cast<int>(plan_->streams.size());
    plan_->streams.push_back({name, index, matched[e], -1});
  }
}

void PlanBuilder::AddResourceUses(int index, PlannedNode* node) {
  const auto& entries = config_.node(index).resource();
  const std::vector<int> matched = MatchPorts(index, "resource", node->contract.resources, entries);
  node->resources.assign(node->contract.resources.size(), -1);
  for (int e = 0; e < entries.size(); ++e) {
    if (matched[e] < 0) continue;
    const std::string name = SplitPort(entries[e]).stream;
    const ResourceUse& use = node->contract.resources[matched[e]];
    int found = -1;
    for (size_t r = 0; r < plan_->resources.size(); ++r) {
      if (plan_->resources[r].name == name) found = static_cast<int>(r);
    }
    if (found < 0) {
      errors_->AddForNode(
          index, "resource", e,
          absl::StrCat("there is no resource \"", name, "\"", DidYouMean(name, NamesOf(plan_->resources))));
      continue;
    }
    used_resources_.insert(found);
    const ResourceEntry* entry = plan_->resources[found].entry;
    if (entry != nullptr && entry->type != use.type) {
      errors_->AddForNode(
          index, "resource", e,
          absl::StrCat("resource \"", name, "\" is a ", entry->type, ", but ", use.name, " takes a ", use.type));
    }
    node->resources[matched[e]] = found;
  }
  for (size_t u = 0; u < node->contract.resources.size(); ++u) {
    const ResourceUse& use = node->contract.resources[u];
    if (!use.optional && node->resources[u] < 0 && entries.empty()) {
      errors_->AddForNode(
          index, "", -1,
          absl::StrCat("needs a resource of the type ", use.type, ": write resource: \"", use.name, ":NAME\""));
    }
  }
}

void PlanBuilder::ConnectInputs(int index) {
  PlannedNode& node = plan_->nodes[index];
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
      errors_->AddForNode(index, "input", e,
                          absl::StrCat("nobody produces the stream \"", name, "\"", DidYouMean(name, known)));
      continue;
    }
    const PlannedStream& stream = plan_->streams[found->second];
    const PlannedNode& producer = plan_->nodes[stream.producer];
    const std::string& produced = producer.contract.outputs[stream.port].type->name;
    const PortContract& port = node.contract.inputs[matched[e]];
    if (produced != port.type->name) {
      errors_->AddForNode(index, "input", e,
                          absl::StrCat("stream \"", name, "\" carries ", produced, " (from node \"", producer.name,
                                       "\"), but ", port.name, " takes ", port.type->name));
    }
    node.inputs[matched[e]] = found->second;
  }
  for (size_t p = 0; p < node.contract.inputs.size(); ++p) {
    const PortContract& port = node.contract.inputs[p];
    // Where an entry failed to match a port, its own message says enough.
    const bool failed_entry = std::count(matched.begin(), matched.end(), -1) > 0;
    if (!port.optional && attempted.count(static_cast<int>(p)) == 0 && !failed_entry) {
      errors_->AddForNode(
          index, "", -1,
          absl::StrCat("input ", port.name, " is not connected: write input: \"", port.name, ":STREAM\""));
    }
  }
  if (entries.size() > static_cast<int>(kMaxInputs)) {
    errors_->AddForNode(index, "input", kMaxInputs,
                        absl::StrCat("has ", entries.size(), " inputs; at most ", kMaxInputs, " can be joined"));
  }
}

void PlanBuilder::WarnOfUnusedResources() {
  for (size_t r = 0; r < plan_->resources.size(); ++r) {
    if (used_resources_.count(static_cast<int>(r)) == 0) {
      plan_->warnings.push_back(
          absl::StrCat(plan_->resources[r].where, ": no node uses the resource \"", plan_->resources[r].name, "\""));
    }
  }
}

}  // namespace diarflow
