// From functions that make and read payloads of one type to a ConformancePayload.
#ifndef DIARFLOW_NODES_CONFORMANCE_MAKER_H_
#define DIARFLOW_NODES_CONFORMANCE_MAKER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/node_runner.h"
#include "nodes/conformance_payloads.h"

namespace diarflow {

// How payloads of type T are made and read.
template <typename T>
struct Maker {
  // Another for every item.
  T (*good)(int item, int rate);
  // By what is odd about them.
  std::map<std::string, std::function<T(int rate)>> odd;
  // All of them, finite or not.
  std::vector<double> (*numbers)(const T& payload);
};

template <typename T>
ConformancePayload PayloadOf(const Maker<T>& maker) {
  ConformancePayload payload;
  for (const auto& [name, make] : maker.odd) payload.odd.push_back(name);
  payload.push = [maker](NodeRunner* runner, const std::string& port, const std::string& odd, int item, int rate) {
    runner->Push(port, odd.empty() ? maker.good(item, rate) : maker.odd.at(odd)(rate));
  };
  payload.read = [maker](const NodeRunner& runner, const std::string& port,
                         uint64_t index) -> std::optional<std::vector<double>> {
    const T* value = runner.Output<T>(port, index);
    if (value == nullptr) return std::nullopt;
    return maker.numbers(*value);
  };
  payload.read_parts = [maker](const NodeRunner& runner, const std::string& port,
                               uint64_t index) -> std::optional<std::vector<double>> {
    const std::vector<const T*> parts = runner.template Parts<T>(port, index);
    if (parts.empty()) return std::nullopt;
    std::vector<double> all;
    for (const T* part : parts) {
      const std::vector<double> numbers = maker.numbers(*part);
      all.insert(all.end(), numbers.begin(), numbers.end());
    }
    return all;
  };
  return payload;
}

}  // namespace diarflow

#endif  // DIARFLOW_NODES_CONFORMANCE_MAKER_H_
