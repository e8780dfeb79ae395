// LabelFrames: who speaks when, as labels on the time grid of frames.
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "diarization/frame_labels.h"
#include "graph/registry.h"
#include "nodes/label_frames.pb.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

FrameLabelOptions OptionsOf(const options::LabelFrames& options) {
  FrameLabelOptions labels = FrameLabelOptionsOf(
      options.rules() == options::LabelFrames::ORIGINAL ? ProtocolRules::kOriginal : ProtocolRules::kHonest);
  labels.num_speakers = options.speakers();
  return labels;
}

absl::Status CheckLabelFrames(const options::LabelFrames& options) {
  if (options.speakers() < 1 || options.speakers() > 1000) {
    return absl::InvalidArgumentError(absl::StrCat("speakers is ", options.speakers(), "; it may be 1 to 1000"));
  }
  if (options.frames_per_label() >= 1 && options.frames_per_label() <= 1000) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("frames_per_label is ", options.frames_per_label(), "; it may be 1 to 1000"));
}

class LabelFramesNode : public MapNode {
 public:
  static constexpr In<Frames> kFrames{"FRAMES"};
  static constexpr In<Turns> kTurns{"TURNS"};
  static constexpr Out<Frames> kLabels{"LABELS"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Who speaks when, as labels 0 or 1 for each frame, or some of them, and each speaker.")
        .Input(kFrames)
        .Input(kTurns)
        .Output(kLabels)
        .Options<options::LabelFrames>(&CheckLabelFrames)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    options_ = OptionsOf(context.options<options::LabelFrames>());
    frames_per_label_ = context.options<options::LabelFrames>().frames_per_label();
    return absl::OkStatus();
  }

  absl::Status Process(ItemContext& item) const override {
    const Frames& frames = item.Get(kFrames);
    RETURN_IF_ERROR(CheckGrid("frames", frames.grid));
    FrameGrid grid = frames.grid;
    grid.hop *= frames_per_label_;
    grid.window = grid.hop;
    RETURN_IF_ERROR(CheckGrid("labels", grid));
    if (frames.values.shape().size() != 2) {
      return absl::InvalidArgumentError(absl::StrCat("frames are [T, D]; here is ", frames.values.ShapeString()));
    }
    const int64_t count = frames.values.dim(0) / frames_per_label_;
    const int64_t room = kMaxMicroseconds / kMicrosecondsPerSecond * grid.sample_rate - grid.first_sample;
    if (grid.first_sample < 0 || count > room / grid.hop) {
      return absl::InvalidArgumentError(absl::StrCat(count, " frames, one every ", grid.hop, " samples from sample ",
                                                     grid.first_sample, " on, that do not lie within 10^9 seconds"));
    }
    FrameLabelOptions options = options_;
    options.frame_rate = grid.Rate();
    const TimeSpan crop = {MicrosecondsFromSamples(grid.first_sample, grid.sample_rate),
                           MicrosecondsFromSamples(grid.Begin(count), grid.sample_rate)};
    if (count == 0) {
      item.Set(kLabels, Frames{FloatArray::Zeros({0, options.num_speakers}), grid, frames.producer});
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(FrameLabels labels, LabelFrames(item.Get(kTurns).recording, crop, count, options));
    item.Set(kLabels, Frames{std::move(labels.values), grid, std::make_shared<const std::string>("labels")});
    return absl::OkStatus();
  }

 private:
  FrameLabelOptions options_;
  int64_t frames_per_label_ = 1;
};

DIARFLOW_REGISTER_NODE("LabelFrames", LabelFramesNode);

}  // namespace
}  // namespace diarflow
