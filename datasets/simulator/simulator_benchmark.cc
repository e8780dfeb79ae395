// Sessions of 600 s without reading audio: the plan alone, and with the sound of pieces that are in memory. The counter
// "sessions/s" is to be compared with the published simulator's .5 a second (2 s a session, one process, stub audio).
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/types/span.h"
#include "audio/augment/level.h"
#include "benchmark/benchmark.h"
#include "datasets/simulator/check_options.h"
#include "datasets/simulator/conversation.h"
#include "datasets/simulator/render.h"
#include "datasets/simulator/stub_corpus.h"

namespace diarflow {
namespace {

constexpr uint64_t kSeed = 1;

ConversationOptions Options(bool quirks) {
  ConversationOptions options;
  options.mutable_quirks()->set_all(quirks);
  return ExpandQuirks(options);
}

void BM_Plan(benchmark::State& state) {
  const SpeechSource source = StubCorpus({});
  const ConversationOptions options = Options(state.range(0) == 1);
  const auto speakers = *DrawSpeakers(source, options, kSeed, 64);
  int64_t session = 0;
  for (auto _ : state) {
    const auto row = static_cast<size_t>(session % 64);
    benchmark::DoNotOptimize(PlanConversation(source, options, kSeed, session, speakers[row]));
    ++session;
  }
  state.counters["sessions/s"] = benchmark::Counter(static_cast<double>(session), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_Plan)->ArgName("quirks")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void BM_PlanAndRender(benchmark::State& state) {
  const SpeechSource source = StubCorpus({});
  const ConversationOptions options = Options(state.range(0) == 1);
  const auto speakers = *DrawSpeakers(source, options, kSeed, 64);
  // A minute of sound, longer than every utterance: pieces are copied out of it.
  FloatArray minute = FloatArray::Zeros({60 * 16000});
  for (int64_t i = 0; i < minute.size(); ++i) minute.mutable_data()[i] = static_cast<float>(std::sin(0.1 * i));
  const PieceReader read = [&minute](const SourceUtterance&, int64_t begin, int64_t length, int) {
    FloatArray piece = FloatArray::Zeros({length});
    std::memcpy(piece.mutable_data(), minute.data() + begin, static_cast<size_t>(length) * sizeof(float));
    return piece;
  };
  int64_t session = 0;
  for (auto _ : state) {
    const auto row = static_cast<size_t>(session % 64);
    const auto plan = PlanConversation(source, options, kSeed, session, speakers[row]);
    FloatArray sound = *MixConversation(*plan, source, options, read);
    *NormalizePeak(0.9, absl::MakeSpan(sound.mutable_data(), static_cast<size_t>(sound.size())));
    benchmark::DoNotOptimize(sound.data());
    ++session;
  }
  state.counters["sessions/s"] = benchmark::Counter(static_cast<double>(session), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_PlanAndRender)->ArgName("quirks")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace diarflow
