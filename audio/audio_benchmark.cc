// How many seconds of audio a second of one core takes ("times_real_time").
#include <sndfile.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "audio/decode.h"
#include "audio/fbank.h"
#include "audio/resample.h"
#include "audio/test_files.h"
#include "base/float_array.h"
#include "benchmark/benchmark.h"

namespace diarflow {
namespace {

constexpr int kRate = 16000;
constexpr int kSeconds = 30;

FloatArray Speechlike() {
  const FloatArray sound = TestSound(1, kSeconds * kRate);
  FloatArray mono = FloatArray::Zeros({sound.size()});
  std::copy(sound.begin(), sound.end(), mono.mutable_data());
  return mono;
}

void CountRealTime(benchmark::State& state) {
  state.counters["times_real_time"] =
      benchmark::Counter(static_cast<double>(state.iterations() * kSeconds), benchmark::Counter::kIsRate);
}

void BM_Resample(benchmark::State& state) {
  const FloatArray sound = Speechlike();
  for (auto _ : state) {
    const auto resampled = Resample(sound, kRate, static_cast<int>(state.range(0)));
    if (!resampled.ok()) state.SkipWithError(resampled.status().ToString().c_str());
    benchmark::DoNotOptimize(resampled);
  }
  CountRealTime(state);
}
BENCHMARK(BM_Resample)->Arg(24000)->Arg(8000)->Arg(22050)->Unit(benchmark::kMillisecond);

void BM_Fbank(benchmark::State& state) {
  const FloatArray sound = Speechlike();
  const auto fbank = Fbank::Create();
  if (!fbank.ok()) return state.SkipWithError(fbank.status().ToString().c_str());
  for (auto _ : state) benchmark::DoNotOptimize(fbank->Compute(sound));
  CountRealTime(state);
}
BENCHMARK(BM_Fbank)->Unit(benchmark::kMillisecond);

void BM_Decode(benchmark::State& state, int format) {
  const std::string path = WriteEncoded("benchmark_sound", format, TestSound(1, kSeconds * kRate), kRate);
  for (auto _ : state) {
    const auto decoded = DecodeAudio(path);
    if (!decoded.ok()) state.SkipWithError(decoded.status().ToString().c_str());
    benchmark::DoNotOptimize(decoded);
  }
  CountRealTime(state);
}
BENCHMARK_CAPTURE(BM_Decode, wav, SF_FORMAT_WAV | SF_FORMAT_PCM_16)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Decode, flac, SF_FORMAT_FLAC | SF_FORMAT_PCM_16)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Decode, vorbis, SF_FORMAT_OGG | SF_FORMAT_VORBIS)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace diarflow
