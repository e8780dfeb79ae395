// Reads a pipeline's text proto with what it includes, replaces sub-graphs by their nodes, and remembers on which line
// of which file each part stands.
#ifndef DIARFLOW_GRAPH_CONFIG_LOADER_H_
#define DIARFLOW_GRAPH_CONFIG_LOADER_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "graph/config_text.h"
#include "graph/graph.pb.h"
#include "graph/registry.h"
#include "graph/subgraphs.h"

namespace diarflow {

class Pipeline {
 public:
  // Options are written `options { [diarflow/TYPE] { ... } }`, where TYPE is the node's or resource's type and the
  // message is diarflow.options.TYPE. `registry` supplies near names for messages. Includes are relative to the folder
  // of `file_name`.
  // Errors: kInvalidArgument "FILE:LINE:COLUMN: what", or a line for each mistake in sub-graphs; those of ReadFile.
  static absl::StatusOr<Pipeline> Parse(absl::string_view text, const std::string& file_name,
                                        const Registry& registry = Registry::Global());
  static absl::StatusOr<Pipeline> Load(const std::string& path, const Registry& registry = Registry::Global());

  // Without includes and sub-graphs: the nodes of a sub-graph stand among the others, as "outer/inner".
  const GraphConfig& config() const { return config_; }
  GraphConfig& mutable_config() { return config_; }
  // The name in the file, or the file's name without folder and ending.
  const std::string& name() const { return config_.name(); }
  const std::string& file_name() const { return file_name_; }

  // The uses of sub-graphs, whose `enabled` may be set.
  const std::vector<SubgraphUse>& uses() const { return uses_; }
  std::vector<SubgraphUse>& mutable_uses() { return uses_; }
  // Names of the sub-graphs, used or not.
  const std::vector<std::string>& subgraphs() const { return subgraphs_; }
  // Whether the node, and its streams, may be named by paths.
  bool HasPathNames(int node) const;

  // Without the nodes that are not enabled, what works for them alone, and the resources that only these use.
  Pipeline WithoutDisabled() const;
  // Of WithoutDisabled(): streams that nodes still name but nobody makes -> the node that made them; and streams whose
  // readers are all gone.
  const std::map<std::string, std::string>& removed_streams() const { return removed_streams_; }
  const std::set<std::string>& unread_streams() const { return unread_streams_; }

  // "FILE:LINE" of node (resource, param) number `index`, or of element `element` of its field; of the file's first
  // line for what did not stand in the file.
  std::string WhereNode(int index, const std::string& field = "", int element = -1) const;
  std::string WhereResource(int index, const std::string& field = "") const;
  std::string WhereParam(int index) const;
  std::string WhereRun() const;
  // " (in sub-graph "X", used at FILE:LINE)" for a node of a sub-graph, else "".
  std::string NodeContext(int index) const;

  // The pipeline as it runs, as text: sub-graphs expanded, disabled nodes gone, all that flags and --set changed in its
  // place. Reading it again gives the same plan. Flags remain, where what they set does; environment variables are not
  // asked a second time.
  std::string ToText() const;

 private:
  struct NodeOrigin {
    SourcePlace place;
    std::string context;
    int use = -1;
  };

  Pipeline() = default;
  bool IsEnabled(int node) const;

  GraphConfig config_;
  std::string file_name_;
  std::shared_ptr<const ParsedFile> file_;
  // For each node and resource that stood in a file.
  std::vector<NodeOrigin> nodes_;
  std::vector<SourcePlace> resources_;
  std::vector<SubgraphUse> uses_;
  std::vector<std::string> subgraphs_;
  std::map<std::string, std::string> removed_streams_;
  std::set<std::string> unread_streams_;
};

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_CONFIG_LOADER_H_
