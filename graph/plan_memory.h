// What a plan's items in flight may hold, before anything runs: from the rates and widths of its streams.
#ifndef DIARFLOW_GRAPH_PLAN_MEMORY_H_
#define DIARFLOW_GRAPH_PLAN_MEMORY_H_

#include "graph/plan.h"

namespace diarflow {

struct PlanMemory {
  // Of one item in all streams at once, for each second of media that it lasts: 4 bytes a number.
  double bytes_per_second = 0;
  // Streams whose rate or width is not known before the run, which are not in it.
  int unknown_streams = 0;
  // Items that may live at once: the tokens, and one that waits in the source.
  int items = 0;

  // Of all items, each `seconds` long.
  double Megabytes(double seconds) const { return 1e-6 * bytes_per_second * seconds * items; }
};

// Of the items of the plan's sources. The parts that an Expand makes share their item's media and are not counted.
PlanMemory EstimateMemory(const Plan& plan);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_PLAN_MEMORY_H_
