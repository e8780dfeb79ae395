// Sessions of several kinds, numbered through: simulated ones, and recordings of which it is known who speaks when.
#ifndef DIARFLOW_NODES_SESSION_PLANS_H_
#define DIARFLOW_NODES_SESSION_PLANS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "datasets/simulator/session_speakers.h"
#include "datasets/simulator/speech_source.h"
#include "nodes/conversation.h"
#include "nodes/recording_list.h"
#include "nodes/session_kind.pb.h"

namespace diarflow {

using SessionKinds = google::protobuf::RepeatedPtrField<options::SessionKind>;

// kInvalidArgument, naming the option: a value out of its range.
absl::Status CheckSessionKinds(const SessionKinds& kinds);

class SessionPlans {
 public:
  // Simulated sessions, kind by kind. REQUIRES: kinds that CheckSessionKinds() passes. Errors of DrawSpeakers().
  absl::Status AddSimulated(const SessionKinds& kinds, std::shared_ptr<const SpeechSource> source, uint64_t seed);
  // Recordings behind those that are there already, the list `times` times. kFailedPrecondition, naming it: one without
  // a reference.
  absl::Status AddRecordings(const RecordingListResource& list, int times);

  int64_t count() const { return count_; }

  // Session number `number` of all, by the name `uri`; a recording keeps its own name. Errors of PlanConversation().
  // REQUIRES: 0 <= number < count().
  absl::StatusOr<Conversation> Plan(int64_t number, const std::string& uri) const;

 private:
  struct Simulated {
    std::shared_ptr<const ConversationOptions> options;
    std::shared_ptr<const SpeechSource> source;
    uint64_t seed = 0;
    int64_t sessions = 0;
    std::optional<MixtureOptions> mixture;
    std::vector<std::vector<SessionSpeaker>> speakers;  // of conversations
  };

  static absl::StatusOr<ConversationPlan> PlanOf(const Simulated& part, int64_t number);

  int64_t count_ = 0;
  std::vector<Simulated> simulated_;
  std::vector<std::shared_ptr<const RecordedConversation>> recorded_;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_SESSION_PLANS_H_
