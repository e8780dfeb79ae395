// The nodes of the speaker encoders, CampplusEncode, CampplusWindows, TitanetEncode and TitanetWindows, on made audio
// and with random weights.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/node_runner.h"
#include "gtest/gtest.h"
#include "nodes/campplus_model.h"
#include "nodes/frame_cache.h"
#include "nodes/payloads.h"
#include "nodes/titanet_model.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

Audio Chirp(double seconds, int rate, double hz = 200) {
  FloatArray samples = FloatArray::Zeros({static_cast<int64_t>(std::lround(seconds * rate))});
  float* out = samples.mutable_data();
  for (int64_t i = 0; i < samples.size(); ++i) {
    const double t = static_cast<double>(i) / rate;
    out[i] = static_cast<float>(0.3 * std::sin(2 * M_PI * hz * t * (1 + t)));
  }
  return {std::move(samples), rate, 0};
}

struct Campplus {
  using Resource = CampplusModelResource;
  using Encoder = CampplusEncoder;
  static constexpr char kNode[] = "Campplus", kName[] = "CAM++", kDescription[] = "untrained CAM++ (seed 1)";
  static constexpr int kMinSamples = 720;
};
struct Titanet {
  using Resource = TitanetModelResource;
  using Encoder = TitanetEncoder;
  static constexpr char kNode[] = "Titanet", kName[] = "TitaNet", kDescription[] = "untrained TitaNet-large (seed 1)";
  static constexpr int kMinSamples = 257;
};

template <typename T>
class SpeakerEncodeTest : public testing::Test {
 protected:
  static std::shared_ptr<const typename T::Resource> Model(uint64_t seed) {
    auto model = std::make_shared<typename T::Resource>();
    auto encoder = T::Encoder::Random(seed);
    EXPECT_OK(encoder);
    model->encoder = *encoder;
    return model;
  }
  static std::string EncodeNode(const char* more = "") { return absl::StrCat("type: \"", T::kNode, "Encode\" ", more); }
  static std::string WindowsNode(const char* options) {
    return absl::StrCat("type: \"", T::kNode, "Windows\" options { [diarflow/", T::kNode, "Windows] { ", options,
                        " } }");
  }
};
using Encoders = testing::Types<Campplus, Titanet>;
TYPED_TEST_SUITE(SpeakerEncodeTest, Encoders);

TYPED_TEST(SpeakerEncodeTest, EncodesBatchesAsItEncodesOne) {
  const auto model = this->Model(1);
  NodeRunner runner(this->EncodeNode("batch { size: 4 }"));
  runner.SetResource("MODEL", model);
  const std::vector<double> seconds = {1.0, 0.5, 1.0, 0.045};
  for (const double length : seconds) runner.Push("AUDIO", Chirp(length, 16000));
  ASSERT_OK(runner.Run());
  for (uint64_t i = 0; i < seconds.size(); ++i) {
    const Embedding* embedding = runner.Output<Embedding>("EMBEDDING", i);
    ASSERT_NE(embedding, nullptr);
    EXPECT_EQ(embedding->values.ShapeString(), "[192]");
    EXPECT_EQ(*embedding->producer, TypeParam::kDescription);
    ASSERT_OK_AND_ASSIGN(const auto alone, model->encoder->Embed({Chirp(seconds[i], 16000).samples}));
    double apart = 0, size = 0;
    for (int64_t k = 0; k < alone[0].size(); ++k) {
      apart += std::pow(embedding->values[k] - alone[0][k], 2);
      size += std::pow(alone[0][k], 2);
    }
    EXPECT_LT(std::sqrt(apart / size), 1e-4);
  }
}

TYPED_TEST(SpeakerEncodeTest, BadAudioFailsAlone) {
  NodeRunner runner(this->EncodeNode("batch { size: 4 }"));
  runner.SetResource("MODEL", this->Model(1));
  Audio nan = Chirp(1, 16000);
  nan.samples.mutable_data()[7] = std::numeric_limits<float>::quiet_NaN();
  runner.Push("AUDIO", Chirp(1, 8000));
  runner.Push("AUDIO", Chirp(0.01, 16000));
  runner.Push("AUDIO", std::move(nan));
  runner.Push("AUDIO", Chirp(1, 16000));
  ASSERT_OK(runner.Run());
  ASSERT_EQ(runner.report().failure_size(), 3);
  EXPECT_THAT(runner.report().failure(0).message(),
              HasSubstr(absl::StrCat("8000 Hz, but ", TypeParam::kName, " takes 16000 Hz")));
  EXPECT_THAT(runner.report().failure(1).message(),
              HasSubstr(absl::StrCat("160 samples (0.010 s), at least ", TypeParam::kMinSamples, " are needed")));
  EXPECT_THAT(runner.report().failure(2).message(), HasSubstr("number 7 of 16000 is nan"));
  EXPECT_NE(runner.Output<Embedding>("EMBEDDING", 3), nullptr);
}

TYPED_TEST(SpeakerEncodeTest, TheCacheAnswersOnlyForTheSameEverything) {
  auto cache = std::make_shared<FrameCacheResource>();
  auto opened = FrameCache::Open(testing::TempDir() + "/cache_" + TypeParam::kNode);
  ASSERT_OK(opened);
  cache->cache = *opened;
  const auto cached_seconds = [&](uint64_t seed, double hz) {
    NodeRunner runner(this->EncodeNode());
    runner.SetResource("MODEL", this->Model(seed));
    runner.SetResource("CACHE", std::shared_ptr<const FrameCacheResource>(cache));
    runner.Push("AUDIO", Chirp(1, 16000, hz));
    EXPECT_OK(runner.Run());
    for (const NodeReport& node : runner.report().node()) {
      if (node.type() == absl::StrCat(TypeParam::kNode, "Encode")) return node.cached_media_seconds();
    }
    return -1.0;
  };
  EXPECT_EQ(cached_seconds(1, 200), 0);
  EXPECT_EQ(cached_seconds(1, 200), 1);
  EXPECT_EQ(cached_seconds(2, 200), 0);
  EXPECT_EQ(cached_seconds(1, 201), 0);
}

TYPED_TEST(SpeakerEncodeTest, FramesStandAtTheCentresOfTheirWindows) {
  const auto model = this->Model(1);
  NodeRunner runner(this->WindowsNode("window_samples: 8000 hop_samples: 1600"));
  runner.SetResource("MODEL", model);
  runner.Push("AUDIO", Chirp(2, 16000));
  runner.Push("AUDIO", Chirp(0.1, 16000));
  Audio piece = Chirp(0.5, 16000);
  piece.start_sample = 48000;
  runner.Push("AUDIO", piece);
  ASSERT_OK(runner.Run());
  const Frames* frames = runner.Output<Frames>("EMBEDDINGS", 0);
  ASSERT_NE(frames, nullptr);
  // (32000 - 8000) / 1600 + 1.
  EXPECT_EQ(frames->values.ShapeString(), "[16, 192]");
  EXPECT_EQ(frames->grid.CentreSeconds(0), Rational(1, 4));
  EXPECT_EQ(frames->grid.CentreSeconds(3), Rational(11, 20));
  EXPECT_EQ(*frames->producer, absl::StrCat(TypeParam::kDescription, ", windows of 8000 samples every 1600"));
  ASSERT_OK_AND_ASSIGN(const FloatArray expected, model->encoder->EmbedWindows(Chirp(2, 16000).samples, 8000, 1600));
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), frames->values.begin()));
  // A piece of a recording knows where it stands.
  ASSERT_NE(runner.Output<Frames>("EMBEDDINGS", 2), nullptr);
  EXPECT_EQ(runner.Output<Frames>("EMBEDDINGS", 2)->grid.CentreSeconds(0), Rational(13, 4));
  // A tenth of a second is repeated until it fills a window.
  ASSERT_NE(runner.Output<Frames>("EMBEDDINGS", 1), nullptr);
  EXPECT_EQ(runner.Output<Frames>("EMBEDDINGS", 1)->values.ShapeString(), "[1, 192]");
}

TYPED_TEST(SpeakerEncodeTest, BadAudioOfWindowsFailsAlone) {
  NodeRunner runner(this->WindowsNode(""));
  runner.SetResource("MODEL", this->Model(1));
  Audio nan = Chirp(2, 16000);
  nan.samples.mutable_data()[7] = std::numeric_limits<float>::quiet_NaN();
  runner.Push("AUDIO", Chirp(1, 8000));
  runner.Push("AUDIO", Chirp(0.01, 16000));
  runner.Push("AUDIO", std::move(nan));
  runner.Push("AUDIO", Chirp(2, 16000));
  ASSERT_OK(runner.Run());
  ASSERT_EQ(runner.report().failure_size(), 3);
  EXPECT_THAT(runner.report().failure(0).message(),
              HasSubstr(absl::StrCat("8000 Hz, but ", TypeParam::kName, " takes 16000 Hz")));
  EXPECT_THAT(runner.report().failure(1).message(),
              HasSubstr(absl::StrCat("at least ", TypeParam::kMinSamples, " are needed")));
  EXPECT_THAT(runner.report().failure(2).message(), HasSubstr("number 7 of 32000 is nan"));
  EXPECT_NE(runner.Output<Frames>("EMBEDDINGS", 3), nullptr);
}

TYPED_TEST(SpeakerEncodeTest, RefusesOptionsThatMakeNoWindows) {
  const std::string short_window = absl::StrCat("window_samples: ", TypeParam::kMinSamples - 1);
  for (const std::string& options : {short_window, std::string("hop_samples: 0")}) {
    NodeRunner runner(this->WindowsNode(options.c_str()));
    runner.SetResource("MODEL", this->Model(1));
    runner.Push("AUDIO", Chirp(1, 16000));
    EXPECT_THAT(runner.Run(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("samples is ")));
  }
}

}  // namespace
}  // namespace diarflow
