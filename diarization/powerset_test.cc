#include "diarization/powerset.h"

#include <cmath>
#include <random>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<float> Values(const FloatArray& array) { return {array.begin(), array.end()}; }

TEST(PowersetTest, ClassesStandBySizeThenBySpeaker) {
  ASSERT_OK_AND_ASSIGN(const Powerset powerset, Powerset::Create(3, 2));
  EXPECT_THAT(powerset.classes(), ElementsAre(ElementsAre(), ElementsAre(0), ElementsAre(1), ElementsAre(2),
                                              ElementsAre(0, 1), ElementsAre(0, 2), ElementsAre(1, 2)));
  ASSERT_OK_AND_ASSIGN(const Powerset all, Powerset::Create(4, 4));
  EXPECT_EQ(all.classes().size(), 16u);
  EXPECT_THAT(all.classes().back(), ElementsAre(0, 1, 2, 3));
}

TEST(PowersetTest, HardActivityIsTheLikeliestClass) {
  ASSERT_OK_AND_ASSIGN(const Powerset powerset, Powerset::Create(3, 2));
  const FloatArray rows = FloatArray::Copy({3, 7}, {0,  -9, -9, -9, -9, -9, -9,  //
                                                    -9, -9, -9, -1, -9, -9, -9,  //
                                                    -9, -9, -9, -2, -9, -1, -1});
  ASSERT_OK_AND_ASSIGN(const FloatArray activity, powerset.HardActivity(rows));
  EXPECT_THAT(Values(activity), ElementsAre(0, 0, 0, 0, 0, 1, 1, 0, 1));
}

// Against the definition, on random distributions.
TEST(PowersetTest, SoftActivityIsTheMarginal) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> uniform(0.01, 1);
  for (const int speakers : {1, 2, 3, 5}) {
    for (int at_once = 1; at_once <= speakers; ++at_once) {
      ASSERT_OK_AND_ASSIGN(const Powerset powerset, Powerset::Create(speakers, at_once));
      const auto count = static_cast<int64_t>(powerset.classes().size());
      std::vector<double> shares(powerset.classes().size());
      double sum = 0;
      for (double& share : shares) sum += share = uniform(random);
      FloatArray row = FloatArray::Zeros({1, count});
      for (int64_t c = 0; c < count; ++c) {
        row.mutable_data()[c] = static_cast<float>(std::log(shares[static_cast<size_t>(c)] / sum));
      }
      ASSERT_OK_AND_ASSIGN(const FloatArray activity, powerset.SoftActivity(row));
      for (int speaker = 0; speaker < speakers; ++speaker) {
        double marginal = 0;
        for (size_t c = 0; c < shares.size(); ++c) {
          for (const int member : powerset.classes()[c]) marginal += member == speaker ? shares[c] / sum : 0;
        }
        EXPECT_NEAR(activity[speaker], marginal, 1e-6);
      }
    }
  }
}

TEST(PowersetTest, NamesWhatCannotBe) {
  for (const auto& [speakers, at_once] : std::vector<std::pair<int, int>>{{0, 1}, {3, 0}, {3, 4}, {21, 2}}) {
    EXPECT_THAT(Powerset::Create(speakers, at_once), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  ASSERT_OK_AND_ASSIGN(const Powerset powerset, Powerset::Create(3, 2));
  EXPECT_THAT(powerset.HardActivity(FloatArray::Zeros({5, 6})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("[5, 6], not [T, 7]")));
  EXPECT_THAT(powerset.SoftActivity(FloatArray::Zeros({7})), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(const FloatArray none, powerset.SoftActivity(FloatArray::Zeros({0, 7})));
  EXPECT_EQ(none.dim(0), 0);
}

}  // namespace
}  // namespace diarflow
