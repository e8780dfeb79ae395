#include "models/training/adapter_training.h"

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/adapter/adapter.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

AdapterConfig TinyConfig() {
  AdapterConfig config;
  config.set_input_width(6);
  config.set_width(16);
  config.set_num_heads(2);
  config.set_feed_forward(32);
  config.set_num_layers(2);
  return config;
}

// Two of four speakers, each with a latent of its own; both at once sound like the sum.
AdapterCrop MadeCrop(int64_t frames, std::minstd_rand* random) {
  AdapterCrop crop = {FloatArray::Zeros({frames, 6}), FloatArray::Zeros({frames, 4})};
  const int first = static_cast<int>((*random)() % 3), second = first + 1;
  for (int64_t t = 0; t < frames; ++t) {
    const bool a = t / 5 % 3 != 1, b = t / 5 % 3 != 0 && t >= 5;
    crop.labels.mutable_data()[4 * t] = a ? 1 : 0;
    crop.labels.mutable_data()[4 * t + 1] = b ? 1 : 0;
    for (int64_t d = 0; d < 6; ++d) {
      const float noise = 0.1f * (static_cast<float>((*random)() % 200) / 100.f - 1);
      crop.latents.mutable_data()[6 * t + d] = (a && d == first ? 1.f : 0.f) + (b && d == second ? 1.f : 0.f) + noise;
    }
  }
  return crop;
}

AdapterTrainingOptions WithoutDropout() {
  AdapterTrainingOptions options;
  options.dropout = 0;
  return options;
}

TEST(AdapterTrainingTest, ItLearnsWhatCanBeLearnt) {
  std::minstd_rand random(2);
  std::vector<AdapterCrop> train, validation;
  for (int i = 0; i < 24; ++i) train.push_back(MadeCrop(30 + i / 2, &random));
  for (int i = 0; i < 4; ++i) validation.push_back(MadeCrop(40, &random));
  ASSERT_OK_AND_ASSIGN(const AdapterTraining training, AdapterTraining::Create(TinyConfig(), 3, WithoutDropout()));
  ParameterGroup group;
  group.name = "adapter";
  group.parameters = training.parameters();
  group.rate = 5e-3;
  TrainingOptions options;
  options.set_updates(700);
  options.set_validate_every(700);
  options.set_warm_up(10);
  options.set_schedule(TrainingOptions::COSINE);
  ASSERT_OK_AND_ASSIGN(const ValidationScore before, training.Validate(validation));
  ASSERT_OK_AND_ASSIGN(auto trainer, Trainer::Open(absl::StrCat(testing::TempDir(), "/adapter"), "made", options,
                                                   training.parameters(), {group}));
  while (!trainer->finished()) {
    const size_t begin = static_cast<size_t>(trainer->items()) % train.size();
    ASSERT_OK(trainer->Update(4, [&] { return training.Loss(absl::MakeSpan(train).subspan(begin, 4)); }));
    if (trainer->validation_due()) {
      ASSERT_OK(trainer->Validated(*training.Validate(validation)));
    }
  }
  ASSERT_OK_AND_ASSIGN(const ValidationScore after, training.Validate(validation));
  EXPECT_GT(before.parts[1].second, 0.5);
  EXPECT_LT(after.parts[1].second, 0.1);
  EXPECT_LT(after.score, before.score / 2);
  EXPECT_EQ(trainer->state().best_score(), after.score);
  // The weights are an Adapter's.
  ASSERT_OK_AND_ASSIGN(const Adapter::Ptr adapter, Adapter::Load(trainer->best_path(), TinyConfig()));
  ASSERT_OK_AND_ASSIGN(const std::vector<FloatArray> logits, adapter->Logits({validation[0].latents}));
  const FrameErrors errors = CountFrameErrors(Sigmoid(logits[0]), validation[0].labels, 0.5);
  EXPECT_LT(static_cast<double>(errors.wrong), 0.15 * static_cast<double>(errors.total));
}

// What a crop is padded with in a batch changes nothing.
TEST(AdapterTrainingTest, ShuffledColumnsAreThoseOfACropMadeThatWay) {
  std::minstd_rand random(4);
  const AdapterCrop first = MadeCrop(20, &random), second = MadeCrop(25, &random);
  ASSERT_OK_AND_ASSIGN(const AdapterTraining training, AdapterTraining::Create(TinyConfig(), 3, WithoutDropout()));
  AdapterCrop shuffled = second;
  shuffled.shuffle = {{0, 4, 2, 1, 3, 5}, {1, -1, 1, 1, -1, 1}};
  AdapterCrop made = {FloatArray::Zeros({25, 6}), second.labels};
  for (int64_t t = 0; t < 25; ++t) {
    for (int64_t d = 0; d < 6; ++d) {
      const auto at = static_cast<size_t>(d);
      made.latents.mutable_data()[6 * t + d] =
          shuffled.shuffle.sign[at] * second.latents[6 * t + shuffled.shuffle.from[at]];
    }
  }
  ASSERT_OK_AND_ASSIGN(const TrainingLoss by_columns, training.Loss({first, shuffled}));
  ASSERT_OK_AND_ASSIGN(const TrainingLoss by_numbers, training.Loss({first, made}));
  ASSERT_OK_AND_ASSIGN(const TrainingLoss plain, training.Loss({first, second}));
  EXPECT_EQ(by_columns.parts[0].second, by_numbers.parts[0].second);
  EXPECT_NE(by_columns.parts[0].second, plain.parts[0].second);
}

// A frame looks at itself more than at others, before anything is learned.
TEST(AdapterTrainingTest, AlikeAtTheStartQueriesAreKeys) {
  AdapterTrainingOptions options = WithoutDropout();
  options.alike_at_start = true;
  ASSERT_OK_AND_ASSIGN(const AdapterTraining alike, AdapterTraining::Create(TinyConfig(), 3, options));
  ASSERT_OK_AND_ASSIGN(const AdapterTraining plain, AdapterTraining::Create(TinyConfig(), 3, WithoutDropout()));
  for (int layer = 0; layer < 2; ++layer) {
    const std::string name = absl::StrCat("encoder.layers.", layer, ".self_attn.in_proj_weight");
    const at::Tensor &all = alike.parameters().at(name), &before = plain.parameters().at(name);
    EXPECT_TRUE(all.narrow(0, 0, 16).equal(all.narrow(0, 16, 16)));
    EXPECT_TRUE(all.narrow(0, 16, 32).equal(before.narrow(0, 16, 32)));
    EXPECT_FALSE(before.narrow(0, 0, 16).equal(before.narrow(0, 16, 16)));
    EXPECT_TRUE(all.requires_grad());
  }
}

TEST(AdapterTrainingTest, CompanyDoesNotMatterToTheValidation) {
  std::minstd_rand random(2);
  const AdapterCrop a = MadeCrop(20, &random), b = MadeCrop(33, &random);
  ASSERT_OK_AND_ASSIGN(const AdapterTraining training, AdapterTraining::Create(TinyConfig(), 3, {}));
  const auto loss = [&](const std::vector<AdapterCrop>& crops) { return training.Validate(crops)->parts[0].second; };
  EXPECT_NEAR(loss({a, b}), (20 * loss({a}) + 33 * loss({b})) / 53, 1e-5);
}

TEST(AdapterTrainingTest, FrameErrorsAreThoseOfTheBestPermutation) {
  std::minstd_rand random(8);
  for (int round = 0; round < 100; ++round) {
    const int64_t frames = 1 + static_cast<int64_t>(random() % 12);
    FloatArray activity = FloatArray::Zeros({frames, 4}), labels = FloatArray::Zeros({frames, 4});
    for (int64_t i = 0; i < activity.size(); ++i) {
      activity.mutable_data()[i] = static_cast<float>(random() % 100) / 100.f;
      labels.mutable_data()[i] = static_cast<float>(random() % 3 == 0);
    }
    std::vector<int> order = {0, 1, 2, 3};
    int64_t best = std::numeric_limits<int64_t>::max(), total = 0;
    do {
      int64_t wrong = 0;
      total = 0;
      for (int64_t t = 0; t < frames; ++t) {
        int64_t found = 0, wanted = 0, right = 0;
        for (int k = 0; k < 4; ++k) {
          const bool is_found = activity[4 * t + order[static_cast<size_t>(k)]] > 0.5f,
                     is_wanted = labels[4 * t + k] > 0.5f;
          found += is_found;
          wanted += is_wanted;
          right += is_found && is_wanted;
        }
        wrong += std::max(found, wanted) - right;
        total += wanted;
      }
      best = std::min(best, wrong);
    } while (std::next_permutation(order.begin(), order.end()));
    const FrameErrors errors = CountFrameErrors(activity, labels, 0.5);
    EXPECT_EQ(errors.wrong, best) << round;
    EXPECT_EQ(errors.total, total) << round;
  }
}

TEST(AdapterTrainingTest, BadInputIsAStatus) {
  ASSERT_OK_AND_ASSIGN(const AdapterTraining training, AdapterTraining::Create(TinyConfig(), 3, {}));
  const auto code = absl::StatusCode::kInvalidArgument;
  const FloatArray latents = FloatArray::Zeros({5, 6}), labels = FloatArray::Zeros({5, 4});
  EXPECT_OK(training.CheckCrop({latents, labels}));
  EXPECT_THAT(training.CheckCrop({latents, FloatArray::Zeros({4, 4})}), StatusIs(code));
  EXPECT_THAT(training.CheckCrop({FloatArray::Zeros({5, 7}), labels}), StatusIs(code, HasSubstr("[5, 7]")));
  EXPECT_THAT(training.CheckCrop({FloatArray::Zeros({0, 6}), FloatArray::Zeros({0, 4})}), StatusIs(code));
  FloatArray nan = FloatArray::Zeros({5, 6});
  nan.mutable_data()[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(training.CheckCrop({nan, labels}), StatusIs(code));
  AdapterTrainingOptions options;
  options.dropout = 1;
  EXPECT_THAT(AdapterTraining::Create(TinyConfig(), 3, options), StatusIs(code));
  ASSERT_OK_AND_ASSIGN(const ValidationScore nothing, training.Validate({}));
  EXPECT_EQ(nothing.parts[1].second, 1);
}

}  // namespace
}  // namespace diarflow
