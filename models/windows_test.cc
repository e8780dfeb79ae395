#include "models/windows.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;

std::vector<float> Values(const FloatArray& array) { return {array.begin(), array.end()}; }

TEST(WindowsTest, SlicesTheFirstAxis) {
  const FloatArray samples = FloatArray::Copy({4}, {1, 2, 3, 4});
  EXPECT_THAT(Values(Slice(samples, 1, 3)), ElementsAre(2, 3));
  EXPECT_THAT(Values(Slice(samples, 4, 4)), ElementsAre());
  const FloatArray frames = FloatArray::Copy({3, 2}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(Slice(frames, 1, 3).ShapeString(), "[2, 2]");
  EXPECT_THAT(Values(Slice(frames, 1, 3)), ElementsAre(3, 4, 5, 6));
  EXPECT_EQ(Slice(FloatArray::Zeros({0, 2}), 0, 0).ShapeString(), "[0, 2]");
}

TEST(WindowsTest, Repeats) {
  const FloatArray samples = FloatArray::Copy({3}, {1, 2, 3});
  EXPECT_THAT(Values(RepeatToLength(samples, 7)), ElementsAre(1, 2, 3, 1, 2, 3, 1));
  EXPECT_THAT(Values(RepeatToLength(samples, 2)), ElementsAre(1, 2));
}

}  // namespace
}  // namespace diarflow
