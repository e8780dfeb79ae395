// Small nodes for graph/'s own tests: Count (Source), Add and Sum2 (Map), Pairwise (Batch), ToList (Collect), ToText;
// and for parts: Split (Expand), Total (Stream), SumUp (Collect), Drop, Record, RecordAll.
#ifndef DIARFLOW_GRAPH_TEST_NODES_H_
#define DIARFLOW_GRAPH_TEST_NODES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graph/registry.h"

namespace diarflow {

struct Number {
  static constexpr char kPayloadName[] = "Number";
  int value = 0;
};

struct Text {
  static constexpr char kPayloadName[] = "Text";
  std::string value;
};

struct NumberList {
  static constexpr char kPayloadName[] = "NumberList";
  std::vector<int> values;
};

struct OffsetResource {
  static constexpr char kResourceName[] = "Offset";
  static void Contract(ContractBuilder& contract);
  static absl::StatusOr<std::shared_ptr<const OffsetResource>> Load(const ResourceContext& context);
  int offset = 0;
};

// What the last ToList of the process collected.
std::vector<int>& LastList();
// What Record and RecordAll nodes saw since the last clear(), by their labels: "3: 17" for the item numbered 3, in the
// order of the numbers.
std::map<std::string, std::map<uint64_t, int>>& Records();

// The batch that each item of the last run was in: "0,1,2" for the values of the batch.
std::vector<std::string>& LastBatches();

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_TEST_NODES_H_
