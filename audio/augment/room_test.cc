#include "audio/augment/room.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "audio/augment/convolve.h"
#include "audio/augment/decay.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

constexpr double kPi = 3.14159265358979323846;
constexpr double kLead = 40;

using Point = std::array<double, 3>;

Point PointIn(const Point& size, Random* random) {
  Point point;
  for (size_t i = 0; i < 3; ++i) point[i] = size[i] * random->Uniform(0.05, 0.95);
  return point;
}

RoomOptions GeneratedRoom(Random* random) {
  RoomOptions options;
  options.size = {random->Uniform(1, 4), random->Uniform(1, 4), random->Uniform(1, 3)};
  options.source = PointIn(options.size, random);
  options.microphone = PointIn(options.size, random);
  options.sample_rate = 8000 + 1000 * static_cast<int>(random->Below(9));
  options.length = 0.03;
  options.high_pass_hz = 0;
  options.reflection.emplace();
  for (double& wall : *options.reflection) wall = random->Uniform();
  return options;
}

// The definition: every image of a cube of mirrors, its place found by walking from wall to wall, and its pulse sampled
// by the formula.
std::vector<double> SlowRoom(const RoomOptions& options, int64_t length) {
  std::vector<double> sum(static_cast<size_t>(length), 0.0);
  constexpr int kTurns = 12;
  struct Mirrored {
    double place, gain;
    int order;
  };
  std::array<std::vector<Mirrored>, 3> axes;
  for (size_t axis = 0; axis < 3; ++axis) {
    const double size = options.size[axis];
    for (const int first : {0, 1}) {
      // Alternately at the two walls, beginning with the near or the far one.
      Mirrored image = {options.source[axis], 1, 0};
      for (int hit = 0; hit <= kTurns; ++hit) {
        if (hit > 0 || first == 0) axes[axis].push_back(image);
        const int wall = (hit + first) % 2;
        image.place = wall == 0 ? -image.place : 2 * size - image.place;
        image.gain *= (*options.reflection)[2 * axis + static_cast<size_t>(wall)];
        ++image.order;
      }
    }
  }
  for (const Mirrored& x : axes[0]) {
    for (const Mirrored& y : axes[1]) {
      for (const Mirrored& z : axes[2]) {
        if (options.max_order >= 0 && x.order + y.order + z.order > options.max_order) continue;
        const double distance =
            std::sqrt(std::pow(x.place - options.microphone[0], 2) + std::pow(y.place - options.microphone[1], 2) +
                      std::pow(z.place - options.microphone[2], 2));
        if (distance > options.length * kSpeedOfSound) continue;
        const double gain = x.gain * y.gain * z.gain / (4 * kPi * distance);
        const double at = kLead + distance / kSpeedOfSound * options.sample_rate;
        for (int64_t n = 0; n < length; ++n) {
          const double t = static_cast<double>(n) - at;
          if (std::abs(n - std::floor(at + 0.5)) > 40) continue;
          const double sinc = std::abs(t) < 1e-9 ? 1 : std::sin(kPi * t) / (kPi * t);
          sum[static_cast<size_t>(n)] += gain * sinc * (0.5 + 0.5 * std::cos(kPi * t / 41));
        }
      }
    }
  }
  return sum;
}

double Largest(const FloatArray& samples) {
  double largest = 0;
  for (const float x : samples) largest = std::max(largest, std::abs(static_cast<double>(x)));
  return largest;
}

TEST(RoomTest, IsTheSumOverAllImages) {
  Random random(2);
  for (int round = 0; round < 40; ++round) {
    RoomOptions options = GeneratedRoom(&random);
    options.max_order = static_cast<int>(random.Below(6)) - 1;
    if (round % 5 == 0) (*options.reflection)[static_cast<size_t>(random.Below(6))] = 0;
    ASSERT_OK_AND_ASSIGN(const RoomResponse room, SimulateRoom(options));
    const std::vector<double> slow = SlowRoom(options, room.samples.size());
    const double tolerance = 1e-6 * Largest(room.samples);
    for (int64_t n = 0; n < room.samples.size(); ++n) {
      ASSERT_NEAR(room.samples[n], slow[static_cast<size_t>(n)], tolerance) << "round " << round << ", sample " << n;
    }
  }
}

// Gain and delay of a response at a frequency.
struct Tone {
  double gain = 0;
  double delay = 0;  // samples, by the phase; right up to whole periods
};
Tone ToneAt(const FloatArray& samples, double radians, double near_delay) {
  double re = 0, im = 0;
  for (int64_t n = 0; n < samples.size(); ++n) {
    const double t = static_cast<double>(n) - near_delay;
    re += samples[n] * std::cos(radians * t), im -= samples[n] * std::sin(radians * t);
  }
  return {std::hypot(re, im), near_delay - std::atan2(im, re) / radians};
}

TEST(RoomTest, WithoutWallsOnlyTheDirectPathIsLeft) {
  Random random(3);
  for (int round = 0; round < 50; ++round) {
    RoomOptions options;
    options.size = {random.Uniform(2, 20), random.Uniform(2, 20), random.Uniform(2, 5)};
    options.source = PointIn(options.size, &random);
    options.microphone = PointIn(options.size, &random);
    options.t60 = 0;
    options.high_pass_hz = 0;
    double squared = 0;
    for (size_t i = 0; i < 3; ++i) squared += std::pow(options.source[i] - options.microphone[i], 2);
    const double distance = std::sqrt(squared);
    ASSERT_OK_AND_ASSIGN(const RoomResponse room, SimulateRoom(options));
    const double at = kLead + distance / 343 * 16000;
    EXPECT_NEAR(room.direct_sample, at, 1e-9);
    for (const double share : {0.05, 0.3, 0.6, 0.8, 0.9}) {
      const Tone tone = ToneAt(room.samples, share * kPi, at);
      EXPECT_NEAR(tone.gain * 4 * kPi * distance, 1, 2e-3) << share;
      EXPECT_NEAR(tone.delay, at, 1e-3) << share;
    }
  }
}

TEST(RoomTest, SourceAndMicrophoneMayChangePlaces) {
  Random random(4);
  for (int round = 0; round < 20; ++round) {
    RoomOptions options = GeneratedRoom(&random);
    ASSERT_OK_AND_ASSIGN(const RoomResponse there, SimulateRoom(options));
    std::swap(options.source, options.microphone);
    ASSERT_OK_AND_ASSIGN(const RoomResponse back, SimulateRoom(options));
    ASSERT_EQ(there.samples.size(), back.samples.size());
    EXPECT_NEAR(there.direct_sample, back.direct_sample, 1e-9);
    const double tolerance = 1e-6 * Largest(there.samples);
    for (int64_t n = 0; n < back.samples.size(); ++n) ASSERT_NEAR(there.samples[n], back.samples[n], tolerance) << n;
  }
}

TEST(RoomTest, MirroredAndTurnedRoomsSoundAlike) {
  Random random(5);
  for (int round = 0; round < 20; ++round) {
    const RoomOptions options = GeneratedRoom(&random);
    ASSERT_OK_AND_ASSIGN(const RoomResponse plain, SimulateRoom(options));
    RoomOptions mirrored = options;
    mirrored.source[0] = options.size[0] - options.source[0];
    mirrored.microphone[0] = options.size[0] - options.microphone[0];
    std::swap((*mirrored.reflection)[0], (*mirrored.reflection)[1]);
    RoomOptions turned = options;  // x to z
    for (Point* point : {&turned.size, &turned.source, &turned.microphone}) std::swap((*point)[0], (*point)[2]);
    std::swap((*turned.reflection)[0], (*turned.reflection)[4]);
    std::swap((*turned.reflection)[1], (*turned.reflection)[5]);
    for (const RoomOptions& other : {mirrored, turned}) {
      ASSERT_OK_AND_ASSIGN(const RoomResponse same, SimulateRoom(other));
      ASSERT_EQ(same.samples.size(), plain.samples.size());
      const double tolerance = 1e-6 * Largest(plain.samples);
      for (int64_t n = 0; n < same.samples.size(); ++n) ASSERT_NEAR(same.samples[n], plain.samples[n], tolerance) << n;
    }
  }
}

// T30 of responses of plausible rooms, relative to the time asked for.
std::vector<double> RelativeTimes(AbsorptionRule rule) {
  const Point sizes[] = {{4, 3, 2.5}, {6, 5, 3}, {8, 6, 3}, {10, 8, 3.5}};
  Random random(6);
  std::vector<double> relative;
  for (const Point& size : sizes) {
    for (const double t60 : {0.25, 0.4, 0.6}) {
      RoomOptions options;
      options.size = size;
      options.rule = rule;
      options.t60 = t60;
      options.source = PointIn(size, &random);
      options.microphone = PointIn(size, &random);
      const absl::StatusOr<RoomResponse> room = SimulateRoom(options);
      if (!room.ok()) {
        ADD_FAILURE() << room.status();
        return {};
      }
      const absl::StatusOr<double> measured =
          MeasureT60(absl::MakeConstSpan(room->samples.data(), static_cast<size_t>(room->samples.size())), 16000);
      if (!measured.ok()) {
        ADD_FAILURE() << measured.status();
        return {};
      }
      relative.push_back(*measured / t60);
    }
  }
  return relative;
}

TEST(RoomTest, EnergyDecaysInTheTimeAskedFor) {
  for (const double relative : RelativeTimes(AbsorptionRule::kFitted)) EXPECT_NEAR(relative, 1, 0.1);
}

// The rules that suppose a diffuse sound are out by as much as their comments say.
TEST(RoomTest, DiffuseRulesDecayTooSlowly) {
  for (const double relative : RelativeTimes(AbsorptionRule::kSabine)) EXPECT_NEAR(relative, 1.1, 0.2);
  for (const double relative : RelativeTimes(AbsorptionRule::kEyring)) EXPECT_NEAR(relative, 1.35, 0.2);
}

TEST(RoomTest, AbsorptionRules) {
  const Point size = {6, 5, 3};
  const double x = 24 * std::log(10.0) * 90 / (343 * 126 * 0.5);
  ASSERT_OK_AND_ASSIGN(const double sabine, ReflectionFromT60(size, 0.5, AbsorptionRule::kSabine));
  EXPECT_NEAR(sabine * sabine, 1 - x, 1e-12);
  ASSERT_OK_AND_ASSIGN(const double eyring, ReflectionFromT60(size, 0.5, AbsorptionRule::kEyring));
  EXPECT_NEAR(eyring * eyring, std::exp(-x), 1e-12);
  EXPECT_THAT(ReflectionFromT60(size, 0, AbsorptionRule::kSabine), IsOkAndHolds(0.0));
  EXPECT_THAT(ReflectionFromT60(size, 0, AbsorptionRule::kEyring), IsOkAndHolds(0.0));
  EXPECT_THAT(ReflectionFromT60(size, 0.1, AbsorptionRule::kSabine),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("has at least 0.115")));
  EXPECT_OK(ReflectionFromT60(size, 0.1, AbsorptionRule::kEyring));
  double last = 0;
  for (const double t60 : {0.1, 0.2, 0.3, 0.5, 0.8}) {
    ASSERT_OK_AND_ASSIGN(const double fitted, ReflectionFromT60(size, t60, AbsorptionRule::kFitted));
    EXPECT_GT(fitted, last);
    EXPECT_LT(fitted, 1);
    last = fitted;
  }
}

TEST(RoomTest, HighPassTakesTheRumble) {
  RoomOptions options;
  options.high_pass_hz = 0;
  ASSERT_OK_AND_ASSIGN(const RoomResponse plain, SimulateRoom(options));
  options.high_pass_hz = 60;
  ASSERT_OK_AND_ASSIGN(const RoomResponse filtered, SimulateRoom(options));
  const auto gain = [&](double hz) {
    const double radians = 2 * kPi * hz / 16000;
    return ToneAt(filtered.samples, radians, 0).gain / ToneAt(plain.samples, radians, 0).gain;
  };
  EXPECT_LT(gain(2), 0.05);
  EXPECT_NEAR(gain(60), std::sqrt(0.5), 0.02);
  EXPECT_NEAR(gain(600), 1, 0.01);
  EXPECT_EQ(filtered.direct_sample, plain.direct_sample);
}

// What labels rest on: a click stays at its sample, with its level, and its echoes come behind it.
TEST(RoomTest, AlignedSpeechStaysInPlace) {
  RoomOptions options;
  options.unit_direct_path = true;
  ASSERT_OK_AND_ASSIGN(const RoomResponse room, SimulateRoom(options));
  FloatArray click = FloatArray::Zeros({8000});
  click.mutable_data()[3000] = 0.5f;
  ASSERT_OK_AND_ASSIGN(const FloatArray heard, ConvolveAligned(click, room.samples, std::lround(room.direct_sample)));
  ASSERT_EQ(heard.size(), click.size());
  int64_t loudest = 0;
  double before = 0, behind = 0;
  for (int64_t n = 0; n < heard.size(); ++n) {
    if (std::abs(heard[n]) > std::abs(heard[loudest])) loudest = n;
    (n < 2959 ? before : behind) += heard[n] * static_cast<double>(heard[n]);
  }
  EXPECT_EQ(loudest, 3000);
  EXPECT_NEAR(heard[3000], 0.5, 0.19);  // between samples a pulse has 2 / pi of its height at least
  EXPECT_LT(before, 1e-12 * behind);

  options.t60 = 0;
  options.high_pass_hz = 0;
  ASSERT_OK_AND_ASSIGN(const RoomResponse dry, SimulateRoom(options));
  EXPECT_NEAR(ToneAt(dry.samples, 0.3 * kPi, dry.direct_sample).gain, 1, 2e-3);
}

TEST(RoomTest, BadOptionsAreNamed) {
  const auto expect_invalid = [](const char* part, auto change) {
    RoomOptions options;
    change(&options);
    EXPECT_THAT(SimulateRoom(options), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(part)));
  };
  const std::array<double, 6> half = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
  expect_invalid("y of the source is 5;", [](RoomOptions* o) { o->source[1] = 5; });
  expect_invalid("z of the microphone is -0.1;", [](RoomOptions* o) { o->microphone[2] = -0.1; });
  expect_invalid("x of the source is nan;", [](RoomOptions* o) { o->source[0] = std::nan(""); });
  expect_invalid("the size along z is 0;", [](RoomOptions* o) { o->size[2] = 0; });
  expect_invalid("the distance from source to microphone", [](RoomOptions* o) { o->source = o->microphone; });
  expect_invalid("too few echoes", [](RoomOptions* o) { o->t60 = 0.01; });
  expect_invalid("has at least", [](RoomOptions* o) {
    o->t60 = 0.05;
    o->rule = AbsorptionRule::kSabine;
  });
  expect_invalid("t60 is -1;", [](RoomOptions* o) { o->t60 = -1; });
  expect_invalid("the sample rate is 999;", [](RoomOptions* o) { o->sample_rate = 999; });
  expect_invalid("max_order is -2;", [](RoomOptions* o) { o->max_order = -2; });
  expect_invalid("the high-pass is 8000;", [](RoomOptions* o) { o->high_pass_hz = 8000; });
  expect_invalid("the length is 0.001;", [](RoomOptions* o) { o->length = 0.001; });
  expect_invalid("the length is 21;", [](RoomOptions* o) { o->length = 21; });
  expect_invalid("the length must be given", [&](RoomOptions* o) { o->reflection = half; });
  expect_invalid("a reflection coefficient is 1.5;", [&](RoomOptions* o) {
    o->reflection = half;
    o->length = 0.1;
    (*o->reflection)[3] = 1.5;
  });
  expect_invalid("are the most that are followed", [](RoomOptions* o) { o->t60 = 8; });
  RoomOptions few;
  few.t60 = 8;
  few.rule = AbsorptionRule::kSabine;
  few.max_order = 3;
  few.sample_rate = 1000;
  EXPECT_OK(SimulateRoom(few));
}

}  // namespace
}  // namespace diarflow
