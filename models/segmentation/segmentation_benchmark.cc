// The speed of the segmentation network with random weights: numbers and weights do not change it.
//
//   bazel run //models/segmentation:segmentation_benchmark
//
// Arguments: windows at once, samples of each. `x_realtime` is seconds of windows per second; with windows of 10 s
// every second a recording takes ten times as long.
#include <cstdint>
#include <vector>

#include "benchmark/benchmark.h"
#include "models/segmentation/segmentation.h"
#include "models/testing/encoder_benchmark.h"

namespace diarflow {
namespace {

void BM_Classify(benchmark::State& state) {
  const auto& model = BenchmarkEncoder<SegmentationModel>();
  const int64_t windows = state.range(0), samples = state.range(1);
  const std::vector<FloatArray> audio(static_cast<size_t>(windows), BenchmarkNoise(samples));
  for (auto _ : state) KeepOrFail(model.Classify(audio), state);
  state.counters["x_realtime"] = benchmark::Counter(
      static_cast<double>(state.iterations() * windows * samples) / kBenchmarkRate, benchmark::Counter::kIsRate);
}

// 10 s, one by one and together; 5 s; 1 s; a minute.
BENCHMARK(BM_Classify)
    ->Args({1, 160000})
    ->Args({2, 160000})
    ->Args({4, 160000})
    ->Args({8, 160000})
    ->Args({1, 80000})
    ->Args({8, 80000})
    ->Args({1, 16000})
    ->Args({1, 960000})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace diarflow
