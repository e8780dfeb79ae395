// "PORT:stream" and "PORT:resource" entries of a pipeline. Internal to graph/.
#ifndef DIARFLOW_GRAPH_PORT_NAMES_H_
#define DIARFLOW_GRAPH_PORT_NAMES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"

namespace diarflow {

struct PortName {
  // Empty when the entry names only the stream.
  std::string port;
  std::string name;
};

PortName SplitPort(absl::string_view entry);

// "PORT:name", or "name" when the port is empty.
std::string JoinPort(const PortName& name);

// A letter followed by letters, digits and _; as a path, such names with / between them.
bool IsName(absl::string_view name);
bool IsNamePath(absl::string_view name);

struct PortMatch {
  // Index of the port, or -1 after an error.
  int port = -1;
  // Of the stream or resource.
  std::string name;
  // What is wrong with the entry; empty when nothing is.
  std::string error;
};

// Which of `ports` each entry of the field `field` ("input", ...) of a node of type `type` means.
std::vector<PortMatch> MatchPorts(absl::string_view type, absl::string_view field,
                                  const std::vector<std::string>& ports,
                                  const google::protobuf::RepeatedPtrField<std::string>& entries);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_PORT_NAMES_H_
