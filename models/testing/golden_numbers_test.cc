#include "models/testing/golden_numbers.h"

#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// 200 numbers under "a", compared within a tolerance, but for the last `blind`.
GoldenNumbers Compare(const json& golden, double tolerance, size_t blind) {
  GoldenNumbers numbers;
  for (size_t i = 0; i < 200; ++i) {
    const std::string at = "/a/" + std::to_string(i);
    // A check that looks elsewhere.
    if (i + blind >= 200)
      numbers.Number(at, 1.5, 1.5, tolerance);
    else
      numbers.Number(at, golden["a"][i], 1.0 + static_cast<double>(i), tolerance);
  }
  return numbers;
}

json Golden() {
  json golden;
  for (int i = 0; i < 200; ++i) golden["a"].push_back(1.0 + i);
  golden["b"] = {{"c", 7}, {"d", "text"}};
  return golden;
}

TEST(GoldenNumbersTest, ComparesWithinTheTolerance) {
  GoldenNumbers numbers;
  numbers.Number("/x", 1.0, 1.05, 0.1);
  numbers.List("/y", {1, 2}, {1, 2}, 0);
  numbers.Vector("/z", {3, 4}, FloatArray::Copy({2}, {3, 4.01f}), 0.1, 0.01);
  EXPECT_THAT(numbers.mismatches(), IsEmpty());
  EXPECT_THAT(numbers.checked(), SizeIs(5));
  numbers.Number("/x", 1.0, 1.2, 0.1);
  numbers.Number("/nan", 1.0, std::nan(""), 0.1);
  numbers.Number("/text", "1", 1, 0.1);
  numbers.List("/y", {1, 2, 3}, {1, 2}, 0);
  // Each number is near, but the vector is not.
  numbers.Vector("/z", {3, 4}, FloatArray::Copy({2}, {3.09f, 4.09f}), 0.1, 0.001);
  EXPECT_THAT(numbers.mismatches(), SizeIs(5));
}

TEST(GoldenNumbersTest, AChangeThatNoCheckSeesIsTold) {
  const auto check = [](const json& golden) { return Compare(golden, 0.1, 0); };
  EXPECT_THAT(UnseenChanges(Golden(), check), IsEmpty());
  const auto blind = [](const json& golden) { return Compare(golden, 0.1, 2); };
  EXPECT_THAT(UnseenChanges(Golden(), blind), ElementsAre("/a/198: 199 to 699", "/a/199: 200 to 700"));
  // Too wide a tolerance, or hardly any number.
  const auto wide = [](const json& golden) { return Compare(golden, 1e6, 0); };
  EXPECT_THAT(UnseenChanges(Golden(), wide), SizeIs(2));
}

TEST(GoldenNumbersTest, NumbersThatNobodyComparesAreTold) {
  const GoldenNumbers numbers = Compare(Golden(), 0.1, 0);
  EXPECT_THAT(LeftOut(Golden(), numbers, [](const std::string&) { return false; }), ElementsAre("/b/c"));
  EXPECT_THAT(LeftOut(Golden(), numbers, [](const std::string& at) { return at == "/b/c"; }), IsEmpty());
}

// As the goldens were made: "h" of a key and the two rules.
TEST(GoldenNumbersTest, Waves) {
  EXPECT_EQ(GoldenHash("ab"), 97 + 2 * 98);
  EXPECT_NEAR(GoldenWave("ab", {3})[2], std::sin(0.61803398875 * 3 + 0.37 * 293), 1e-12);
  EXPECT_NEAR(GoldenWave("ab", {2, 2})[2], std::sin(0.61803398875 * 9 + 0.37 * 293), 1e-12);
}

}  // namespace
}  // namespace diarflow
