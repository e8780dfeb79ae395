// A step of a stream allocates the arrays that it gives, and LibTorch a few bytes in each call of a kernel: the same in
// every step, however long the stream is.
#include "models/mimi/testing/allocations.h"

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "base/float_array.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/mimi/mimi.h"
#include "models/mimi/mimi_config.h"
#include "models/torch_threads.h"

namespace diarflow {
namespace {

// An array: its numbers, their owner, its shape (which is moved once more into it).
constexpr int64_t kAnArray = 5;
// The list of arrays.
constexpr int64_t kAStep = 5;

FloatArray Sound(int64_t samples) {
  FloatArray audio = FloatArray::Zeros({samples});
  for (int64_t i = 0; i < samples; ++i) audio.mutable_data()[i] = static_cast<float>(i * 37 % 101) / 101 - 0.5f;
  return audio;
}

TEST(AllocationsTest, TheHookCounts) {
  const AllocationCount allocations;
  const FloatArray numbers = FloatArray::Zeros({1000});
  const std::vector<float> more(numbers.begin(), numbers.end());
  EXPECT_GE(allocations.count(), 3) << more[5];
}

TEST(AllocationsTest, EveryStepAllocatesTheSame) {
  SetModelThreads(1);
  std::vector<MimiPrecision> precisions = {MimiPrecision::kFloat32};
  if (FastestMimiPrecision() == MimiPrecision::kBfloat16) precisions.push_back(MimiPrecision::kBfloat16);
  for (const MimiPrecision precision : precisions) {
    for (const int64_t streams : {1, 5}) {
      // A window of .8 s: the stream goes far beyond it.
      MimiConfig config = SmallMimiConfig();
      config.set_context(20);
      ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::Random(config, 1, precision));
      ASSERT_OK_AND_ASSIGN(MimiState state, mimi->NewState(streams, MimiTap::kLatent12));
      const std::vector<FloatArray> audio(static_cast<size_t>(streams), Sound(kMimiFrameSamples));
      for (int step = 0; step < 3; ++step) ASSERT_OK(mimi->Step(state, audio));
      std::vector<int64_t> counts;
      for (int step = 0; step < 150; ++step) {
        const AllocationCount allocations;
        const auto frames = mimi->Step(state, audio);
        counts.push_back(allocations.count());
        ASSERT_OK(frames);
      }
      EXPECT_THAT(counts, testing::Each(counts[0]));
      AllocationCount allocations(/*sources=*/true);
      ASSERT_OK(mimi->Step(state, audio));
      std::cout << streams << " streams: " << counts[0] << " allocations a step" << std::endl;
      int64_t ours = 0;
      for (const auto& [source, count] : allocations.Sources()) {
        std::cout << "  " << count << " " << source << "\n";
        if (source.find("PackedMatrix") == std::string::npos && source.find("MultiplyPlain") == std::string::npos) {
          ours += count;
        }
      }
      EXPECT_GT(ours, 0);
      EXPECT_LE(ours, kAStep + kAnArray * streams);
    }
  }
}

}  // namespace
}  // namespace diarflow
