// EvaluationSessions: sessions to score systems on, set by set, behind those that thresholds are chosen on.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "nodes/conversation.h"
#include "nodes/evaluation_sessions.pb.h"
#include "nodes/recording_list.h"
#include "nodes/session_plans.h"
#include "nodes/session_role.h"
#include "nodes/speech_source.h"

namespace diarflow {
namespace {

absl::Status CheckEvaluationSessions(const options::EvaluationSessions& options) {
  RETURN_IF_ERROR(CheckSessionKinds(options.validation()));
  RETURN_IF_ERROR(CheckSessionKinds(options.test()));
  return CheckSessionKinds(options.hard());
}

class EvaluationSessionsNode : public SourceNode {
 public:
  static constexpr Out<Conversation> kConversation{"CONVERSATION"};
  static constexpr Out<SessionRole> kRole{"ROLE"};
  static constexpr OptionallyUses<SpeechSourceResource> kValidation{"VALIDATION"};
  static constexpr OptionallyUses<SpeechSourceResource> kTest{"TEST"};
  static constexpr OptionallyUses<SpeechSourceResource> kHard{"HARD"};
  static constexpr OptionallyUses<RecordingListResource> kRecordings{"RECORDINGS"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Sessions to score systems on, set by set, simulated and recorded; first those for validation.")
        .Resource(kValidation)
        .Resource(kTest)
        .Resource(kHard)
        .Resource(kRecordings)
        .Output(kConversation)
        .Output(kRole)
        .Options<options::EvaluationSessions>(&CheckEvaluationSessions);
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::EvaluationSessions>();
    RETURN_IF_ERROR(AddSet("validation", options.validation(), context.Get(kValidation), options.seed()));
    RETURN_IF_ERROR(AddSet(options.test_name(), options.test(), context.Get(kTest), options.seed()));
    RETURN_IF_ERROR(AddSet(options.hard_name(), options.hard(), context.Get(kHard), options.seed()));
    if (const auto list = context.Get(kRecordings); list != nullptr) {
      SessionPlans recordings;
      RETURN_IF_ERROR(recordings.AddRecordings(*list, 1));
      sets_.push_back({options.recordings_name(), std::move(recordings)});
    }
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Next(SourceContext& item) override {
    while (set_ < sets_.size() && next_ >= sets_[set_].plans.count()) {
      ++set_;
      next_ = 0;
    }
    if (set_ >= sets_.size()) return false;
    const Set& set = sets_[set_];
    SessionRole role;
    role.validation = set_ == 0;
    role.number = next_;
    role.set = set.name;
    // Names of recordings hold no blanks.
    const std::string uri = absl::StrFormat("%s_%04d", absl::StrReplaceAll(set.name, {{" ", "_"}}), next_);
    absl::StatusOr<Conversation> conversation = set.plans.Plan(next_++, uri);
    item.SetItem(conversation.ok() ? conversation->uri : uri);
    if (!conversation.ok()) {
      item.Fail(conversation.status());
      return true;
    }
    item.Set(kConversation, *std::move(conversation));
    item.Set(kRole, std::move(role));
    return true;
  }

  int64_t ItemCount() const override {
    int64_t count = 0;
    for (const Set& set : sets_) count += set.plans.count();
    return count;
  }

 private:
  struct Set {
    std::string name;
    SessionPlans plans;
  };

  // The set is there, if empty, where nothing is to be simulated: that for validation is always the first.
  absl::Status AddSet(const std::string& name, const SessionKinds& kinds,
                      const std::shared_ptr<const SpeechSourceResource>& voices, uint64_t seed) {
    Set set = {name, {}};
    if (!kinds.empty() && voices == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("sessions of ", name, " are to be simulated, but its voices are ", "not connected"));
    }
    if (!kinds.empty()) RETURN_IF_ERROR(set.plans.AddSimulated(kinds, voices->source, seed));
    sets_.push_back(std::move(set));
    return absl::OkStatus();
  }

  std::vector<Set> sets_;
  size_t set_ = 0;
  int64_t next_ = 0;  // of the set
};

DIARFLOW_REGISTER_NODE("EvaluationSessions", EvaluationSessionsNode);

}  // namespace
}  // namespace diarflow
