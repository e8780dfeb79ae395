#include "models/training/adamw.h"

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "ATen/ops/full.h"
#include "ATen/ops/zeros.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/training/schedules.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

at::Tensor Parameter(double value) { return at::full({2}, value, at::kDouble).set_requires_grad(true); }

ParameterGroup Group(const std::string& name, const std::map<std::string, at::Tensor>& parameters, double rate,
                     double decay, double clip) {
  ParameterGroup group;
  group.name = name;
  group.parameters = parameters;
  group.rate = rate;
  group.weight_decay = decay;
  group.clip = clip;
  return group;
}

void SetGradient(at::Tensor parameter, double first, double second) {
  at::Tensor gradient = at::zeros({2}, at::kDouble);
  gradient[0] = first;
  gradient[1] = second;
  parameter.mutable_grad() = gradient;
}

// Every group by its own rate, decay and norm, number by number.
TEST(AdamWTest, GroupsGoTheirOwnWays) {
  const at::Tensor a = Parameter(1), b = Parameter(-2);
  ASSERT_OK_AND_ASSIGN(AdamW optimizer,
                       AdamW::Create({Group("a", {{"a", a}}, 0.1, 0.01, 1), Group("b", {{"b", b}}, 0.02, 0, 0)}, {}));
  double pa = 1, pb = -2, ma = 0, va = 0, mb = 0, vb = 0;
  for (int t = 1; t <= 5; ++t) {
    const double ga = 3.0 / t, gb = 0.5 * t;
    optimizer.ZeroGrad();
    SetGradient(a, ga, 4.0 / t);
    SetGradient(b, gb, 0);
    ASSERT_OK_AND_ASSIGN(const std::vector<double> norms, optimizer.Step(0.5));
    EXPECT_NEAR(norms[0], 5.0 / t, 1e-12);
    EXPECT_NEAR(norms[1], gb, 1e-12);
    const double cut = ga * std::min(1.0, 1 / (5.0 / t + 1e-6));
    const auto step = [t](double rate, double decay, double g, double* p, double* m, double* v) {
      *p *= 1 - rate * decay;
      *m = 0.9 * *m + 0.1 * g;
      *v = 0.999 * *v + 0.001 * g * g;
      *p -= rate / (1 - std::pow(0.9, t)) * *m / (std::sqrt(*v) / std::sqrt(1 - std::pow(0.999, t)) + 1e-8);
    };
    step(0.05, 0.01, cut, &pa, &ma, &va);
    step(0.01, 0, gb, &pb, &mb, &vb);
    EXPECT_NEAR(a[0].item<double>(), pa, 1e-12) << t;
    EXPECT_NEAR(b[0].item<double>(), pb, 1e-12) << t;
  }
  // Without a gradient a parameter stays.
  optimizer.ZeroGrad();
  ASSERT_OK(optimizer.Step(1));
  EXPECT_NEAR(a[0].item<double>(), pa, 1e-12);
}

TEST(AdamWTest, BadGradientsChangeNothing) {
  const at::Tensor a = Parameter(1);
  ASSERT_OK_AND_ASSIGN(AdamW optimizer, AdamW::Create({Group("a", {{"a", a}}, 0.1, 0.1, 0)}, {}));
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    SetGradient(a, 1, bad);
    EXPECT_THAT(optimizer.Step(1), StatusIs(absl::StatusCode::kInternal, HasSubstr("group \"a\"")));
  }
  EXPECT_EQ(a[0].item<double>(), 1);
  EXPECT_EQ(optimizer.State().at("updates").item<int64_t>(), 0);
}

TEST(AdamWTest, StatesGoOutAndIn) {
  const at::Tensor a = Parameter(1), b = Parameter(1);
  ASSERT_OK_AND_ASSIGN(AdamW one, AdamW::Create({Group("g", {{"p", a}}, 0.1, 0, 0)}, {}));
  ASSERT_OK_AND_ASSIGN(AdamW other, AdamW::Create({Group("g", {{"p", b}}, 0.1, 0, 0)}, {}));
  SetGradient(a, 1, -2);
  SetGradient(b, 1, -2);
  ASSERT_OK(one.Step(1));
  ASSERT_OK(other.Step(1));
  ASSERT_OK_AND_ASSIGN(AdamW restored, AdamW::Create({Group("g", {{"p", b}}, 0.1, 0, 0)}, {}));
  ASSERT_OK(restored.Restore(other.State()));
  SetGradient(a, 3, 1);
  SetGradient(b, 3, 1);
  ASSERT_OK(one.Step(1));
  ASSERT_OK(restored.Step(1));
  EXPECT_TRUE(a.equal(b));
  auto state = one.State();
  state.erase("p.v");
  EXPECT_THAT(restored.Restore(state), StatusIs(absl::StatusCode::kInvalidArgument));
  state["p.v"] = at::zeros({3}, at::kDouble);
  EXPECT_THAT(restored.Restore(state), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("moments of p")));
}

TEST(AdamWTest, WhatCannotBeIsRefused) {
  const auto code = absl::StatusCode::kInvalidArgument;
  const at::Tensor a = Parameter(1);
  EXPECT_THAT(AdamW::Create({Group("a", {{"p", a}}, -1, 0, 0)}, {}), StatusIs(code));
  EXPECT_THAT(AdamW::Create({Group("a", {{"p", at::zeros({2})}}, 1, 0, 0)}, {}), StatusIs(code, HasSubstr("gradient")));
  EXPECT_THAT(AdamW::Create({Group("a", {{"p", a}}, 1, 0, 0), Group("b", {{"p", a}}, 1, 0, 0)}, {}),
              StatusIs(code, HasSubstr("two groups")));
  AdamWOptions options;
  options.beta2 = 1;
  EXPECT_THAT(AdamW::Create({}, options), StatusIs(code, HasSubstr("betas")));
}

TEST(SchedulesTest, CosineGoesUpAndDownToNothing) {
  EXPECT_EQ(WarmUpCosine(0, 4, 20), 0.25);
  EXPECT_EQ(WarmUpCosine(3, 4, 20), 1);
  EXPECT_EQ(WarmUpCosine(4, 4, 20), 1);
  EXPECT_NEAR(WarmUpCosine(12, 4, 20), 0.5, 1e-12);
  EXPECT_NEAR(WarmUpCosine(20, 4, 20), 0, 1e-12);
  EXPECT_NEAR(WarmUpCosine(25, 4, 20), 0, 1e-12);
  for (int update = 5; update < 20; ++update) EXPECT_LT(WarmUpCosine(update, 4, 20), WarmUpCosine(update - 1, 4, 20));
  // Without a warm-up nothing is divided by 0.
  EXPECT_EQ(WarmUpCosine(0, 0, 10), 1);
  EXPECT_EQ(WarmUpInverseSquareRoot(0, 0), 1);
  EXPECT_EQ(WarmUpInverseSquareRoot(4, 0), 0.5);
}

}  // namespace
}  // namespace diarflow
