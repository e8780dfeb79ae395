// Carries rates and widths along the streams of a plan. Internal to graph/; part of validator.h.
#ifndef DIARFLOW_GRAPH_STREAM_RULES_H_
#define DIARFLOW_GRAPH_STREAM_RULES_H_

#include <vector>

#include "graph/plan.h"
#include "graph/plan_builder.h"

namespace diarflow {

// Fills the properties of the streams, node by node, from what the contracts say (Contract.stream_rules), and adds an
// error where a node takes another rate or width than its stream has. Unknown fits everything. The plan's nodes are
// sorted; `original_index` says where each stands in the pipeline.
void CheckStreamRules(const std::vector<int>& original_index, Plan* plan, ConfigErrors* errors);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_STREAM_RULES_H_
