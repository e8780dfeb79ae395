// Figures of a simulated conversation, as published tables of simulators have them.
#ifndef DIARFLOW_DATASETS_SIMULATOR_CONVERSATION_STATISTICS_H_
#define DIARFLOW_DATASETS_SIMULATOR_CONVERSATION_STATISTICS_H_

#include <cstdint>
#include <vector>

#include "datasets/simulator/conversation.h"

namespace diarflow {

struct ConversationStatistics {
  double silence = 0;         // share of the session in which nobody speaks
  double overlap = 0;         // share of the time with speech in which two or more speak
  double speaker_switch = 0;  // share of sentences (but the first) whose speaker is not that of the one before
  double largest_share = 0;   // of speaker time
  double smallest_share = 0;
  int64_t num_sentences = 0;
  int64_t num_speakers = 0;  // who do speak
  std::vector<double> words_per_sentence;
  std::vector<double> sentence_seconds;
  // From the end of each sentence to the start of the next one, in the order in which they were placed: silences, and
  // overlaps as positive numbers; seconds.
  std::vector<double> gap_seconds;
  std::vector<double> overlap_seconds;
};

ConversationStatistics StatisticsOf(const ConversationPlan& plan);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_SIMULATOR_CONVERSATION_STATISTICS_H_
