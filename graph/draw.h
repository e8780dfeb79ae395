// Pictures of a plan, made without help from other programs.
//
// Both show the nodes with name, type and kind; the streams as `name: Type`, with rate and width where they are known;
// the resources, dashed; and, small and grey, what the compiler puts between nodes: "join" where several inputs meet,
// "order" in front of a node that takes its items in order, "tokens" behind what opens a scope. Nodes called
// "outer/inner" stand in a box "outer". With a report each node is coloured by its share of the busy time of all nodes.
//
// The same plan and report give the same bytes.
#ifndef DIARFLOW_GRAPH_DRAW_H_
#define DIARFLOW_GRAPH_DRAW_H_

#include <string>

#include "graph/plan.h"
#include "graph/run_report.pb.h"

namespace diarflow {

// Text for Graphviz: `dot -Tpdf`. `report` may be null.
std::string PlanToDot(const Plan& plan, const RunReport* report);

// A whole SVG file, from top to bottom, with a layout of its own and its own light background. `report` may be null.
std::string PlanToSvg(const Plan& plan, const RunReport* report);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_DRAW_H_
