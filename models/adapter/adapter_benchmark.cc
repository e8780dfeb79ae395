// The speed of the adapter with random weights: numbers and weights do not change it.
//
//   bazel run //models/adapter:adapter_benchmark
//
// Arguments: items at once, frames of each. `x_realtime` is seconds of audio, at 12.5 frames a second, per second.
#include <cstdint>
#include <vector>

#include "benchmark/benchmark.h"
#include "models/adapter/adapter.h"
#include "models/testing/test_device.h"
#include "models/torch_threads.h"

namespace diarflow {
namespace {

constexpr double kFramesPerSecond = 12.5;

void BM_Logits(benchmark::State& state) {
  SetModelThreads(1);
  static const Adapter::Ptr& adapter = *new Adapter::Ptr(*Adapter::Random(AdapterConfig(), 1, *TestDevice()));
  const int64_t items = state.range(0), frames = state.range(1);
  std::vector<FloatArray> latents;
  uint32_t noise = 1;
  for (int64_t item = 0; item < items; ++item) {
    latents.push_back(FloatArray::Zeros({frames, adapter->config().input_width()}));
    float* out = latents.back().mutable_data();
    for (int64_t i = 0; i < latents.back().size(); ++i) {
      noise = noise * 1664525u + 1013904223u;
      out[i] = static_cast<float>(noise >> 8) * 0x1p-24f - 0.5f;
    }
  }
  for (auto _ : state) {
    const auto logits = adapter->Logits(latents);
    if (!logits.ok()) state.SkipWithError(logits.status().ToString().c_str());
    benchmark::DoNotOptimize(logits);
  }
  state.counters["x_realtime"] = benchmark::Counter(
      static_cast<double>(state.iterations() * items * frames) / kFramesPerSecond, benchmark::Counter::kIsRate);
}

// A crop of the training (90 s), four of them, ten minutes.
BENCHMARK(BM_Logits)->Args({1, 1125})->Args({4, 1125})->Args({1, 7500})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace diarflow
