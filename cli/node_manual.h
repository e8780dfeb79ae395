// The manual of what is registered: every node and resource with its summary, ports, resources and options.
#ifndef DIARFLOW_CLI_NODE_MANUAL_H_
#define DIARFLOW_CLI_NODE_MANUAL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "graph/registry.h"

namespace diarflow {

// For a terminal, or as a page (docs/nodes.md).
enum class ManualFormat { kText, kMarkdown };

// Of the named nodes and resources, in that order; of all, sorted by name, when `types` is empty. Options are those of
// the message, with the fields of messages inside as "outer.inner". kNotFound with the nearest name.
absl::StatusOr<std::string> NodeManual(const std::vector<std::string>& types, ManualFormat format,
                                       const Registry& registry = Registry::Global());

// `diarflow nodes [TYPE...] [--format=text|markdown]`. Answers 0, or 2 for an unknown name or flag. `arguments` is argv
// without the verb.
int NodesMain(const std::vector<std::string>& arguments);

}  // namespace diarflow

#endif  // DIARFLOW_CLI_NODE_MANUAL_H_
