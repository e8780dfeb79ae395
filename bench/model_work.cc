#include "bench/model_work.h"

#include <cmath>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "audio/fbank.h"
#include "audio/nemo_log_mel.h"
#include "base/files.h"
#include "base/float_array.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "models/adapter/adapter_config.h"
#include "models/adapter/adapter_weights.h"
#include "models/campplus/campplus.h"
#include "models/titanet/titanet.h"
#include "models/titanet/titanet_weights.h"
#include "models/training/training_run.h"
#include "models/weights/safetensors.h"
#include "models/weights/tensor_table.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using Json = nlohmann::json;

constexpr int kSampleRate = 16000;
constexpr uint64_t kSeed = 1;
constexpr double kLabelsPerSecond = 12.5;
constexpr int kCheckedUpdates = 4;

// Something with the long times and the slope of a voice.
FloatArray Noise(int64_t samples, uint64_t seed) {
  Random random(kSeed, seed);
  FloatArray noise = FloatArray::Zeros({samples});
  float before = 0;
  for (int64_t i = 0; i < samples; ++i) {
    before = .9f * before + static_cast<float>(random.Uniform(-.05, .05));
    noise.mutable_data()[i] = before * (1 + static_cast<float>(std::sin(1e-3 * static_cast<double>(i))));
  }
  return noise;
}

std::vector<FloatArray> Windows(int64_t count, double seconds) {
  std::vector<FloatArray> windows;
  for (int64_t i = 0; i < count; ++i) {
    windows.push_back(Noise(std::llround(seconds * kSampleRate), static_cast<uint64_t>(i)));
  }
  return windows;
}

std::vector<float> Joined(absl::Span<const FloatArray> arrays) {
  std::vector<float> numbers;
  for (const FloatArray& array : arrays) numbers.insert(numbers.end(), array.begin(), array.end());
  return numbers;
}

absl::Status WriteNumbers(const std::string& path, absl::Span<const FloatArray> arrays) {
  const std::vector<float> numbers = Joined(arrays);
  return WriteFileAtomically(
      path, absl::string_view(reinterpret_cast<const char*>(numbers.data()), sizeof(float) * numbers.size()));
}

template <typename Weights>
absl::Status WriteRandomWeights(const std::string& path, const Weights& weights) {
  TensorTable table;
  for (const auto& [name, values] : weights) RETURN_IF_ERROR(table.AddFloats(name, values));
  return WriteSafetensors(path, table);
}

// Windows for an encoder, its features of them, and what is asked of a peer.
absl::StatusOr<ModelWork> EncoderWork(const char* network, const char* name, const std::string& weights,
                                      const std::string& folder, const std::vector<FloatArray>& windows,
                                      const std::vector<FloatArray>& features) {
  const int64_t samples = windows.front().size();
  const double seconds = static_cast<double>(samples) / kSampleRate;
  ModelWork work;
  work.group =
      absl::StrCat(name, ", ", windows.size(), windows.size() == 1 ? " window" : " windows", " of ", seconds, " s");
  work.audio_seconds = static_cast<double>(windows.size()) * seconds;
  const std::string path = JoinPath(folder, absl::StrCat(network, "_", windows.size(), "_", samples, ".f32"));
  RETURN_IF_ERROR(WriteNumbers(path, features));
  const Json asked = {{"network", network},
                      {"weights", weights},
                      {"features", path},
                      {"batch", windows.size()},
                      {"frames", features.front().dim(0)}};
  work.asked = asked.dump();
  work.check_asked = work.asked;
  return work;
}

// Conversations: who speaks changes about every second.
AdapterCrop RandomCrop(const AdapterConfig& config, int64_t frames, uint64_t seed) {
  Random random(kSeed, seed);
  AdapterCrop crop;
  crop.latents = FloatArray::Zeros({frames, config.input_width()});
  for (int64_t i = 0; i < crop.latents.size(); ++i) {
    crop.latents.mutable_data()[i] = static_cast<float>(random.Normal());
  }
  const int64_t speakers = config.num_speakers();
  crop.labels = FloatArray::Zeros({frames, speakers});
  for (int64_t k = 0; k < speakers; ++k) {
    float speaks = 0;
    for (int64_t t = 0; t < frames; ++t) {
      if (random.Uniform() < 1 / kLabelsPerSecond) speaks = random.Uniform() < .3 ? 1.f : 0.f;
      crop.labels.mutable_data()[t * speakers + k] = speaks;
    }
  }
  return crop;
}

// Updates on the same crops again and again; gives the losses of `steps` updates.
ModelRun AdapterUpdates(std::shared_ptr<TrainingRun> run, std::shared_ptr<const std::vector<AdapterCrop>> crops,
                        int steps) {
  return [run = std::move(run), crops = std::move(crops), steps]() -> absl::StatusOr<std::vector<float>> {
    std::vector<float> losses;
    for (int step = 0; step < steps; ++step) {
      const double before = run->state().sum_size() > 0 ? run->state().sum(0) : 0;
      RETURN_IF_ERROR(run->Update(*crops, {}));
      losses.push_back(static_cast<float>(run->state().sum(0) - before));
    }
    return losses;
  };
}

struct AdapterSize {
  const char* name;
  AdapterConfig config;
  int64_t batch;
  int64_t frames;
  double rate;
};

absl::StatusOr<ModelWork> AdapterWorkOf(const AdapterSize& size, const std::string& folder) {
  TrainingOptions training;
  training.set_rate(size.rate);
  training.set_batch(static_cast<int32_t>(size.batch));
  // The full rate from the first update on, and no look at a validation set.
  training.set_schedule(TrainingOptions::COSINE);
  training.set_warm_up(1);
  training.set_updates(1000000000);
  training.set_validate_every(1000000000);
  auto crops = std::make_shared<std::vector<AdapterCrop>>();
  std::vector<FloatArray> latents, labels;
  for (int64_t b = 0; b < size.batch; ++b) {
    crops->push_back(RandomCrop(size.config, size.frames, static_cast<uint64_t>(b)));
    latents.push_back(crops->back().latents);
    labels.push_back(crops->back().labels);
  }
  const std::string path = JoinPath(folder, absl::StrCat("adapter_", size.config.width()));
  RETURN_IF_ERROR(WriteNumbers(path + "_latents.f32", latents));
  RETURN_IF_ERROR(WriteNumbers(path + "_labels.f32", labels));
  RETURN_IF_ERROR(WriteRandomWeights(path + ".safetensors", RandomAdapterWeights(size.config, kSeed)));
  const auto open = [&](double dropout) -> absl::StatusOr<std::shared_ptr<TrainingRun>> {
    AdapterRunOptions options;
    options.config = size.config;
    options.seed = kSeed;
    options.dropout = dropout;
    return TrainingRun::OpenAdapter(absl::StrCat(path, dropout > 0 ? "_timed" : "_checked"), "a benchmark", training,
                                    options);
  };
  const auto asked = [&](double dropout, int steps) {
    const AdapterConfig& config = size.config;
    const Json sizes = {{"input_width", config.input_width()},
                        {"width", config.width()},
                        {"heads", config.num_heads()},
                        {"feed_forward", config.feed_forward()},
                        {"layers", config.num_layers()},
                        {"speakers", config.num_speakers()},
                        {"batch", size.batch},
                        {"frames", size.frames},
                        {"dropout", dropout},
                        {"rate", training.rate()},
                        {"weight_decay", training.weight_decay()},
                        {"clip", training.clip()}};
    const Json json = {{"network", "adapter"},
                       {"weights", path + ".safetensors"},
                       {"latents", path + "_latents.f32"},
                       {"labels", path + "_labels.f32"},
                       {"steps", steps},
                       {"sizes", sizes}};
    return json.dump();
  };
  const double dropout = AdapterRunOptions().dropout;
  const double seconds = static_cast<double>(size.frames) / kLabelsPerSecond;
  ModelWork work;
  work.group = absl::StrCat("adapter's training step, ", size.name, " size, ", size.batch, " crops of ", seconds, " s");
  work.audio_seconds = static_cast<double>(size.batch) * seconds;
  ASSIGN_OR_RETURN(std::shared_ptr<TrainingRun> timed, open(dropout));
  ASSIGN_OR_RETURN(std::shared_ptr<TrainingRun> checked, open(0));
  work.run = AdapterUpdates(std::move(timed), crops, 1);
  work.asked = asked(dropout, 1);
  work.check = AdapterUpdates(std::move(checked), crops, kCheckedUpdates);
  work.check_asked = asked(0, kCheckedUpdates);
  // Rounding grows from update to update.
  work.tolerance = 1e-3;
  return work;
}

}  // namespace

absl::StatusOr<std::vector<ModelWork>> TitanetWork(const std::string& folder) {
  const std::string weights = JoinPath(folder, "titanet.safetensors");
  RETURN_IF_ERROR(WriteRandomWeights(weights, RandomTitanetWeights(kSeed)));
  ASSIGN_OR_RETURN(const TitanetEncoder::Ptr encoder, TitanetEncoder::Load(weights));
  const NemoLogMel log_mel(encoder->form());
  std::vector<ModelWork> all;
  for (const int64_t count : {1, 8}) {
    const std::vector<FloatArray> windows = Windows(count, 3);
    std::vector<FloatArray> features;
    for (const FloatArray& window : windows) {
      ASSIGN_OR_RETURN(FloatArray computed, log_mel.Normalised(window));
      features.push_back(std::move(computed));
    }
    ASSIGN_OR_RETURN(ModelWork work, EncoderWork("titanet", "TitaNet", weights, folder, windows, features));
    work.run = [encoder, features]() -> absl::StatusOr<std::vector<float>> {
      ASSIGN_OR_RETURN(const std::vector<FloatArray> embeddings, encoder->EmbedFeatures(features));
      return Joined(embeddings);
    };
    work.run_with_front_end = [encoder, windows]() -> absl::StatusOr<std::vector<float>> {
      ASSIGN_OR_RETURN(const std::vector<FloatArray> embeddings, encoder->Embed(windows));
      return Joined(embeddings);
    };
    work.check = work.run;
    all.push_back(std::move(work));
  }
  return all;
}

absl::StatusOr<std::vector<ModelWork>> CampplusWork(const std::string& folder) {
  ASSIGN_OR_RETURN(const std::string weights,
                   ResolvePath("runfiles:@speaker_models/campplus/campplus_cn_en_common.pt"));
  ASSIGN_OR_RETURN(const CampplusEncoder::Ptr encoder, CampplusEncoder::Load(weights));
  ASSIGN_OR_RETURN(const Fbank fbank, Fbank::Create());
  std::vector<ModelWork> all;
  for (const double seconds : {1.5, 3.}) {
    for (const int64_t count : {1, 16}) {
      const std::vector<FloatArray> windows = Windows(count, seconds);
      std::vector<FloatArray> energies;
      for (const FloatArray& window : windows) {
        ASSIGN_OR_RETURN(FloatArray computed, fbank.Compute(window));
        energies.push_back(std::move(computed));
      }
      ASSIGN_OR_RETURN(ModelWork work, EncoderWork("campplus", "CAM++", weights, folder, windows, energies));
      work.run = [encoder, energies]() -> absl::StatusOr<std::vector<float>> {
        ASSIGN_OR_RETURN(const std::vector<FloatArray> embeddings, encoder->EmbedEnergies(energies));
        return Joined(embeddings);
      };
      work.run_with_front_end = [encoder, windows]() -> absl::StatusOr<std::vector<float>> {
        ASSIGN_OR_RETURN(const std::vector<FloatArray> embeddings, encoder->Embed(windows));
        return Joined(embeddings);
      };
      work.check = work.run;
      all.push_back(std::move(work));
    }
  }
  return all;
}

absl::StatusOr<std::vector<ModelWork>> AdapterWork(const std::string& folder) {
  AdapterSize small{"small", {}, 16, 250, 1e-3}, published{"published", {}, 4, 1125, 1e-4};
  small.config.set_input_width(128 + 192);
  small.config.set_width(96);
  small.config.set_num_heads(4);
  small.config.set_feed_forward(384);
  small.config.set_num_layers(3);
  published.config.set_input_width(512 + 192);
  std::vector<ModelWork> all;
  for (const AdapterSize& size : {small, published}) {
    ASSIGN_OR_RETURN(ModelWork work, AdapterWorkOf(size, folder));
    all.push_back(std::move(work));
  }
  return all;
}

}  // namespace diarflow
