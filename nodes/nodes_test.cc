// Each node by itself, on made audio.
#include <cmath>
#include <string>
#include <utility>

#include "audio/write_wav.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/node_runner.h"
#include "gtest/gtest.h"
#include "nodes/frame_cache.h"
#include "nodes/mimi_model.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

Audio Tone(double seconds, int rate, double hz = 220) {
  FloatArray samples = FloatArray::Zeros({static_cast<int64_t>(std::lround(seconds * rate))});
  for (int64_t i = 0; i < samples.size(); ++i) {
    samples.mutable_data()[i] = static_cast<float>(0.3 * std::sin(2 * M_PI * hz * static_cast<double>(i) / rate));
  }
  return {std::move(samples), rate, 0};
}

const std::string& OnlyFailure(const NodeRunner& runner) {
  EXPECT_EQ(runner.report().failure_size(), 1);
  return runner.report().failure(0).message();
}

TEST(DecodeNodeTest, ReadsFilesAndPieces) {
  const std::string path = testing::TempDir() + "/tone.wav";
  const Audio tone = Tone(2, 16000);
  ASSERT_OK(WriteWav(path, tone.samples, 16000, WavFormat::kFloat32));
  NodeRunner runner(R"pb(type: "Decode")pb");
  runner.Push("UTTERANCE", Utterance{"whole", path, Rational(0), std::nullopt});
  runner.Push("UTTERANCE", Utterance{"piece", path, Rational(1, 2), Rational(3, 4)});
  runner.Push("UTTERANCE", Utterance{"nowhere", path + ".flac", Rational(0), std::nullopt});
  ASSERT_OK(runner.Run());
  EXPECT_EQ(runner.Output<Audio>("AUDIO", 0)->samples.size(), 32000);
  const Audio* piece = runner.Output<Audio>("AUDIO", 1);
  EXPECT_EQ(piece->samples.size(), 12000);
  EXPECT_EQ(piece->start_sample, 8000);
  EXPECT_EQ(piece->samples[0], tone.samples[8000]);
  EXPECT_EQ(runner.Output<Audio>("AUDIO", 2), nullptr);
  EXPECT_THAT(OnlyFailure(runner), HasSubstr("tone.wav.flac"));
}

TEST(ResampleNodeTest, BringsEveryRateToOne) {
  NodeRunner runner(R"pb(type: "Resample"
                         options {
                           [diarflow/Resample] { sample_rate: 24000 }
                         })pb");
  for (const int rate : {8000, 16000, 22050, 24000, 44100, 96000}) runner.Push("AUDIO", Tone(1, rate));
  ASSERT_OK(runner.Run());
  for (uint64_t i = 0; i < 6; ++i) {
    EXPECT_EQ(runner.Output<Audio>("AUDIO", i)->samples.size(), 24000);
    EXPECT_EQ(runner.Output<Audio>("AUDIO", i)->sample_rate, 24000);
  }
  NodeRunner bad(R"pb(type: "Resample"
                      options {
                        [diarflow/Resample] { sample_rate: 0 }
                      })pb");
  bad.Push("AUDIO", Tone(1, 8000));
  EXPECT_THAT(bad.Run(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("sample_rate is 0 Hz")));
}

TEST(FbankNodeTest, WantsItsRate) {
  NodeRunner runner(R"pb(type: "Fbank")pb");
  runner.Push("AUDIO", Tone(1, 16000));
  runner.Push("AUDIO", Tone(1, 24000));
  ASSERT_OK(runner.Run());
  const Frames* frames = runner.Output<Frames>("FRAMES", 0);
  EXPECT_EQ(frames->values.ShapeString(), "[98, 80]");
  EXPECT_EQ(frames->grid.Rate(), Rational(100));
  EXPECT_THAT(OnlyFailure(runner), HasSubstr("put a Resample in front"));
}

// Frames of a piece lie where they lie in the recording, so that those of different stages meet.
TEST(FbankNodeTest, FramesOfAPieceLieInTheRecording) {
  NodeRunner runner(R"pb(type: "Fbank")pb");
  Audio piece = Tone(1, 16000);
  piece.start_sample = 48000;
  runner.Push("AUDIO", piece);
  ASSERT_OK(runner.Run());
  EXPECT_EQ(runner.Output<Frames>("FRAMES", 0)->grid.CentreSeconds(0), Rational(48200, 16000));
}

TEST(MeanPoolNodeTest, AveragesOverTime) {
  Frames frames;
  frames.values = FloatArray::Copy({2, 3}, {1, 2, 3, 3, 4, 8});
  frames.producer = std::make_shared<const std::string>("test");
  NodeRunner plain(R"pb(type: "MeanPool")pb");
  plain.Push("FRAMES", frames);
  ASSERT_OK(plain.Run());
  const FloatArray& mean = plain.Output<Embedding>("EMBEDDING", 0)->values;
  EXPECT_EQ(mean[0], 2);
  EXPECT_EQ(mean[2], 5.5f);
  NodeRunner centred(R"pb(type: "MeanPool"
                          options {
                            [diarflow/MeanPool] { subtract_own_mean: true }
                          })pb");
  centred.Push("FRAMES", frames);
  ASSERT_OK(centred.Run());
  const FloatArray& shape = centred.Output<Embedding>("EMBEDDING", 0)->values;
  EXPECT_NEAR(shape[0] + shape[1] + shape[2], 0, 1e-6);
}

std::shared_ptr<const MimiModelResource> SmallModel(uint64_t seed) {
  auto model = std::make_shared<MimiModelResource>();
  auto encoder = MimiEncoder::Random(SmallMimiConfig(), seed);
  EXPECT_OK(encoder);
  model->encoder = *encoder;
  return model;
}

TEST(MimiEncodeNodeTest, EncodesBatchesAsItEncodesOne) {
  const auto model = SmallModel(1);
  NodeRunner runner(R"pb(type: "MimiEncode"
                         batch { size: 3 })pb");
  runner.SetResource("MODEL", model);
  for (const double seconds : {1.0, 0.5, 2.0, 0.08}) runner.Push("AUDIO", Tone(seconds, 24000));
  runner.Push("AUDIO", Tone(1, 16000));
  ASSERT_OK(runner.Run());
  const int64_t frames[] = {13, 7, 25, 1};
  for (uint64_t i = 0; i < 4; ++i) {
    const Frames* latent = runner.Output<Frames>("FRAMES", i);
    ASSERT_NE(latent, nullptr);
    EXPECT_EQ(latent->values.dim(0), frames[i]);
    EXPECT_EQ(latent->grid.Rate(), Rational(25, 2));
    ASSERT_OK_AND_ASSIGN(
        const auto alone,
        model->encoder->Encode({Tone(std::vector<double>{1.0, 0.5, 2.0, 0.08}[i], 24000).samples}, MimiTap::kLatent12));
    for (int64_t k = 0; k < alone[0].size(); ++k) ASSERT_NEAR(latent->values[k], alone[0][k], 1e-5);
  }
  EXPECT_THAT(OnlyFailure(runner), HasSubstr("16000 Hz, but Mimi takes 24000 Hz"));
}

TEST(MimiEncodeNodeTest, TheCacheAnswersOnlyForTheSameEverything) {
  auto cache = std::make_shared<FrameCacheResource>();
  auto opened = FrameCache::Open(testing::TempDir() + "/mimi_cache");
  ASSERT_OK(opened);
  cache->cache = *opened;
  const auto cached_seconds = [&](uint64_t seed, const std::string& options, double hz) {
    NodeRunner runner("type: \"MimiEncode\" options { [diarflow/MimiEncode] { " + options + " } }");
    runner.SetResource("MODEL", SmallModel(seed));
    runner.SetResource("CACHE", std::shared_ptr<const FrameCacheResource>(cache));
    runner.Push("AUDIO", Tone(1, 24000, hz));
    EXPECT_OK(runner.Run());
    for (const NodeReport& node : runner.report().node()) {
      if (node.type() == "MimiEncode") return node.cached_media_seconds();
    }
    return -1.0;
  };
  EXPECT_EQ(cached_seconds(1, "", 220), 0);
  EXPECT_EQ(cached_seconds(1, "", 220), 1);
  EXPECT_EQ(cached_seconds(2, "", 220), 0);
  EXPECT_EQ(cached_seconds(1, "tap: SEANET", 220), 0);
  EXPECT_EQ(cached_seconds(1, "", 221), 0);
  EXPECT_EQ(cached_seconds(1, "", 220), 1);
}

}  // namespace
}  // namespace diarflow
