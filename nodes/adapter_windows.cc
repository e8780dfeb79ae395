// AdapterWindows: a whole session's latents to the activity of each speaker, window by window.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "diarization/adapter_stream.h"
#include "graph/registry.h"
#include "nodes/adapter_model.h"
#include "nodes/adapter_windows.pb.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

AdapterWindows WindowsOf(const options::AdapterWindows& options) {
  if (options.apart()) return {options.window_frames(), options.window_frames(), 0};
  return {options.window_frames(), options.hop_frames(), options.window_frames() - options.hop_frames()};
}

absl::Status CheckWindows(const options::AdapterWindows& options) { return CheckAdapterWindows(WindowsOf(options)); }

class AdapterWindowsNode : public MapNode {
 public:
  static constexpr In<Frames> kFrames{"FRAMES"};
  static constexpr Uses<AdapterModelResource> kModel{"MODEL"};
  static constexpr Out<Frames> kActivity{"FRAMES"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Who speaks when in a whole session: the adapter in windows, made one, or each for itself.")
        .Input(kFrames)
        .Resource(kModel)
        .Output(kActivity)
        .Options<options::AdapterWindows>(&CheckWindows)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::AdapterWindows>();
    apart_ = options.apart();
    windows_ = WindowsOf(options);
    adapter_ = context.Get(kModel)->adapter;
    producer_ = std::make_shared<const std::string>(adapter_->Description());
    return absl::OkStatus();
  }

  absl::Status Process(ItemContext& item) const override {
    const Frames& frames = item.Get(kFrames);
    RETURN_IF_ERROR(CheckGrid("latents", frames.grid));
    RETURN_IF_ERROR(adapter_->CheckLatents(frames.values));
    FloatArray activity = FloatArray::Zeros({frames.values.dim(0), adapter_->config().num_speakers()});
    float* out = activity.mutable_data();
    if (apart_) {
      RETURN_IF_ERROR(EachForItself(frames.values, out));
    } else {
      AdapterStream stream(adapter_, windows_);
      ASSIGN_OR_RETURN(const FloatArray first, stream.Push(frames.values));
      ASSIGN_OR_RETURN(const FloatArray rest, stream.Flush());
      std::copy(rest.begin(), rest.end(), std::copy(first.begin(), first.end(), out));
    }
    item.Set(kActivity, Frames{std::move(activity), frames.grid, producer_});
    return absl::OkStatus();
  }

 private:
  absl::Status EachForItself(const FloatArray& latents, float* out) const {
    const int64_t frames = latents.dim(0), width = latents.dim(1);
    for (int64_t begin = 0; begin < frames; begin += windows_.window_frames) {
      FloatArray window = FloatArray::Zeros({std::min(windows_.window_frames, frames - begin), width});
      std::copy_n(latents.data() + begin * width, window.size(), window.mutable_data());
      ASSIGN_OR_RETURN(const std::vector<FloatArray> logits, adapter_->Logits({window}));
      const FloatArray activity = Sigmoid(logits[0]);
      out = std::copy(activity.begin(), activity.end(), out);
    }
    return absl::OkStatus();
  }

  bool apart_ = false;
  AdapterWindows windows_;
  Adapter::Ptr adapter_;
  std::shared_ptr<const std::string> producer_;
};

DIARFLOW_REGISTER_NODE("AdapterWindows", AdapterWindowsNode);

}  // namespace
}  // namespace diarflow
