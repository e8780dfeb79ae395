#include "models/training/trainer.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "ATen/ops/dropout.h"
#include "ATen/ops/from_blob.h"
#include "ATen/ops/zeros.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "c10/core/GradMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/weights/open_weights.h"
#include "models/weights/state_dict.h"

namespace diarflow {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

std::string Folder(const std::string& name) { return absl::StrCat(testing::TempDir(), "/", name); }

// A network of four numbers that are to become 1, 2, 3, 4; with dropout, so that random numbers matter.
struct Toy {
  NamedTensors model;
  std::vector<ParameterGroup> groups;

  explicit Toy(double rate = 0.05) {
    model["values"] = at::zeros({4}).set_requires_grad(true);
    ParameterGroup group;
    group.name = "all";
    group.parameters = model;
    group.rate = rate;
    group.weight_decay = 0.01;
    group.clip = 1;
    groups.push_back(group);
  }

  absl::StatusOr<TrainingLoss> Loss(int64_t item) const {
    std::vector<float> wanted = {1, 2, 3, 4 + 0.01f * static_cast<float>(item % 7)};
    const at::Tensor target = at::from_blob(wanted.data(), {4}).clone();
    const at::Tensor loss = at::dropout(model.at("values").sub(target), 0.3, true).square().mean();
    return TrainingLoss{loss, {{"loss", loss.item<double>()}}};
  }

  ValidationScore Score() const {
    const c10::NoGradGuard no_gradients;
    double error = 0;
    for (int i = 0; i < 4; ++i) error += std::abs(model.at("values")[i].item<double>() - (i + 1));
    return {error, {{"validation error", error}}};
  }

  std::vector<float> Values() const {
    const at::Tensor values = model.at("values").detach().contiguous();
    return std::vector<float>(values.const_data_ptr<float>(), values.const_data_ptr<float>() + 4);
  }
};

TrainingOptions Options(int64_t updates) {
  TrainingOptions options;
  options.set_updates(updates);
  options.set_validate_every(10);
  options.set_warm_up(5);
  options.set_schedule(TrainingOptions::COSINE);
  options.set_patience(0);
  return options;
}

// Until the end, or until so many updates are made in all.
void Train(const Toy& toy, Trainer* trainer, int64_t until = 1 << 30) {
  while (!trainer->finished() && trainer->updates() < until) {
    const int64_t item = trainer->items();
    ASSERT_OK(trainer->Update(2, [&] { return toy.Loss(item); }));
    if (trainer->validation_due()) {
      ASSERT_OK(trainer->Validated(toy.Score()));
    }
  }
}

TEST(TrainerTest, TheToyLearns) {
  const Toy toy;
  ASSERT_OK_AND_ASSIGN(auto trainer, Trainer::Open(Folder("learns"), "toy", Options(200), toy.model, toy.groups));
  Train(toy, trainer.get());
  EXPECT_EQ(trainer->updates(), 200);
  EXPECT_EQ(trainer->items(), 400);
  EXPECT_LT(toy.Score().score, 2);
  ASSERT_OK_AND_ASSIGN(const std::string metrics, ReadFile(Folder("learns") + "/metrics.tsv"));
  const std::vector<std::string> lines = absl::StrSplit(metrics, '\n');
  EXPECT_THAT(lines, SizeIs(22));
  EXPECT_EQ(lines[0], "updates\tloss\tvalidation error");
  EXPECT_THAT(lines[20], HasSubstr("200\t"));
  // Both files are weights for others.
  ASSERT_OK_AND_ASSIGN(const TensorTable best, OpenWeights(trainer->best_path()));
  EXPECT_NE(best.Find("values"), nullptr);
  ASSERT_OK_AND_ASSIGN(const TensorTable latest, OpenWeights(Folder("learns") + "/latest.safetensors"));
  ASSERT_OK_AND_ASSIGN(const TensorTable unwrapped, UnwrapStateDict(latest));
  EXPECT_NE(unwrapped.Find("values"), nullptr);
}

TEST(TrainerTest, AnInterruptedTrainingEndsAsOneThatWasNot) {
  const Toy whole;
  ASSERT_OK_AND_ASSIGN(auto trainer, Trainer::Open(Folder("whole"), "toy", Options(60), whole.model, whole.groups));
  Train(whole, trainer.get());
  // Ended behind any update, on a validation or between two: what is behind the checkpoint is made again.
  for (const int64_t stop : {1, 9, 10, 25, 40, 59}) {
    const std::string folder = Folder(absl::StrCat("parts", stop));
    {
      const Toy first;
      ASSERT_OK_AND_ASSIGN(auto one, Trainer::Open(folder, "toy", Options(60), first.model, first.groups));
      Train(first, one.get(), stop);
    }
    const Toy second;
    ASSERT_OK_AND_ASSIGN(auto other, Trainer::Open(folder, "toy", Options(60), second.model, second.groups));
    EXPECT_EQ(other->updates(), stop / 10 * 10);
    EXPECT_EQ(other->items(), stop / 10 * 20);
    Train(second, other.get());
    EXPECT_EQ(second.Values(), whole.Values()) << stop;
    for (const char* file : {"/metrics.tsv", "/best.safetensors", "/latest.safetensors"}) {
      EXPECT_EQ(ReadFile(folder + file).value_or("a"), ReadFile(Folder("whole") + file).value_or("b")) << stop << file;
    }
  }
}

TEST(TrainerTest, PatienceEndsIt) {
  Toy toy;
  TrainingOptions options = Options(1000);
  options.set_patience(3);
  ASSERT_OK_AND_ASSIGN(auto trainer, Trainer::Open(Folder("patience"), "toy", options, toy.model, toy.groups));
  const double scores[] = {5, 4, 4.5, 3, 3, 7, 3.5};
  size_t looks = 0;
  while (!trainer->finished()) {
    ASSERT_OK(trainer->Update(1, [&] { return toy.Loss(0); }));
    if (trainer->validation_due()) {
      ASSERT_OK(trainer->Validated({scores[looks++], {}}));
    }
  }
  EXPECT_EQ(looks, 7u);
  EXPECT_EQ(trainer->state().best_updates(), 40);
  EXPECT_EQ(trainer->state().best_score(), 3);
}

TEST(TrainerTest, ALossThatIsNotFiniteEndsItAndLeavesTheCheckpoint) {
  const Toy toy;
  const std::string folder = Folder("nan");
  ASSERT_OK_AND_ASSIGN(auto trainer, Trainer::Open(folder, "toy", Options(100), toy.model, toy.groups));
  Train(toy, trainer.get(), 20);
  ASSERT_OK_AND_ASSIGN(const std::string before, ReadFile(folder + "/latest.safetensors"));
  const std::vector<float> values = toy.Values();
  const auto nan = [&]() -> absl::StatusOr<TrainingLoss> {
    return TrainingLoss{toy.model.at("values").sum().mul(std::numeric_limits<double>::quiet_NaN()), {{"loss", 0}}};
  };
  EXPECT_THAT(trainer->Update(1, nan), StatusIs(absl::StatusCode::kInternal, HasSubstr("the loss of update 20 is")));
  // A good loss with a bad gradient: the root of 0.
  const auto steep = [&]() -> absl::StatusOr<TrainingLoss> {
    return TrainingLoss{toy.model.at("values").mul(0).sum().sqrt(), {{"loss", 0}}};
  };
  EXPECT_FALSE(trainer->Update(1, steep).ok());
  const auto throws = [&]() -> absl::StatusOr<TrainingLoss> {
    return TrainingLoss{toy.model.at("values").add(at::zeros({3})), {{"loss", 0}}};
  };
  EXPECT_THAT(trainer->Update(1, throws), StatusIs(absl::StatusCode::kInternal, HasSubstr("update 20 failed")));
  EXPECT_EQ(toy.Values(), values);
  EXPECT_EQ(ReadFile(folder + "/latest.safetensors").value_or(""), before);
}

TEST(TrainerTest, WhatDoesNotFitIsRefused) {
  const std::string folder = Folder("refused");
  const Toy toy;
  ASSERT_OK_AND_ASSIGN(auto trainer, Trainer::Open(folder, "toy", Options(20), toy.model, toy.groups));
  Train(toy, trainer.get());
  EXPECT_THAT(Trainer::Open(folder, "another", Options(20), toy.model, toy.groups),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another training")));
  NamedTensors wide = toy.model;
  wide["values"] = at::zeros({5});
  EXPECT_THAT(Trainer::Open(folder, "toy", Options(20), wide, {}), StatusIs(absl::StatusCode::kDataLoss));
  // Any beginning of a checkpoint is no checkpoint.
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(folder + "/latest.safetensors"));
  for (const size_t size : {size_t{0}, size_t{7}, bytes.size() / 2, bytes.size() - 1}) {
    ASSERT_OK(WriteFileAtomically(folder + "/latest.safetensors", bytes.substr(0, size)));
    EXPECT_FALSE(Trainer::Open(folder, "toy", Options(20), toy.model, toy.groups).ok()) << size;
  }
  // Weights alone are none either.
  ASSERT_OK_AND_ASSIGN(const std::string best, ReadFile(folder + "/best.safetensors"));
  ASSERT_OK(WriteFileAtomically(folder + "/latest.safetensors", best));
  EXPECT_THAT(Trainer::Open(folder, "toy", Options(20), toy.model, toy.groups),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("no checkpoint")));
  TrainingOptions options = Options(20);
  options.set_validate_every(0);
  EXPECT_THAT(Trainer::Open(Folder("x"), "toy", options, toy.model, toy.groups),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("validate_every")));
}

TEST(TrainerTest, WhatCannotBeWrittenLeavesTheOldCheckpoint) {
  const Toy toy;
  const std::string folder = Folder("full");
  ASSERT_OK_AND_ASSIGN(auto trainer, Trainer::Open(folder, "toy", Options(30), toy.model, toy.groups));
  Train(toy, trainer.get(), 10);
  ASSERT_OK_AND_ASSIGN(const std::string before, ReadFile(folder + "/latest.safetensors"));
  // The table cannot be written: a folder stands in its place.
  ASSERT_EQ(std::remove((folder + "/metrics.tsv").c_str()), 0);
  ASSERT_OK(MakeDirectories(folder + "/metrics.tsv/in the way"));
  while (!trainer->validation_due()) ASSERT_OK(trainer->Update(1, [&] { return toy.Loss(0); }));
  EXPECT_FALSE(trainer->Validated(toy.Score()).ok());
  EXPECT_EQ(ReadFile(folder + "/latest.safetensors").value_or(""), before);
}

}  // namespace
}  // namespace diarflow
