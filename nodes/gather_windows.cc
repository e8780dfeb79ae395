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
  static constexpr In<VoicedWindow> kWindow{"WINDOW"};
  static constexpr Out<VoicedWindows> kWindows{"WINDOWS"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("The windows of a piece of a recording, in order, as one.").Input(kWindow).Output(kWindows);
  }

  absl::Status Begin() override {
    gathered_ = VoicedWindows();
    return absl::OkStatus();
  }

  absl::Status Add(ItemContext& part) override {
    const VoicedWindow& voiced = part.Get(kWindow);
    gathered_.windows.push_back(voiced.window);
    gathered_.end_sample = std::max(gathered_.end_sample, voiced.end_sample);
    gathered_.producer = voiced.producer;
    return absl::OkStatus();
  }

  absl::Status Finish(FinishContext& context) override {
    context.Set(kWindows, std::move(gathered_));
    gathered_ = VoicedWindows();
    return absl::OkStatus();
  }

 private:
  VoicedWindows gathered_;
};

DIARFLOW_REGISTER_NODE("GatherWindows", GatherWindowsNode);

}  // namespace
}  // namespace diarflow
