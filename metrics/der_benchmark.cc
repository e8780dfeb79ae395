// How long it takes to score a test set as large and as dense as AMI's: 16 meetings of 34 minutes, about 470 turns
// each.
//
// Items are meetings. "turns", "speech_hours" (speaker time of the reference) and "percent" (DER) say what was scored.
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "diarization/turns.h"
#include "metrics/der.h"
#include "metrics/jer.h"
#include "metrics/random_turns.h"

namespace diarflow {
namespace {

constexpr int kMeetings = 16;
constexpr int64_t kLength = 34 * 60 * kMicrosecondsPerSecond;

struct TestSet {
  std::vector<Recording> references;
  std::vector<Recording> hypotheses;
  int64_t turns = 0;
};

TestSet MakeTestSet() {
  TestSet made;
  std::mt19937_64 random(1);
  for (int i = 0; i < kMeetings; ++i) {
    made.references.push_back(RandomConversation(absl::StrCat("meeting", i), kLength, &random));
    made.hypotheses.push_back(RandomHypothesis(made.references.back(), 300000, &random));
    made.turns += static_cast<int64_t>(made.references.back().turns.size());
  }
  return made;
}

void Report(const TestSet& made, const DerComponents& pooled, benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * kMeetings);
  state.counters["turns"] = static_cast<double>(made.turns);
  state.counters["speech_hours"] = static_cast<double>(pooled.total) / (3600.0 * kMicrosecondsPerSecond);
  state.counters["percent"] = 100 * pooled.rate();
}

void BM_Der(benchmark::State& state) {
  const TestSet made = MakeTestSet();
  const std::vector<TimeSpan> region = {{0, kLength}};
  DerOptions options;
  options.convention = state.range(0) == 0 ? DerConvention::kPyannote : DerConvention::kMdEval;
  options.collar = 1000 * state.range(1);
  DerComponents pooled;
  for (auto _ : state) {
    pooled = DerComponents();
    for (int i = 0; i < kMeetings; ++i) {
      const auto file = ScoreDer(made.references[i], made.hypotheses[i], region, options);
      if (!file.ok()) return state.SkipWithError(file.status().ToString().c_str());
      pooled += file->components;
    }
  }
  Report(made, pooled, state);
}
BENCHMARK(BM_Der)
    ->ArgNames({"mdeval", "collar_ms"})
    ->Args({0, 0})
    ->Args({0, 250})
    ->Args({1, 0})
    ->Args({1, 250})
    ->Unit(benchmark::kMillisecond);

void BM_Jer(benchmark::State& state) {
  const TestSet made = MakeTestSet();
  const std::vector<TimeSpan> region = {{0, kLength}};
  for (auto _ : state) {
    JerSum pooled;
    for (int i = 0; i < kMeetings; ++i) {
      const auto file = ScoreJer(made.references[i], made.hypotheses[i], region);
      if (!file.ok()) return state.SkipWithError(file.status().ToString().c_str());
      pooled += file->sum;
    }
    benchmark::DoNotOptimize(pooled);
  }
  state.SetItemsProcessed(state.iterations() * kMeetings);
}
BENCHMARK(BM_Jer)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace diarflow
