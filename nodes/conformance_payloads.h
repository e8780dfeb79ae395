// Payloads for conformance_test.cc: good ones, and odd ones that hold nothing or nonsense.
#ifndef DIARFLOW_NODES_CONFORMANCE_PAYLOADS_H_
#define DIARFLOW_NODES_CONFORMANCE_PAYLOADS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graph/node_runner.h"

namespace diarflow {

struct ConformancePayload {
  // The names of the odd payloads.
  std::vector<std::string> odd;
  // Pushes a payload for item number `item`: a good one when `odd` is empty, another for every item. `rate`: Hz, where
  // it has one.
  std::function<void(NodeRunner* runner, const std::string& port, const std::string& odd, int item, int rate)> push;
  // All its numbers, also those that are not finite; nothing when item number `index` has not come out.
  using Read = std::function<std::optional<std::vector<double>>(const NodeRunner& runner, const std::string& port,
                                                                uint64_t index)>;
  Read read;
  // Of all that an Expand made of the item.
  Read read_parts;
};

// Null when there is no maker for this payload type.
const ConformancePayload* FindConformancePayload(const std::string& type);

}  // namespace diarflow

#endif  // DIARFLOW_NODES_CONFORMANCE_PAYLOADS_H_
