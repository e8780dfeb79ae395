// The speed of TitaNet-large with random weights: numbers and weights do not change it.
//
//   bazel run //models/titanet:titanet_benchmark
//
// Arguments of BM_Embed: utterances at once, samples of each. The BM_Windows rows are one minute in windows of 1.5 s
// every 0.2 s, together as EmbedWindows() does and one by one: their ratio is the gain. `x_realtime` is seconds of
// audio per second.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "benchmark/benchmark.h"
#include "models/titanet/titanet.h"
#include "models/torch_threads.h"

namespace diarflow {
namespace {

const TitanetEncoder& Encoder() {
  SetModelThreads(1);
  static const TitanetEncoder::Ptr& encoder = *new TitanetEncoder::Ptr(*TitanetEncoder::Random(1));
  return *encoder;
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

void BM_Embed(benchmark::State& state) {
  const TitanetEncoder& encoder = Encoder();
  const int64_t utterances = state.range(0), samples = state.range(1);
  std::vector<FloatArray> audio;
  for (int64_t u = 0; u < utterances; ++u) audio.push_back(Noise(samples));
  for (auto _ : state) {
    const auto embeddings = encoder.Embed(audio);
    if (!embeddings.ok()) state.SkipWithError(embeddings.status().ToString().c_str());
    benchmark::DoNotOptimize(embeddings);
  }
  state.counters["x_realtime"] = benchmark::Counter(
      static_cast<double>(state.iterations() * utterances * samples) / kTitanetSampleRate, benchmark::Counter::kIsRate);
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

constexpr int64_t kMinute = 60 * kTitanetSampleRate, kWindow = 24000, kHop = 3200;

void BM_WindowsTogether(benchmark::State& state) {
  const TitanetEncoder& encoder = Encoder();
  const FloatArray audio = Noise(kMinute);
  for (auto _ : state) {
    const auto windows = encoder.EmbedWindows(audio, kWindow, kHop);
    if (!windows.ok()) state.SkipWithError(windows.status().ToString().c_str());
    benchmark::DoNotOptimize(windows);
  }
}

void BM_WindowsOneByOne(benchmark::State& state) {
  const TitanetEncoder& encoder = Encoder();
  const FloatArray audio = Noise(kMinute);
  for (auto _ : state) {
    for (int64_t begin = 0; begin + kWindow <= kMinute; begin += kHop) {
      FloatArray window = FloatArray::Zeros({kWindow});
      std::copy_n(audio.data() + begin, kWindow, window.mutable_data());
      const auto embedding = encoder.Embed({window});
      if (!embedding.ok()) state.SkipWithError(embedding.status().ToString().c_str());
      benchmark::DoNotOptimize(embedding);
    }
  }
}

BENCHMARK(BM_WindowsTogether)->Unit(benchmark::kMillisecond)->MinTime(2);
BENCHMARK(BM_WindowsOneByOne)->Unit(benchmark::kMillisecond)->MinTime(2);

}  // namespace
}  // namespace diarflow
