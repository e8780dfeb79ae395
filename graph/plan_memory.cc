#include "graph/plan_memory.h"

#include "graph/registry.h"

namespace diarflow {
namespace {

constexpr double kBytesPerNumber = 4;

}  // namespace

PlanMemory EstimateMemory(const Plan& plan) {
  PlanMemory memory;
  for (const PlannedNode& node : plan.nodes) {
    if (node.entry->kind == NodeKind::kSource) memory.items += node.max_in_flight + 1;
  }
  for (const PlannedStream& stream : plan.streams) {
    const StreamProperties& known = stream.properties;
    if (known.frame_rate.has_value() && known.width.has_value()) {
      const double rate = static_cast<double>(known.frame_rate->num) / static_cast<double>(known.frame_rate->den);
      memory.bytes_per_second += kBytesPerNumber * rate * *known.width;
    } else if (known.sample_rate.has_value() && !known.frame_rate.has_value() && !known.width.has_value()) {
      memory.bytes_per_second += kBytesPerNumber * *known.sample_rate;
    } else {
      ++memory.unknown_streams;
    }
  }
  return memory;
}

}  // namespace diarflow
