#include "models/training/adapter_front.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ATen/ops/from_blob.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/adapter/adapter.h"
#include "models/codec/testing/sound.h"
#include "models/mimi/mimi.h"
#include "models/training/adapter_training.h"
#include "models/training/training_run.h"
#include "models/weights/safetensors.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

MimiConfig TinyMimi() {
  MimiConfig config = TinyCodecConfig().mimi;
  config.set_num_layers(3);
  config.set_context(20);
  return FillMimiConfig(config);
}

// Weights of a tiny Mimi as a file that says its size. The same for the same `name`.
std::string MimiFile(const std::string& name, const MimiConfig& config = TinyMimi()) {
  Random random(7);
  const CodecTensors tensors = CodecTensorsOf(RandomMimiWeights(config, 7));
  Disturb(tensors, 0.1, random);
  TensorTable table = TableOf(tensors);
  table.mutable_metadata()[kMimiConfigKey] = config.ShortDebugString();
  const std::string path = absl::StrCat(testing::TempDir(), "/", name, ".safetensors");
  EXPECT_OK(WriteSafetensors(path, table));
  return path;
}

MimiEncoder::Ptr Encoder(const std::string& path) {
  auto mimi = MimiEncoder::Load(path, TinyMimi());
  EXPECT_OK(mimi);
  return *std::move(mimi);
}

AdapterConfig TinyAdapter() {
  AdapterConfig config;
  config.set_input_width(TinyMimi().dimension());
  config.set_width(16);
  config.set_num_heads(2);
  config.set_feed_forward(32);
  config.set_num_layers(1);
  return config;
}

AdapterRunOptions RunOptions(const std::string& mimi, int layers) {
  AdapterRunOptions options;
  options.config = TinyAdapter();
  options.front.emplace();
  options.front->mimi_weights = mimi;
  options.front->layers = layers;
  options.front->rate = 1e-2;
  return options;
}

// Conversations of sounds, so many frames each: who speaks changes every five frames.
struct Conversation {
  FloatArray audio, labels;
};
std::vector<Conversation> Conversations(const std::vector<int64_t>& frames, uint64_t seed) {
  Random random(seed);
  std::vector<Conversation> conversations;
  for (const int64_t count : frames) {
    const at::Tensor one = RandomSound(1, count * kMimiFrameSamples, random)[0],
                     two = RandomSound(1, count * kMimiFrameSamples, random)[0];
    Conversation conversation = {FloatArray::Zeros({count * kMimiFrameSamples}), FloatArray::Zeros({count, 4})};
    for (int64_t t = 0; t < count; ++t) {
      const int64_t who = t / 5 % 2;
      conversation.labels.mutable_data()[4 * t + who] = 1;
      const at::Tensor heard = (who == 0 ? one : two).narrow(0, t * kMimiFrameSamples, kMimiFrameSamples);
      std::copy_n(heard.contiguous().const_data_ptr<float>(), kMimiFrameSamples,
                  conversation.audio.mutable_data() + t * kMimiFrameSamples);
    }
    conversations.push_back(conversation);
  }
  return conversations;
}

std::vector<AdapterCrop> Crops(const MimiEncoder& mimi, MimiTap tap, const std::vector<Conversation>& conversations) {
  std::vector<AdapterCrop> crops;
  for (const Conversation& conversation : conversations) {
    auto frames = mimi.Encode({conversation.audio}, tap);
    EXPECT_OK(frames);
    crops.push_back({(*frames)[0], conversation.labels});
  }
  return crops;
}

at::Tensor TensorOf(const FloatArray& values) {
  return at::from_blob(const_cast<float*>(values.data()), values.shape()).clone();
}

// As NormaliseFrames() of diarization/fuse_frames.h, which no model may use.
FloatArray Normalised(const FloatArray& frames, FrontNormalise normalise) {
  if (normalise == FrontNormalise::kNone) return frames;
  const bool layer_norm = normalise == FrontNormalise::kLayerNorm;
  const int64_t width = frames.dim(1);
  FloatArray result = FloatArray::Zeros(frames.shape());
  for (int64_t t = 0; t < frames.dim(0); ++t) {
    const float* row = frames.data() + t * width;
    double mean = 0, squares = 0;
    for (int64_t d = 0; layer_norm && d < width; ++d) mean += row[d] / static_cast<double>(width);
    for (int64_t d = 0; d < width; ++d) squares += (row[d] - mean) * (row[d] - mean);
    const double size = layer_norm ? std::sqrt(squares / static_cast<double>(width) + 1e-5) : std::sqrt(squares);
    for (int64_t d = 0; d < width; ++d) {
      result.mutable_data()[t * width + d] = static_cast<float>((row[d] - mean) / size);
    }
  }
  return result;
}

TrainingOptions Training(int64_t updates) {
  TrainingOptions options;
  options.set_updates(updates);
  options.set_batch(2);
  options.set_rate(3e-3);
  options.set_warm_up(2);
  options.set_schedule(TrainingOptions::COSINE);
  options.set_validate_every(4);
  return options;
}

// Until so many updates are made, of pairs of the first crops; the last ones are for the validation.
std::unique_ptr<TrainingRun> Train(const std::string& folder, const AdapterRunOptions& options,
                                   const std::vector<AdapterCrop>& crops, int64_t until) {
  auto opened = TrainingRun::OpenAdapter(folder, "made", Training(12), options);
  EXPECT_OK(opened);
  std::unique_ptr<TrainingRun> run = *std::move(opened);
  const auto all = absl::MakeSpan(crops);
  for (const AdapterCrop& crop : crops) EXPECT_OK(run->CheckCrop(crop));
  while (!run->finished() && run->updates() < until) {
    EXPECT_OK(run->Update(all.subspan(static_cast<size_t>(run->items()) % 4, 2), all.subspan(4)));
  }
  return run;
}

TEST(AdapterFrontTest, GivesWhatMimiGives) {
  const std::string path = MimiFile("gives");
  const std::vector<Conversation> conversations = Conversations({40, 23}, 1);
  const MimiEncoder::Ptr mimi = Encoder(path);
  const std::vector<AdapterCrop> seanet = Crops(*mimi, MimiTap::kSeanet, conversations),
                                 above = Crops(*mimi, MimiTap::kTransformer25, conversations),
                                 latent = Crops(*mimi, MimiTap::kLatent12, conversations);
  // In one batch: the shorter one is filled up behind its end.
  at::Tensor frames = TensorOf(FloatArray::Zeros({2, 80, 32}));
  for (int64_t b = 0; b < 2; ++b) {
    const at::Tensor values = TensorOf(seanet[static_cast<size_t>(b)].latents);
    frames[b].narrow(0, 0, values.size(0)).copy_(values);
  }
  for (const HalvedBy way : {HalvedBy::kLearned, HalvedBy::kAveraged, HalvedBy::kDecimated}) {
    for (const FrontNormalise normalise : {FrontNormalise::kNone, FrontNormalise::kL2, FrontNormalise::kLayerNorm}) {
      for (const int layers : {0, 1, 3}) {
        AdapterFrontOptions options = *RunOptions(path, layers).front;
        options.halved_by = way;
        options.normalise = normalise;
        ASSERT_OK_AND_ASSIGN(const AdapterFront front, AdapterFront::Create(options));
        // A layer: the weights and biases of two norms, two scales, two projections and two maps.
        EXPECT_EQ(front.trained().size(), static_cast<size_t>(10 * layers));
        const at::Tensor given = front.Forward(frames);
        EXPECT_EQ(given.requires_grad(), layers > 0);
        for (int64_t b = 0; b < 2; ++b) {
          const size_t item = static_cast<size_t>(b);
          const at::Tensor high = TensorOf(above[item].latents).view({-1, 2, 32});
          at::Tensor expected = TensorOf(latent[item].latents);
          if (way == HalvedBy::kAveraged) expected = high.mean(1);
          if (way == HalvedBy::kDecimated) expected = high.select(1, 0);
          expected = TensorOf(Normalised(ToFloatArray(expected), normalise));
          EXPECT_LT(Farthest(given[b].narrow(0, 0, expected.size(0)), expected), 1e-4);
        }
      }
    }
  }
}

TEST(AdapterFrontTest, NormalisingHasTheGradientsOfFiniteDifferences) {
  Random random(2);
  for (const FrontNormalise normalise : {FrontNormalise::kL2, FrontNormalise::kLayerNorm}) {
    at::Tensor frames = RandomNumbers({4, 6}, 1, random).to(at::kDouble), zeros = frames.detach().clone();
    const at::Tensor weights = RandomNumbers({4, 6}, 1, random).to(at::kDouble);
    const auto loss = [&](const at::Tensor& x) { return NormaliseForTraining(x, normalise).mul(weights).sum(); };
    frames.set_requires_grad(true);
    loss(frames).backward();
    for (int64_t i = 0; i < frames.numel(); ++i) {
      at::Tensor above = frames.detach().clone(), below = frames.detach().clone();
      above.view({-1})[i] += 1e-5;
      below.view({-1})[i] -= 1e-5;
      const double slope = (loss(above).item<double>() - loss(below).item<double>()) / 2e-5;
      EXPECT_NEAR(frames.grad().view({-1})[i].item<double>(), slope, 1e-6);
    }
    zeros[1].zero_();
    zeros.set_requires_grad(true);
    const at::Tensor total = loss(zeros);
    total.backward();
    EXPECT_TRUE(std::isfinite(total.item<double>()) && std::isfinite(zeros.grad().sum().item<double>()));
  }
}

// Every number of the last layers moves, and nothing else of Mimi; the files are what others read, and there the best
// validation comes out again.
TEST(AdapterFrontTest, OnlyTheLastLayersMoveAndOthersReadThem) {
  const std::string path = MimiFile("moves"), folder = absl::StrCat(testing::TempDir(), "/moves");
  const std::vector<Conversation> conversations = Conversations({30, 21, 30, 30, 17, 30, 26}, 3);
  const MimiEncoder::Ptr before = Encoder(path);
  AdapterRunOptions options = RunOptions(path, 2);
  options.front->normalise = FrontNormalise::kL2;
  const auto run = Train(folder, options, Crops(*before, MimiTap::kSeanet, conversations), 12);
  ASSERT_TRUE(run->finished() && run->has_front());
  ASSERT_OK(run->ExportMimi(folder + "/mimi.safetensors"));
  ASSERT_OK(run->ExportAdapter(folder + "/adapter.safetensors"));

  ASSERT_OK_AND_ASSIGN(const TensorTable old_table, ReadSafetensors(path));
  ASSERT_OK_AND_ASSIGN(const TensorTable table, ReadSafetensors(folder + "/mimi.safetensors"));
  ASSERT_EQ(table.Names(), old_table.Names());
  for (const auto& [name, view] : table.tensors()) {
    const TensorView& old_view = *old_table.Find(name);
    const bool same = std::equal(view.data, view.data + view.byte_size, old_view.data);
    EXPECT_EQ(same,
              !absl::StrContains(name, "transformer.layers.1.") && !absl::StrContains(name, "transformer.layers.2."))
        << name;
  }

  ASSERT_OK_AND_ASSIGN(const MimiConfig config, MimiConfigOf(table));
  EXPECT_EQ(config.SerializeAsString(), TinyMimi().SerializeAsString());
  const MimiEncoder::Ptr mimi = Encoder(folder + "/mimi.safetensors");
  ASSERT_OK_AND_ASSIGN(const Adapter::Ptr adapter, Adapter::Load(folder + "/adapter.safetensors", TinyAdapter()));
  FrameErrors errors;
  const std::vector<AdapterCrop> latents = Crops(*mimi, MimiTap::kLatent12, conversations);
  for (size_t i = 4; i < latents.size(); ++i) {
    ASSERT_OK_AND_ASSIGN(const std::vector<FloatArray> logits,
                         adapter->Logits({Normalised(latents[i].latents, FrontNormalise::kL2)}));
    const FrameErrors more = CountFrameErrors(Sigmoid(logits[0]), latents[i].labels, 0.5);
    errors.wrong += more.wrong;
    errors.total += more.total;
  }
  double error = -1;
  for (const TrainingState::Row& row : run->state().row()) {
    if (row.updates() == run->state().best_updates()) error = row.value(row.value_size() - 1);
  }
  EXPECT_LT(error, 0.7);
  EXPECT_NEAR(static_cast<double>(errors.wrong) / static_cast<double>(errors.total), error, 1e-9);
}

TEST(AdapterFrontTest, WithoutLayersItIsATrainingOnFrozenLatents) {
  const std::string path = MimiFile("frozen");
  const std::vector<Conversation> conversations = Conversations({30, 21, 30, 30, 17, 30}, 4);
  const MimiEncoder::Ptr mimi = Encoder(path);
  AdapterRunOptions options = RunOptions(path, 0);
  const auto with = Train(absl::StrCat(testing::TempDir(), "/frozen_front"), options,
                          Crops(*mimi, MimiTap::kSeanet, conversations), 12);
  options.front.reset();
  const auto without = Train(absl::StrCat(testing::TempDir(), "/frozen_latents"), options,
                             Crops(*mimi, MimiTap::kLatent12, conversations), 12);
  EXPECT_FALSE(without->has_front());
  ASSERT_EQ(with->state().row_size(), 3);
  ASSERT_EQ(without->state().row_size(), 3);
  for (int row = 0; row < 3; ++row) {
    for (int i = 0; i < with->state().row(row).value_size(); ++i) {
      EXPECT_NEAR(with->state().row(row).value(i), without->state().row(row).value(i), 1e-5);
    }
  }
}

TEST(AdapterFrontTest, AnInterruptedTrainingEndsAsOneThatWasNot) {
  const std::string path = MimiFile("goes_on"), whole = absl::StrCat(testing::TempDir(), "/front_whole"),
                    parts = absl::StrCat(testing::TempDir(), "/front_parts");
  const std::vector<AdapterCrop> crops =
      Crops(*Encoder(path), MimiTap::kSeanet, Conversations({30, 21, 30, 30, 17, 30}, 5));
  const AdapterRunOptions options = RunOptions(path, 1);
  Train(whole, options, crops, 12);
  // The second time in the middle between two checkpoints.
  Train(parts, options, crops, 4);
  Train(parts, options, crops, 10);
  Train(parts, options, crops, 12);
  for (const char* name : {"/latest.safetensors", "/best.safetensors"}) {
    ASSERT_OK_AND_ASSIGN(const TensorTable expected, ReadSafetensors(whole + name));
    ASSERT_OK_AND_ASSIGN(const TensorTable found, ReadSafetensors(parts + name));
    EXPECT_EQ(found.Digest(), expected.Digest()) << name;
  }
  // Other weights of Mimi are another training, another place of the same ones is not.
  EXPECT_OK(TrainingRun::OpenAdapter(parts, "made", Training(12), RunOptions(MimiFile("moved"), 1)));
  AdapterRunOptions other = RunOptions("", 1);
  other.front->mimi_config = TinyMimi();
  EXPECT_THAT(TrainingRun::OpenAdapter(parts, "made", Training(12), other),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another training")));
}

TEST(AdapterFrontTest, TheEncoderHasARateOfItsOwn) {
  const std::string path = MimiFile("rate"), folder = absl::StrCat(testing::TempDir(), "/rate");
  AdapterRunOptions options = RunOptions(path, 3);
  options.front->rate = 0;
  const auto run =
      Train(folder, options, Crops(*Encoder(path), MimiTap::kSeanet, Conversations({9, 9, 9, 9, 9}, 6)), 12);
  ASSERT_OK(run->ExportMimi(folder + "/mimi.safetensors"));
  EXPECT_EQ(Encoder(folder + "/mimi.safetensors")->parameter_count(), Encoder(path)->parameter_count());
  ASSERT_OK_AND_ASSIGN(const TensorTable old_table, ReadSafetensors(path));
  ASSERT_OK_AND_ASSIGN(const TensorTable table, ReadSafetensors(folder + "/mimi.safetensors"));
  for (const auto& [name, view] : table.tensors()) {
    EXPECT_TRUE(std::equal(view.data, view.data + view.byte_size, old_table.Find(name)->data)) << name;
  }
}

TEST(AdapterFrontTest, BadInputIsAStatus) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const std::string path = MimiFile("bad"), folder = absl::StrCat(testing::TempDir(), "/bad");
  const auto open = [&](const AdapterRunOptions& options) {
    return TrainingRun::OpenAdapter(folder, "made", Training(12), options).status();
  };
  EXPECT_THAT(open(RunOptions(path, 4)), StatusIs(code, HasSubstr("layers is 4; the encoder transformer of Mimi")));
  EXPECT_THAT(open(RunOptions(path, -1)), StatusIs(code, HasSubstr("layers is -1")));
  EXPECT_THAT(open(RunOptions(path + ".none", 1)), StatusIs(absl::StatusCode::kNotFound));
  AdapterRunOptions options = RunOptions(path, 1);
  options.front->mimi_config = SmallMimiConfig();
  EXPECT_THAT(open(options), StatusIs(code, HasSubstr("does not hold the weights of this Mimi")));
  options = RunOptions(path, 1);
  options.config.set_input_width(64);
  EXPECT_THAT(open(options), StatusIs(code, HasSubstr("input_width is 64; the frames of this Mimi have 32 numbers")));
  options = RunOptions(path, 1);
  options.front->rate = -1;
  EXPECT_THAT(open(options), StatusIs(code, HasSubstr("group \"Mimi\"")));
  ASSERT_OK_AND_ASSIGN(const auto run, TrainingRun::OpenAdapter(folder, "made", Training(12), RunOptions(path, 1)));
  const FloatArray labels = FloatArray::Zeros({5, 4});
  EXPECT_OK(run->CheckCrop({FloatArray::Zeros({10, 32}), labels}));
  EXPECT_THAT(run->CheckCrop({FloatArray::Zeros({11, 32}), labels}), StatusIs(code, HasSubstr("25 Hz [2 T, 32]")));
  EXPECT_THAT(run->CheckCrop({FloatArray::Zeros({5, 32}), labels}), StatusIs(code, HasSubstr("[5, 32]")));
  EXPECT_THAT(run->CheckCrop({FloatArray::Zeros({10, 33}), labels}), StatusIs(code));
  EXPECT_FALSE(run->ExportMimi(folder + "/mimi.safetensors").ok());
  EXPECT_FALSE(run->ExportAdapter(folder + "/adapter.safetensors").ok());
}

}  // namespace
}  // namespace diarflow
