#include "diarization/voice_encoders.h"

#include <cmath>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "audio/fbank.h"
#include "audio/nemo_log_mel.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

FloatArray Noise(int64_t samples) {
  std::minstd_rand random(4);
  std::uniform_real_distribution<float> uniform(-0.5f, 0.5f);
  FloatArray noise = FloatArray::Zeros({samples});
  for (int64_t i = 0; i < samples; ++i) noise.mutable_data()[i] = uniform(random);
  return noise;
}

TEST(CampplusVoiceTest, ItsHalvesAreTheWholeEncoder) {
  ASSERT_OK_AND_ASSIGN(const CampplusEncoder::Ptr encoder, CampplusEncoder::Random(3));
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<const VoiceEncoder> voice, CampplusVoice(encoder));
  EXPECT_EQ(voice->Description(), encoder->Description());
  const FloatArray audio = Noise(16000);
  ASSERT_OK_AND_ASSIGN(const FloatArray features, voice->Features(audio));
  ASSERT_OK_AND_ASSIGN(const Fbank fbank, Fbank::Create());
  ASSERT_OK_AND_ASSIGN(const FloatArray energies, fbank.Compute(audio));
  EXPECT_EQ(features.ShapeString(), "[98, 80]");
  EXPECT_EQ(std::vector<float>(features.begin(), features.end()), std::vector<float>(energies.begin(), energies.end()));
  ASSERT_OK_AND_ASSIGN(const FloatArray columns, voice->Columns(features));
  ASSERT_EQ(columns.dim(0), 49);
  std::vector<int> all(49);
  std::iota(all.begin(), all.end(), 0);
  ASSERT_OK_AND_ASSIGN(const FloatArray embedding, voice->Pool(columns, all));
  ASSERT_OK_AND_ASSIGN(const std::vector<FloatArray> whole, encoder->Embed({audio}));
  ASSERT_EQ(embedding.shape(), whole[0].shape());
  for (int64_t i = 0; i < embedding.size(); ++i) EXPECT_NEAR(embedding[i], whole[0][i], 1e-4) << i;
}

TEST(CampplusVoiceTest, ErrorsComeBack) {
  ASSERT_OK_AND_ASSIGN(const CampplusEncoder::Ptr encoder, CampplusEncoder::Random(3));
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<const VoiceEncoder> voice, CampplusVoice(encoder));
  EXPECT_THAT(voice->Features(Noise(399)), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(voice->Columns(FloatArray::Zeros({10, 79})), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(const FloatArray columns, voice->Columns(FloatArray::Zeros({10, 80})));
  EXPECT_THAT(voice->Pool(columns, {0, 99}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(TitanetVoiceTest, ItsHalvesAreTheWholeEncoder) {
  ASSERT_OK_AND_ASSIGN(const TitanetEncoder::Ptr encoder, TitanetEncoder::Random(3));
  const std::shared_ptr<const VoiceEncoder> voice = TitanetVoice(encoder);
  EXPECT_EQ(voice->Description(), encoder->Description());
  EXPECT_EQ(voice->Fingerprint(), encoder->Fingerprint());
  // All frames of 15,900 samples, 100: what Embed() takes.
  const FloatArray audio = Noise(15900);
  const NemoLogMel log_mel(NemoMelForm::kLegacy);
  ASSERT_OK_AND_ASSIGN(const FloatArray frames, log_mel.LogMel(audio));
  ASSERT_EQ(frames.dim(0), 100);
  ASSERT_OK_AND_ASSIGN(const FloatArray columns, voice->Columns(frames));
  EXPECT_EQ(columns.ShapeString(), "[50, 6144]");
  std::vector<int> all(50);
  std::iota(all.begin(), all.end(), 0);
  ASSERT_OK_AND_ASSIGN(const FloatArray embedding, voice->Pool(columns, all));
  ASSERT_OK_AND_ASSIGN(const std::vector<FloatArray> whole, voice->Embed({audio}));
  ASSERT_EQ(embedding.shape(), whole[0].shape());
  for (int64_t i = 0; i < embedding.size(); ++i) EXPECT_NEAR(embedding[i], whole[0][i], 1e-4) << i;
  // Statistics over a part are not those of the whole.
  ASSERT_OK_AND_ASSIGN(const FloatArray part, voice->Pool(columns, {0, 1, 2}));
  double apart = 0;
  for (int64_t i = 0; i < embedding.size(); ++i) apart += std::abs(embedding[i] - part[i]);
  EXPECT_GT(apart, 1e-3);
}

TEST(TitanetVoiceTest, ItsFramesLieWhereThoseOfTheFilterBankLie) {
  ASSERT_OK_AND_ASSIGN(const TitanetEncoder::Ptr encoder, TitanetEncoder::Random(3));
  const std::shared_ptr<const VoiceEncoder> voice = TitanetVoice(encoder);
  ASSERT_OK_AND_ASSIGN(const Fbank fbank, Fbank::Create());
  for (const int64_t samples : {400, 559, 560, 16000, 16001}) {
    ASSERT_OK_AND_ASSIGN(const FloatArray features, voice->Features(Noise(samples)));
    ASSERT_OK_AND_ASSIGN(const FloatArray energies, fbank.Compute(Noise(samples)));
    EXPECT_EQ(features.dim(0), energies.dim(0)) << samples;
  }
  // A click at the middle of frame 40 is loudest there.
  FloatArray click = FloatArray::Zeros({16000});
  click.mutable_data()[160 * 40 + 200] = 0.9f;
  ASSERT_OK_AND_ASSIGN(const FloatArray features, voice->Features(click));
  int64_t loudest = 0;
  for (int64_t t = 0; t < features.dim(0); ++t) {
    if (features[t * 80 + 40] > features[loudest * 80 + 40]) loudest = t;
  }
  EXPECT_EQ(loudest, 40);
}

TEST(TitanetVoiceTest, ErrorsComeBack) {
  ASSERT_OK_AND_ASSIGN(const TitanetEncoder::Ptr encoder, TitanetEncoder::Random(3));
  const std::shared_ptr<const VoiceEncoder> voice = TitanetVoice(encoder);
  EXPECT_THAT(voice->Features(Noise(399)), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(voice->Columns(FloatArray::Zeros({10, 79})), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(const FloatArray columns, voice->Columns(FloatArray::Zeros({11, 80})));
  EXPECT_EQ(columns.dim(0), 6);
  EXPECT_THAT(voice->Pool(columns, {0, 6}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(voice->Pool(columns, {}), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace diarflow
