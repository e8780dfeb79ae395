#include "diarization/fuse_stream.h"

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

FloatArray RandomFrames(int64_t frames, int64_t width, std::minstd_rand* random) {
  FloatArray values = FloatArray::Zeros({frames, width});
  for (int64_t i = 0; i < values.size(); ++i) {
    values.mutable_data()[i] = static_cast<float>((*random)() % 2000) / 1000.f - 1;
  }
  return values;
}

FrameSequence Part(const FrameSequence& whole, int64_t begin, int64_t end) {
  const int64_t width = whole.values.dim(1);
  FloatArray values = FloatArray::Zeros({end - begin, width});
  std::copy_n(whole.values.data() + begin * width, values.size(), values.mutable_data());
  FrameGrid grid = whole.grid;
  grid.first_sample = whole.grid.Begin(begin);
  return {values, grid};
}

TEST(FuseStreamTest, PiecesGiveWhatTheWholeGives) {
  std::minstd_rand random(7);
  for (int round = 0; round < 60; ++round) {
    FuseOptions options;
    options.interpolation = round % 2 == 0 ? FrameInterpolation::kLinear : FrameInterpolation::kNearest;
    const int64_t latents = 1 + random() % 200, speakers = 1 + random() % 80;
    const auto start = static_cast<int64_t>(random() % 50000);
    const FrameSequence latent = {RandomFrames(latents, 3, &random), {24000, 1920, 1920, start}};
    const FrameSequence speaker = {RandomFrames(speakers, 2, &random), {16000, 3200, 24000, start * 2 / 3}};
    ASSERT_OK_AND_ASSIGN(const FloatArray expected, FuseFrames(latent, speaker, options));
    FuseStream stream(options);
    std::vector<float> given;
    int64_t l = 0, s = 0;
    const auto take = [&](const FrameSequence& fused) {
      EXPECT_EQ(fused.values.dim(1), fused.values.dim(0) > 0 ? 5 : fused.values.dim(1));
      if (fused.values.dim(0) > 0) {
        EXPECT_EQ(fused.grid.first_sample, latent.grid.Begin(static_cast<int64_t>(given.size()) / 5));
      }
      given.insert(given.end(), fused.values.begin(), fused.values.end());
    };
    while (l < latents || s < speakers) {
      const int64_t next_l = std::min<int64_t>(latents, l + random() % 20);
      const int64_t next_s = std::min<int64_t>(speakers, s + random() % 8);
      ASSERT_OK_AND_ASSIGN(const FrameSequence fused, stream.Push(Part(latent, l, next_l), Part(speaker, s, next_s)));
      take(fused);
      l = next_l;
      s = next_s;
    }
    ASSERT_OK_AND_ASSIGN(const FrameSequence last, stream.Flush());
    take(last);
    EXPECT_EQ(given, std::vector<float>(expected.begin(), expected.end())) << round;
  }
}

TEST(FuseStreamTest, ALatentWaitsForItsSpeakerFrame) {
  std::minstd_rand random(7);
  const FrameSequence latent = {RandomFrames(20, 3, &random), {24000, 1920, 1920, 0}};
  const FrameSequence speaker = {RandomFrames(5, 2, &random), {16000, 3200, 24000, 0}};
  FuseStream stream({});
  ASSERT_OK_AND_ASSIGN(FrameSequence fused, stream.Push(latent, Part(speaker, 0, 0)));
  EXPECT_EQ(fused.values.dim(0), 0);
  // The first speaker frame lies at .75 s: latents at .04, .12, ... .68.
  ASSERT_OK_AND_ASSIGN(fused, stream.Push(Part(latent, 20, 20), Part(speaker, 0, 1)));
  EXPECT_EQ(fused.values.ShapeString(), "[9, 5]");
}

TEST(FuseStreamTest, BehindAGapItBeginsAnew) {
  std::minstd_rand random(7);
  const FrameSequence latent = {RandomFrames(100, 3, &random), {24000, 1920, 1920, 0}};
  const FrameSequence speaker = {RandomFrames(40, 2, &random), {16000, 3200, 24000, 0}};
  FuseStream stream({}), later({});
  ASSERT_OK(stream.Push(Part(latent, 0, 20), Part(speaker, 0, 3)));
  ASSERT_OK_AND_ASSIGN(const FrameSequence behind, stream.Push(Part(latent, 50, 90), Part(speaker, 20, 30)));
  ASSERT_OK_AND_ASSIGN(const FrameSequence alone, later.Push(Part(latent, 50, 90), Part(speaker, 20, 30)));
  EXPECT_EQ(std::vector<float>(behind.values.begin(), behind.values.end()),
            std::vector<float>(alone.values.begin(), alone.values.end()));
  EXPECT_GT(behind.values.dim(0), 0);
  EXPECT_EQ(behind.grid.first_sample, latent.grid.Begin(50));
}

TEST(FuseStreamTest, BadInputIsAStatus) {
  std::minstd_rand random(7);
  const FrameSequence latent = {RandomFrames(4, 3, &random), {24000, 1920, 1920, 0}};
  const FrameSequence speaker = {RandomFrames(2, 2, &random), {16000, 3200, 24000, 0}};
  const auto push = [&](const FrameSequence& l, const FrameSequence& s) {
    FuseStream stream({});
    EXPECT_OK(stream.Push(latent, speaker));
    return stream.Push(l, s).status();
  };
  EXPECT_THAT(push(latent, Part(speaker, 0, 0)), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("follow")));
  EXPECT_THAT(push({FloatArray(), latent.grid}, speaker), StatusIs(absl::StatusCode::kInvalidArgument));
  FrameSequence wide = {RandomFrames(1, 4, &random), latent.grid};
  wide.grid.first_sample = latent.grid.Begin(4);
  EXPECT_THAT(push(wide, Part(speaker, 0, 0)), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("4]")));
  FrameSequence far = latent;
  far.grid.first_sample = std::numeric_limits<int64_t>::max() - 5;
  FuseStream stream({});
  EXPECT_THAT(stream.Push(far, speaker),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("time grid that cannot be")));
  FrameSequence wide_apart = latent;
  wide_apart.grid.hop = kMaxGridSamples - 1;
  EXPECT_THAT(stream.Push(wide_apart, speaker),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("more than a recording has")));
  FuseStream alone({});
  ASSERT_OK(alone.Push(latent, Part(speaker, 0, 0)));
  EXPECT_THAT(alone.Flush(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no speaker frames")));
  FuseStream nothing({});
  EXPECT_OK(nothing.Flush());
}

}  // namespace
}  // namespace diarflow
