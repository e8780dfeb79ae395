// Node types and resource types by name.
//
//   DIARFLOW_REGISTER_NODE("Resample", ResampleNode);       in the node's .cc, library with alwayslink = 1
//   DIARFLOW_REGISTER_RESOURCE("TrialList", TrialListResource);
//
// A resource class states its name (kResourceName), its contract and how it is loaded:
//
//   struct TrialListResource {
//     static constexpr char kResourceName[] = "TrialList";
//     static void Contract(ContractBuilder& contract);     // Summary and Options only
//     static absl::StatusOr<std::shared_ptr<const TrialListResource>> Load(const ResourceContext& context);
//   };
#ifndef DIARFLOW_GRAPH_REGISTRY_H_
#define DIARFLOW_GRAPH_REGISTRY_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "graph/contract.h"
#include "graph/node.h"

namespace diarflow {

enum class NodeKind { kSource, kMap, kBatch, kExpand, kStream, kCollect };

const char* NodeKindName(NodeKind kind);

struct NodeEntry {
  std::string type;
  NodeKind kind = NodeKind::kMap;
  std::function<Contract()> contract;
  std::function<std::unique_ptr<Node>()> make;
};

class ResourceContext {
 public:
  ResourceContext(const google::protobuf::Message* options, int model_threads)
      : options_(options), model_threads_(model_threads) {}
  template <typename T>
  const T& options() const {
    return static_cast<const T&>(*options_);
  }
  // RunConfig.model_threads: how many threads one model call may use.
  int model_threads() const { return model_threads_; }

 private:
  const google::protobuf::Message* options_;
  int model_threads_;
};

struct ResourceEntry {
  std::string type;
  std::function<Contract()> contract;
  std::function<absl::StatusOr<std::shared_ptr<const void>>(const ResourceContext&)> load;
};

class Registry {
 public:
  // An own registry that falls back on another one; for tests.
  explicit Registry(const Registry* fallback = nullptr) : fallback_(fallback) {}

  // What DIARFLOW_REGISTER_NODE and _RESOURCE fill.
  static Registry& Global();

  // A second entry of a name replaces the first one's only if it comes from the same place in the code; otherwise
  // the program ends with both places: two nodes of one name cannot be told apart.
  void AddNode(NodeEntry entry, const char* file, int line);
  void AddResource(ResourceEntry entry, const char* file, int line);

  // Null when there is none.
  const NodeEntry* FindNode(absl::string_view type) const;
  const ResourceEntry* FindResource(absl::string_view type) const;

  // Sorted.
  std::vector<std::string> NodeTypes() const;
  std::vector<std::string> ResourceTypes() const;

 private:
  template <typename Entry>
  struct Placed {
    Entry entry;
    std::string place;
  };
  const Registry* fallback_;
  std::map<std::string, Placed<NodeEntry>, std::less<>> nodes_;
  std::map<std::string, Placed<ResourceEntry>, std::less<>> resources_;
};

template <typename N>
constexpr NodeKind KindOf() {
  if (std::is_base_of<SourceNode, N>::value) return NodeKind::kSource;
  if (std::is_base_of<MapNode, N>::value) return NodeKind::kMap;
  if (std::is_base_of<BatchNode, N>::value) return NodeKind::kBatch;
  if (std::is_base_of<ExpandNode, N>::value) return NodeKind::kExpand;
  if (std::is_base_of<StreamNode, N>::value) return NodeKind::kStream;
  static_assert(std::is_base_of<Node, N>::value, "derive from a node kind of graph/node.h");
  return NodeKind::kCollect;
}

template <typename T>
Contract ContractOf() {
  ContractBuilder builder;
  T::Contract(builder);
  return builder.contract();
}

template <typename N>
NodeEntry NodeEntryOf(const char* type) {
  return {type, KindOf<N>(), &ContractOf<N>, [] { return std::make_unique<N>(); }};
}

template <typename R>
ResourceEntry ResourceEntryOf(const char* type) {
  return {type, &ContractOf<R>, [](const ResourceContext& context) -> absl::StatusOr<std::shared_ptr<const void>> {
            absl::StatusOr<std::shared_ptr<const R>> loaded = R::Load(context);
            if (!loaded.ok()) return loaded.status();
            return std::shared_ptr<const void>(*std::move(loaded));
          }};
}

struct Registration {};

inline Registration RegisterNode(NodeEntry entry, const char* file, int line) {
  Registry::Global().AddNode(std::move(entry), file, line);
  return {};
}

inline Registration RegisterResource(ResourceEntry entry, const char* file, int line) {
  Registry::Global().AddResource(std::move(entry), file, line);
  return {};
}

}  // namespace diarflow

#define DIARFLOW_REGISTER_NODE(type, class_name)                                                   \
  [[maybe_unused]] static const ::diarflow::Registration diarflow_node_registration_##class_name = \
      ::diarflow::RegisterNode(::diarflow::NodeEntryOf<class_name>(type), __FILE__, __LINE__)

#define DIARFLOW_REGISTER_RESOURCE(type, class_name)                                                   \
  [[maybe_unused]] static const ::diarflow::Registration diarflow_resource_registration_##class_name = \
      ::diarflow::RegisterResource(::diarflow::ResourceEntryOf<class_name>(type), __FILE__, __LINE__)

#endif  // DIARFLOW_GRAPH_REGISTRY_H_
