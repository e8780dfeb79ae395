// What the nodes of speaker encoders have in common: an embedding for a whole utterance, and one for each window of it.
//
// An encoder E (CampplusEncoder, TitanetEncoder) comes with a struct of facts:
//   struct Facts {
//     using Resource = ...;                       // with `encoder`, a pointer to E
//     static constexpr char kName[] = "CAM++";
//     static constexpr int kSampleRate, kDimension, kCodeVersion;
//     static constexpr int64_t kMinSamples, kMaxSamples;
//     static constexpr char kStage[] = "CampplusEncode", kWindowStage[] = "CampplusWindows";   // in cache keys
//     static absl::Status CheckAudio(const FloatArray& samples);
//   };
#ifndef DIARFLOW_NODES_SPEAKER_ENCODE_H_
#define DIARFLOW_NODES_SPEAKER_ENCODE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "nodes/cached_encode.h"
#include "nodes/frame_cache.h"
#include "nodes/payloads.h"

namespace diarflow {

// The embedding of a whole utterance. Options: an empty message.
template <typename Facts, typename Options>
class SpeakerEncodeNode : public BatchNode {
 public:
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr Uses<typename Facts::Resource> kModel{"MODEL"};
  static constexpr OptionallyUses<FrameCacheResource> kCache{"CACHE"};
  static constexpr Out<Embedding> kEmbedding{"EMBEDDING"};

  static void Contract(ContractBuilder& contract) {
    contract
        .Summary(absl::StrCat("The speaker embedding of ", Facts::kName, " for a whole utterance; 16 kHz in, ",
                              Facts::kDimension, " numbers out."))
        .Input(kAudio)
        .Resource(kModel)
        .Resource(kCache)
        .Output(kEmbedding)
        .template Options<Options>()
        .template Streams<Options>(&Streams)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    model_ = context.Get(kModel);
    cache_ = context.Get(kCache);
    stage_ = {Facts::kStage, absl::StrCat(Facts::kCodeVersion), "whole utterance", model_->encoder->Fingerprint()};
    producer_ = std::make_shared<const std::string>(model_->encoder->Description());
    return absl::OkStatus();
  }

  absl::Status ProcessBatch(absl::Span<ItemContext* const> items) const override {
    std::vector<ItemContext*> usable;
    std::vector<const Audio*> audio;
    for (ItemContext* item : items) {
      const Audio& samples = item->Get(kAudio);
      absl::Status status = CheckSampleRate(samples, Facts::kSampleRate, Facts::kName);
      if (status.ok()) status = Facts::CheckAudio(samples.samples);
      if (!status.ok()) {
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
  static StreamRules Streams(const Options& options, absl::Span<const StreamProperties> inputs) {
    StreamRules rules;
    rules.takes = {{Facts::kSampleRate, {}, {}}};
    rules.gives = {{{}, {}, Facts::kDimension}};
    return rules;
  }

  std::shared_ptr<const typename Facts::Resource> model_;
  std::shared_ptr<const FrameCacheResource> cache_;
  CachedStage stage_;
  std::shared_ptr<const std::string> producer_;
};

// An embedding every hop, each of a window and placed at its centre. Audio shorter than a window is repeated until it
// fills one; no audio has no windows (OverlapStream gives such pieces). Options: window_samples and hop_samples.
template <typename Facts, typename Options>
class SpeakerWindowsNode : public MapNode {
 public:
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr Uses<typename Facts::Resource> kModel{"MODEL"};
  static constexpr OptionallyUses<FrameCacheResource> kCache{"CACHE"};
  static constexpr Out<Frames> kEmbeddings{"EMBEDDINGS"};

  static void Contract(ContractBuilder& contract) {
    contract
        .Summary(absl::StrCat("Speaker embeddings of ", Facts::kName,
                              " for windows of an utterance, at their centres; 16 kHz in."))
        .Input(kAudio)
        .Resource(kModel)
        .Resource(kCache)
        .Output(kEmbeddings)
        .template Options<Options>(&Check)
        .template Streams<Options>(&Streams)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<Options>();
    model_ = context.Get(kModel);
    cache_ = context.Get(kCache);
    grid_ = {Facts::kSampleRate, options.hop_samples(), options.window_samples(), 0};
    const std::string windows = absl::StrCat("windows of ", grid_.window, " samples every ", grid_.hop);
    stage_ = {Facts::kWindowStage, absl::StrCat(Facts::kCodeVersion), windows, model_->encoder->Fingerprint()};
    producer_ = std::make_shared<const std::string>(absl::StrCat(model_->encoder->Description(), ", ", windows));
    return absl::OkStatus();
  }

  absl::Status Process(ItemContext& item) const override {
    const Audio& audio = item.Get(kAudio);
    RETURN_IF_ERROR(CheckSampleRate(audio, Facts::kSampleRate, Facts::kName));
    FrameGrid grid = grid_;
    grid.first_sample = audio.start_sample;
    if (audio.samples.shape().size() == 1 && audio.samples.empty()) {
      item.Set(kEmbeddings, Frames{FloatArray::Zeros({0, Facts::kDimension}), grid, producer_});
      return absl::OkStatus();
    }
    ItemContext* items[] = {&item};
    const Audio* inputs[] = {&audio};
    const EncodeBatch embed = [this](absl::Span<const FloatArray> samples) -> absl::StatusOr<std::vector<FloatArray>> {
      ASSIGN_OR_RETURN(FloatArray windows, model_->encoder->EmbedWindows(samples[0], grid_.window, grid_.hop));
      return std::vector<FloatArray>{std::move(windows)};
    };
    ASSIGN_OR_RETURN(std::vector<FloatArray> embeddings, EncodeWithCache(cache_.get(), stage_, items, inputs, embed));
    item.Set(kEmbeddings, Frames{std::move(embeddings[0]), grid, producer_});
    return absl::OkStatus();
  }

 private:
  static absl::Status Check(const Options& options) {
    if (options.window_samples() < Facts::kMinSamples || options.window_samples() > Facts::kMaxSamples) {
      return absl::InvalidArgumentError(absl::StrCat("window_samples is ", options.window_samples(), "; it may be ",
                                                     Facts::kMinSamples, " to ", Facts::kMaxSamples));
    }
    if (options.hop_samples() < 1)
      return absl::InvalidArgumentError(absl::StrCat("hop_samples is ", options.hop_samples(), "; at least 1"));
    return absl::OkStatus();
  }

  static StreamRules Streams(const Options& options, absl::Span<const StreamProperties> inputs) {
    StreamRules rules;
    rules.takes = {{Facts::kSampleRate, {}, {}}};
    rules.gives = {{{}, FrameRate::Of(Facts::kSampleRate, options.hop_samples()), Facts::kDimension}};
    return rules;
  }

  std::shared_ptr<const typename Facts::Resource> model_;
  std::shared_ptr<const FrameCacheResource> cache_;
  FrameGrid grid_;
  CachedStage stage_;
  std::shared_ptr<const std::string> producer_;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_SPEAKER_ENCODE_H_
