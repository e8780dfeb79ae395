#include "diarization/campplus_voice.h"

#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "audio/fbank.h"
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

}  // namespace
}  // namespace diarflow
