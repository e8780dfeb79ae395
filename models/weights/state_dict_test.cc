#include "models/weights/state_dict.h"

#include <string>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Unwrapped(const std::vector<std::string>& names) {
  TensorTable table;
  for (const std::string& name : names) EXPECT_OK(table.AddFloats(name, FloatArray::Zeros({2})));
  const auto unwrapped = UnwrapStateDict(table);
  EXPECT_OK(unwrapped);
  return unwrapped->Names();
}

TEST(StateDictTest, TakesOffWhatAllNamesShare) {
  EXPECT_THAT(Unwrapped({"state_dict.a", "state_dict.b.c"}), ElementsAre("a", "b.c"));
  EXPECT_THAT(Unwrapped({"model_state_dict.a"}), ElementsAre("a"));
  EXPECT_THAT(Unwrapped({"state_dict.model.a", "state_dict.model.b"}), ElementsAre("a", "b"));
  EXPECT_THAT(Unwrapped({"model.a", "optimizer.state.0", "scheduler.x"}), ElementsAre("a"));
}

TEST(StateDictTest, LeavesTheRestAlone) {
  EXPECT_THAT(Unwrapped({"a", "state_dict.b"}), ElementsAre("a", "state_dict.b"));
  EXPECT_THAT(Unwrapped({"a", "optimizer.b"}), ElementsAre("a", "optimizer.b"));
  EXPECT_THAT(Unwrapped({}), ElementsAre());
}

// The names change, the numbers are the same memory.
TEST(StateDictTest, SharesTheNumbers) {
  absl::StatusOr<TensorTable> unwrapped;
  {
    TensorTable table("x.pt");
    ASSERT_OK(table.AddFloats("model.a", FloatArray::Copy({2}, {3, 4})));
    unwrapped = UnwrapStateDict(table);
  }
  ASSERT_OK(unwrapped);
  EXPECT_EQ(unwrapped->source(), "x.pt");
  ASSERT_OK_AND_ASSIGN(const FloatArray values, ToFloats(*unwrapped->Find("a")));
  EXPECT_EQ(values[1], 4);
}

}  // namespace
}  // namespace diarflow
