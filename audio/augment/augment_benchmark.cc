// How many seconds of audio a second of one core takes ("times_real_time"), and how long a room takes.
#include <algorithm>
#include <cstdint>
#include <string>

#include "audio/augment/band_limit.h"
#include "audio/augment/codec.h"
#include "audio/augment/convolve.h"
#include "audio/augment/draw_room.h"
#include "audio/augment/noise.h"
#include "audio/augment/room.h"
#include "base/float_array.h"
#include "benchmark/benchmark.h"

namespace diarflow {
namespace {

constexpr int kRate = 16000;
constexpr int kSeconds = 30;

FloatArray Sound() {
  const FloatArray noise = PinkNoise(1, kSeconds * kRate, kRate).value();
  FloatArray sound = FloatArray::Zeros({noise.size()});
  std::transform(noise.begin(), noise.end(), sound.mutable_data(), [](float x) { return 0.1f * x; });
  return sound;
}

void CountRealTime(benchmark::State& state) {
  state.counters["times_real_time"] =
      benchmark::Counter(static_cast<double>(state.iterations() * kSeconds), benchmark::Counter::kIsRate);
}

// By t60 in milliseconds.
void BM_SimulateRoom(benchmark::State& state) {
  RoomOptions options;
  options.t60 = static_cast<double>(state.range(0)) / 1000;
  for (auto _ : state) {
    const auto room = SimulateRoom(options);
    if (!room.ok()) state.SkipWithError(room.status().ToString().c_str());
    benchmark::DoNotOptimize(room);
  }
}
BENCHMARK(BM_SimulateRoom)->Arg(200)->Arg(400)->Arg(600)->Arg(1000)->Unit(benchmark::kMillisecond);

// A room and the responses of its four speakers.
void BM_DrawAndSimulateRoom(benchmark::State& state) {
  uint64_t seed = 0;
  for (auto _ : state) {
    const auto room = DrawRoom(++seed, {}, 4);
    if (!room.ok()) return state.SkipWithError(room.status().ToString().c_str());
    for (int source = 0; source < 4; ++source) {
      benchmark::DoNotOptimize(SimulateRoom(OptionsForSource(*room, source)));
    }
  }
}
BENCHMARK(BM_DrawAndSimulateRoom)->Unit(benchmark::kMillisecond);

// By the milliseconds of the response.
void BM_Convolve(benchmark::State& state) {
  const FloatArray sound = Sound();
  const FloatArray response = WhiteNoise(2, state.range(0) * kRate / 1000).value();
  for (auto _ : state) benchmark::DoNotOptimize(ConvolveAligned(sound, response, 100));
  CountRealTime(state);
}
BENCHMARK(BM_Convolve)->Arg(50)->Arg(300)->Arg(1000)->Unit(benchmark::kMillisecond);

void BM_WhiteNoise(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(WhiteNoise(1, kSeconds * kRate));
  CountRealTime(state);
}
BENCHMARK(BM_WhiteNoise)->Unit(benchmark::kMillisecond);

void BM_PinkNoise(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(PinkNoise(1, kSeconds * kRate, kRate));
  CountRealTime(state);
}
BENCHMARK(BM_PinkNoise)->Unit(benchmark::kMillisecond);

void BM_MixAtSnr(benchmark::State& state) {
  const FloatArray speech = Sound();
  const FloatArray noise = WhiteNoise(1, speech.size()).value();
  for (auto _ : state) benchmark::DoNotOptimize(MixAtSnr(speech, noise, 10, {{0, speech.size()}}));
  CountRealTime(state);
}
BENCHMARK(BM_MixAtSnr)->Unit(benchmark::kMillisecond);

void BM_TelephoneBand(benchmark::State& state) {
  const FloatArray sound = Sound();
  for (auto _ : state) benchmark::DoNotOptimize(LimitBand(sound, kRate, kTelephoneBand));
  CountRealTime(state);
}
BENCHMARK(BM_TelephoneBand)->Unit(benchmark::kMillisecond);

void BM_Codec(benchmark::State& state) {
  const FloatArray sound = Sound();
  CodecOptions options;
  options.codec = kCodecs[state.range(0)];
  state.SetLabel(std::string(CodecName(options.codec)));
  for (auto _ : state) {
    const auto result = CodecRoundTrip(sound, kRate, options);
    if (!result.ok()) return state.SkipWithError(result.status().ToString().c_str());
    benchmark::DoNotOptimize(result);
  }
  CountRealTime(state);
}
BENCHMARK(BM_Codec)->DenseRange(0, 6)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace diarflow
