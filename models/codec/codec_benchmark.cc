// The speed of a step of training at the small size, on one thread: loss and gradients of 12 pieces of 1.2 s.
//
//   bazel run //models/codec:codec_benchmark
#include <cstdint>

#include "ATen/core/Tensor.h"
#include "base/random.h"
#include "benchmark/benchmark.h"
#include "models/codec/codec.h"
#include "models/codec/testing/sound.h"
#include "models/mimi/mimi_tap.h"
#include "models/torch_threads.h"

namespace diarflow {
namespace {

void BM_Step(benchmark::State& state) {
  SetModelThreads(1);
  const CodecConfig config = SmallCodecConfig();
  const CodecParameters parameters = InitialCodecParameters(config, 1);
  Random random(1);
  const CodebookTraining training{&random};
  const at::Tensor samples = RandomSound(12, 15 * kMimiFrameSamples, random);
  for (auto _ : state) {
    const auto losses = CodecLoss(config, parameters, samples, config.mimi.num_codebooks(), &training);
    if (losses.ok()) {
      losses->total.backward();
    } else {
      state.SkipWithError(losses.status().ToString().c_str());
    }
  }
}

BENCHMARK(BM_Step)->Unit(benchmark::kMillisecond)->MinTime(5);

}  // namespace
}  // namespace diarflow
