// ReadTrials: every utterance of a trial list, once, in the order of its first mention.
#include <utility>

#include "graph/registry.h"
#include "nodes/payloads.h"
#include "nodes/trial_list.h"

namespace diarflow {
namespace {

class ReadTrialsNode : public SourceNode {
 public:
  static constexpr Out<Utterance> kUtterance{"UTTERANCE"};
  static constexpr Uses<TrialListResource> kTrials{"TRIALS"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Every utterance of a trial list, once.").Resource(kTrials).Output(kUtterance);
  }

  absl::Status Open(OpenContext& context) override {
    trials_ = context.Get(kTrials);
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Next(SourceContext& item) override {
    const std::vector<ListedUtterance>& utterances = trials_->list.utterances;
    if (next_ == utterances.size()) return false;
    const ListedUtterance& utterance = utterances[next_];
    item.SetItem(utterance.id);
    item.Set(kUtterance, Utterance{utterance.id, trials_->audio_paths[next_], utterance.start, utterance.length});
    ++next_;
    return true;
  }

  int64_t ItemCount() const override { return static_cast<int64_t>(trials_->list.utterances.size()); }

 private:
  std::shared_ptr<const TrialListResource> trials_;
  size_t next_ = 0;
};

DIARFLOW_REGISTER_NODE("ReadTrials", ReadTrialsNode);

}  // namespace
}  // namespace diarflow
