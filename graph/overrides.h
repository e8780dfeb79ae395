// Changes to a pipeline before it is checked: --set node.field=value, and the flags that the pipeline declares.
#ifndef DIARFLOW_GRAPH_OVERRIDES_H_
#define DIARFLOW_GRAPH_OVERRIDES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "graph/config_loader.h"
#include "graph/registry.h"

namespace diarflow {

// Sets one field. `target` is NODE.FIELD or RESOURCE.FIELD (a field of its options, or of the node's own settings:
// concurrency, batch.size, on_error, enabled), or run.FIELD. A node of a sub-graph is OUTER/INNER; of OUTER itself
// `enabled` can be set. FIELD may be a path a.b.c through messages. `value` is what a text proto holds there; the
// quotes around a string may be left out. A repeated field is replaced by the comma-separated values.
// Errors: kInvalidArgument that names what is unknown, and the nearest known name.
absl::Status SetField(absl::string_view target, absl::string_view value, Pipeline& pipeline,
                      const Registry& registry = Registry::Global());

// "NODE.FIELD=VALUE" as --set takes it.
absl::Status SetFromAssignment(absl::string_view assignment, Pipeline& pipeline,
                               const Registry& registry = Registry::Global());

// Sets what the pipeline's params declare, in their order: from `flags` (name -> value), else from the environment. A
// flag that no param declares is an error. A flag that is given several times gives a repeated field one value each
// time, as it stands, and another field the last one. `arguments` that are no flags are the values of the param that is
// `positional`, each as it stands, commas and all; an error when there is none, or when its flag is given as well.
absl::Status SetParams(const std::multimap<std::string, std::string>& flags, const std::vector<std::string>& arguments,
                       Pipeline& pipeline, const Registry& registry = Registry::Global());

// Whether the param of the pipeline is sound: it has a target or choices, and all that they name exists.
absl::Status CheckParam(const ParamConfig& param, const Pipeline& pipeline,
                        const Registry& registry = Registry::Global());

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_OVERRIDES_H_
