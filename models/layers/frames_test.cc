#include "models/layers/frames.h"

#include <vector>

#include "ATen/ops/conv1d.h"
#include "ATen/ops/randn.h"
#include "c10/core/InferenceMode.h"
#include "c10/util/Exception.h"
#include "gtest/gtest.h"
#include "models/torch_threads.h"

namespace diarflow {
namespace {

double LargestDifference(const at::Tensor& a, const at::Tensor& b) { return a.sub(b).abs().max().item<double>(); }

TEST(FramesTest, BiasAndRelu) {
  const c10::InferenceMode guard;
  for (const int64_t channels : {1, 31, 1024}) {
    const at::Tensor x = at::randn({3, 50, channels}), bias = at::randn({channels});
    const at::Tensor sum = x.clone(), positive = x.clone();
    AddBias(sum, bias);
    AddBiasRelu(positive, bias);
    EXPECT_EQ(LargestDifference(sum, x.add(bias)), 0);
    EXPECT_EQ(LargestDifference(positive, x.add(bias).relu_()), 0);
    EXPECT_GT(positive.eq(0).sum().item<int64_t>(), 0);
  }
}

// Also fewer frames than taps, and items that the threads cut.
TEST(FramesTest, DepthwiseConvolutionIsThatOfEachChannel) {
  const c10::InferenceMode guard;
  for (const int threads : {1, 3}) {
    SetModelThreads(threads);
    for (const int64_t taps : {1, 3, 15}) {
      for (const int64_t frames : {1, 2, 7, 60}) {
        for (const int64_t channels : {1, 16, 80, 163}) {
          SCOPED_TRACE(testing::PrintToString(std::vector<int64_t>{threads, taps, frames, channels}));
          const at::Tensor x = at::randn({40, frames, channels}), weights = at::randn({taps, channels});
          const at::Tensor expected = at::conv1d(x.transpose(1, 2), weights.t().unsqueeze(1), {}, /*stride=*/1,
                                                 /*padding=*/taps / 2, /*dilation=*/1, /*groups=*/channels)
                                          .transpose(1, 2);
          EXPECT_LT(LargestDifference(DepthwiseConvolution(x, weights), expected), 1e-5);
        }
      }
    }
  }
  SetModelThreads(1);
}

TEST(FramesTest, RefusesNumbersThatStandOtherwise) {
  const c10::InferenceMode guard;
  const at::Tensor turned = at::randn({2, 5, 4}).transpose(1, 2);
  EXPECT_THROW(AddBias(turned, at::randn({5})), c10::Error);
  EXPECT_THROW(DepthwiseConvolution(turned, at::randn({3, 5})), c10::Error);
  EXPECT_THROW(DepthwiseConvolution(turned.contiguous(), at::randn({2, 5})), c10::Error);
}

}  // namespace
}  // namespace diarflow
