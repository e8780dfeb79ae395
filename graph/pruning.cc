#include "graph/pruning.h"

#include <algorithm>

#include "graph/port_names.h"

namespace diarflow {
namespace {

struct StreamReaders {
  int producer = -1;
  int kept = 0;
  int removed = 0;
};

}  // namespace

Pruning FindPruning(const GraphConfig& config, const std::vector<bool>& enabled) {
  Pruning pruning;
  pruning.node_removed.assign(config.node_size(), false);
  pruning.resource_removed.assign(config.resource_size(), false);
  std::map<std::string, StreamReaders> streams;
  std::vector<int> to_remove;
  for (int i = 0; i < config.node_size(); ++i) {
    for (const std::string& entry : config.node(i).output()) {
      StreamReaders& stream = streams[SplitPort(entry).name];
      if (stream.producer < 0) stream.producer = i;
    }
    for (const std::string& entry : config.node(i).input()) ++streams[SplitPort(entry).name].kept;
    if (!enabled[i]) to_remove.push_back(i);
  }
  if (to_remove.empty()) return pruning;

  const auto works_for_nobody = [&](int node) {
    const auto& outputs = config.node(node).output();
    return std::all_of(outputs.begin(), outputs.end(),
                       [&](const std::string& entry) { return streams[SplitPort(entry).name].kept == 0; });
  };
  while (!to_remove.empty()) {
    const int node = to_remove.back();
    to_remove.pop_back();
    if (pruning.node_removed[node]) continue;
    pruning.node_removed[node] = true;
    for (const std::string& entry : config.node(node).input()) {
      StreamReaders& stream = streams[SplitPort(entry).name];
      --stream.kept;
      ++stream.removed;
      if (stream.kept == 0 && stream.producer >= 0 && works_for_nobody(stream.producer)) {
        to_remove.push_back(stream.producer);
      }
    }
  }

  for (const auto& [name, stream] : streams) {
    if (stream.producer < 0) continue;
    if (pruning.node_removed[stream.producer]) {
      pruning.removed_streams[name] = config.node(stream.producer).name();
    } else if (stream.kept == 0 && stream.removed > 0) {
      pruning.unread_streams.insert(name);
    }
  }
  std::set<std::string> used, freed;
  for (int i = 0; i < config.node_size(); ++i) {
    for (const std::string& entry : config.node(i).resource()) {
      (pruning.node_removed[i] ? freed : used).insert(SplitPort(entry).name);
    }
  }
  for (int r = 0; r < config.resource_size(); ++r) {
    const std::string& name = config.resource(r).name();
    pruning.resource_removed[r] = used.count(name) == 0 && freed.count(name) != 0;
  }
  return pruning;
}

}  // namespace diarflow
