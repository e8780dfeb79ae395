// HalveFrames: frames to half as many, Mimi's at 25 Hz to 12.5.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "nodes/halve_frames.pb.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

class HalveFramesNode : public MapNode {
 public:
  static constexpr In<Frames> kFrames{"FRAMES"};
  static constexpr Out<Frames> kHalved{"FRAMES"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Half as many frames: the mean of each two, or the first. A last frame without a partner is lost.")
        .Input(kFrames)
        .Output(kHalved)
        .Options<options::HalveFrames>()
        .Streams<options::HalveFrames>(&Rules)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    by_ = context.options<options::HalveFrames>().by();
    return absl::OkStatus();
  }

  absl::Status Process(ItemContext& item) const override {
    const Frames& frames = item.Get(kFrames);
    if (by_ == options::HalveFrames::NOTHING) {
      item.Set(kHalved, frames);
      return absl::OkStatus();
    }
    const bool average = by_ == options::HalveFrames::AVERAGE;
    FrameGrid grid = frames.grid;
    RETURN_IF_ERROR(CheckGrid("frames", grid));
    if (frames.values.shape().size() != 2) {
      return absl::InvalidArgumentError(absl::StrCat("frames are [T, D]; here is ", frames.values.ShapeString()));
    }
    // The mean of two frames covers both.
    if (average) grid.window += grid.hop;
    grid.hop *= 2;
    RETURN_IF_ERROR(CheckGrid("half as many frames", grid));
    const int64_t count = frames.values.dim(0) / 2, width = frames.values.dim(1);
    FloatArray halved = FloatArray::Zeros({count, width});
    float* out = halved.mutable_data();
    for (int64_t t = 0; t < count; ++t) {
      const float* first = frames.values.data() + 2 * t * width;
      for (int64_t d = 0; d < width; ++d) *out++ = average ? (first[d] + first[width + d]) / 2 : first[d];
    }
    item.Set(kHalved, Frames{std::move(halved), grid, frames.producer});
    return absl::OkStatus();
  }

 private:
  static StreamRules Rules(const options::HalveFrames& options, absl::Span<const StreamProperties> inputs) {
    StreamRules rules;
    rules.gives = {inputs[0]};
    if (options.by() == options::HalveFrames::NOTHING) return rules;
    if (const auto& rate = inputs[0].frame_rate; rate)
      rules.gives[0].frame_rate = FrameRate::Of(rate->num, 2 * rate->den);
    return rules;
  }

  options::HalveFrames::By by_ = options::HalveFrames::AVERAGE;
};

DIARFLOW_REGISTER_NODE("HalveFrames", HalveFramesNode);

}  // namespace
}  // namespace diarflow
