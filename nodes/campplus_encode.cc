// CampplusEncode: audio at 16 kHz to the speaker embedding of CAM++, one for the whole utterance. An utterance may be
// half an hour long: the statistics depend on every frame, so nothing is cut here.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "models/campplus/campplus.h"
#include "nodes/cached_encode.h"
#include "nodes/campplus_encode.pb.h"
#include "nodes/campplus_model.h"
#include "nodes/frame_cache.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

StreamRules CampplusStreams(const options::CampplusEncode& options, absl::Span<const StreamProperties> inputs) {
  StreamRules rules;
  rules.takes = {{kCampplusSampleRate, {}, {}}};
  rules.gives = {{{}, {}, static_cast<int>(kCampplusDimension)}};
  return rules;
}

class CampplusEncodeNode : public BatchNode {
 public:
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr Uses<CampplusModelResource> kModel{"MODEL"};
  static constexpr OptionallyUses<FrameCacheResource> kCache{"CACHE"};
  static constexpr Out<Embedding> kEmbedding{"EMBEDDING"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("The speaker embedding of CAM++ for a whole utterance; 16 kHz in, 192 numbers out.")
        .Input(kAudio)
        .Resource(kModel)
        .Resource(kCache)
        .Output(kEmbedding)
        .Options<options::CampplusEncode>()
        .Streams<options::CampplusEncode>(&CampplusStreams)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    model_ = context.Get(kModel);
    cache_ = context.Get(kCache);
    stage_ = {"CampplusEncode", absl::StrCat(kCampplusCodeVersion), "whole utterance", model_->encoder->Fingerprint()};
    producer_ = std::make_shared<const std::string>(model_->encoder->Description());
    return absl::OkStatus();
  }

  absl::Status ProcessBatch(absl::Span<ItemContext* const> items) const override {
    std::vector<ItemContext*> usable;
    std::vector<const Audio*> audio;
    for (ItemContext* item : items) {
      const Audio& samples = item->Get(kAudio);
      if (absl::Status status = CheckAudio(samples); !status.ok()) {
        item->Fail(status);
        continue;
      }
      usable.push_back(item);
      audio.push_back(&samples);
    }
    ASSIGN_OR_RETURN(std::vector<FloatArray> embeddings,
                     EncodeWithCache(cache_.get(), stage_, usable, audio, [this](absl::Span<const FloatArray> samples) {
                       return model_->encoder->Embed(samples);
                     }));
    for (size_t i = 0; i < usable.size(); ++i) {
      usable[i]->Set(kEmbedding, Embedding{std::move(embeddings[i]), producer_});
    }
    return absl::OkStatus();
  }

 private:
  static absl::Status CheckAudio(const Audio& audio) {
    if (audio.sample_rate == kCampplusSampleRate) return CheckCampplusAudio(audio.samples);
    return absl::FailedPreconditionError(absl::StrCat("the audio is at ", audio.sample_rate, " Hz, but CAM++ takes ",
                                                      kCampplusSampleRate, " Hz: put a Resample in front"));
  }

  std::shared_ptr<const CampplusModelResource> model_;
  std::shared_ptr<const FrameCacheResource> cache_;
  CachedStage stage_;
  std::shared_ptr<const std::string> producer_;
};

DIARFLOW_REGISTER_NODE("CampplusEncode", CampplusEncodeNode);

}  // namespace
}  // namespace diarflow
