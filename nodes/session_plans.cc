#include "nodes/session_plans.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "datasets/simulator/check_options.h"
#include "datasets/simulator/mixture.h"

namespace diarflow {
namespace {

constexpr int64_t kMaxSessions = 10000000;

}  // namespace

absl::Status CheckSessionKinds(const SessionKinds& kinds) {
  for (const options::SessionKind& kind : kinds) {
    if (kind.sessions() < 1 || kind.sessions() > kMaxSessions) {
      return absl::InvalidArgumentError(
          absl::StrCat("sessions is ", kind.sessions(), "; it may be 1 to ", kMaxSessions));
    }
    RETURN_IF_ERROR(CheckConversationOptions(kind.conversation()));
    RETURN_IF_ERROR(CheckMixtureOptions(kind.mixture()));
  }
  return absl::OkStatus();
}

absl::Status SessionPlans::AddSimulated(const SessionKinds& kinds, std::shared_ptr<const SpeechSource> source,
                                        uint64_t seed) {
  for (const options::SessionKind& kind : kinds) {
    Simulated part;
    part.options = std::make_shared<const ConversationOptions>(ExpandQuirks(kind.conversation()));
    part.source = source;
    part.sessions = kind.sessions();
    if (kind.has_mixture()) part.mixture = kind.mixture();
    if (!part.mixture) {
      ASSIGN_OR_RETURN(part.speakers, DrawSpeakers(*source, *part.options, seed, kind.sessions()));
    }
    // Kinds that are alike but for a number are other sessions all the same.
    part.seed = Random(seed, simulated_.size()).Next();
    count_ += kind.sessions();
    simulated_.push_back(std::move(part));
  }
  return absl::OkStatus();
}

absl::Status SessionPlans::AddRecordings(const RecordingListResource& list, int times) {
  for (int i = 0; i < times; ++i) {
    for (const ListedRecording& listed : list.recordings) {
      const auto reference = list.references.find(listed.uri);
      if (reference == list.references.end()) {
        return absl::FailedPreconditionError(absl::StrCat(
            listed.path, ": nobody knows who speaks there: give labels of ", listed.uri, " by `reference`"));
      }
      RecordedConversation recorded;
      recorded.utterance = {listed.uri, listed.path, Rational(0), std::nullopt, listed.channel};
      recorded.turns = reference->second;
      recorded_.push_back(std::make_shared<const RecordedConversation>(std::move(recorded)));
      ++count_;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ConversationPlan> SessionPlans::PlanOf(const Simulated& part, int64_t number) {
  if (part.mixture) return PlanMixture(*part.source, *part.options, *part.mixture, part.seed, number);
  return PlanConversation(*part.source, *part.options, part.seed, number, part.speakers[static_cast<size_t>(number)]);
}

absl::StatusOr<Conversation> SessionPlans::Plan(int64_t number, const std::string& uri) const {
  Conversation conversation;
  conversation.uri = uri;
  for (const Simulated& part : simulated_) {
    if (number >= part.sessions) {
      number -= part.sessions;
      continue;
    }
    conversation.source = part.source;
    conversation.options = part.options;
    conversation.seed = part.seed;
    ASSIGN_OR_RETURN(ConversationPlan plan, PlanOf(part, number));
    conversation.plan = std::make_shared<const ConversationPlan>(std::move(plan));
    return conversation;
  }
  conversation.recorded = recorded_[static_cast<size_t>(number)];
  conversation.uri = conversation.recorded->utterance.id;
  return conversation;
}

}  // namespace diarflow
