#include "graph/plan_builder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/suggest.h"
#include "google/protobuf/descriptor.h"
#include "graph/port_names.h"

namespace diarflow {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// TBB's joins, and what a reader can follow.
constexpr size_t kMaxInputs = 8;

constexpr int kMaxConcurrency = 1024;
constexpr int kMaxBatchSize = 65536;

template <typename Named>
std::vector<std::string> NamesOf(const std::vector<Named>& list) {
  std::vector<std::string> names;
  for (const Named& named : list) names.push_back(named.name);
  return names;
}

// The first number in the message that is not finite, as a sentence; empty when all are.
std::string NotFinite(const Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool repeated = field->is_repeated();
    const int count = repeated ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      double value = 0;
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
        value = repeated ? reflection.GetRepeatedDouble(message, field, i) : reflection.GetDouble(message, field);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
        value = repeated ? reflection.GetRepeatedFloat(message, field, i) : reflection.GetFloat(message, field);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        const std::string inner = NotFinite(repeated ? reflection.GetRepeatedMessage(message, field, i)
                                                     : reflection.GetMessage(message, field));
        if (!inner.empty()) return absl::StrCat(field->name(), ".", inner);
      }
      if (!std::isfinite(value)) return absl::StrCat(field->name(), " is not a finite number");
    }
  }
  return "";
}

}  // namespace

void ConfigErrors::Add(const std::string& where, const std::string& what) {
  if (full()) return;
  list_.push_back(absl::StrCat(where, ": ", what));
  if (full()) list_.push_back("and more mistakes, not listed");
}

void ConfigErrors::AddForNode(int index, const std::string& field, int element, const std::string& what) {
  Add(pipeline_->WhereNode(index, field, element),
      absl::StrCat("node \"", pipeline_->config().node(index).name(), "\": ", what, pipeline_->NodeContext(index)));
}

void PlanBuilder::Build() {
  for (int i = 0; i < config_.resource_size(); ++i) AddResource(i);
  for (int i = 0; i < config_.node_size(); ++i) AddNode(i);
  for (int i = 0; i < config_.node_size() && !errors_->full(); ++i) ConnectInputs(i);
  WarnOfUnusedResources();
}

// The options of a node or resource, or their defaults; null after an error.
std::shared_ptr<const Message> PlanBuilder::ReadOptions(const OptionsContract& contract, bool given,
                                                        const google::protobuf::Any& any, const std::string& where,
                                                        const std::string& who, const std::string& context) {
  const auto add = [&](const std::string& what) { errors_->Add(where, absl::StrCat(who, what, context)); };
  if (contract.prototype == nullptr) {
    if (given) add(" takes no options");
    return nullptr;
  }
  std::shared_ptr<Message> options(contract.prototype->New());
  const std::string& wanted = options->GetDescriptor()->full_name();
  if (given && !any.UnpackTo(options.get())) {
    const std::string name = any.type_url().substr(any.type_url().rfind('/') + 1);
    if (name.empty()) {
      add(absl::StrCat(": options without a type: write options { [diarflow/", options->GetDescriptor()->name(),
                       "] { ... } }"));
    } else if (name != wanted) {
      add(absl::StrCat(" takes options of the type ", wanted, ", not ", name));
    } else {
      add(absl::StrCat(": its options are not the bytes of a ", wanted));
    }
    return nullptr;
  }
  const std::string not_finite = NotFinite(*options);
  if (!not_finite.empty()) {
    add(absl::StrCat(": ", not_finite));
  } else if (contract.check) {
    const absl::Status status = contract.check(*options);
    if (!status.ok()) add(absl::StrCat(": ", std::string(status.message())));
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
                                   pipeline_.WhereResource(index, "options"), who, "");
  }
  plan_->resources.push_back(std::move(resource));
}

void PlanBuilder::AddNode(int index) {
  const NodeConfig& config = config_.node(index);
  PlannedNode node;
  node.name = config.name();
  node.where = pipeline_.WhereNode(index);
  node.on_error = config.on_error();
  node.max_in_flight = config.max_in_flight();
  node.entry = registry_.FindNode(config.type());
  if (node.entry == nullptr) {
    for (const std::string& entry : config.output()) unresolved_streams_.insert(SplitPort(entry).name);
  }
  if (!config.has_type()) {
    errors_->AddForNode(index, "", -1, "has no type: write type: \"TYPE\"");
  } else if (node.entry == nullptr) {
    std::vector<std::string> known = registry_.NodeTypes();
    known.insert(known.end(), pipeline_.subgraphs().begin(), pipeline_.subgraphs().end());
    errors_->AddForNode(index, "type", -1,
                        absl::StrCat("there is no node type \"", config.type(), "\"", DidYouMean(config.type(), known),
                                     " (is its library among the deps, as //nodes:all is?)"));
  } else {
    node.contract = node.entry->contract();
    node.options = ReadOptions(node.contract.options, config.has_options(), config.options(),
                               pipeline_.WhereNode(index, "options"), absl::StrCat("node \"", config.name(), "\""),
                               pipeline_.NodeContext(index));
    CheckConcurrency(index, &node);
    AddOutputs(index, &node);
    AddResourceUses(index, &node);
  }
  plan_->nodes.push_back(std::move(node));
}

void PlanBuilder::CheckConcurrency(int index, PlannedNode* node) {
  const NodeConfig& config = config_.node(index);
  node->concurrency = node->contract.concurrent ? config.concurrency() : 1;
  if (config.concurrency() > kMaxConcurrency || config.batch().size() > kMaxBatchSize) {
    errors_->AddForNode(
        index, config.concurrency() > kMaxConcurrency ? "concurrency" : "batch", -1,
        absl::StrCat("concurrency must be at most ", kMaxConcurrency, " and the batch size at most ", kMaxBatchSize));
  }
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
std::vector<PortMatch> PlanBuilder::MatchEntries(int index, const std::string& field, const std::vector<Port>& ports,
                                                 const google::protobuf::RepeatedPtrField<std::string>& entries) {
  std::vector<PortMatch> matches = MatchPorts(config_.node(index).type(), field, NamesOf(ports), entries);
  for (size_t e = 0; e < matches.size(); ++e) {
    if (!matches[e].error.empty()) errors_->AddForNode(index, field, static_cast<int>(e), matches[e].error);
  }
  return matches;
}

void PlanBuilder::AddOutputs(int index, PlannedNode* node) {
  const auto& entries = config_.node(index).output();
  const std::vector<PortMatch> matched = MatchEntries(index, "output", node->contract.outputs, entries);
  node->outputs.assign(node->contract.outputs.size(), -1);
  for (int e = 0; e < entries.size(); ++e) {
    const std::string& name = matched[e].name;
    if (matched[e].port < 0) {
      unresolved_streams_.insert(name);
      continue;
    }
    const auto [place, added] = stream_index_.emplace(name, plan_->streams.size());
    if (!added) {
      errors_->AddForNode(index, "output", e,
                          absl::StrCat("stream \"", name, "\" already comes from node \"",
                                       config_.node(plan_->streams[place->second].producer).name(), "\""));
      continue;
    }
    node->outputs[matched[e].port] = static_cast<int>(plan_->streams.size());
    plan_->streams.push_back({name, index, matched[e].port, -1, {}});
  }
}

void PlanBuilder::AddResourceUses(int index, PlannedNode* node) {
  const auto& entries = config_.node(index).resource();
  const std::vector<PortMatch> matched = MatchEntries(index, "resource", node->contract.resources, entries);
  node->resources.assign(node->contract.resources.size(), -1);
  for (int e = 0; e < entries.size(); ++e) {
    if (matched[e].port < 0) continue;
    const std::string& name = matched[e].name;
    const ResourceUse& use = node->contract.resources[matched[e].port];
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
    node->resources[matched[e].port] = found;
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

void PlanBuilder::AddMissingStream(int index, int element, const std::string& name, const PortContract& port) {
  // The mistake is where it should come from.
  if (unresolved_streams_.count(name) != 0) return;
  const auto removed = pipeline_.removed_streams().find(name);
  if (removed == pipeline_.removed_streams().end()) {
    std::vector<std::string> known;
    for (const auto& [stream, place] : stream_index_) known.push_back(stream);
    errors_->AddForNode(index, "input", element,
                        absl::StrCat("nobody produces the stream \"", name, "\"", DidYouMean(name, known)));
  } else if (!port.optional) {
    errors_->AddForNode(index, "input", element,
                        absl::StrCat("input ", port.name, " needs the stream \"", name, "\", but node \"",
                                     removed->second, "\" is disabled: disable this node too"));
  }
}

void PlanBuilder::ConnectInputs(int index) {
  PlannedNode& node = plan_->nodes[index];
  if (node.entry == nullptr) return;
  const auto& entries = config_.node(index).input();
  const std::vector<PortMatch> matched = MatchEntries(index, "input", node.contract.inputs, entries);
  node.inputs.assign(node.contract.inputs.size(), -1);
  std::set<int> attempted;
  for (int e = 0; e < entries.size(); ++e) {
    if (matched[e].port < 0) continue;
    attempted.insert(matched[e].port);
    const std::string& name = matched[e].name;
    const auto found = stream_index_.find(name);
    if (found == stream_index_.end()) {
      AddMissingStream(index, e, name, node.contract.inputs[matched[e].port]);
      continue;
    }
    const PlannedStream& stream = plan_->streams[found->second];
    const PlannedNode& producer = plan_->nodes[stream.producer];
    const std::string& produced = producer.contract.outputs[stream.port].type->name;
    const PortContract& port = node.contract.inputs[matched[e].port];
    if (produced != port.type->name) {
      errors_->AddForNode(index, "input", e,
                          absl::StrCat("stream \"", name, "\" carries ", produced, " (from node \"", producer.name,
                                       "\"), but ", port.name, " takes ", port.type->name));
    }
    node.inputs[matched[e].port] = found->second;
  }
  // Where an entry failed to match a port, its own message says enough.
  const bool failed_entry =
      std::any_of(matched.begin(), matched.end(), [](const PortMatch& match) { return match.port < 0; });
  for (size_t p = 0; p < node.contract.inputs.size(); ++p) {
    const PortContract& port = node.contract.inputs[p];
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
