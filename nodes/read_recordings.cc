// ReadRecordings: every recording of a list, in its order.
#include <memory>

#include "graph/registry.h"
#include "nodes/payloads.h"
#include "nodes/recording_list.h"

namespace diarflow {
namespace {

class ReadRecordingsNode : public SourceNode {
 public:
  static constexpr Out<Utterance> kUtterance{"RECORDING"};
  static constexpr Uses<RecordingListResource> kList{"LIST"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Every recording of a list.").Resource(kList).Output(kUtterance);
  }

  absl::Status Open(OpenContext& context) override {
    list_ = context.Get(kList);
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Next(SourceContext& item) override {
    if (next_ == list_->recordings.size()) return false;
    const ListedRecording& recording = list_->recordings[next_++];
    item.SetItem(recording.uri);
    item.Set(kUtterance, Utterance{recording.uri, recording.path, Rational(0), std::nullopt, recording.channel});
    return true;
  }

  int64_t ItemCount() const override { return static_cast<int64_t>(list_->recordings.size()); }

 private:
  std::shared_ptr<const RecordingListResource> list_;
  size_t next_ = 0;
};

DIARFLOW_REGISTER_NODE("ReadRecordings", ReadRecordingsNode);

}  // namespace
}  // namespace diarflow
