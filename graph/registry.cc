#include "graph/registry.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace diarflow {
namespace {

// Registration runs before main(): there is nobody to hand a status to.
void FailOnSecondPlace(const std::string& what, const std::string& first, const std::string& second) {
  if (first == second) return;
  std::fprintf(stderr, "%s is registered twice: %s and %s; rename one\n", what.c_str(), first.c_str(), second.c_str());
  std::abort();
}

template <typename Map>
std::vector<std::string> Keys(const Map& map, std::vector<std::string> names) {
  for (const auto& [name, entry] : map) names.push_back(name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

template <typename Map, typename Placed>
void Add(Map& map, const std::string& what, Placed placed) {
  const std::string type = placed.entry.type;
  const auto [position, added] = map.emplace(type, placed);
  if (!added) {
    FailOnSecondPlace(absl::StrCat(what, " \"", type, "\""), position->second.place, placed.place);
    position->second = std::move(placed);
  }
}

}  // namespace

const char* NodeKindName(NodeKind kind) {
  switch (kind) {
    case NodeKind::kSource: return "Source";
    case NodeKind::kMap: return "Map";
    case NodeKind::kBatch: return "Batch";
    case NodeKind::kExpand: return "Expand";
    case NodeKind::kStream: return "Stream";
    case NodeKind::kCollect: return "Collect";
  }
  return "";
}

Registry& Registry::Global() {
  static auto* registry = new Registry;
  return *registry;
}

void Registry::AddNode(NodeEntry entry, const char* file, int line) {
  Add(nodes_, "the node type", Placed<NodeEntry>{std::move(entry), absl::StrCat(file, ":", line)});
}

void Registry::AddResource(ResourceEntry entry, const char* file, int line) {
  Add(resources_, "the resource type", Placed<ResourceEntry>{std::move(entry), absl::StrCat(file, ":", line)});
}

const NodeEntry* Registry::FindNode(absl::string_view type) const {
  const auto found = nodes_.find(std::string(type));
  if (found != nodes_.end()) return &found->second.entry;
  return fallback_ == nullptr ? nullptr : fallback_->FindNode(type);
}

const ResourceEntry* Registry::FindResource(absl::string_view type) const {
  const auto found = resources_.find(std::string(type));
  if (found != resources_.end()) return &found->second.entry;
  return fallback_ == nullptr ? nullptr : fallback_->FindResource(type);
}

std::vector<std::string> Registry::NodeTypes() const {
  return Keys(nodes_, fallback_ == nullptr ? std::vector<std::string>() : fallback_->NodeTypes());
}

std::vector<std::string> Registry::ResourceTypes() const {
  return Keys(resources_, fallback_ == nullptr ? std::vector<std::string>() : fallback_->ResourceTypes());
}

}  // namespace diarflow
