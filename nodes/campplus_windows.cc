// CampplusWindows: audio at 16 kHz to a speaker embedding of CAM++ every hop, each of a window and placed at its
// centre. Audio shorter than a window is repeated until it fills one.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "models/campplus/campplus.h"
#include "nodes/cached_encode.h"
#include "nodes/campplus_model.h"
#include "nodes/campplus_windows.pb.h"
#include "nodes/frame_cache.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

absl::Status CheckCampplusWindows(const options::CampplusWindows& options) {
  if (options.window_samples() < kCampplusMinSamples || options.window_samples() > kCampplusMaxSamples) {
    return absl::InvalidArgumentError(absl::StrCat("window_samples is ", options.window_samples(), "; it may be ",
                                                   kCampplusMinSamples, " to ", kCampplusMaxSamples));
  }
  if (options.hop_samples() < 1)
    return absl::InvalidArgumentError(absl::StrCat("hop_samples is ", options.hop_samples(), "; at least 1"));
  return absl::OkStatus();
}

StreamRules CampplusWindowsStreams(const options::CampplusWindows& options,
                                   absl::Span<const StreamProperties> inputs) {
  StreamRules rules;
  rules.takes = {{kCampplusSampleRate, {}, {}}};
  rules.gives = {
      {{}, FrameRate::Of(kCampplusSampleRate, options.hop_samples()), static_cast<int>(kCampplusDimension)}};
  return rules;
}

class CampplusWindowsNode : public MapNode {
 public:
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr Uses<CampplusModelResource> kModel{"MODEL"};
  static constexpr OptionallyUses<FrameCacheResource> kCache{"CACHE"};
  static constexpr Out<Frames> kEmbeddings{"EMBEDDINGS"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Speaker embeddings of CAM++ for windows of an utterance, at their centres; 16 kHz in.")
        .Input(kAudio)
        .Resource(kModel)
        .Resource(kCache)
        .Output(kEmbeddings)
        .Options<options::CampplusWindows>(&CheckCampplusWindows)
        .Streams<options::CampplusWindows>(&CampplusWindowsStreams)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::CampplusWindows>();
    model_ = context.Get(kModel);
    cache_ = context.Get(kCache);
    grid_ = {kCampplusSampleRate, options.hop_samples(), options.window_samples(), 0};
    const std::string windows = absl::StrCat("windows of ", grid_.window, " samples every ", grid_.hop);
    stage_ = {"CampplusWindows", absl::StrCat(kCampplusCodeVersion), windows, model_->encoder->Fingerprint()};
    producer_ = std::make_shared<const std::string>(absl::StrCat(model_->encoder->Description(), ", ", windows));
    return absl::OkStatus();
  }

  absl::Status Process(ItemContext& item) const override {
    const Audio& audio = item.Get(kAudio);
    if (audio.sample_rate != kCampplusSampleRate) {
      return absl::FailedPreconditionError(absl::StrCat("the audio is at ", audio.sample_rate, " Hz, but CAM++ takes ",
                                                        kCampplusSampleRate, " Hz: put a Resample in front"));
    }
    ItemContext* items[] = {&item};
    const Audio* inputs[] = {&audio};
    const EncodeBatch embed =
        [this](absl::Span<const FloatArray> samples) -> absl::StatusOr<std::vector<FloatArray>> {
      ASSIGN_OR_RETURN(FloatArray windows, model_->encoder->EmbedWindows(samples[0], grid_.window, grid_.hop));
      return std::vector<FloatArray>{std::move(windows)};
    };
    ASSIGN_OR_RETURN(std::vector<FloatArray> embeddings, EncodeWithCache(cache_.get(), stage_, items, inputs, embed));
    item.Set(kEmbeddings, Frames{std::move(embeddings[0]), grid_, producer_});
    return absl::OkStatus();
  }

 private:
  std::shared_ptr<const CampplusModelResource> model_;
  std::shared_ptr<const FrameCacheResource> cache_;
  FrameGrid grid_;
  CachedStage stage_;
  std::shared_ptr<const std::string> producer_;
};

DIARFLOW_REGISTER_NODE("CampplusWindows", CampplusWindowsNode);

}  // namespace
}  // namespace diarflow
