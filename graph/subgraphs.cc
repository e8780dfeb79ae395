#include "graph/subgraphs.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/suggest.h"
#include "graph/port_names.h"

namespace diarflow {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::RepeatedPtrField;

constexpr size_t kMaxNesting = 20;

struct Definition {
  const SubgraphConfig* config = nullptr;
  SourcePlace place;
};

// What names inside a sub-graph mean outside.
struct Scope {
  std::string prefix;
  // Inside -> outside, of what the use connects.
  std::map<std::string, std::string> streams;
  std::map<std::string, std::string> resources;
  // Streams for ports that the use leaves unconnected, and that nobody inside reads either.
  std::set<std::string> unwanted;
  // "in sub-graph "X", used at FILE:LINE", from the inside out.
  std::string context;
  int use = -1;

  std::string Stream(const std::string& name) const {
    const auto bound = streams.find(name);
    return bound == streams.end() ? prefix + name : bound->second;
  }
  std::string Resource(const std::string& name) const {
    const auto bound = resources.find(name);
    return bound == resources.end() ? name : bound->second;
  }
};

std::vector<std::string> PortsOf(const RepeatedPtrField<std::string>& entries) {
  std::vector<std::string> ports;
  for (const std::string& entry : entries) ports.push_back(SplitPort(entry).port);
  return ports;
}

std::vector<std::string> InsideOf(const RepeatedPtrField<std::string>& entries) {
  std::vector<std::string> names;
  for (const std::string& entry : entries) names.push_back(SplitPort(entry).name);
  return names;
}

bool Contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// Checks each definition by itself, used or not.
class DefinitionChecker {
 public:
  DefinitionChecker(const Definition& definition, std::vector<std::string>* errors)
      : config_(*definition.config), place_(definition.place), errors_(errors) {}

  void Check() {
    if (!IsName(config_.name())) {
      Add(place_.Where("name"), "a name is a letter followed by letters, digits and _");
    }
    CheckPorts("input", config_.input());
    CheckPorts("output", config_.output());
    CheckPorts("resource", config_.resource());
    CheckNodes();
  }

 private:
  void Add(const std::string& where, const std::string& what) {
    errors_->push_back(absl::StrCat(where, ": sub-graph \"", config_.name(), "\": ", what));
  }

  void CheckPorts(const std::string& field, const RepeatedPtrField<std::string>& entries) {
    std::set<std::string> ports, inside;
    for (int e = 0; e < entries.size(); ++e) {
      const PortName name = SplitPort(entries[e]);
      const std::string where = place_.Where(field, e);
      if (!IsName(name.port) || !IsName(name.name)) {
        Add(where, absl::StrCat(field, " \"", entries[e], "\": write PORT:NAME, both letters, digits and _"));
      } else if (!ports.insert(name.port).second) {
        Add(where, absl::StrCat("there are two ports ", field, " \"", name.port, "\""));
      } else if (!inside.insert(name.name).second) {
        Add(where, absl::StrCat("\"", name.name, "\" has two ports of the kind ", field));
      }
    }
  }

  void CheckNodes() {
    const std::vector<std::string> resources = InsideOf(config_.resource());
    std::vector<std::string> produced;
    std::map<std::string, std::string> first_place;
    for (int i = 0; i < config_.node_size(); ++i) {
      const NodeConfig& node = config_.node(i);
      const SourcePlace place = place_.Inside("node", i);
      const std::string who = absl::StrCat("node \"", node.name(), "\": ");
      if (!IsName(node.name())) Add(place.Where(), who + "a name is a letter followed by letters, digits and _");
      const auto [first, added] = first_place.emplace(node.name(), place.Where());
      if (!added) {
        Add(place.Where(), absl::StrCat(who, "the name is taken (", first->second, "); give it a `name` of its own"));
      }
      for (int e = 0; e < node.output_size(); ++e) {
        produced.push_back(SplitPort(node.output(e)).name);
        if (!IsName(produced.back())) {
          Add(place.Where("output", e), absl::StrCat(who, "stream \"", produced.back(),
                                                     "\": a name is a letter followed by letters, digits and _"));
        }
      }
      for (int e = 0; e < node.resource_size(); ++e) {
        const std::string name = SplitPort(node.resource(e)).name;
        if (Contains(resources, name)) continue;
        Add(place.Where("resource", e), absl::StrCat(who, "no resource port of the sub-graph is called \"", name,
                                                     "\" inside", DidYouMean(name, resources)));
      }
    }
    for (int e = 0; e < config_.output_size(); ++e) {
      const std::string name = SplitPort(config_.output(e)).name;
      if (Contains(produced, name)) continue;
      Add(place_.Where("output", e),
          absl::StrCat("no node inside produces the stream \"", name, "\"", DidYouMean(name, produced)));
    }
  }

  const SubgraphConfig& config_;
  const SourcePlace& place_;
  std::vector<std::string>* errors_;
};

class Expander {
 public:
  explicit Expander(const Registry& registry) : registry_(registry) {}

  absl::StatusOr<Expansion> Run(const std::vector<std::shared_ptr<const ParsedFile>>& files) {
    for (const auto& file : files) Define(file);
    for (const auto& [name, definition] : definitions_) {
      DefinitionChecker(definition, &errors_).Check();
      expansion_.subgraphs.push_back(name);
    }
    if (errors_.empty()) {
      CheckUseNames(files[0]);
      ExpandNodes(
          files[0]->config.node(), [&](int i) { return SourcePlace(files[0], "node", i); }, Scope());
    }
    if (!errors_.empty()) return absl::InvalidArgumentError(absl::StrJoin(errors_, "\n"));
    return std::move(expansion_);
  }

 private:
  void Define(const std::shared_ptr<const ParsedFile>& file) {
    for (int i = 0; i < file->config.subgraph_size(); ++i) {
      const SubgraphConfig& config = file->config.subgraph(i);
      const SourcePlace place(file, "subgraph", i);
      const std::string who = absl::StrCat(place.Where(), ": sub-graph \"", config.name(), "\": ");
      if (registry_.FindNode(config.name()) != nullptr) errors_.push_back(who + "a node type has this name");
      const auto [first, added] = definitions_.emplace(config.name(), Definition{&config, place});
      if (!added) errors_.push_back(absl::StrCat(who, "the name is taken (", first->second.place.Where(), ")"));
    }
  }

  // The checks of other names follow when the pipeline is whole.
  void CheckUseNames(const std::shared_ptr<const ParsedFile>& main) {
    const GraphConfig& config = main->config;
    std::map<std::string, std::string> plain = {{"run", SourcePlace(main, "run", -1).Where()}}, uses;
    for (int i = 0; i < config.resource_size(); ++i) {
      plain.emplace(config.resource(i).name(), SourcePlace(main, "resource", i).Where());
    }
    for (int i = 0; i < config.node_size(); ++i) {
      if (definitions_.count(config.node(i).type()) == 0) {
        plain.emplace(config.node(i).name(), SourcePlace(main, "node", i).Where());
      }
    }
    for (int i = 0; i < config.node_size(); ++i) {
      const std::string& name = config.node(i).name();
      if (definitions_.count(config.node(i).type()) == 0) continue;
      const std::string where = SourcePlace(main, "node", i).Where();
      const std::string who = absl::StrCat(where, ": node \"", name, "\": ");
      if (!IsName(name)) errors_.push_back(who + "a name is a letter followed by letters, digits and _");
      const auto taken = plain.find(name);
      const auto [first, added] = uses.emplace(name, where);
      if (taken == plain.end() && added) continue;
      errors_.push_back(absl::StrCat(who, "the name is taken (", added ? taken->second : first->second,
                                     "); give it a `name` of its own"));
    }
  }

  template <typename PlaceOf>
  void ExpandNodes(const RepeatedPtrField<NodeConfig>& nodes, const PlaceOf& place_of, const Scope& scope) {
    for (int i = 0; i < nodes.size() && !too_many_; ++i) {
      NodeConfig node = nodes[i];
      const SourcePlace place = place_of(i);
      if (expansion_.nodes.size() + expansion_.uses.size() >= kMaxNodes) {
        too_many_ = true;
        errors_.push_back(absl::StrCat(place.Where(), ": the pipeline has more than ", kMaxNodes, " nodes"));
        return;
      }
      node.set_name(scope.prefix + node.name());
      if (scope.use >= 0) {
        DropUnwanted(scope.unwanted, node.mutable_output());
        const auto rename = [](RepeatedPtrField<std::string>* entries, const auto& outside) {
          for (std::string& entry : *entries) {
            const PortName name = SplitPort(entry);
            entry = JoinPort({name.port, outside(name.name)});
          }
        };
        const auto stream = [&](const std::string& name) { return scope.Stream(name); };
        rename(node.mutable_input(), stream);
        rename(node.mutable_output(), stream);
        rename(node.mutable_resource(), [&](const std::string& name) { return scope.Resource(name); });
        expansion_.uses[scope.use].inside.push_back(node.name());
      }
      const auto definition = definitions_.find(node.type());
      if (definition == definitions_.end()) {
        const std::string context = scope.context.empty() ? "" : absl::StrCat(" (", scope.context, ")");
        expansion_.nodes.push_back({std::move(node), place, context, scope.use});
      } else {
        ExpandUse(node, place, definition->second, scope);
      }
    }
  }

  static void DropUnwanted(const std::set<std::string>& unwanted, RepeatedPtrField<std::string>* outputs) {
    for (int e = outputs->size() - 1; e >= 0; --e) {
      if (unwanted.count(SplitPort(outputs->Get(e)).name) != 0) outputs->DeleteSubrange(e, 1);
    }
  }

  static std::set<std::string> FindUnwanted(const SubgraphConfig& definition,
                                            const std::map<std::string, std::string>& connected) {
    std::set<std::string> unwanted;
    for (const std::string& name : InsideOf(definition.output())) {
      if (connected.count(name) == 0) unwanted.insert(name);
    }
    for (const NodeConfig& node : definition.node()) {
      for (const std::string& name : InsideOf(node.input())) unwanted.erase(name);
    }
    return unwanted;
  }

  void ExpandUse(const NodeConfig& node, const SourcePlace& place, const Definition& definition, const Scope& outer) {
    if (Contains(open_, node.type()) || open_.size() == kMaxNesting) {
      std::vector<std::string> path(std::find(open_.begin(), open_.end(), node.type()), open_.end());
      path.push_back(node.type());
      AddForUse(place.Where(), node, outer,
                path.size() == 1 ? absl::StrCat("sub-graphs are nested deeper than ", kMaxNesting)
                                 : absl::StrCat("the sub-graph contains itself: ", absl::StrJoin(path, " -> ")));
      return;
    }
    CheckFields(node, place, outer);
    Scope inner;
    inner.prefix = absl::StrCat(node.name(), "/");
    inner.use = static_cast<int>(expansion_.uses.size());
    inner.context = absl::StrCat("in sub-graph \"", node.type(), "\", used at ", place.Where(),
                                 outer.context.empty() ? "" : ", ", outer.context);
    Bind("input", node, node.input(), definition.config->input(), true, place, outer, &inner.streams);
    Bind("output", node, node.output(), definition.config->output(), false, place, outer, &inner.streams);
    Bind("resource", node, node.resource(), definition.config->resource(), true, place, outer, &inner.resources);
    inner.unwanted = FindUnwanted(*definition.config, inner.streams);
    SubgraphUse use;
    use.parent = outer.use;
    use.config.set_name(node.name());
    use.config.set_type(node.type());
    if (node.has_enabled()) use.config.set_enabled(node.enabled());
    expansion_.uses.push_back(std::move(use));
    open_.push_back(node.type());
    ExpandNodes(
        definition.config->node(), [&](int i) { return definition.place.Inside("node", i); }, inner);
    open_.pop_back();
  }

  // A use says which streams go where, not how the nodes inside work.
  void CheckFields(const NodeConfig& node, const SourcePlace& place, const Scope& outer) {
    static const auto* const kAllowed =
        new std::set<std::string>({"name", "type", "input", "output", "resource", "enabled"});
    std::vector<const FieldDescriptor*> fields;
    node.GetReflection()->ListFields(node, &fields);
    for (const FieldDescriptor* field : fields) {
      if (kAllowed->count(field->name()) != 0) continue;
      AddForUse(place.Where(field->name()), node, outer,
                absl::StrCat("is a sub-graph and takes no `", field->name(),
                             "`: set it at the nodes inside, or with --set ", node.name(), "/NODE"));
    }
  }

  void Bind(const std::string& field, const NodeConfig& node, const RepeatedPtrField<std::string>& entries,
            const RepeatedPtrField<std::string>& definition, bool required, const SourcePlace& place,
            const Scope& outer, std::map<std::string, std::string>* bound) {
    const std::vector<std::string> ports = PortsOf(definition), inside = InsideOf(definition);
    const std::vector<PortMatch> matches = MatchPorts(node.type(), field, ports, entries);
    std::vector<bool> connected(ports.size(), false);
    bool failed = false;
    for (size_t e = 0; e < matches.size(); ++e) {
      const PortMatch& match = matches[e];
      if (!match.error.empty()) {
        AddForUse(place.Where(field, static_cast<int>(e)), node, outer, match.error);
        failed = true;
        continue;
      }
      connected[match.port] = true;
      bound->emplace(inside[match.port], match.name);
    }
    for (size_t p = 0; required && !failed && p < ports.size(); ++p) {
      if (connected[p]) continue;
      AddForUse(place.Where(), node, outer,
                absl::StrCat(field, " ", ports[p], " is not connected: write ", field, ": \"", ports[p],
                             field == "resource" ? ":NAME\"" : ":STREAM\""));
    }
  }

  void AddForUse(const std::string& where, const NodeConfig& node, const Scope& outer, const std::string& what) {
    const std::string context = outer.context.empty() ? "" : absl::StrCat(" (", outer.context, ")");
    errors_.push_back(absl::StrCat(where, ": node \"", node.name(), "\": ", what, context));
  }

  const Registry& registry_;
  std::map<std::string, Definition> definitions_;
  Expansion expansion_;
  std::vector<std::string> errors_;
  // Sub-graphs that are being expanded, from the outside in.
  std::vector<std::string> open_;
  bool too_many_ = false;
};

}  // namespace

absl::StatusOr<Expansion> ExpandSubgraphs(const std::vector<std::shared_ptr<const ParsedFile>>& files,
                                          const Registry& registry) {
  return Expander(registry).Run(files);
}

}  // namespace diarflow
