// The speed of CAM++ with random weights: numbers and weights do not change it.
//
//   bazel run //models/campplus:campplus_benchmark
//
// Arguments: utterances at once, samples of each. `x_realtime` is seconds of audio per second.
#include <cstdint>
#include <vector>

#include "benchmark/benchmark.h"
#include "models/campplus/campplus.h"
#include "models/torch_threads.h"

namespace diarflow {
namespace {

void BM_Embed(benchmark::State& state) {
  SetModelThreads(1);
  static const CampplusEncoder::Ptr& encoder = *new CampplusEncoder::Ptr(*CampplusEncoder::Random(1));
  const int64_t utterances = state.range(0), samples = state.range(1);
  std::vector<FloatArray> audio;
  uint32_t noise = 1;
  for (int64_t u = 0; u < utterances; ++u) {
    audio.push_back(FloatArray::Zeros({samples}));
    float* out = audio.back().mutable_data();
    for (int64_t i = 0; i < samples; ++i) {
      noise = noise * 1664525u + 1013904223u;
      out[i] = static_cast<float>(noise >> 8) * 0x1p-24f - 0.5f;
    }
  }
  for (auto _ : state) {
    const auto embeddings = encoder->Embed(audio);
    if (!embeddings.ok()) state.SkipWithError(embeddings.status().ToString().c_str());
    benchmark::DoNotOptimize(embeddings);
  }
  state.counters["x_realtime"] =
      benchmark::Counter(static_cast<double>(state.iterations() * utterances * samples) / kCampplusSampleRate,
                         benchmark::Counter::kIsRate);
}

// 1.5 s, one by one and together; 3 s (298 frames); 10 s; a minute.
BENCHMARK(BM_Embed)
    ->Args({1, 24000})
    ->Args({13, 24000})
    ->Args({1, 48000})
    ->Args({6, 48000})
    ->Args({1, 160000})
    ->Args({1, 960000})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace diarflow
