// The resource TrialList: pairs of utterances to compare, and the files of the utterances.
#ifndef DIARFLOW_NODES_TRIAL_LIST_H_
#define DIARFLOW_NODES_TRIAL_LIST_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "datasets/trial_list.h"
#include "graph/registry.h"

namespace diarflow {

struct TrialListResource {
  static constexpr char kResourceName[] = "TrialList";
  static void Contract(ContractBuilder& contract);
  static absl::StatusOr<std::shared_ptr<const TrialListResource>> Load(const ResourceContext& context);

  TrialList list;
  // The file of each utterance of the list, whether it exists or not.
  std::vector<std::string> audio_paths;
  // Utterances that stand in no trial: indexes into list.utterances. The same one may be asked about twice.
  std::vector<size_t> questions;
  // For reports: which list it is and what it holds.
  std::string description;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_TRIAL_LIST_H_
