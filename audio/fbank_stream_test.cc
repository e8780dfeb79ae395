#include "audio/fbank_stream.h"

#include <random>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

FloatArray Noise(int64_t length, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 0.1f);
  FloatArray samples = FloatArray::Zeros({length});
  for (int64_t i = 0; i < length; ++i) samples.mutable_data()[i] = normal(random);
  return samples;
}

FloatArray Cut(const FloatArray& samples, int64_t begin, int64_t end) {
  return FloatArray::Copy({end - begin}, std::vector<float>(samples.begin() + begin, samples.begin() + end));
}

TEST(FbankStreamTest, AnyCutsGiveWhatTheWholeGives) {
  std::mt19937 random(7);
  for (uint32_t i = 0; i < 60; ++i) {
    FbankOptions options;
    options.window = 2 + static_cast<int>(random() % 400);
    // Now and then beyond the window.
    options.hop = 1 + static_cast<int>(random() % (i % 3 == 0 ? 900 : 200));
    options.num_bins = 4;
    ASSERT_OK_AND_ASSIGN(const Fbank fbank, Fbank::Create(options));
    const FloatArray samples = Noise(options.window + static_cast<int64_t>(random() % 3000), i);
    ASSERT_OK_AND_ASSIGN(const FloatArray whole, fbank.Compute(samples));
    FbankStream stream(&fbank);
    std::vector<float> joined;
    for (int64_t begin = 0; begin < samples.size();) {
      const int64_t end = std::min<int64_t>(samples.size(), begin + static_cast<int64_t>(random() % 700));
      ASSERT_OK_AND_ASSIGN(const FloatArray frames, stream.Push(Cut(samples, begin, end)));
      joined.insert(joined.end(), frames.begin(), frames.end());
      EXPECT_EQ(stream.num_frames(), fbank.grid().NumWholeFrames(end)) << "a frame is not given when it is complete";
      begin = end;
    }
    ASSERT_EQ(stream.num_frames(), whole.dim(0)) << i;
    // Blocks of other sizes may sum in another order.
    for (int64_t k = 0; k < whole.size(); ++k) ASSERT_NEAR(joined[static_cast<size_t>(k)], whole[k], 1e-6) << i;
  }
}

TEST(FbankStreamTest, NothingIsTooShort) {
  ASSERT_OK_AND_ASSIGN(const Fbank fbank, Fbank::Create());
  FbankStream stream(&fbank);
  ASSERT_OK_AND_ASSIGN(const FloatArray none, stream.Push(FloatArray::Zeros({0})));
  EXPECT_EQ(none.ShapeString(), "[0, 80]");
  ASSERT_OK_AND_ASSIGN(const FloatArray still_none, stream.Push(FloatArray::Zeros({399})));
  EXPECT_EQ(still_none.dim(0), 0);
  EXPECT_THAT(stream.Push(FloatArray::Zeros({2, 100})), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(const FloatArray one, stream.Push(FloatArray::Zeros({1})));
  EXPECT_EQ(one.ShapeString(), "[1, 80]");
}

}  // namespace
}  // namespace diarflow
