// Reads a pipeline's text proto and remembers on which line each part stands.
#ifndef DIARFLOW_GRAPH_CONFIG_LOADER_H_
#define DIARFLOW_GRAPH_CONFIG_LOADER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "graph/graph.pb.h"
#include "graph/registry.h"

namespace diarflow {

class Pipeline {
 public:
  // Options are written `options { [diarflow/TYPE] { ... } }`, where TYPE is the node's or resource's type and the
  // message is diarflow.options.TYPE. `registry` supplies near names for messages.
  // Errors: kInvalidArgument "FILE:LINE:COLUMN: what"; Load also those of ReadFile.
  static absl::StatusOr<Pipeline> Parse(absl::string_view text, const std::string& file_name,
                                        const Registry& registry = Registry::Global());
  static absl::StatusOr<Pipeline> Load(const std::string& path, const Registry& registry = Registry::Global());

  Pipeline(Pipeline&&);
  Pipeline& operator=(Pipeline&&);
  ~Pipeline();

  const GraphConfig& config() const { return config_; }
  GraphConfig& mutable_config() { return config_; }
  // The name in the file, or the file's name without folder and ending.
  const std::string& name() const { return config_.name(); }
  const std::string& file_name() const { return file_name_; }

  // "FILE:LINE" of node (resource, param) number `index`, or of element `element` of its field; of the file's first
  // line for what did not stand in the file.
  std::string WhereNode(int index, const std::string& field = "", int element = -1) const;
  std::string WhereResource(int index, const std::string& field = "") const;
  std::string WhereParam(int index) const;
  std::string WhereRun() const;

  // The pipeline as text, with all that flags and --set changed: reading it again gives the same pipeline.
  std::string ToText() const;

 private:
  struct Lines;
  Pipeline();
  std::string Where(const std::string& list, int index, const std::string& field, int element) const;

  GraphConfig config_;
  std::string file_name_;
  std::unique_ptr<Lines> lines_;
};

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_CONFIG_LOADER_H_
