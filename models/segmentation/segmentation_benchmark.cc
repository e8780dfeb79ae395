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
#include "models/torch_threads.h"

namespace diarflow {
namespace {

const SegmentationModel& Model() {
  SetModelThreads(1);
  static const SegmentationModel::Ptr& model = *new SegmentationModel::Ptr(*SegmentationModel::Random(1));
  return *model;
}

FloatArray Noise(int64_t samples) {
  static uint32_t noise = 1;
  FloatArray audio = FloatArray::Zeros({samples});
  float* out = audio.mutable_data();
  for (int64_t i = 0; i < samples; ++i) {
    noise = noise * 1664525u + 1013904223u;
    out[i] = static_cast<float>(noise >> 8) * 0x1p-24f - 0.5f;
  }
  return audio;
}

void BM_Classify(benchmark::State& state) {
  const SegmentationModel& model = Model();
  const int64_t windows = state.range(0), samples = state.range(1);
  std::vector<FloatArray> audio;
  for (int64_t w = 0; w < windows; ++w) audio.push_back(Noise(samples));
  for (auto _ : state) {
    const auto classes = model.Classify(audio);
    if (!classes.ok()) state.SkipWithError(classes.status().ToString().c_str());
    benchmark::DoNotOptimize(classes);
  }
  state.counters["x_realtime"] =
      benchmark::Counter(static_cast<double>(state.iterations() * windows * samples) / kSegmentationSampleRate,
                         benchmark::Counter::kIsRate);
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
