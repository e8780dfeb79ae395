// The payload of simulated conversations: the plan, and what it is made of.
#ifndef DIARFLOW_NODES_CONVERSATION_H_
#define DIARFLOW_NODES_CONVERSATION_H_

#include <memory>
#include <string>

#include "datasets/simulator/conversation.h"
#include "datasets/simulator/conversation_options.pb.h"
#include "datasets/simulator/speech_source.h"

namespace diarflow {

struct Conversation {
  static constexpr char kPayloadName[] = "Conversation";
  std::string uri;  // the name of the recording to be
  std::shared_ptr<const ConversationPlan> plan;
  std::shared_ptr<const SpeechSource> source;
  std::shared_ptr<const ConversationOptions> options;  // as the plan was made
  uint64_t seed = 0;                                   // of the simulation

  std::string Fault() const {
    return plan == nullptr || source == nullptr || options == nullptr ? "the conversation has no plan" : "";
  }
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_CONVERSATION_H_
