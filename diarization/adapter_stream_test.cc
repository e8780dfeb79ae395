#include "diarization/adapter_stream.h"

#include <algorithm>
#include <random>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

AdapterConfig TinyConfig() {
  AdapterConfig config;
  config.set_input_width(3);
  config.set_width(8);
  config.set_num_heads(2);
  config.set_feed_forward(16);
  config.set_num_layers(1);
  return config;
}

const Adapter::Ptr& Tiny() {
  static const auto& adapter = *new Adapter::Ptr(*Adapter::Random(TinyConfig(), 5));
  return adapter;
}

FloatArray RandomLatents(int64_t frames, std::minstd_rand* random) {
  FloatArray latents = FloatArray::Zeros({frames, 3});
  for (int64_t i = 0; i < latents.size(); ++i) {
    latents.mutable_data()[i] = static_cast<float>((*random)() % 2000) / 500.f - 2;
  }
  return latents;
}

FloatArray Part(const FloatArray& whole, int64_t begin, int64_t end) {
  FloatArray part = FloatArray::Zeros({end - begin, whole.dim(1)});
  std::copy_n(whole.data() + begin * whole.dim(1), part.size(), part.mutable_data());
  return part;
}

// All windows first, then what was decided when: with WindowStitcher, which has tests of its own.
std::vector<float> Oracle(const FloatArray& latents, const AdapterWindows& windows) {
  const int64_t frames = latents.dim(0);
  WindowStitcher stitcher(4);
  std::vector<float> activity;
  int64_t decided = 0;
  for (int64_t end = windows.hop_frames; decided < frames; end += windows.hop_frames) {
    const bool last = end >= frames;
    const int64_t stop = std::min(end, frames);
    const int64_t begin = std::max<int64_t>(0, stop - windows.window_frames);
    if (stop > stitcher.end()) {
      EXPECT_OK(stitcher.Add(begin, Sigmoid((*Tiny()->Logits({Part(latents, begin, stop)}))[0])));
    }
    const int64_t until = last ? frames : std::max(decided, stop - windows.latency_frames);
    const FloatArray more = stitcher.Activity(decided, until);
    activity.insert(activity.end(), more.begin(), more.end());
    decided = until;
  }
  return activity;
}

TEST(AdapterStreamTest, PiecesGiveWhatTheWindowsGive) {
  std::minstd_rand random(6);
  for (int round = 0; round < 40; ++round) {
    AdapterWindows windows;
    windows.window_frames = 2 + static_cast<int64_t>(random() % 20);
    windows.hop_frames = 1 + static_cast<int64_t>(random()) % windows.window_frames;
    windows.latency_frames = static_cast<int64_t>(random()) % (windows.window_frames - windows.hop_frames + 1);
    ASSERT_OK(CheckAdapterWindows(windows));
    const int64_t frames = 1 + static_cast<int64_t>(random() % 90);
    const FloatArray latents = RandomLatents(frames, &random);
    AdapterStream stream(Tiny(), windows);
    std::vector<float> activity;
    for (int64_t begin = 0; begin < frames;) {
      const int64_t end = std::min<int64_t>(frames, begin + static_cast<int64_t>(random() % 25));
      ASSERT_OK_AND_ASSIGN(const FloatArray more, stream.Push(Part(latents, begin, end)));
      activity.insert(activity.end(), more.begin(), more.end());
      EXPECT_EQ(stream.decided() * 4, static_cast<int64_t>(activity.size()));
      // Nothing waits longer than the latency and a hop.
      EXPECT_GT(stream.decided(), end - windows.latency_frames - windows.hop_frames);
      begin = end;
    }
    ASSERT_OK_AND_ASSIGN(const FloatArray last, stream.Flush());
    activity.insert(activity.end(), last.begin(), last.end());
    EXPECT_EQ(activity.size(), static_cast<size_t>(frames * 4));
    EXPECT_EQ(activity, Oracle(latents, windows)) << round;
  }
}

TEST(AdapterStreamTest, ARecordingWithinOneWindowIsOneWindow) {
  std::minstd_rand random(6);
  const FloatArray latents = RandomLatents(500, &random);
  AdapterStream stream(Tiny(), {});
  ASSERT_OK_AND_ASSIGN(const FloatArray none, stream.Push(latents));
  EXPECT_EQ(none.ShapeString(), "[0, 4]");
  ASSERT_OK_AND_ASSIGN(const FloatArray activity, stream.Flush());
  const FloatArray whole = Sigmoid((*Tiny()->Logits({latents}))[0]);
  EXPECT_EQ(std::vector<float>(activity.begin(), activity.end()), std::vector<float>(whole.begin(), whole.end()));
  AdapterStream empty(Tiny(), {});
  ASSERT_OK_AND_ASSIGN(const FloatArray nothing, empty.Flush());
  EXPECT_EQ(nothing.dim(0), 0);
}

TEST(AdapterStreamTest, BadInputIsAStatus) {
  const auto code = absl::StatusCode::kInvalidArgument;
  AdapterStream stream(Tiny(), {});
  EXPECT_THAT(stream.Push(FloatArray::Zeros({2, 4})), StatusIs(code));
  EXPECT_THAT(stream.Push(FloatArray::Zeros({2})), StatusIs(code));
  EXPECT_OK(stream.Push(FloatArray::Zeros({0, 0})));
  EXPECT_OK(CheckAdapterWindows({}));
  EXPECT_THAT(CheckAdapterWindows({0, 1, 0}), StatusIs(code));
  EXPECT_THAT(CheckAdapterWindows({10, 11, 0}), StatusIs(code));
  EXPECT_THAT(CheckAdapterWindows({10, 0, 0}), StatusIs(code));
  EXPECT_THAT(CheckAdapterWindows({10, 5, 6}), StatusIs(code));
  EXPECT_THAT(CheckAdapterWindows({int64_t{1} << 40, 5, 6}), StatusIs(code));
}

}  // namespace
}  // namespace diarflow
