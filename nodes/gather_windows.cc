// GatherWindows: the windows of a piece of a recording, as one.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "graph/registry.h"
#include "nodes/diarization.h"

namespace diarflow {
namespace {

class GatherWindowsNode : public CollectNode {
 public:
  static constexpr In<VoicedWindows> kVoices{"VOICES"};
  static constexpr Out<VoicedWindows> kGathered{"GATHERED"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("The windows of a piece of a recording, in order, as one.").Input(kVoices).Output(kGathered);
  }

  absl::Status Begin() override {
    gathered_ = VoicedWindows();
    return absl::OkStatus();
  }

  absl::Status Add(ItemContext& part) override {
    const VoicedWindows& voiced = part.Get(kVoices);
    gathered_.windows.insert(gathered_.windows.end(), voiced.windows.begin(), voiced.windows.end());
    gathered_.end_sample = std::max(gathered_.end_sample, voiced.end_sample);
    gathered_.producer = voiced.producer;
    return absl::OkStatus();
  }

  absl::Status Finish(FinishContext& context) override {
    context.Set(kGathered, std::move(gathered_));
    gathered_ = VoicedWindows();
    return absl::OkStatus();
  }

 private:
  VoicedWindows gathered_;
};

DIARFLOW_REGISTER_NODE("GatherWindows", GatherWindowsNode);

}  // namespace
}  // namespace diarflow
