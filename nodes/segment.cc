// Segment: audio at 16 kHz to the activity of local speakers in overlapping windows. The last window reaches the end of
// the recording, where it is filled up with silence; frames behind the end are 0.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "diarization/powerset.h"
#include "graph/registry.h"
#include "models/segmentation/segmentation.h"
#include "models/windows.h"
#include "nodes/payloads.h"
#include "nodes/segment.pb.h"
#include "nodes/segmentation_model.h"

namespace diarflow {
namespace {

absl::Status CheckSegment(const options::Segment& options) {
  if (options.window_samples() < kSegmentationMinSamples || options.window_samples() > kSegmentationMaxSamples) {
    return absl::InvalidArgumentError(absl::StrCat("window_samples is ", options.window_samples(), "; it may be ",
                                                   kSegmentationMinSamples, " to ", kSegmentationMaxSamples));
  }
  if (options.hop_samples() < 1 || options.hop_samples() > options.window_samples()) {
    return absl::InvalidArgumentError(absl::StrCat("hop_samples is ", options.hop_samples(),
                                                   "; it may be 1 to window_samples, so that nothing is left out"));
  }
  if (options.batch_windows() < 1 || options.batch_windows() > 1024)
    return absl::InvalidArgumentError(
        absl::StrCat("batch_windows is ", options.batch_windows(), "; it may be 1 to 1024"));
  return absl::OkStatus();
}

StreamRules SegmentStreams(const options::Segment& options, absl::Span<const StreamProperties> inputs) {
  StreamRules rules;
  rules.takes = {{kSegmentationSampleRate, {}, {}}};
  return rules;
}

class SegmentNode : public MapNode {
 public:
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr Uses<SegmentationModelResource> kModel{"MODEL"};
  static constexpr Out<LocalActivity> kActivity{"ACTIVITY"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Who of up to three local speakers speaks when, in overlapping windows; 16 kHz in.")
        .Input(kAudio)
        .Resource(kModel)
        .Output(kActivity)
        .Options<options::Segment>(&CheckSegment)
        .Streams<options::Segment>(&SegmentStreams)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    options_ = context.options<options::Segment>();
    model_ = context.Get(kModel)->model;
    ASSIGN_OR_RETURN(powerset_, Powerset::Create(kSegmentationSpeakers, kSegmentationAtOnce));
    producer_ = std::make_shared<const std::string>(model_->Description());
    return absl::OkStatus();
  }

  absl::Status Process(ItemContext& item) const override {
    const Audio& audio = item.Get(kAudio);
    RETURN_IF_ERROR(CheckSampleRate(audio, kSegmentationSampleRate, "the segmentation"));
    RETURN_IF_ERROR(CheckOneChannel("segmentation", audio.samples, kSegmentationSampleRate, /*min_samples=*/1));
    const int64_t window = options_.window_samples(), hop = options_.hop_samples(), samples = audio.samples.size();
    const int64_t windows = samples <= window ? 1 : 1 + (samples - window + hop - 1) / hop;
    const int64_t frames = SegmentationGrid().NumWholeFrames(window);
    FrameGrid grid = SegmentationGrid();
    grid.first_sample += audio.start_sample;
    LocalActivity activity{FloatArray::Zeros({windows, frames, Width()}), grid, hop, window, samples, producer_};
    float* numbers = activity.values.mutable_data();
    for (int64_t begin = 0; begin < windows; begin += options_.batch_windows()) {
      const int64_t end = std::min<int64_t>(begin + options_.batch_windows(), windows);
      RETURN_IF_ERROR(Classify(audio.samples, begin, end, numbers));
    }
    item.AddMediaTime(audio.seconds());
    item.Set(kActivity, std::move(activity));
    return absl::OkStatus();
  }

 private:
  // The windows [begin, end) into their places.
  absl::Status Classify(const FloatArray& samples, int64_t begin, int64_t end, float* numbers) const {
    const int64_t window = options_.window_samples(), hop = options_.hop_samples();
    std::vector<FloatArray> pieces;
    for (int64_t w = begin; w < end; ++w) {
      FloatArray piece = FloatArray::Zeros({window});
      const int64_t first = w * hop, last = std::min(first + window, samples.size());
      std::copy(samples.begin() + first, samples.begin() + last, piece.mutable_data());
      pieces.push_back(std::move(piece));
    }
    ASSIGN_OR_RETURN(const std::vector<FloatArray> classes, model_->Classify(pieces));
    const FrameGrid grid = SegmentationGrid();
    for (int64_t w = begin; w < end; ++w) {
      const FloatArray& log_probabilities = classes[static_cast<size_t>(w - begin)];
      ASSIGN_OR_RETURN(const FloatArray activity, ActivityOf(log_probabilities));
      // A frame counts while its centre lies in the recording.
      int64_t frames = activity.dim(0);
      // Whoever takes classes knows where the recording ends.
      while (options_.activity() != options::Segment::CLASSES && frames > 0 &&
             Rational(samples.size() - w * hop) <= grid.Centre(frames - 1)) {
        --frames;
      }
      std::copy_n(activity.begin(), frames * Width(), numbers + w * activity.size());
    }
    return absl::OkStatus();
  }

  int64_t Width() const {
    return options_.activity() == options::Segment::CLASSES ? kSegmentationClasses : kSegmentationSpeakers;
  }

  absl::StatusOr<FloatArray> ActivityOf(const FloatArray& log_probabilities) const {
    switch (options_.activity()) {
      case options::Segment::CLASSES: return log_probabilities;
      case options::Segment::HARD: return powerset_->HardActivity(log_probabilities);
      case options::Segment::SOFT: break;
    }
    return powerset_->SoftActivity(log_probabilities);
  }

  options::Segment options_;
  SegmentationModel::Ptr model_;
  std::optional<Powerset> powerset_;
  std::shared_ptr<const std::string> producer_;
};

DIARFLOW_REGISTER_NODE("Segment", SegmentNode);

}  // namespace
}  // namespace diarflow
