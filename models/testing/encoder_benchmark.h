// What the benchmarks of the speaker encoders share. An encoder E takes audio of 16 kHz; it has Ptr, Random(), Embed()
// and EmbedWindows() as CampplusEncoder has them.
#ifndef DIARFLOW_MODELS_TESTING_ENCODER_BENCHMARK_H_
#define DIARFLOW_MODELS_TESTING_ENCODER_BENCHMARK_H_

#include <cstdint>
#include <vector>

#include "base/float_array.h"
#include "benchmark/benchmark.h"
#include "models/testing/test_device.h"
#include "models/torch_threads.h"
#include "models/windows.h"

namespace diarflow {

constexpr int64_t kBenchmarkRate = 16000;  // Hz

// Uniform in [-0.5, 0.5), the same every time.
inline FloatArray BenchmarkNoise(int64_t samples) {
  uint32_t noise = 1;
  FloatArray audio = FloatArray::Zeros({samples});
  float* out = audio.mutable_data();
  for (int64_t i = 0; i < samples; ++i) {
    noise = noise * 1664525u + 1013904223u;
    out[i] = static_cast<float>(noise >> 8) * 0x1p-24f - 0.5f;
  }
  return audio;
}

template <typename E>
typename E::Ptr RandomEncoder(const ModelDevice& device) {
  return *E::Random(1, device);
}

// On one thread, or where TestDevice() says.
template <typename E>
const E& BenchmarkEncoder() {
  SetModelThreads(1);
  static const auto& encoder = *new typename E::Ptr(RandomEncoder<E>(*TestDevice()));
  return *encoder;
}

template <typename Result>
void KeepOrFail(const Result& result, benchmark::State& state) {
  if (!result.ok()) state.SkipWithError(result.status().ToString().c_str());
  benchmark::DoNotOptimize(result);
}

// Arguments: utterances at once, samples of each. `x_realtime` is seconds of audio per second.
template <typename E>
void BM_Embed(benchmark::State& state) {
  const E& encoder = BenchmarkEncoder<E>();
  const int64_t utterances = state.range(0), samples = state.range(1);
  const std::vector<FloatArray> audio(static_cast<size_t>(utterances), BenchmarkNoise(samples));
  for (auto _ : state) KeepOrFail(encoder.Embed(audio), state);
  state.counters["x_realtime"] = benchmark::Counter(
      static_cast<double>(state.iterations() * utterances * samples) / kBenchmarkRate, benchmark::Counter::kIsRate);
}

// A minute in windows of 1.5 s every 0.2 s, together as EmbedWindows() does and one by one: their ratio is the gain.
constexpr int64_t kBenchmarkMinute = 60 * kBenchmarkRate, kBenchmarkWindow = 24000, kBenchmarkHop = 3200;

template <typename E>
void BM_WindowsTogether(benchmark::State& state) {
  const E& encoder = BenchmarkEncoder<E>();
  const FloatArray audio = BenchmarkNoise(kBenchmarkMinute);
  for (auto _ : state) KeepOrFail(encoder.EmbedWindows(audio, kBenchmarkWindow, kBenchmarkHop), state);
}

template <typename E>
void BM_WindowsOneByOne(benchmark::State& state) {
  const E& encoder = BenchmarkEncoder<E>();
  const FloatArray audio = BenchmarkNoise(kBenchmarkMinute);
  for (auto _ : state) {
    for (int64_t begin = 0; begin + kBenchmarkWindow <= kBenchmarkMinute; begin += kBenchmarkHop) {
      KeepOrFail(encoder.Embed({Slice(audio, begin, begin + kBenchmarkWindow)}), state);
    }
  }
}

// All of the above; for utterances 1.5 s, one by one and together, 3 s, 10 s and a minute.
#define DIARFLOW_BENCHMARK_SPEAKER_ENCODER(E)                                           \
  BENCHMARK_TEMPLATE(BM_Embed, E)                                                       \
      ->Args({1, 24000})                                                                \
      ->Args({13, 24000})                                                               \
      ->Args({1, 48000})                                                                \
      ->Args({6, 48000})                                                                \
      ->Args({1, 160000})                                                               \
      ->Args({1, 960000})                                                               \
      ->Unit(benchmark::kMillisecond);                                                  \
  BENCHMARK_TEMPLATE(BM_WindowsTogether, E)->Unit(benchmark::kMillisecond)->MinTime(2); \
  BENCHMARK_TEMPLATE(BM_WindowsOneByOne, E)->Unit(benchmark::kMillisecond)->MinTime(2)

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TESTING_ENCODER_BENCHMARK_H_
