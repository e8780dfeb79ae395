// How fast the encoder is. The counter "x_realtime" is seconds of audio a second.
//   ./bazelw run //models/mimi:mimi_benchmark
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "ATen/Parallel.h"
#include "benchmark/benchmark.h"
#include "models/mimi/mimi.h"
#include "models/mimi/mimi_config.h"
#include "models/testing/test_device.h"

namespace diarflow {
namespace {

constexpr int64_t kSamples = 3 * kMimiSampleRate;

enum Size { kSmall, kReleased };

// Where TestDevice() says. At 16 bits as at 32 on a GPU, and on a CPU without fast products of bfloat16.
const MimiEncoder& Encoder(int64_t size, int64_t bits = 32) {
  static auto* const encoders = new std::map<std::pair<int64_t, int64_t>, MimiEncoder::Ptr>();
  MimiEncoder::Ptr& encoder = (*encoders)[{size, bits}];
  if (encoder == nullptr) {
    const ModelDevice device = *TestDevice();
    encoder = *MimiEncoder::Random(size == kSmall ? SmallMimiConfig() : ReleasedMimiConfig(), 1,
                                   bits == 16 && device.is_cpu() ? FastestMimiPrecision() : MimiPrecision::kFloat32,
                                   device);
  }
  return *encoder;
}

std::vector<FloatArray> Audio(int64_t batch, int64_t samples) {
  FloatArray audio = FloatArray::Zeros({samples});
  uint32_t state = 1;
  for (int64_t i = 0; i < samples; ++i) {
    state = state * 1664525u + 1013904223u;
    audio.mutable_data()[i] = static_cast<float>(state) * 0x1p-33f - 0.25f;
  }
  return std::vector<FloatArray>(static_cast<size_t>(batch), audio);
}

void ReportRealTime(benchmark::State& state, double seconds_an_iteration) {
  state.counters["x_realtime"] =
      benchmark::Counter(seconds_an_iteration * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

// Arguments: size, batch, threads inside LibTorch, bits of the products' operands.
void BM_Encode(benchmark::State& state) {
  const MimiEncoder& mimi = Encoder(state.range(0), state.range(3));
  at::set_num_threads(static_cast<int>(state.range(2)));
  const std::vector<FloatArray> audio = Audio(state.range(1), kSamples);
  for (auto _ : state) {
    auto latents = mimi.Encode(audio, MimiTap::kLatent12);
    if (!latents.ok()) state.SkipWithError(latents.status().ToString().c_str());
    benchmark::DoNotOptimize(latents);
  }
  ReportRealTime(state, 3.0 * static_cast<double>(state.range(1)));
}

// Up to a tap: where the time goes. Arguments: size, tap.
void BM_EncodeToTap(benchmark::State& state) {
  const MimiEncoder& mimi = Encoder(state.range(0));
  at::set_num_threads(1);
  const std::vector<FloatArray> audio = Audio(1, kSamples);
  for (auto _ : state) {
    auto frames = mimi.Encode(audio, static_cast<MimiTap>(state.range(1)));
    benchmark::DoNotOptimize(frames);
  }
  ReportRealTime(state, 3.0);
}

void BM_EncodeCodes(benchmark::State& state) {
  const MimiEncoder& mimi = Encoder(state.range(0));
  at::set_num_threads(1);
  const std::vector<FloatArray> audio = Audio(1, kSamples);
  for (auto _ : state) {
    auto codes = mimi.EncodeCodes(audio);
    benchmark::DoNotOptimize(codes);
  }
  ReportRealTime(state, 3.0);
}

// Arguments: size, 12.5 Hz frames a step, streams, bits of the products' operands.
void BM_Step(benchmark::State& state) {
  const MimiEncoder& mimi = Encoder(state.range(0), state.range(3));
  at::set_num_threads(1);
  const int64_t samples = state.range(1) * kMimiFrameSamples;
  const std::vector<FloatArray> audio = Audio(state.range(2), samples);
  MimiState stream = *mimi.NewState(state.range(2), MimiTap::kLatent12);
  for (auto _ : state) {
    auto frames = mimi.Step(stream, audio);
    benchmark::DoNotOptimize(frames);
  }
  ReportRealTime(state, static_cast<double>(samples * state.range(2)) / static_cast<double>(kMimiSampleRate));
}

BENCHMARK(BM_Encode)
    ->ArgNames({"size", "batch", "threads", "bits"})
    ->ArgsProduct({{kSmall, kReleased}, {1, 8}, {1, 2}, {32, 16}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(BM_EncodeToTap)
    ->ArgNames({"size", "tap"})
    ->ArgsProduct({{kSmall, kReleased}, {0, 1, 2}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(BM_EncodeCodes)
    ->ArgNames({"size"})
    ->Arg(kSmall)
    ->Arg(kReleased)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Step)
    ->ArgNames({"size", "frames", "streams", "bits"})
    ->ArgsProduct({{kSmall, kReleased}, {1, 12}, {1, 8, 32}, {32, 16}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace diarflow
