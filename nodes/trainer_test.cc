// The resource Trainer with layers of Mimi before the adapter, and TrainAdapter with it.
#include "nodes/trainer.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "graph/node_runner.h"
#include "gtest/gtest.h"
#include "models/adapter/adapter.h"
#include "models/mimi/mimi.h"
#include "nodes/payloads.h"
#include "nodes/session_role.h"
#include "nodes/trainer.pb.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

constexpr char kOptions[] = R"pb(
  training { updates: 2 batch: 2 }
  adapter {
    config { input_width: 128 width: 16 num_heads: 2 feed_forward: 32 num_layers: 1 }
    unfrozen { layers: 1 }
  }
)pb";

options::Trainer OptionsOf(const std::string& text, const std::string& folder) {
  options::Trainer options;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &options));
  options.set_folder(absl::StrCat(testing::TempDir(), "/", folder));
  return options;
}

absl::StatusOr<std::shared_ptr<const TrainerResource>> Load(const options::Trainer& options) {
  return TrainerResource::Load(ResourceContext(&options, /*model_threads=*/1));
}

Frames Ramp(int64_t frames, int64_t width) {
  FloatArray values = FloatArray::Zeros({frames, width});
  for (int64_t i = 0; i < values.size(); ++i) values.mutable_data()[i] = 0.01f * static_cast<float>(i % 97);
  return {values, {}, nullptr};
}

absl::Status Train(const std::shared_ptr<const TrainerResource>& trainer, int64_t frames_a_label) {
  NodeRunner runner("type: \"TrainAdapter\"");
  runner.SetResource("TRAINER", trainer);
  for (int i = 0; i < 5; ++i) {
    runner.Push("FRAMES", Ramp(frames_a_label * (10 + i), 128));
    FloatArray labels = FloatArray::Zeros({10 + i, 4});
    for (int64_t t = 0; t < 10; ++t) labels.mutable_data()[4 * t + t / 5] = 1;
    runner.Push("LABELS", Frames{labels, {}, nullptr});
    runner.Push("ROLE", SessionRole{/*validation=*/i == 0, /*number=*/i - 1, ""});
  }
  return runner.Run();
}

TEST(TrainerTest, WithLayersOfMimiThereAreFilesForOthers) {
  const options::Trainer options = OptionsOf(kOptions, "unfrozen");
  ASSERT_OK_AND_ASSIGN(const auto trainer, Load(options));
  ASSERT_OK(Train(trainer, 2));
  EXPECT_TRUE(trainer->training->finished());
  ASSERT_OK_AND_ASSIGN(const auto mimi, MimiEncoder::Load(trainer->folder + "/mimi.safetensors", SmallMimiConfig()));
  ASSERT_OK_AND_ASSIGN(const auto random, MimiEncoder::Random(SmallMimiConfig(), 1));
  EXPECT_NE(mimi->weights_digest(), random->weights_digest());
  EXPECT_OK(Adapter::Load(trainer->folder + "/adapter.safetensors", options.adapter().config()));
}

TEST(TrainerTest, WithoutThereAreNone) {
  options::Trainer options = OptionsOf(kOptions, "frozen");
  options.mutable_adapter()->clear_unfrozen();
  ASSERT_OK_AND_ASSIGN(const auto trainer, Load(options));
  ASSERT_OK(Train(trainer, 1));
  EXPECT_TRUE(FileExists(trainer->folder + "/best.safetensors"));
  EXPECT_FALSE(FileExists(trainer->folder + "/mimi.safetensors"));
  EXPECT_FALSE(FileExists(trainer->folder + "/adapter.safetensors"));
}

// The weights count, not their place: those that the first training wrote, and a copy of them.
TEST(TrainerTest, WeightsOfMimiAreKnownByTheirSum) {
  ASSERT_OK_AND_ASSIGN(const auto first, Load(OptionsOf(kOptions, "first")));
  ASSERT_OK(Train(first, 2));
  const std::string weights = first->folder + "/mimi.safetensors", copy = first->folder + "/copy.safetensors";
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(weights));
  ASSERT_OK(WriteFileAtomically(copy, bytes));
  options::Trainer options = OptionsOf(kOptions, "second");
  options.mutable_adapter()->mutable_unfrozen()->mutable_mimi()->set_weights(weights);
  ASSERT_OK_AND_ASSIGN(const auto second, Load(options));
  ASSERT_OK(Train(second, 2));
  options.mutable_adapter()->mutable_unfrozen()->mutable_mimi()->set_weights(copy);
  EXPECT_OK(Load(options));
  options.mutable_adapter()->mutable_unfrozen()->clear_mimi();
  EXPECT_THAT(Load(options), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another training")));
}

TEST(TrainerTest, LayersThatThereAreNot) {
  options::Trainer options = OptionsOf(kOptions, "layers");
  options.mutable_adapter()->mutable_unfrozen()->set_layers(3);
  EXPECT_THAT(Load(options), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("(small) has 2")));
}

}  // namespace
}  // namespace diarflow
