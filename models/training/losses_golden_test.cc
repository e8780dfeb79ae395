// Losses and their gradients against stored float64 numbers; logits and labels are in the file.
//
//   ./bazelw test //models/training:losses_golden_test --test_env=GOLDEN_FILE=/path/of/golden.json
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "ATen/ops/stack.h"
#include "ATen/ops/zeros.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/testing/golden_numbers.h"
#include "models/training/losses.h"

namespace diarflow {
namespace {

using nlohmann::json;

constexpr double kTolerance = 2e-9;  // nine digits are stored
constexpr double kGradient = 6e-8;  // six digits

struct Batch {
  at::Tensor logits, labels;
  std::vector<int64_t> lengths;
};

// Numbers of the case with logits and labels of its own.
Batch ReadCase(const json& golden, const json& item) {
  const int64_t frames = golden["T"], speakers = golden["K"];
  Batch batch;
  batch.lengths = item["lens"].get<std::vector<int64_t>>();
  const auto items = static_cast<int64_t>(batch.lengths.size());
  batch.logits = at::zeros({items, frames, speakers}, at::kDouble);
  batch.labels = at::zeros({items, frames, speakers}, at::kDouble);
  for (int64_t b = 0; b < items; ++b) {
    for (int64_t t = 0; t < frames; ++t) {
      for (int64_t k = 0; k < speakers; ++k) {
        batch.logits[b][t][k] = item["logits"][b][t][k].get<double>();
        batch.labels[b][t][k] = item["labels"][b][k].get<std::string>()[static_cast<size_t>(t)] == '1' ? 1.0 : 0.0;
      }
    }
  }
  return batch;
}

double LossOf(const Batch& batch, TargetOrder order) {
  const auto targets = OrderTargets(batch.logits, batch.labels, batch.lengths, order);
  EXPECT_OK(targets);
  return MaskedBce(batch.logits, *targets, batch.lengths).item<double>();
}

at::Tensor GradientOf(const Batch& batch, const HybridLossOptions& options, double* loss) {
  const at::Tensor logits = batch.logits.clone().set_requires_grad(true);
  const auto hybrid = HybridLoss(logits, batch.labels, batch.lengths, options);
  EXPECT_OK(hybrid);
  hybrid->backward();
  *loss = hybrid->item<double>();
  return logits.grad();
}

GoldenNumbers Check(const json& golden) {
  GoldenNumbers numbers;
  Batch all;
  std::vector<at::Tensor> logits, labels;
  for (size_t c = 0; c < golden["cases"].size(); ++c) {
    const json& item = golden["cases"][c];
    const std::string at = absl::StrCat("/cases/", c, "/");
    Batch batch;
    if (item.contains("logits")) {
      batch = ReadCase(golden, item);
      logits.push_back(batch.logits);
      labels.push_back(batch.labels);
      all.lengths.insert(all.lengths.end(), batch.lengths.begin(), batch.lengths.end());
    } else {
      // All cases before it as one batch.
      batch.logits = at::stack(logits, 0).squeeze(1);
      batch.labels = at::stack(labels, 0).squeeze(1);
      batch.lengths = all.lengths;
    }
    const auto number = [&](const char* name, double value) {
      if (item.contains(name)) numbers.Number(at + name, item[name], value, kTolerance);
    };
    number("plain_bce", LossOf(batch, TargetOrder::kGiven));
    number("ats", LossOf(batch, TargetOrder::kArrival));
    number("pil", LossOf(batch, TargetOrder::kBestMatch));
    number("pil_bce_optimal", LossOf(batch, TargetOrder::kLeastLoss));
    double hybrid = 0;
    const at::Tensor gradient = GradientOf(batch, {}, &hybrid);
    number("hybrid", hybrid);
    if (item.contains("grad_hybrid")) {
      for (int64_t b = 0; b < gradient.size(0); ++b) {
        for (int64_t t = 0; t < gradient.size(1); ++t) {
          for (int64_t k = 0; k < gradient.size(2); ++k) {
            numbers.Number(absl::StrCat(at, "grad_hybrid/", b, "/", t, "/", k), item["grad_hybrid"][b][t][k],
                           gradient[b][t][k].item<double>(), kGradient);
          }
        }
      }
    }
    if (item.contains("grad_hybrid_abs_sum")) {
      numbers.Number(at + "grad_hybrid_abs_sum", item["grad_hybrid_abs_sum"], gradient.abs().sum().item<double>(),
                     10 * kGradient);
    }
    // The original's parts know no mask: cases of one full item.
    HybridLossOptions original;
    original.rules = LossRules::kOriginal;
    if (item.contains("seed_hybrid")) {
      number("seed_sort", LossOf(batch, TargetOrder::kGiven));
      number("seed_pil", LossOf(batch, TargetOrder::kLeastLoss));
      GradientOf(batch, original, &hybrid);
      number("seed_hybrid", hybrid);
    }
  }
  return numbers;
}

json Golden() {
  const auto golden = ReadGolden("runfiles:testdata/golden/losses.json");
  EXPECT_OK(golden);
  return *golden;
}

TEST(LossesGoldenTest, EveryNumberAgrees) {
  const json golden = Golden();
  const GoldenNumbers numbers = Check(golden);
  EXPECT_THAT(numbers.mismatches(), testing::IsEmpty());
  // What the losses are made of; permutations differ where columns are equal.
  const auto exempt = [](const std::string& at) {
    return at == "/K" || at == "/T" || absl::StrContains(at, "/lens/") || absl::StrContains(at, "/logits/") ||
           absl::StrContains(at, "_perm/") || absl::StrContains(at, "/ats_admissible/");
  };
  EXPECT_THAT(LeftOut(golden, numbers, exempt), testing::IsEmpty());
}

TEST(LossesGoldenTest, AChangedDigitIsSeen) { EXPECT_THAT(UnseenChanges(Golden(), &Check), testing::IsEmpty()); }

}  // namespace
}  // namespace diarflow
