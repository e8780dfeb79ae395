#include "graph/plan_memory.h"

#include "gmock/gmock.h"
#include "graph/registry.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

TEST(PlanMemoryTest, AddsUpStreamsAndItems) {
  NodeEntry source, map;
  source.kind = NodeKind::kSource;
  map.kind = NodeKind::kMap;
  Plan plan;
  plan.nodes.resize(2);
  plan.nodes[0].entry = &source;
  plan.nodes[0].max_in_flight = 7;
  plan.nodes[1].entry = &map;
  plan.streams.resize(4);
  plan.streams[1].properties.sample_rate = 24000;
  plan.streams[2].properties.frame_rate = FrameRate::Of(25, 2);
  plan.streams[2].properties.width = 512;
  plan.streams[3].properties.frame_rate = FrameRate::Of(25, 2);
  const PlanMemory memory = EstimateMemory(plan);
  EXPECT_EQ(memory.items, 8);
  EXPECT_EQ(memory.unknown_streams, 2);
  EXPECT_DOUBLE_EQ(memory.bytes_per_second, 4 * 24000 + 4 * 12.5 * 512);
  EXPECT_DOUBLE_EQ(memory.Megabytes(60), 8 * 60 * (0.096 + 0.0256));
}

}  // namespace
}  // namespace diarflow
