#include "datasets/simulator/conversation_statistics.h"

#include <algorithm>
#include <map>

#include "datasets/simulator/coverage.h"

namespace diarflow {

ConversationStatistics StatisticsOf(const ConversationPlan& plan) {
  ConversationStatistics statistics;
  const auto seconds = [&plan](int64_t samples) { return static_cast<double>(samples) / plan.sample_rate; };
  Coverage coverage;
  std::map<std::string, int64_t> spoken;
  for (const std::string& name : plan.speaker_names) spoken[name] = 0;
  int64_t speaker_time = 0;
  int64_t switches = 0;
  for (size_t i = 0; i < plan.sentences.size(); ++i) {
    const PlannedSentence& planned = plan.sentences[i];
    for (const SampleSpan& turn : planned.sentence.turns) {
      coverage.Add(planned.start + turn.begin, planned.start + turn.end);
      spoken[plan.speaker_names[static_cast<size_t>(planned.speaker)]] += turn.end - turn.begin;
      speaker_time += turn.end - turn.begin;
    }
    statistics.words_per_sentence.push_back(static_cast<double>(planned.sentence.words.size()));
    statistics.sentence_seconds.push_back(
        seconds(planned.sentence.turns.back().end - planned.sentence.turns.front().begin));
    if (i == 0) continue;
    const PlannedSentence& before = plan.sentences[i - 1];
    switches += planned.speaker != before.speaker;
    const int64_t gap =
        planned.start + planned.sentence.turns.front().begin - (before.start + before.sentence.turns.back().end);
    if (gap > 0) statistics.gap_seconds.push_back(seconds(gap));
    if (gap < 0) statistics.overlap_seconds.push_back(seconds(-gap));
  }
  statistics.num_sentences = static_cast<int64_t>(plan.sentences.size());
  if (speaker_time == 0) return statistics;
  statistics.silence = 1 - static_cast<double>(coverage.covered()) / static_cast<double>(plan.num_samples);
  statistics.overlap = static_cast<double>(coverage.overlapped()) / static_cast<double>(coverage.covered());
  if (statistics.num_sentences > 1) {
    statistics.speaker_switch = static_cast<double>(switches) / static_cast<double>(statistics.num_sentences - 1);
  }
  statistics.smallest_share = 1;
  for (const auto& [name, time] : spoken) {
    const double share = static_cast<double>(time) / static_cast<double>(speaker_time);
    statistics.largest_share = std::max(statistics.largest_share, share);
    statistics.smallest_share = std::min(statistics.smallest_share, share);
    statistics.num_speakers += time > 0;
  }
  return statistics;
}

}  // namespace diarflow
