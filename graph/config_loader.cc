#include "graph/config_loader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "graph/includes.h"
#include "graph/port_names.h"
#include "graph/pruning.h"

namespace diarflow {
namespace {

using google::protobuf::RepeatedPtrField;

std::string FileStem(absl::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash != absl::string_view::npos) path.remove_prefix(slash + 1);
  return std::string(path.substr(0, path.find('.')));
}

// Keeps the elements for which `keep(index, element)` holds.
template <typename T, typename Keep>
void Filter(RepeatedPtrField<T>* list, const Keep& keep) {
  int kept = 0;
  for (int i = 0; i < list->size(); ++i) {
    if (keep(i, list->Get(i))) list->SwapElements(kept++, i);
  }
  list->DeleteSubrange(kept, list->size() - kept);
}

}  // namespace

absl::StatusOr<Pipeline> Pipeline::Parse(absl::string_view text, const std::string& file_name,
                                         const Registry& registry) {
  Pipeline pipeline;
  pipeline.file_name_ = file_name;
  ASSIGN_OR_RETURN(pipeline.file_, ParseFile(text, file_name, registry));
  ASSIGN_OR_RETURN(const std::vector<std::shared_ptr<const ParsedFile>> files, LoadIncludes(pipeline.file_, registry));
  ASSIGN_OR_RETURN(Expansion expansion, ExpandSubgraphs(files, registry));
  pipeline.config_ = pipeline.file_->config;
  pipeline.config_.clear_include();
  pipeline.config_.clear_subgraph();
  pipeline.config_.clear_node();
  for (ExpandedNode& node : expansion.nodes) {
    *pipeline.config_.add_node() = std::move(node.config);
    pipeline.nodes_.push_back({std::move(node.place), std::move(node.context), node.use});
  }
  for (int i = 0; i < pipeline.config_.resource_size(); ++i) {
    pipeline.resources_.push_back(SourcePlace(pipeline.file_, "resource", i));
  }
  pipeline.uses_ = std::move(expansion.uses);
  pipeline.subgraphs_ = std::move(expansion.subgraphs);
  if (!pipeline.config_.has_name()) pipeline.config_.set_name(FileStem(file_name));
  return pipeline;
}

absl::StatusOr<Pipeline> Pipeline::Load(const std::string& path, const Registry& registry) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return Parse(text, path, registry);
}

bool Pipeline::HasPathNames(int node) const {
  return config_.expanded() || (node < static_cast<int>(nodes_.size()) && nodes_[node].use >= 0);
}

bool Pipeline::IsEnabled(int node) const {
  if (!config_.node(node).enabled()) return false;
  int use = node < static_cast<int>(nodes_.size()) ? nodes_[node].use : -1;
  for (; use >= 0; use = uses_[use].parent) {
    if (!uses_[use].config.enabled()) return false;
  }
  return true;
}

Pipeline Pipeline::WithoutDisabled() const {
  std::vector<bool> enabled;
  for (int i = 0; i < config_.node_size(); ++i) enabled.push_back(IsEnabled(i));
  const Pruning pruning = FindPruning(config_, enabled);
  Pipeline left = *this;
  left.removed_streams_ = pruning.removed_streams;
  left.unread_streams_ = pruning.unread_streams;
  Filter(left.config_.mutable_node(), [&](int i, const NodeConfig&) { return !pruning.node_removed[i]; });
  Filter(left.config_.mutable_resource(), [&](int i, const ResourceConfig&) { return !pruning.resource_removed[i]; });
  left.nodes_.clear();
  // Nodes and resources may have been added or taken away since.
  for (size_t i = 0; i < std::min(nodes_.size(), pruning.node_removed.size()); ++i) {
    if (!pruning.node_removed[i]) left.nodes_.push_back(nodes_[i]);
  }
  left.resources_.clear();
  for (size_t i = 0; i < std::min(resources_.size(), pruning.resource_removed.size()); ++i) {
    if (!pruning.resource_removed[i]) left.resources_.push_back(resources_[i]);
  }
  return left;
}

std::string Pipeline::WhereNode(int index, const std::string& field, int element) const {
  if (index >= static_cast<int>(nodes_.size())) return absl::StrCat(file_name_, ":1");
  return nodes_[index].place.Where(field, element);
}

std::string Pipeline::WhereResource(int index, const std::string& field) const {
  if (index >= static_cast<int>(resources_.size())) return absl::StrCat(file_name_, ":1");
  return resources_[index].Where(field);
}

std::string Pipeline::WhereParam(int index) const { return SourcePlace(file_, "param", index).Where("target"); }
std::string Pipeline::WhereRun() const { return SourcePlace(file_, "run", -1).Where(); }

std::string Pipeline::NodeContext(int index) const {
  return index < static_cast<int>(nodes_.size()) ? nodes_[index].context : "";
}

std::string Pipeline::ToText() const {
  const Pipeline left = WithoutDisabled();
  GraphConfig config = left.config_;
  std::set<std::string> names = {"run"};
  for (const ResourceConfig& resource : config.resource()) names.insert(resource.name());
  for (NodeConfig& node : *config.mutable_node()) {
    names.insert(node.name());
    if (absl::StrContains(node.name(), '/')) config.set_expanded(true);
    node.clear_enabled();
    Filter(node.mutable_input(),
           [&](int, const std::string& entry) { return left.removed_streams_.count(SplitPort(entry).name) == 0; });
    Filter(node.mutable_output(),
           [&](int, const std::string& entry) { return left.unread_streams_.count(SplitPort(entry).name) == 0; });
  }
  const auto is_left = [&](const std::string& target) { return names.count(target.substr(0, target.find('.'))) != 0; };
  for (ParamConfig& param : *config.mutable_param()) {
    param.clear_env();
    Filter(param.mutable_choice(), [&](int, const ParamChoice& choice) {
      return std::all_of(choice.target().begin(), choice.target().end(), is_left) &&
             std::all_of(choice.set().begin(), choice.set().end(), is_left);
    });
  }
  Filter(config.mutable_param(), [&](int, const ParamConfig& param) {
    return param.has_target() ? is_left(param.target()) : !param.choice().empty();
  });
  return WriteText(config);
}

}  // namespace diarflow
