// Scopes: in which sequence the packets of a stream are numbered, and how many of its items may be on their way.
// Internal to graph/; a part of validator.h.
//
// A Source opens a scope, an Expand opens one inside of its own for the parts of its items, and a Collect in there
// closes it again. What a Collect over the whole run emits is a scope of its own. Only streams of one scope can meet
// in a node: their packets are matched by number.
//
// A batch takes its items out of circulation until it is full, and a part keeps its item in flight. So a scope needs at
// least 1 + the sum of (size - 1) over the batches in it and in the scopes inside of it, or a batch could wait for an
// item that no token is left for.
#ifndef DIARFLOW_GRAPH_SCOPES_H_
#define DIARFLOW_GRAPH_SCOPES_H_

#include <vector>

#include "graph/plan.h"
#include "graph/plan_builder.h"

namespace diarflow {

// Fills the scopes of nodes and streams, and how many seats a scope needs for tails. `place` is where a node of the
// (sorted) plan stands in the pipeline.
void FindScopes(const std::vector<int>& place, Plan* plan, ConfigErrors* errors);

// Fills max_in_flight and least_in_flight of the plan and of the nodes that open scopes. REQUIRES: FindScopes, and
// plan->threads set.
void DistributeTokens(const Pipeline& pipeline, const std::vector<int>& place, Plan* plan, ConfigErrors* errors);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_SCOPES_H_
