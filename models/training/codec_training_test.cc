#include "models/training/codec_training.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/codec/testing/sound.h"
#include "models/mimi/mimi.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

CodecRunOptions Options() {
  CodecRunOptions options;
  options.seed = 3;
  options.piece_frames = 4;
  return options;
}

// Tones that change every tenth of a second.
FloatArray Sound(int64_t samples, int which) {
  FloatArray sound = FloatArray::Zeros({samples});
  for (int64_t i = 0; i < samples; ++i) {
    const double hz = 200 + 150 * ((i / 2400 * (which + 3)) % 7);
    sound.mutable_data()[i] = static_cast<float>(0.2 * std::sin(2 * M_PI * hz * static_cast<double>(i) / 24000));
  }
  return sound;
}

std::vector<FloatArray> Sounds() {
  std::vector<FloatArray> sounds;
  for (int i = 0; i < 3; ++i) sounds.push_back(Sound(24000 + 100 * i, i));
  return sounds;
}

TrainingOptions Training() {
  TrainingOptions options;
  options.set_updates(40);
  options.set_batch(3);
  options.set_rate(3e-3);
  options.set_warm_up(5);
  options.set_schedule(TrainingOptions::COSINE);
  options.set_validate_every(20);
  return options;
}

// Until so many updates are made; the tensors of the codec as they are then.
NamedTensors Train(const std::string& folder, int64_t until) {
  auto codec = CodecTraining::Create(TinyCodecConfig(), Options());
  EXPECT_OK(codec);
  ParameterGroup group;
  group.name = "codec";
  group.parameters = codec->network();
  group.rate = Training().rate();
  auto trainer = Trainer::Open(folder, "tones", Training(), codec->tensors(), {group});
  EXPECT_OK(trainer);
  const std::vector<FloatArray> sounds = Sounds();
  while (!(*trainer)->finished() && (*trainer)->updates() < until) {
    EXPECT_OK((*trainer)->Update(3, [&] { return codec->Loss(sounds, (*trainer)->updates()); }));
    if ((*trainer)->validation_due()) {
      EXPECT_OK((*trainer)->Validated(*codec->Validate(sounds)));
    }
  }
  return codec->tensors();
}

TEST(CodecTrainingTest, ItLearnsAndMimiReadsIt) {
  ASSERT_OK_AND_ASSIGN(const CodecTraining before, CodecTraining::Create(TinyCodecConfig(), Options()));
  ASSERT_OK_AND_ASSIGN(const ValidationScore first, before.Validate(Sounds()));
  const std::string folder = absl::StrCat(testing::TempDir(), "/codec");
  Train(folder, 40);
  ASSERT_OK_AND_ASSIGN(const std::string metrics, ReadFile(folder + "/metrics.tsv"));
  EXPECT_THAT(metrics, HasSubstr("validation log mel L1"));
  ASSERT_OK_AND_ASSIGN(const Checkpoint last, ReadCheckpoint(folder + "/latest.safetensors"));
  EXPECT_LT(last.state.best_score(), 0.7 * first.score);
  ASSERT_OK(before.ExportMimi(folder + "/best.safetensors", folder + "/mimi.safetensors"));
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi,
                       MimiEncoder::Load(folder + "/mimi.safetensors", FillMimiConfig(TinyCodecConfig().mimi)));
  ASSERT_OK_AND_ASSIGN(const std::vector<FloatArray> latents, mimi->Encode({Sound(24000, 1)}, MimiTap::kLatent12));
  EXPECT_EQ(latents[0].ShapeString(), "[13, 32]");
  EXPECT_FALSE(before.ExportMimi(folder + "/nowhere.safetensors", folder + "/x.safetensors").ok());
}

// The codebooks move without gradients, and unused entries are set anew at random: that goes on bit for bit too.
TEST(CodecTrainingTest, AnInterruptedTrainingEndsAsOneThatWasNot) {
  const NamedTensors whole = Train(absl::StrCat(testing::TempDir(), "/codec_whole"), 40);
  const std::string folder = absl::StrCat(testing::TempDir(), "/codec_parts");
  Train(folder, 33);
  const NamedTensors parts = Train(folder, 40);
  ASSERT_EQ(parts.size(), whole.size());
  for (const auto& [name, tensor] : whole) EXPECT_TRUE(tensor.equal(parts.at(name))) << name;
}

TEST(CodecTrainingTest, BadInputIsAStatus) {
  const auto code = absl::StatusCode::kInvalidArgument;
  ASSERT_OK_AND_ASSIGN(const CodecTraining codec, CodecTraining::Create(TinyCodecConfig(), Options()));
  EXPECT_OK(codec.CheckAudio(FloatArray::Zeros({4 * 1920})));
  EXPECT_THAT(codec.CheckAudio(FloatArray::Zeros({4 * 1920 - 1})), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(codec.CheckAudio(FloatArray::Zeros({2, 9000})), StatusIs(code));
  FloatArray nan = FloatArray::Zeros({9000});
  nan.mutable_data()[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(codec.CheckAudio(nan), StatusIs(code));
  EXPECT_THAT(codec.Validate({}), StatusIs(absl::StatusCode::kFailedPrecondition));
  CodecRunOptions options = Options();
  options.piece_frames = 1;
  EXPECT_THAT(CodecTraining::Create(TinyCodecConfig(), options), StatusIs(code, HasSubstr("piece_frames")));
  options = Options();
  options.least_codebooks = 5;
  EXPECT_THAT(CodecTraining::Create(TinyCodecConfig(), options), StatusIs(code, HasSubstr("least_codebooks")));
  options = Options();
  options.least_gain = 10;
  EXPECT_THAT(CodecTraining::Create(TinyCodecConfig(), options), StatusIs(code, HasSubstr("gains")));
}

}  // namespace
}  // namespace diarflow
