// The resource RecordingList: recordings to be diarized, and what is known of them.
#ifndef DIARFLOW_NODES_RECORDING_LIST_H_
#define DIARFLOW_NODES_RECORDING_LIST_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "diarization/turns.h"
#include "graph/registry.h"

namespace diarflow {

struct ListedRecording {
  std::string uri;   // the file's name without folder and extension; with its folder where two have the same
  std::string path;  // "-": standard input
  std::optional<int> channel = std::nullopt;
};

struct RecordingListResource {
  static constexpr char kResourceName[] = "RecordingList";
  static void Contract(ContractBuilder& contract);
  static absl::StatusOr<std::shared_ptr<const RecordingListResource>> Load(const ResourceContext& context);

  std::vector<ListedRecording> recordings;
  // By uri; has_reference tells whether there is one at all.
  bool has_reference = false;
  std::map<std::string, Recording> references;
  std::map<std::string, std::vector<TimeSpan>> regions;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_RECORDING_LIST_H_
