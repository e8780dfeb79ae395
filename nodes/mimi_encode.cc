// MimiEncode: audio at 24 kHz to the continuous latent of Mimi, before its quantiser.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "models/mimi/mimi.h"
#include "nodes/cached_encode.h"
#include "nodes/frame_cache.h"
#include "nodes/mimi_encode.pb.h"
#include "nodes/mimi_model.h"
#include "nodes/mimi_taps.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

StreamRules MimiStreams(const options::MimiEncode& options, absl::Span<const StreamProperties> inputs) {
  return MimiRules(InfoOf(options.tap()).tap);
}

class MimiEncodeNode : public BatchNode {
 public:
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr Uses<MimiModelResource> kModel{"MODEL"};
  static constexpr OptionallyUses<FrameCacheResource> kCache{"CACHE"};
  static constexpr Out<Frames> kFrames{"FRAMES"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("The continuous latent of Mimi, or what stands before it; 24 kHz in, 12.5 or 25 Hz out.")
        .Input(kAudio)
        .Resource(kModel)
        .Resource(kCache)
        .Output(kFrames)
        .Options<options::MimiEncode>()
        .Streams<options::MimiEncode>(&MimiStreams)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::MimiEncode>();
    model_ = context.Get(kModel);
    cache_ = context.Get(kCache);
    const MimiTapInfo tap = InfoOf(options.tap());
    tap_ = tap.tap;
    stage_ = {"MimiEncode", absl::StrCat(kMimiCodeVersion), tap.name, model_->encoder->Fingerprint()};
    producer_ = std::make_shared<const std::string>(absl::StrCat(model_->encoder->Description(), ", ", tap.name));
    return absl::OkStatus();
  }

  absl::Status ProcessBatch(absl::Span<ItemContext* const> items) const override {
    std::vector<ItemContext*> usable;
    std::vector<const Audio*> audio;
    for (ItemContext* item : items) {
      const Audio& samples = item->Get(kAudio);
      if (absl::Status status = CheckSampleRate(samples, kMimiSampleRate, "Mimi"); !status.ok()) {
        item->Fail(status);
        continue;
      }
      usable.push_back(item);
      audio.push_back(&samples);
    }
    ASSIGN_OR_RETURN(std::vector<FloatArray> frames,
                     EncodeWithCache(cache_.get(), stage_, usable, audio, [this](absl::Span<const FloatArray> samples) {
                       return model_->encoder->Encode(samples, tap_);
                     }));
    const int64_t hop = MimiTapFrameSamples(tap_);
    for (size_t i = 0; i < usable.size(); ++i) {
      usable[i]->Set(kFrames, Frames{std::move(frames[i]), FrameGrid{kMimiSampleRate, hop, hop, audio[i]->start_sample},
                                     producer_});
    }
    return absl::OkStatus();
  }

 private:
  std::shared_ptr<const MimiModelResource> model_;
  std::shared_ptr<const FrameCacheResource> cache_;
  MimiTap tap_ = MimiTap::kLatent12;
  CachedStage stage_;
  std::shared_ptr<const std::string> producer_;
};

DIARFLOW_REGISTER_NODE("MimiEncode", MimiEncodeNode);

}  // namespace
}  // namespace diarflow
