// Every network and training on a GPU gives what it gives on the CPU, and nothing of it is left there. Without CUDA the
// GPU is a pretended one; with it, the device that DIARFLOW_TEST_DEVICE names.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ATen/ops/from_blob.h"
#include "ATen/ops/ones.h"
#include "absl/strings/str_cat.h"
#include "base/float_array.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/adapter/adapter.h"
#include "models/campplus/campplus.h"
#include "models/device/device.h"
#include "models/device/torch_device.h"
#include "models/mimi/mimi.h"
#include "models/mimi/mimi_config.h"
#include "models/mimi/mimi_weights.h"
#include "models/mimi/network.h"
#include "models/segmentation/segmentation.h"
#include "models/testing/pretended_gpu.h"
#include "models/testing/test_device.h"
#include "models/titanet/titanet.h"
#include "models/training/training_run.h"

namespace diarflow {
namespace {

FloatArray Noise(std::vector<int64_t> shape, uint64_t seed) {
  FloatArray noise = FloatArray::Zeros(std::move(shape));
  Random random(seed);
  for (int64_t i = 0; i < noise.size(); ++i) noise.mutable_data()[i] = static_cast<float>(random.Uniform(-0.3, 0.3));
  return noise;
}

void ExpectNear(const std::vector<FloatArray>& expected, const std::vector<FloatArray>& actual) {
  ASSERT_EQ(expected.size(), actual.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(expected[i].shape(), actual[i].shape());
    float greatest = 0;
    for (const float value : expected[i]) greatest = std::max(greatest, std::abs(value));
    ASSERT_GT(greatest, 0);
    for (int64_t j = 0; j < expected[i].size(); ++j) {
      ASSERT_NEAR(expected[i][j], actual[i][j], 1e-4f * greatest) << "number " << j << " of result " << i;
    }
  }
}

class GpuTest : public testing::Test {
 protected:
  void SetUp() override {
    if (PretendGpu()) {
      ASSERT_OK_AND_ASSIGN(gpu_, OpenDevice("cuda"));
      return;
    }
    ASSERT_OK_AND_ASSIGN(gpu_, TestDevice());
    if (gpu_.is_cpu()) GTEST_SKIP() << "LibTorch has CUDA: set DIARFLOW_TEST_DEVICE, as tools/gpu_check.sh does";
  }
  ModelDevice gpu_;
};

TEST_F(GpuTest, APretendedOneIsTheOnlyOne) {
  if (!PretendGpu()) GTEST_SKIP() << "a real one";
  EXPECT_EQ(gpu_.gpu, 0);
  EXPECT_THAT(OpenDevice("cuda:1"),
              StatusIs(absl::StatusCode::kFailedPrecondition, testing::HasSubstr("the only GPU here is cuda:0")));
}

TEST_F(GpuTest, DoesNotTakeTensorsOfBothSides) {
  const at::Tensor here = at::ones({2, 3}), there = here.to(TorchDevice(gpu_));
  EXPECT_TRUE(there.is_cuda());
  EXPECT_TRUE(there.mul(2).add_(there).cpu().equal(here.mul(3)));
  EXPECT_ANY_THROW(there.add(here));
  EXPECT_ANY_THROW(here.matmul(there.t()));
}

TEST_F(GpuTest, NumbersThereCannotBeRead) {
  const at::Tensor there = at::ones({3}).to(TorchDevice(gpu_));
  EXPECT_DEATH(static_cast<void>(*static_cast<const volatile float*>(there.const_data_ptr())), "");
}

TEST_F(GpuTest, Titanet) {
  ASSERT_OK_AND_ASSIGN(const auto here, TitanetEncoder::Random(1));
  ASSERT_OK_AND_ASSIGN(const auto there, TitanetEncoder::Random(1, NemoMelForm::kLegacy, gpu_));
  EXPECT_NE(here->Fingerprint(), there->Fingerprint());
  const std::vector<FloatArray> audio = {Noise({16000}, 1), Noise({16000}, 2), Noise({9000}, 3)};
  ASSERT_OK_AND_ASSIGN(const auto expected, here->Embed(audio));
  ASSERT_OK_AND_ASSIGN(const auto actual, there->Embed(audio));
  ExpectNear(expected, actual);
  ASSERT_OK_AND_ASSIGN(const FloatArray columns, here->Columns(Noise({41, 80}, 4)));
  ASSERT_OK_AND_ASSIGN(const FloatArray columns_there, there->Columns(Noise({41, 80}, 4)));
  ExpectNear({columns}, {columns_there});
  ASSERT_OK_AND_ASSIGN(const FloatArray pooled, here->PoolColumns(columns, {0, 3, 7}));
  ASSERT_OK_AND_ASSIGN(const FloatArray pooled_there, there->PoolColumns(columns, {0, 3, 7}));
  ExpectNear({pooled}, {pooled_there});
}

TEST_F(GpuTest, Campplus) {
  ASSERT_OK_AND_ASSIGN(const auto here, CampplusEncoder::Random(1));
  ASSERT_OK_AND_ASSIGN(const auto there, CampplusEncoder::Random(1, gpu_));
  EXPECT_NE(here->Fingerprint(), there->Fingerprint());
  const std::vector<FloatArray> audio = {Noise({40000}, 1), Noise({40000}, 2), Noise({9000}, 3)};
  ASSERT_OK_AND_ASSIGN(const auto expected, here->Embed(audio));
  ASSERT_OK_AND_ASSIGN(const auto actual, there->Embed(audio));
  ExpectNear(expected, actual);
  ASSERT_OK_AND_ASSIGN(const FloatArray windows, here->EmbedWindows(audio[0], 16000, 8000));
  ASSERT_OK_AND_ASSIGN(const FloatArray windows_there, there->EmbedWindows(audio[0], 16000, 8000));
  ExpectNear({windows}, {windows_there});
  ASSERT_OK_AND_ASSIGN(const FloatArray columns, here->Columns(Noise({41, 80}, 4)));
  ASSERT_OK_AND_ASSIGN(const FloatArray columns_there, there->Columns(Noise({41, 80}, 4)));
  ExpectNear({columns}, {columns_there});
  ASSERT_OK_AND_ASSIGN(const FloatArray pooled, here->PoolColumns(columns, {0, 3, 7}));
  ASSERT_OK_AND_ASSIGN(const FloatArray pooled_there, there->PoolColumns(columns, {0, 3, 7}));
  ExpectNear({pooled}, {pooled_there});
}

TEST_F(GpuTest, Segmentation) {
  ASSERT_OK_AND_ASSIGN(const auto here, SegmentationModel::Random(1));
  ASSERT_OK_AND_ASSIGN(const auto there, SegmentationModel::Random(1, gpu_));
  EXPECT_NE(here->Fingerprint(), there->Fingerprint());
  const std::vector<FloatArray> windows = {Noise({16000}, 1), Noise({16000}, 2), Noise({9000}, 3)};
  ASSERT_OK_AND_ASSIGN(const auto expected, here->Classify(windows));
  ASSERT_OK_AND_ASSIGN(const auto actual, there->Classify(windows));
  ExpectNear(expected, actual);
}

TEST_F(GpuTest, TheAdapter) {
  const AdapterConfig config = SmallAdapterConfig(6);
  ASSERT_OK_AND_ASSIGN(const auto here, Adapter::Random(config, 1));
  ASSERT_OK_AND_ASSIGN(const auto there, Adapter::Random(config, 1, gpu_));
  EXPECT_NE(here->Fingerprint(), there->Fingerprint());
  const std::vector<FloatArray> latents = {Noise({30, 6}, 1), Noise({12, 6}, 2)};
  ASSERT_OK_AND_ASSIGN(const auto expected, here->Logits(latents));
  ASSERT_OK_AND_ASSIGN(const auto actual, there->Logits(latents));
  ExpectNear(expected, actual);
}

FloatArray ToArray(const at::Tensor& tensor) {
  const at::Tensor numbers = ToCpu(tensor);
  FloatArray array = FloatArray::Zeros(numbers.sizes().vec());
  std::copy_n(numbers.const_data_ptr<float>(), array.size(), array.mutable_data());
  return array;
}

// In two steps, the second from a snapshot of the state that crosses over to the other device.
TEST_F(GpuTest, Mimi) {
  const MimiConfig config = FillMimiConfig(SmallMimiConfig());
  const MimiWeights weights = RandomMimiWeights(config, 1);
  const c10::InferenceMode guard;
  const MimiNetwork here(config, weights), there(config, weights, TorchDevice(gpu_));
  for (const MimiTap tap : {MimiTap::kSeanet, MimiTap::kTransformer25, MimiTap::kLatent12}) {
    StreamState state = here.NewState(2, tap), state_there = there.NewState(2, tap);
    for (const int64_t samples : {4 * 1920, 30 * 1920}) {
      FloatArray noise = Noise({2, samples}, static_cast<uint64_t>(samples));
      const at::Tensor audio = at::from_blob(noise.mutable_data(), noise.shape());
      const at::Tensor expected = here.Forward(audio, tap, state, nullptr);
      const at::Tensor actual = there.Forward(audio, tap, state_there, nullptr);
      EXPECT_TRUE(actual.is_cuda());
      ExpectNear({ToArray(expected)}, {ToArray(actual)});
      const std::string snapshot = state_there.Snapshot("mimi");
      ASSERT_OK(state.Restore(snapshot, "mimi"));
      state_there.Reset();
      ASSERT_OK(state_there.Restore(snapshot, "mimi"));
    }
  }
  const at::Tensor latent = at::ones({3, config.dimension()});
  EXPECT_EQ(here.quantizer().Encode(latent, 4).codes, there.quantizer().Encode(latent.to(TorchDevice(gpu_)), 4).codes);
}

TEST_F(GpuTest, MimiAsOthersSeeIt) {
  ASSERT_OK_AND_ASSIGN(const auto here, MimiEncoder::Random(SmallMimiConfig(), 1));
  ASSERT_OK_AND_ASSIGN(const auto there, MimiEncoder::Random(SmallMimiConfig(), 1, MimiPrecision::kFloat32, gpu_));
  EXPECT_NE(here->Fingerprint(), there->Fingerprint());
  const std::vector<FloatArray> audio = {Noise({30000}, 1), Noise({24000}, 2)};
  ASSERT_OK_AND_ASSIGN(const auto expected, here->Encode(audio, MimiTap::kLatent12));
  ASSERT_OK_AND_ASSIGN(const auto actual, there->Encode(audio, MimiTap::kLatent12));
  ExpectNear(expected, actual);
  ASSERT_OK(there->EncodeCodes(audio));
  ASSERT_OK_AND_ASSIGN(MimiState state, there->NewState(1, MimiTap::kLatent12));
  ASSERT_OK(there->Step(state, {Noise({1920}, 3)}));
  ASSERT_OK(state.Restore(state.Snapshot()));
}

std::string Folder(const std::string& name) { return absl::StrCat(testing::TempDir(), "/", name); }

// The rows of a training of three updates with a look at the validation set behind each.
template <typename Items>
std::vector<FloatArray> Train(TrainingRun* training, const Items& items) {
  std::vector<FloatArray> rows;
  while (!training->finished()) {
    const absl::Status status = training->Update(items, items);
    EXPECT_OK(status);
    if (!status.ok()) return {};
  }
  for (const TrainingState::Row& row : training->state().row()) {
    rows.push_back(FloatArray::Zeros({row.value_size()}));
    for (int i = 0; i < row.value_size(); ++i) rows.back().mutable_data()[i] = static_cast<float>(row.value(i));
  }
  return rows;
}

TrainingOptions ThreeUpdates() {
  TrainingOptions options;
  options.set_updates(3);
  options.set_validate_every(1);
  options.set_warm_up(0);
  options.set_rate(1e-3);
  return options;
}

TEST_F(GpuTest, TrainingOfAnAdapterBehindLayersOfMimi) {
  std::vector<AdapterCrop> crops = {{Noise({20, 128}, 1), FloatArray::Zeros({10, 4})},
                                    {Noise({12, 128}, 2), FloatArray::Zeros({6, 4})}};
  for (AdapterCrop& crop : crops) crop.labels.mutable_data()[1] = crop.labels.mutable_data()[6] = 1;
  for (int64_t i = 0; i < 128; ++i) {
    crops[0].shuffle.from.push_back(127 - i);
    crops[0].shuffle.sign.push_back(i % 2 == 0 ? 1.0f : -1.0f);
  }
  std::vector<std::vector<FloatArray>> rows;
  for (const ModelDevice& device : {ModelDevice(), gpu_}) {
    AdapterRunOptions options;
    options.config = SmallAdapterConfig(128);
    options.dropout = 0;
    options.front.emplace();
    options.front->layers = 1;
    options.front->rate = 1e-3;
    options.device = device;
    const std::string folder = Folder(absl::StrCat("adapter_", device.Name()));
    ASSERT_OK_AND_ASSIGN(auto training, TrainingRun::OpenAdapter(folder, "", ThreeUpdates(), options));
    rows.push_back(Train(training.get(), crops));
    ASSERT_OK(training->ExportAdapter(folder + "/exported.safetensors"));
    // What was trained on one is read on the other.
    ASSERT_OK(Adapter::Load(folder + "/exported.safetensors", options.config, gpu_));
    options.device = ModelDevice();
    ASSERT_OK_AND_ASSIGN(training, TrainingRun::OpenAdapter(folder, "", ThreeUpdates(), options));
    EXPECT_TRUE(training->finished());
  }
  ExpectNear(rows[0], rows[1]);
}

TEST_F(GpuTest, TrainingOfACodec) {
  const std::vector<FloatArray> audio = {Noise({7680}, 1), Noise({7680}, 2)};
  std::vector<std::vector<FloatArray>> rows;
  for (const ModelDevice& device : {ModelDevice(), gpu_}) {
    CodecRunOptions options;
    options.piece_frames = 4;
    options.device = device;
    ASSERT_OK_AND_ASSIGN(const auto training, TrainingRun::OpenCodec(Folder(absl::StrCat("codec_", device.Name())), "",
                                                                     ThreeUpdates(), options));
    rows.push_back(Train(training.get(), audio));
  }
  // The loss and the difference of the spectra in the first update. Behind it entries of codebooks are nearly as near
  // as others, and the least rounding decides.
  const auto first = [](const std::vector<FloatArray>& all) { return FloatArray::Copy({2}, {all[0][0], all[0][1]}); };
  ASSERT_EQ(rows[0].size(), 3u);
  ASSERT_EQ(rows[1].size(), 3u);
  ExpectNear({first(rows[0])}, {first(rows[1])});
}

}  // namespace
}  // namespace diarflow
