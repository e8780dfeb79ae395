// SimulateConversations: plans of conversations out of single voices, one after the other.
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "datasets/simulator/check_options.h"
#include "graph/registry.h"
#include "nodes/conversation.h"
#include "nodes/simulate_conversations.pb.h"
#include "nodes/speech_source.h"

namespace diarflow {
namespace {

constexpr int64_t kMaxSessions = 10000000;

absl::Status CheckSimulateConversations(const options::SimulateConversations& options) {
  if (options.sessions() < 1 || options.first_session() < 0 ||
      options.sessions() > kMaxSessions - options.first_session()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("sessions and first_session must name at least one of the sessions 0 to %d", kMaxSessions - 1));
  }
  if (options.name().empty() || options.name().find_first_of("/ \t\r\n") != std::string::npos) {
    return absl::InvalidArgumentError("name must be part of a file's name: not empty, without blanks and slashes");
  }
  return CheckConversationOptions(options.conversation());
}

class SimulateConversationsNode : public SourceNode {
 public:
  static constexpr Out<Conversation> kConversation{"CONVERSATION"};
  static constexpr Uses<SpeechSourceResource> kSource{"SOURCE"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Conversations out of single voices: who says what when, without its sound yet.")
        .Resource(kSource)
        .Output(kConversation)
        .Options<options::SimulateConversations>(&CheckSimulateConversations);
  }

  absl::Status Open(OpenContext& context) override {
    options_ = context.options<options::SimulateConversations>();
    source_ = context.Get(kSource)->source;
    conversation_ = std::make_shared<const ConversationOptions>(ExpandQuirks(options_.conversation()));
    next_ = options_.first_session();
    ASSIGN_OR_RETURN(speakers_, DrawSpeakers(*source_, *conversation_, options_.seed(), End()));
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Next(SourceContext& item) override {
    if (next_ == End()) return false;
    const int64_t session = next_++;
    Conversation conversation;
    conversation.uri = absl::StrFormat("%s_%04d", options_.name(), session);
    item.SetItem(conversation.uri);
    absl::StatusOr<ConversationPlan> plan =
        PlanConversation(*source_, *conversation_, options_.seed(), session, speakers_[static_cast<size_t>(session)]);
    if (!plan.ok()) {
      item.Fail(plan.status());
      return true;
    }
    conversation.plan = std::make_shared<const ConversationPlan>(*std::move(plan));
    conversation.source = source_;
    conversation.options = conversation_;
    conversation.seed = options_.seed();
    item.Set(kConversation, std::move(conversation));
    return true;
  }

  int64_t ItemCount() const override { return options_.sessions(); }

 private:
  int64_t End() const { return options_.first_session() + options_.sessions(); }

  options::SimulateConversations options_;
  std::shared_ptr<const SpeechSource> source_;
  std::shared_ptr<const ConversationOptions> conversation_;
  std::vector<std::vector<SessionSpeaker>> speakers_;
  int64_t next_ = 0;
};

DIARFLOW_REGISTER_NODE("SimulateConversations", SimulateConversationsNode);

}  // namespace
}  // namespace diarflow
