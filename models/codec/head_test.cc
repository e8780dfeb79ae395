#include "models/codec/head.h"

#include <cmath>
#include <vector>

#include "ATen/ops/zeros.h"
#include "audio/fbank.h"
#include "base/random.h"
#include "c10/core/GradMode.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/codec/log_mel.h"
#include "models/codec/testing/sound.h"

namespace diarflow {
namespace {

constexpr double kPi = 3.14159265358979323846;

// One frame by the definition: sums of cosines and sines, and triangles between points evenly spaced in mel.
std::vector<double> SlowLogMel(const FloatArray& samples, int64_t frame) {
  std::vector<double> windowed(1024, 0.0);
  double energy = 0;
  for (int64_t n = 0; n < 1024; ++n) {
    const double window = 0.5 - 0.5 * std::cos(2 * kPi * static_cast<double>(n) / 1024);
    energy += window * window;
    const int64_t at = 240 * frame + 120 - 512 + n;
    if (at >= 0 && at < samples.size()) windowed[static_cast<size_t>(n)] = window * samples[at];
  }
  std::vector<double> power(512, 0.0);
  for (size_t k = 0; k < 512; ++k) {
    double real = 0, imaginary = 0;
    for (size_t n = 0; n < 1024; ++n) {
      const double angle = 2 * kPi * static_cast<double>(k * n % 1024) / 1024;
      real += windowed[n] * std::cos(angle);
      imaginary += windowed[n] * std::sin(angle);
    }
    power[k] = (real * real + imaginary * imaginary) / energy;
  }
  const auto mel = [](double hz) { return 1127 * std::log(1 + hz / 700); };
  const double step = (mel(12000) - mel(20)) / 81;
  std::vector<double> bins;
  for (int bin = 0; bin < 80; ++bin) {
    double sum = 0, weights = 0;
    for (size_t k = 0; k < 512; ++k) {
      const double away = std::fabs(mel(static_cast<double>(k) * 24000 / 1024) - mel(20) - (bin + 1) * step) / step;
      if (away >= 1) continue;
      weights += 1 - away;
      sum += (1 - away) * power[k];
    }
    bins.push_back(std::log(sum / weights + 1e-7));
  }
  return bins;
}

TEST(LogMelTest, IsTheDefinition) {
  Random random(1);
  const at::Tensor samples = RandomSound(2, 2400, random);
  const at::Tensor spectra = LogMel(samples), exact = LogMel(samples.to(at::kDouble));
  ASSERT_EQ(spectra.sizes(), (std::vector<int64_t>{2, 10, 80}));
  for (int64_t item = 0; item < 2; ++item) {
    for (int64_t t = 0; t < 10; ++t) {
      const std::vector<double> slow = SlowLogMel(ToFloatArray(samples[item]), t);
      for (int64_t bin = 0; bin < 80; ++bin) {
        EXPECT_NEAR(spectra[item][t][bin].item<double>(), slow[static_cast<size_t>(bin)], 1e-3);
        // The triangles are rounded to float32.
        EXPECT_NEAR(exact[item][t][bin].item<double>(), slow[static_cast<size_t>(bin)], 1e-5);
      }
    }
  }
}

TEST(LogMelTest, KnownLevels) {
  EXPECT_NEAR(LogMel(at::zeros({1, 240})).max().item<double>(), std::log(1e-7), 1e-6);
  Random random(2);
  at::Tensor noise = RandomNumbers({1, 240000}, std::sqrt(3.0) * 0.1, random);  // of variance 0.01
  EXPECT_NEAR(LogMel(noise).exp().mean().item<double>(), 0.01, 0.0005);
}

TEST(LogMelTest, GradientsAreThoseOfFiniteDifferences) {
  Random random(3);
  constexpr double kStep = 1e-7;
  {
    // Tables that were first made in here serve with gradients too.
    const c10::InferenceMode no_gradients;
    LogMel(at::zeros({1, 240}));
  }
  // Silence among it: the slope of the logarithm is at its steepest there, and finite.
  at::Tensor samples = RandomSound(1, 1920, random).to(at::kDouble);
  samples.narrow(1, 0, 1000).zero_();
  const at::Tensor tracked = samples.clone().set_requires_grad(true);
  LogMel(tracked).sum().backward();
  ASSERT_TRUE(tracked.grad().isfinite().all().item<bool>());
  for (const int64_t at : {900, 1100, 1500, 1919}) {
    at::Tensor moved = samples.clone();
    moved[0][at].add_(kStep);
    const double above = LogMel(moved).sum().item<double>();
    moved[0][at].sub_(2 * kStep);
    const double below = LogMel(moved).sum().item<double>();
    const double gradient = tracked.grad()[0][at].item<double>();
    EXPECT_NEAR((above - below) / (2 * kStep), gradient, 1e-2 + 1e-4 * std::fabs(gradient));
  }
}

CodecTensors RandomHead(int64_t latent_width, int64_t head_width, Random& random) {
  CodecTensors tensors;
  for (const ExpectedTensor& tensor : HeadTensors(latent_width, head_width)) {
    tensors[tensor.name] = RandomNumbers(tensor.shape, 0.3, random).to(at::kDouble).set_requires_grad(true);
  }
  return tensors;
}

TEST(HeadTest, IsWhatPlainLoopsGive) {
  Random random(4);
  const CodecTensors tensors = RandomHead(3, 5, random);
  const at::Tensor latent = RandomNumbers({2, 6, 3}, 1, random).to(at::kDouble);
  const at::Tensor spectra = SpectraOf(tensors, latent);
  ASSERT_EQ(spectra.sizes(), (std::vector<int64_t>{2, 48, 80}));
  const c10::NoGradGuard no_gradients;
  at::Tensor x = latent;
  for (int layer = 0; layer < 3; ++layer) {
    const std::string name = "head." + std::to_string(layer);
    const at::Tensor weight = tensors.at(name + ".weight");
    at::Tensor y = tensors.at(name + ".bias").expand({2, 6, -1}).clone();
    if (layer > 0) x = x.clamp_min(0).add(x.clamp_max(0).exp()).sub(1);
    for (int64_t t = 0; t < 6; ++t) {
      for (int64_t tap = 0; tap < weight.size(2); ++tap) {
        const int64_t source = t + tap - weight.size(2) / 2;
        if (source < 0 || source >= 6) continue;
        y.select(1, t).add_(x.select(1, source).matmul(weight.select(2, tap).t()));
      }
    }
    x = y;
  }
  for (int64_t t = 0; t < 48; ++t) {
    EXPECT_LT(Farthest(spectra.select(1, t), x.select(1, t / 8).narrow(1, 80 * (t % 8), 80).add(kUsualLogMel)), 1e-12);
  }
}

TEST(HeadTest, EveryTensorGetsAGradient) {
  Random random(5);
  const CodecTensors tensors = RandomHead(3, 5, random);
  EXPECT_EQ(tensors.size(), 6u);
  SpectraOf(tensors, RandomNumbers({1, 4, 3}, 1, random).to(at::kDouble)).square().sum().backward();
  for (const auto& [name, tensor] : tensors) EXPECT_GT(tensor.grad().abs().max().item<double>(), 0) << name;
}

}  // namespace
}  // namespace diarflow
