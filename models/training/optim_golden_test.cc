// Schedules, AdamW and gradient clipping against stored float64 numbers.
//
//   ./bazelw test //models/training:optim_golden_test --test_env=GOLDEN_FILE=/path/of/golden.json
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "ATen/ops/zeros.h"
#include "ATen/ops/zeros_like.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "c10/core/GradMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/testing/golden_numbers.h"
#include "models/training/adamw.h"
#include "models/training/schedules.h"

namespace diarflow {
namespace {

using nlohmann::json;

constexpr double kRelative = 2e-11;  // twelve digits are stored

at::Tensor TensorOf(const std::vector<double>& values) {
  at::Tensor tensor = at::zeros({static_cast<int64_t>(values.size())}, at::kDouble);
  for (size_t i = 0; i < values.size(); ++i) tensor[static_cast<int64_t>(i)] = values[i];
  return tensor;
}

std::vector<double> NumbersOf(const at::Tensor& tensor) {
  const at::Tensor values = tensor.detach().contiguous();
  return std::vector<double>(values.const_data_ptr<double>(), values.const_data_ptr<double>() + values.numel());
}

// One parameter under AdamW.
struct Run {
  at::Tensor parameter;
  AdamW optimizer;

  static Run Start(const std::vector<double>& p0, double rate, double decay, const AdamWOptions& options) {
    const at::Tensor parameter = TensorOf(p0).set_requires_grad(true);
    ParameterGroup group;
    group.name = "all";
    group.parameters["param"] = parameter;
    group.rate = rate;
    group.weight_decay = decay;
    auto optimizer = AdamW::Create({group}, options);
    EXPECT_OK(optimizer);
    return {parameter, *std::move(optimizer)};
  }

  void Step(const std::vector<double>& gradient, double factor) {
    optimizer.ZeroGrad();
    parameter.mutable_grad() = TensorOf(gradient);
    EXPECT_OK(optimizer.Step(factor));
  }
};

GoldenNumbers Check(const json& golden) {
  GoldenNumbers numbers;
  const json& schedule = golden["lr_schedule"];
  const double base = schedule["base"];
  const int64_t warm_up = schedule["warmup"];
  for (const char* form : {"seed", "nemo"}) {
    const json& table = schedule[form]["table"];
    for (size_t i = 0; i < table.size(); ++i) {
      const int64_t s = table[i][0];
      const double factor =
          form[0] == 's' ? WarmUpInverseSquareRoot(s, warm_up) : WarmUpInverseSquareRootFromOne(s, warm_up);
      numbers.Number(absl::StrCat("/lr_schedule/", form, "/table/", i, "/1"), table[i][1], base * factor,
                     base * kRelative);
    }
  }
  for (size_t c = 0; c < golden["adamw"]["cases"].size(); ++c) {
    const json& item = golden["adamw"]["cases"][c];
    const std::string at = absl::StrCat("/adamw/cases/", c, "/");
    AdamWOptions options;
    options.beta1 = item["betas"][0];
    options.beta2 = item["betas"][1];
    options.epsilon = item["eps"];
    Run run = Run::Start(item["p0"], item["lr"], item["weight_decay"], options);
    for (size_t step = 0; step < item["grads"].size(); ++step) {
      run.Step(item["grads"][step], 1);
      numbers.List(absl::StrCat(at, "params_after/", step), item["params_after"][step], NumbersOf(run.parameter),
                   kRelative);
    }
    numbers.List(at + "exp_avg", item["exp_avg"], NumbersOf(run.optimizer.State().at("param.m")), kRelative);
    numbers.List(at + "exp_avg_sq", item["exp_avg_sq"], NumbersOf(run.optimizer.State().at("param.v")), kRelative);
  }
  const json& clip = golden["clip_grad_norm"];
  std::map<std::string, at::Tensor> parameters;
  for (size_t i = 0; i < clip["grads"].size(); ++i) {
    const at::Tensor gradient = TensorOf(clip["grads"][i]);
    at::Tensor parameter = at::zeros_like(gradient).set_requires_grad(true);
    parameter.mutable_grad() = gradient;
    parameters[absl::StrCat(i)] = parameter;
  }
  numbers.Number("/clip_grad_norm/total", clip["total"], ClipGradientNorm(parameters, clip["max_norm"]), 1e-10);
  for (size_t i = 0; i < clip["clipped"].size(); ++i) {
    numbers.List(absl::StrCat("/clip_grad_norm/clipped/", i), clip["clipped"][i],
                 NumbersOf(parameters.at(absl::StrCat(i)).grad()), kRelative);
  }
  const json& trace = golden["seed_schedule_with_adamw"];
  Run run = Run::Start(golden["adamw"]["cases"][0]["p0"], trace["base_lr"], trace["weight_decay"], {});
  for (size_t step = 0; step < trace["trace_lr_params"].size(); ++step) {
    const json& row = trace["trace_lr_params"][step];
    const std::string at = absl::StrCat("/seed_schedule_with_adamw/trace_lr_params/", step);
    const double factor = WarmUpInverseSquareRoot(static_cast<int64_t>(step), trace["warmup"]);
    numbers.Number(at + "/0", row[0], trace["base_lr"].get<double>() * factor, kRelative);
    run.Step(GoldenWave(absl::StrCat("grad", step), {4}), factor);
    numbers.List(at + "/1", row[1], NumbersOf(run.parameter), kRelative);
  }
  return numbers;
}

json Golden() {
  const auto golden = ReadGolden("runfiles:testdata/golden/optim.json");
  EXPECT_OK(golden);
  return *golden;
}

TEST(OptimGoldenTest, EveryNumberAgrees) {
  const json golden = Golden();
  const GoldenNumbers numbers = Check(golden);
  EXPECT_THAT(numbers.mismatches(), testing::IsEmpty());
  // What the runs are made from.
  const auto exempt = [](const std::string& at) {
    for (const char* part : {"/constants/", "/betas/", "/p0/", "/grads/"}) {
      if (absl::StrContains(at, part)) return true;
    }
    for (const char* end : {"/base", "/warmup", "/eps", "/lr", "/weight_decay", "/max_norm", "/base_lr", "/steps"}) {
      if (absl::EndsWith(at, end)) return true;
    }
    return absl::StrContains(at, "/table/") && absl::EndsWith(at, "/0");
  };
  EXPECT_THAT(LeftOut(golden, numbers, exempt), testing::IsEmpty());
}

TEST(OptimGoldenTest, AChangedDigitIsSeen) { EXPECT_THAT(UnseenChanges(Golden(), &Check), testing::IsEmpty()); }

}  // namespace
}  // namespace diarflow
