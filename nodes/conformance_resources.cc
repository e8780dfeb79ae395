#include "nodes/conformance_resources.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "diarization/voice_encoders.h"
#include "gtest/gtest.h"
#include "models/training/training_run.h"
#include "nodes/adapter_model.h"
#include "nodes/campplus_model.h"
#include "nodes/conformance_recordings.h"
#include "nodes/frame_cache.h"
#include "nodes/mimi_model.h"
#include "nodes/recording_list.h"
#include "nodes/segmentation_model.h"
#include "nodes/speech_source.h"
#include "nodes/titanet_model.h"
#include "nodes/trainer.h"
#include "nodes/trial_list.h"
#include "nodes/voice_model.h"

namespace diarflow {
namespace {

// Eight utterances of two speakers, who are none of MadeVoices(), each in a session of its own, called as the items of
// a NodeRunner are.
std::shared_ptr<const TrialListResource> MadeTrials() {
  auto trials = std::make_shared<TrialListResource>();
  for (int i = 0; i < 8; ++i) {
    ListedUtterance utterance;
    utterance.id = absl::StrCat("item ", i);
    utterance.path = GoodUtterance(i).path;
    utterance.speaker = absl::StrCat("person", i % 2);
    utterance.session = absl::StrCat(utterance.speaker, "/", i);
    trials->audio_paths.push_back(utterance.path);
    trials->list.utterances.push_back(utterance);
    for (int j = 0; j < i; ++j) trials->list.trials.push_back({i % 2 == j % 2, j, i});
  }
  trials->questions = {0, 1, 2};
  trials->description = "made for a test";
  return trials;
}

std::shared_ptr<const MimiModelResource> SmallMimi() {
  auto model = std::make_shared<MimiModelResource>();
  auto encoder = MimiEncoder::Random(SmallMimiConfig(), 1);
  EXPECT_OK(encoder);
  model->encoder = *encoder;
  return model;
}

std::shared_ptr<const CampplusModelResource> RandomCampplus() {
  auto model = std::make_shared<CampplusModelResource>();
  auto encoder = CampplusEncoder::Random(1);
  EXPECT_OK(encoder);
  model->encoder = *encoder;
  return model;
}

std::shared_ptr<const VoiceModelResource> RandomVoices() {
  auto model = std::make_shared<VoiceModelResource>();
  auto encoder = CampplusVoice(RandomCampplus()->encoder);
  EXPECT_OK(encoder);
  model->encoder = *encoder;
  return model;
}

// For frames as wide as the good ones here.
std::shared_ptr<const AdapterModelResource> SmallAdapter() {
  auto model = std::make_shared<AdapterModelResource>();
  auto adapter = Adapter::Random(SmallAdapterConfig(4), 1);
  EXPECT_OK(adapter);
  model->adapter = *adapter;
  return model;
}

std::shared_ptr<const TitanetModelResource> RandomTitanet() {
  auto model = std::make_shared<TitanetModelResource>();
  auto encoder = TitanetEncoder::Random(1);
  EXPECT_OK(encoder);
  model->encoder = *encoder;
  return model;
}

std::shared_ptr<const SegmentationModelResource> RandomSegmentation() {
  auto resource = std::make_shared<SegmentationModelResource>();
  auto model = SegmentationModel::Random(1);
  EXPECT_OK(model);
  resource->model = *model;
  return resource;
}

std::shared_ptr<const FrameCacheResource> OpenCache() {
  auto resource = std::make_shared<FrameCacheResource>();
  auto cache = FrameCache::Open(MadeFile("cache"));
  EXPECT_OK(cache);
  resource->cache = *cache;
  return resource;
}

std::shared_ptr<const SpeechSourceResource> MadeSource() {
  auto resource = std::make_shared<SpeechSourceResource>();
  resource->source = MadeVoices();
  return resource;
}

std::shared_ptr<const RecordingListResource> MadeRecordings() {
  auto list = std::make_shared<RecordingListResource>();
  for (int i = 0; i < 3; ++i) list->recordings.push_back({absl::StrCat("recording", i), GoodUtterance(i).path});
  list->has_reference = true;
  // Of all of them, and of one that does not come.
  for (const std::string uri : {"recording0", "recording1", "recording2", "elsewhere"})
    list->references[uri] = {uri, {{0, 1500000, "somebody"}}};
  return list;
}

// One that has made its only update: of a codec for the node that trains one.
std::shared_ptr<const TrainerResource> MadeTrainer(bool codec) {
  auto resource = std::make_shared<TrainerResource>();
  TrainingOptions options;
  options.set_updates(1);
  resource->folder = MadeFile(codec ? "codec_trainer" : "adapter_trainer");
  CodecRunOptions pieces;
  pieces.piece_frames = 2;
  AdapterRunOptions adapter;
  adapter.config = SmallAdapterConfig(4);
  auto training = codec ? TrainingRun::OpenCodec(resource->folder, "made", options, pieces)
                        : TrainingRun::OpenAdapter(resource->folder, "made", options, adapter);
  EXPECT_OK(training);
  resource->training = *std::move(training);
  const std::vector<AdapterCrop> crops = {{FloatArray::Zeros({5, 4}), FloatArray::Zeros({5, 4})}};
  const std::vector<FloatArray> audio = {FloatArray::Zeros({7680})};
  if (!resource->training->finished()) {
    EXPECT_OK(codec ? resource->training->Update(audio, audio) : resource->training->Update(crops, crops));
  }
  resource->options.mutable_training()->set_batch(2);
  resource->options.mutable_training()->set_updates(4);
  // For sources there are items to come.
  resource->finished = std::make_shared<std::atomic<bool>>(false);
  return resource;
}

struct MadeResource {
  std::function<void(const std::string& use, NodeRunner* runner)> set;
  std::shared_ptr<const void> object;
};

template <typename R>
std::pair<const std::string, MadeResource> Made(std::shared_ptr<const R> resource) {
  return {R::kResourceName,
          {[resource](const std::string& use, NodeRunner* runner) { runner->SetResource(use, resource); }, resource}};
}

const MadeResource* FindResource(const std::string& type) {
  static const auto* made = new std::map<std::string, MadeResource>{Made(MadeTrials()),
                                                                    Made(SmallMimi()),
                                                                    Made(RandomCampplus()),
                                                                    Made(RandomTitanet()),
                                                                    Made(RandomSegmentation()),
                                                                    Made(SmallAdapter()),
                                                                    Made(MadeTrainer(/*codec=*/false)),
                                                                    Made(RandomVoices()),
                                                                    Made(OpenCache()),
                                                                    Made(MadeSource()),
                                                                    Made(MadeRecordings())};
  const auto found = made->find(type);
  return found == made->end() ? nullptr : &found->second;
}

}  // namespace

bool SetConformanceResource(const ResourceUse& use, NodeRunner* runner) {
  // One type, two kinds.
  if (use.name == "CODEC") {
    static const auto* const codec = new std::shared_ptr<const TrainerResource>(MadeTrainer(/*codec=*/true));
    runner->SetResource(use.name, *codec);
    return true;
  }
  const MadeResource* resource = FindResource(use.type);
  if (resource != nullptr) resource->set(use.name, runner);
  return resource != nullptr;
}

bool AddConformanceResource(const ResourceUse& use, Registry* registry) {
  const MadeResource* resource = FindResource(use.type);
  if (resource == nullptr) return false;
  registry->AddResource({use.type, [] { return Contract(); },
                         [object = resource->object](
                             const ResourceContext&) -> absl::StatusOr<std::shared_ptr<const void>> { return object; }},
                        __FILE__, __LINE__);
  return true;
}

}  // namespace diarflow
