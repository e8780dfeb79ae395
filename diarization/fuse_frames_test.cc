#include "diarization/fuse_frames.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::FloatNear;
using testing::HasSubstr;

FrameSequence Sequence(std::vector<int64_t> shape, const std::vector<float>& values, const FrameGrid& grid) {
  return {FloatArray::Copy(std::move(shape), values), grid};
}

std::vector<float> Numbers(const FloatArray& array) { return {array.begin(), array.end()}; }

constexpr FrameGrid kMimi{24000, 1920, 1920, 0};        // centres .04, .12, .20, ...
constexpr FrameGrid kWindows{16000, 3200, 24000, 0};    // centres .75, .95, ...
constexpr FrameGrid kSame16{16000, 1280, 1280, 0};      // centres .04, .12, .20, ...
constexpr FrameGrid kBetween{16000, 1280, 1280, -640};  // centres 0, .08, .16, ...

TEST(FramesAtCentresTest, EqualTimesAtOtherRatesAreTakenAsTheyAre) {
  const FrameSequence from = Sequence({3, 1}, {1, 2, 4}, kSame16);
  for (const auto interpolation : {FrameInterpolation::kNearest, FrameInterpolation::kLinear}) {
    ASSERT_OK_AND_ASSIGN(const FloatArray moved, FramesAtCentres(from, kMimi, 4, interpolation));
    EXPECT_THAT(Numbers(moved), ElementsAre(1, 2, 4, 4));
  }
}

TEST(FramesAtCentresTest, BetweenTwoFrames) {
  const FrameSequence from = Sequence({3, 1}, {1, 2, 4}, kBetween);
  ASSERT_OK_AND_ASSIGN(const FloatArray linear, FramesAtCentres(from, kMimi, 4, FrameInterpolation::kLinear));
  EXPECT_THAT(Numbers(linear), ElementsAre(1.5f, 3, 4, 4));
  // Half way: the earlier one.
  ASSERT_OK_AND_ASSIGN(const FloatArray nearest, FramesAtCentres(from, kMimi, 4, FrameInterpolation::kNearest));
  EXPECT_THAT(Numbers(nearest), ElementsAre(1, 2, 4, 4));
}

TEST(FramesAtCentresTest, AWindowSitsAtItsCentre) {
  const FrameSequence from = Sequence({2, 1}, {0, 1}, kWindows);
  ASSERT_OK_AND_ASSIGN(const FloatArray moved, FramesAtCentres(from, kMimi, 13, FrameInterpolation::kLinear));
  EXPECT_EQ(moved[8], 0);                          // .68 s
  EXPECT_THAT(moved[9], FloatNear(.05f, 1e-6f));   // .76 s
  EXPECT_THAT(moved[10], FloatNear(.45f, 1e-6f));  // .84 s
  EXPECT_EQ(moved[12], 1);                         // 1.00 s
}

// The centre in seconds by long double, all frames tried.
FloatArray SlowFramesAt(const FrameSequence& from, const FrameGrid& grid, int64_t count, FrameInterpolation how) {
  const auto centre = [](const FrameGrid& g, int64_t i) {
    return (static_cast<long double>(g.first_sample + i * g.hop) + g.window / 2.0L) / g.sample_rate;
  };
  const int64_t frames = from.values.dim(0), width = from.values.dim(1);
  FloatArray result = FloatArray::Zeros({count, width});
  for (int64_t i = 0; i < count; ++i) {
    const long double t = centre(grid, i);
    int64_t nearest = 0, before = -1;
    for (int64_t j = 0; j < frames; ++j) {
      // A tie is a tie up to rounding.
      if (std::fabs(centre(from.grid, j) - t) < std::fabs(centre(from.grid, nearest) - t) - 1e-13L) nearest = j;
      if (centre(from.grid, j) <= t) before = j;
    }
    for (int64_t d = 0; d < width; ++d) {
      double value = from.values[nearest * width + d];
      if (how == FrameInterpolation::kLinear) {
        const int64_t a = std::max<int64_t>(before, 0), b = std::min(before + 1, frames - 1);
        const long double span = centre(from.grid, b) - centre(from.grid, a);
        const long double part = span > 0 ? (t - centre(from.grid, a)) / span : 0;
        value = static_cast<double>((1 - part) * from.values[a * width + d] + part * from.values[b * width + d]);
      }
      result.mutable_data()[i * width + d] = static_cast<float>(value);
    }
  }
  return result;
}

TEST(FramesAtCentresTest, IsWhatASlowSearchFinds) {
  std::mt19937 random(3);
  const auto draw = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random() % static_cast<uint32_t>(high - low + 1));
  };
  const int rates[] = {8000, 16000, 22050, 24000, 44100, 48000};
  for (int round = 0; round < 500; ++round) {
    const auto grid = [&] {
      const int rate = rates[draw(0, 5)];
      // Often round milliseconds, so that there are ties.
      const int64_t unit = round % 2 == 0 ? 1 : rate / 50;
      return FrameGrid{rate, unit * draw(1, round % 2 == 0 ? 3000 : 20), unit * draw(1, round % 2 == 0 ? 9000 : 80),
                       unit * draw(-30, 30)};
    };
    FrameSequence from;
    from.grid = grid();
    from.values = FloatArray::Zeros({draw(1, 12), 2});
    for (int64_t i = 0; i < from.values.size(); ++i) {
      from.values.mutable_data()[i] = static_cast<float>(draw(-100, 100));
    }
    const FrameGrid to = grid();
    const int64_t count = draw(0, 30);
    for (const auto how : {FrameInterpolation::kNearest, FrameInterpolation::kLinear}) {
      ASSERT_OK_AND_ASSIGN(const FloatArray fast, FramesAtCentres(from, to, count, how));
      const FloatArray slow = SlowFramesAt(from, to, count, how);
      ASSERT_EQ(fast.shape(), slow.shape());
      for (int64_t i = 0; i < fast.size(); ++i) ASSERT_NEAR(fast[i], slow[i], 2e-5) << round << ", number " << i;
    }
  }
}

TEST(NormaliseFramesTest, KnowsZerosAndTheLargest) {
  const float huge = std::numeric_limits<float>::max();
  const FloatArray frames = FloatArray::Copy({4, 2}, {3, -4, 0, 0, huge, huge, 5, 5});
  const float half = std::sqrt(0.5f);
  EXPECT_THAT(
      Numbers(NormaliseFrames(frames, FrameNormalise::kL2)),
      ElementsAre(FloatEq(.6f), FloatEq(-.8f), 0, 0, FloatEq(half), FloatEq(half), FloatEq(half), FloatEq(half)));
  const float one = static_cast<float>(3.5 / std::sqrt(3.5 * 3.5 + 1e-5));
  EXPECT_THAT(Numbers(NormaliseFrames(frames, FrameNormalise::kLayerNorm)),
              ElementsAre(FloatEq(one), FloatEq(-one), 0, 0, 0, 0, 0, 0));
  EXPECT_EQ(Numbers(NormaliseFrames(frames, FrameNormalise::kNone)), Numbers(frames));
}

TEST(FuseFramesTest, PutsThePartsSideBySide) {
  const FrameSequence latent = Sequence({2, 2}, {3, 4, 0, 0}, kMimi);
  const FrameSequence speaker = Sequence({2, 1}, {-2, 2}, kBetween);
  ASSERT_OK_AND_ASSIGN(const FloatArray fused, FuseFrames(latent, speaker, {}));
  EXPECT_EQ(fused.ShapeString(), "[2, 3]");
  EXPECT_THAT(Numbers(fused), ElementsAre(FloatEq(.6f), FloatEq(.8f), 0, 0, 0, 1));
  FuseOptions options;
  options.interpolation = FrameInterpolation::kNearest;
  options.latent = FrameNormalise::kNone;
  ASSERT_OK_AND_ASSIGN(const FloatArray other, FuseFrames(latent, speaker, options));
  EXPECT_THAT(Numbers(other), ElementsAre(3, 4, -1, 0, 0, 1));
}

TEST(FuseFramesTest, BadInputIsNamed) {
  const FrameSequence latent = Sequence({2, 1}, {1, 2}, kMimi);
  const FrameSequence speaker = Sequence({1, 1}, {1}, kWindows);
  const auto expect = [](const FrameSequence& a, const FrameSequence& b, const char* message) {
    EXPECT_THAT(FuseFrames(a, b, {}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  };
  expect(latent, Sequence({0, 1}, {}, kWindows), "there are no speaker frames to be brought to 2 latent frames");
  expect(Sequence({2}, {1, 2}, kMimi), speaker, "the latent frames have the shape [2]; [T, D] is needed");
  expect(latent, Sequence({2, 0}, {}, kWindows), "the speaker frames have the shape [2, 0]");
  expect(latent, Sequence({1, 1}, {NAN}, kWindows), "number 0 of speaker frame 0 is nan");
  expect(Sequence({2, 1}, {1, INFINITY}, kMimi), speaker, "number 0 of latent frame 1 is inf");
  for (const FrameGrid& grid : {FrameGrid{0, 1, 1, 0}, FrameGrid{16000, 0, 1, 0}, FrameGrid{16000, 1, 0, 0},
                                FrameGrid{16000, 1, 1, std::numeric_limits<int64_t>::min()}}) {
    expect(latent, Sequence({1, 1}, {1}, grid), "the speaker frames have a time grid that cannot be");
  }
  EXPECT_FALSE(FramesAtCentres(speaker, kMimi, -1, FrameInterpolation::kLinear).ok());
  // Nothing to nothing.
  ASSERT_OK_AND_ASSIGN(const FloatArray none,
                       FuseFrames(Sequence({0, 1}, {}, kMimi), Sequence({0, 1}, {}, kWindows), {}));
  EXPECT_EQ(none.ShapeString(), "[0, 2]");
}

}  // namespace
}  // namespace diarflow
