// The payload of conversations before they sound: the plan of a simulated one and what it is made of, or where a
// recorded one is to be found.
#ifndef DIARFLOW_NODES_CONVERSATION_H_
#define DIARFLOW_NODES_CONVERSATION_H_

#include <memory>
#include <string>

#include "datasets/simulator/conversation.h"
#include "datasets/simulator/conversation_options.pb.h"
#include "datasets/simulator/speech_source.h"
#include "diarization/turns.h"
#include "nodes/payloads.h"

namespace diarflow {

struct RecordedConversation {
  Utterance utterance;
  Recording turns;  // who speaks when
};

struct Conversation {
  static constexpr char kPayloadName[] = "Conversation";
  std::string uri;  // the name of the recording to be
  std::shared_ptr<const ConversationPlan> plan;
  std::shared_ptr<const SpeechSource> source;
  std::shared_ptr<const ConversationOptions> options;  // as the plan was made
  uint64_t seed = 0;                                   // of the simulation
  // In the place of the four above.
  std::shared_ptr<const RecordedConversation> recorded = nullptr;

  std::string Fault() const {
    if (recorded != nullptr) return "";
    return plan == nullptr || source == nullptr || options == nullptr ? "the conversation has no plan" : "";
  }
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_CONVERSATION_H_
