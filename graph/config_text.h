// One text proto of a pipeline as it stands in its file, with the lines of its parts. Internal to graph/;
// config_loader.h puts the files together.
#ifndef DIARFLOW_GRAPH_CONFIG_TEXT_H_
#define DIARFLOW_GRAPH_CONFIG_TEXT_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/text_format.h"
#include "graph/graph.pb.h"
#include "graph/registry.h"

namespace diarflow {

// A pipeline's text may not be longer, in bytes.
inline constexpr size_t kMaxPipelineBytes = size_t{4} << 20;

struct ParsedFile {
  // As messages name it.
  std::string name;
  GraphConfig config;
  google::protobuf::TextFormat::ParseInfoTree lines;
};

// Reads `text`. Options are kept under the full name of their message, nodes and resources without a name get their
// type's. Errors: kInvalidArgument "FILE:LINE:COLUMN: what", with the near name where a name is unknown.
absl::StatusOr<std::shared_ptr<const ParsedFile>> ParseFile(absl::string_view text, const std::string& file_name,
                                                            const Registry& registry);

// The other way: what ParseFile reads as `config` again.
std::string WriteText(const GraphConfig& config);

// Where a message (a node, a resource, ...) stands.
class SourcePlace {
 public:
  SourcePlace() = default;
  // Element `index` of the list `list` in the file.
  SourcePlace(std::shared_ptr<const ParsedFile> file, const std::string& list, int index);
  // Element `index` of the list `list` inside this one.
  SourcePlace Inside(const std::string& list, int index) const;

  // "FILE:LINE", or that of element `element` of its field, where the field is in the file.
  std::string Where(const std::string& field = "", int element = -1) const;

 private:
  using Tree = google::protobuf::TextFormat::ParseInfoTree;
  void Enter(const Tree* tree, const google::protobuf::Descriptor* descriptor, const std::string& list, int index);

  std::shared_ptr<const ParsedFile> file_;
  const Tree* tree_ = nullptr;
  const google::protobuf::Descriptor* descriptor_ = nullptr;
  int line_ = 0;
};

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_CONFIG_TEXT_H_
