// Checks a pipeline before anything is opened, loaded or run.
#ifndef DIARFLOW_GRAPH_VALIDATOR_H_
#define DIARFLOW_GRAPH_VALIDATOR_H_

#include "absl/status/statusor.h"
#include "graph/config_loader.h"
#include "graph/plan.h"
#include "graph/registry.h"

namespace diarflow {

// All mistakes at once, in one kInvalidArgument, a line each: `FILE:LINE: node "NAME": what is wrong`, with the
// nearest known name where a name is unknown, and the place of use for a node of a sub-graph. What is disabled is taken
// out first. Checked are: names and types of nodes and resources, ports, streams
// and their types, cycles, resources and options, concurrency and batches, that streams which meet in a node come
// from the same source, that rates and widths fit along the streams, that enough items may be in flight to fill the batches, and the targets of the params.
absl::StatusOr<Plan> Validate(const Pipeline& pipeline, const Registry& registry = Registry::Global());

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_VALIDATOR_H_
