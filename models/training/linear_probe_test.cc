#include "models/training/linear_probe.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

ProbeExample Example(const std::vector<float>& vector, int32_t speaker) {
  return {FloatArray::Copy({static_cast<int64_t>(vector.size())}, vector), speaker};
}

// Each speaker around a point of their own.
std::vector<ProbeExample> Clouds(int speakers, int examples, int width, double spread, uint64_t seed) {
  Random random(seed);
  std::vector<std::vector<double>> centres(static_cast<size_t>(speakers));
  for (auto& centre : centres) {
    for (int d = 0; d < width; ++d) centre.push_back(random.Normal());
  }
  std::vector<ProbeExample> made;
  for (int i = 0; i < examples; ++i) {
    const int speaker = i % speakers;
    std::vector<float> vector;
    for (const double x : centres[static_cast<size_t>(speaker)]) {
      vector.push_back(static_cast<float>(x + spread * random.Normal()));
    }
    made.push_back(Example(vector, speaker));
  }
  return made;
}

std::vector<float> Numbers(const FloatArray& array) { return {array.begin(), array.end()}; }

// The same with plain loops in float64, from given first weights.
class SlowProbe {
 public:
  SlowProbe(const LinearProbe& first, double rate) : speakers_(first.biases.size()), rate_(rate) {
    // The biases are a last column.
    width_ = first.weights.dim(1) + 1;
    for (int64_t n = 0; n < speakers_; ++n) {
      for (int64_t d = 0; d + 1 < width_; ++d) parameters_.push_back(first.weights[n * (width_ - 1) + d]);
      parameters_.push_back(first.biases[n]);
    }
    mean_.assign(parameters_.size(), 0);
    square_.assign(parameters_.size(), 0);
  }

  void Step(const std::vector<ProbeExample>& batch) {
    std::vector<double> gradient(parameters_.size(), 0);
    for (const ProbeExample& example : batch) {
      const std::vector<double> outputs = Outputs(example.vector);
      double sum = 0;
      for (const double output : outputs) sum += std::exp(output);
      for (int64_t n = 0; n < speakers_; ++n) {
        const double share = std::exp(outputs[static_cast<size_t>(n)]) / sum - (n == example.speaker ? 1 : 0);
        for (int64_t d = 0; d < width_; ++d) {
          gradient[static_cast<size_t>(n * width_ + d)] +=
              share * Input(example.vector, d) / static_cast<double>(batch.size());
        }
      }
    }
    ++steps_;
    for (size_t i = 0; i < parameters_.size(); ++i) {
      mean_[i] = 0.9 * mean_[i] + 0.1 * gradient[i];
      square_[i] = 0.999 * square_[i] + 0.001 * gradient[i] * gradient[i];
      parameters_[i] -= rate_ * mean_[i] / (1 - std::pow(0.9, steps_)) /
                        (std::sqrt(square_[i] / (1 - std::pow(0.999, steps_))) + 1e-8);
    }
  }

  double Accuracy(const std::vector<ProbeExample>& examples) const {
    double right = 0;
    for (const ProbeExample& example : examples) {
      const std::vector<double> outputs = Outputs(example.vector);
      right += std::max_element(outputs.begin(), outputs.end()) - outputs.begin() == example.speaker;
    }
    return right / static_cast<double>(examples.size());
  }

  void ExpectSame(const LinearProbe& probe) const {
    for (int64_t n = 0; n < speakers_; ++n) {
      for (int64_t d = 0; d < width_; ++d) {
        const float number = d + 1 < width_ ? probe.weights[n * (width_ - 1) + d] : probe.biases[n];
        EXPECT_NEAR(number, parameters_[static_cast<size_t>(n * width_ + d)], 2e-6) << n << ", " << d;
      }
    }
  }

 private:
  double Input(const FloatArray& vector, int64_t d) const { return d + 1 < width_ ? vector[d] : 1; }
  std::vector<double> Outputs(const FloatArray& vector) const {
    std::vector<double> outputs(static_cast<size_t>(speakers_), 0);
    for (int64_t n = 0; n < speakers_; ++n) {
      for (int64_t d = 0; d < width_; ++d) {
        outputs[static_cast<size_t>(n)] += parameters_[static_cast<size_t>(n * width_ + d)] * Input(vector, d);
      }
    }
    return outputs;
  }

  int64_t speakers_, width_ = 0;
  double rate_;
  int steps_ = 0;
  std::vector<double> parameters_, mean_, square_;
};

TEST(LinearProbeTest, SpeakersThatAreApartAreTold) {
  const std::vector<ProbeExample> examples = Clouds(5, 300, 16, 0.1, 1);
  ASSERT_OK_AND_ASSIGN(const LinearProbe probe, TrainLinearProbe(examples, {}));
  EXPECT_EQ(probe.training_accuracy, 1);
  EXPECT_EQ(probe.weights.ShapeString(), "[5, 16]");
  EXPECT_EQ(probe.biases.ShapeString(), "[5]");
}

TEST(LinearProbeTest, WithoutAnythingToLearnItGuesses) {
  std::vector<ProbeExample> examples = Clouds(4, 400, 4, 1, 2);
  for (ProbeExample& example : examples) example.vector = FloatArray::Copy({4}, {1, 1, 1, 1});
  ASSERT_OK_AND_ASSIGN(const LinearProbe probe, TrainLinearProbe(examples, {}));
  EXPECT_EQ(probe.training_accuracy, 0.25);
}

TEST(LinearProbeTest, StepsOverAllEqualPlainLoops) {
  const std::vector<ProbeExample> examples = Clouds(3, 20, 5, 1, 3);
  LinearProbeOptions options;
  options.rate = 0.01;
  options.epochs = 0;
  ASSERT_OK_AND_ASSIGN(const LinearProbe first, TrainLinearProbe(examples, options));
  for (const float number : first.weights) EXPECT_LE(std::abs(number), 1 / std::sqrt(5.0f));
  SlowProbe slow(first, options.rate);
  for (options.epochs = 1; options.epochs <= 6; ++options.epochs) {
    ASSERT_OK_AND_ASSIGN(const LinearProbe probe, TrainLinearProbe(examples, options));
    slow.Step(examples);
    slow.ExpectSame(probe);
    EXPECT_EQ(probe.training_accuracy, slow.Accuracy(examples));
  }
}

// Batches of 8, 8 and 4, in the order that the header promises.
TEST(LinearProbeTest, StepsOverBatchesEqualPlainLoops) {
  const std::vector<ProbeExample> examples = Clouds(3, 20, 5, 1, 4);
  LinearProbeOptions options;
  options.rate = 0.01;
  options.seed = 7;
  options.batch = 8;
  options.epochs = 0;
  ASSERT_OK_AND_ASSIGN(const LinearProbe first, TrainLinearProbe(examples, options));
  SlowProbe slow(first, options.rate);
  for (uint64_t epoch = 0; epoch < 3; ++epoch) {
    std::vector<ProbeExample> shuffled = examples;
    Random(options.seed, epoch).Shuffle(&shuffled);
    for (const auto& [begin, end] : {std::pair(0, 8), std::pair(8, 16), std::pair(16, 20)}) {
      slow.Step({shuffled.begin() + begin, shuffled.begin() + end});
    }
  }
  options.epochs = 3;
  ASSERT_OK_AND_ASSIGN(const LinearProbe probe, TrainLinearProbe(examples, options));
  slow.ExpectSame(probe);
}

TEST(LinearProbeTest, TheSameEveryTimeAndAnotherForAnotherSeed) {
  const std::vector<ProbeExample> examples = Clouds(4, 90, 8, 1, 5);
  LinearProbeOptions options;
  options.batch = 16;
  options.epochs = 5;
  ASSERT_OK_AND_ASSIGN(const LinearProbe probe, TrainLinearProbe(examples, options));
  ASSERT_OK_AND_ASSIGN(const LinearProbe again, TrainLinearProbe(examples, options));
  EXPECT_EQ(Numbers(probe.weights), Numbers(again.weights));
  EXPECT_EQ(Numbers(probe.biases), Numbers(again.biases));
  options.seed = 2;
  ASSERT_OK_AND_ASSIGN(const LinearProbe other, TrainLinearProbe(examples, options));
  EXPECT_NE(Numbers(probe.weights), Numbers(other.weights));
}

TEST(LinearProbeTest, ItsOutputsAreTheWeightsTimesTheVector) {
  LinearProbe probe;
  probe.weights = FloatArray::Copy({2, 3}, {1, 2, 3, -1, 0, 0.5f});
  probe.biases = FloatArray::Copy({2}, {100, 100});
  EXPECT_EQ(Numbers(ApplyWithoutBias(probe, FloatArray::Copy({3}, {2, 1, -2}))), (std::vector<float>{-2, -3}));
}

TEST(LinearProbeTest, WhatCannotBeLearnedFromIsSaid) {
  const auto expect = [](const std::vector<ProbeExample>& examples, const char* words) {
    EXPECT_THAT(TrainLinearProbe(examples, {}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(words)));
  };
  const ProbeExample first = Example({1, 2}, 0), second = Example({2, 1}, 1);
  expect({}, "no example");
  expect({first, first}, "all examples are of one speaker");
  expect({first, Example({1}, 1)}, "example 1: the vector has 1 numbers, the first one has 2");
  expect({first, Example({}, 1)}, "example 1: the vector is empty");
  for (const float number : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity(), 2e15f}) {
    expect({first, second, Example({0, number}, 1)}, "example 2: number 1 of 2 is ");
  }
  expect({first, Example({2, 1}, 2), first}, "no example is of speaker 1 of 3");
  expect({first, Example({2, 1}, 2)}, "speaker 2 among 2 examples");
  expect({first, Example({2, 1}, -1)}, "speaker -1");
}

// The greatest numbers that are taken give a probe of finite ones.
TEST(LinearProbeTest, GreatNumbersStayFinite) {
  for (const float number : {1e15f, 1e-38f}) {
    ASSERT_OK_AND_ASSIGN(const LinearProbe probe,
                         TrainLinearProbe({Example({number, 0}, 0), Example({-number, number}, 1)}, {}));
    EXPECT_LT(ApplyWithoutBias(probe, FloatArray::Copy({2}, {number, number})).FirstNotFinite(), 0);
  }
}

TEST(LinearProbeTest, OptionsOutOfTheirRangeAreNamed) {
  const std::vector<ProbeExample> examples = Clouds(2, 4, 2, 1, 6);
  const auto expect = [&examples](const LinearProbeOptions& options, const char* words) {
    EXPECT_THAT(TrainLinearProbe(examples, options), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(words)));
  };
  LinearProbeOptions options;
  options.epochs = -1;
  expect(options, "epochs is -1");
  options = {};
  options.batch = 0;
  expect(options, "batch is 0");
  for (const double rate : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    options = {};
    options.rate = rate;
    expect(options, "rate is ");
  }
}

}  // namespace
}  // namespace diarflow
