// TrainingConversations: simulated conversations for a training, first those for validation, then round after round of
// those to learn from, as many as the training has updates for.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "datasets/simulator/check_options.h"
#include "datasets/simulator/session_speakers.h"
#include "graph/registry.h"
#include "nodes/conversation.h"
#include "nodes/speech_source.h"
#include "nodes/trainer.h"
#include "nodes/training.h"
#include "nodes/training_conversations.pb.h"

namespace diarflow {
namespace {

constexpr int64_t kMaxSessions = 10000000;

absl::Status CheckTrainingConversations(const options::TrainingConversations& options) {
  for (const auto* kinds : {&options.kind(), &options.validation()}) {
    for (const auto& kind : *kinds) {
      if (kind.sessions() < 1 || kind.sessions() > kMaxSessions) {
        return absl::InvalidArgumentError(
            absl::StrCat("sessions is ", kind.sessions(), "; it may be 1 to ", kMaxSessions));
      }
      RETURN_IF_ERROR(CheckConversationOptions(kind.conversation()));
    }
  }
  return absl::OkStatus();
}

// Sessions of several kinds, numbered through.
class Sessions {
 public:
  static absl::StatusOr<Sessions> Create(
      const google::protobuf::RepeatedPtrField<options::TrainingConversations::Kind>& kinds,
      std::shared_ptr<const SpeechSource> source, uint64_t seed) {
    Sessions sessions;
    sessions.source_ = std::move(source);
    sessions.seed_ = seed;
    for (const auto& kind : kinds) {
      Part part;
      part.options = std::make_shared<const ConversationOptions>(ExpandQuirks(kind.conversation()));
      ASSIGN_OR_RETURN(part.speakers, DrawSpeakers(*sessions.source_, *part.options, seed, kind.sessions()));
      sessions.count_ += kind.sessions();
      sessions.parts_.push_back(std::move(part));
    }
    return sessions;
  }

  int64_t count() const { return count_; }

  // Session number `number` of all.
  absl::StatusOr<Conversation> Plan(int64_t number, const std::string& uri) const {
    size_t part = 0;
    while (number >= static_cast<int64_t>(parts_[part].speakers.size())) {
      number -= static_cast<int64_t>(parts_[part++].speakers.size());
    }
    Conversation conversation;
    conversation.uri = uri;
    conversation.source = source_;
    conversation.options = parts_[part].options;
    // Kinds that are alike but for a number are other sessions all the same.
    conversation.seed = Random(seed_, part).Next();
    ASSIGN_OR_RETURN(ConversationPlan plan, PlanConversation(*source_, *parts_[part].options, conversation.seed, number,
                                                             parts_[part].speakers[static_cast<size_t>(number)]));
    conversation.plan = std::make_shared<const ConversationPlan>(std::move(plan));
    return conversation;
  }

 private:
  struct Part {
    std::shared_ptr<const ConversationOptions> options;
    std::vector<std::vector<SessionSpeaker>> speakers;
  };
  std::shared_ptr<const SpeechSource> source_;
  uint64_t seed_ = 0;
  int64_t count_ = 0;
  std::vector<Part> parts_;
};

class TrainingConversationsNode : public SourceNode {
 public:
  static constexpr Out<Conversation> kConversation{"CONVERSATION"};
  static constexpr Out<CropRole> kRole{"ROLE"};
  static constexpr Uses<SpeechSourceResource> kTrain{"TRAIN"};
  static constexpr Uses<SpeechSourceResource> kValidation{"VALIDATION"};
  static constexpr Uses<TrainerResource> kTrainer{"TRAINER"};

  static void Contract(ContractBuilder& contract) {
    contract
        .Summary(
            "Simulated conversations for a training: those for validation, then round after round of those to learn "
            "from, from where the training stands to its end.")
        .Resource(kTrain)
        .Resource(kValidation)
        .Resource(kTrainer)
        .Output(kConversation)
        .Output(kRole)
        .Options<options::TrainingConversations>(&CheckTrainingConversations);
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::TrainingConversations>();
    seed_ = options.seed();
    ASSIGN_OR_RETURN(validation_,
                     Sessions::Create(options.validation(), context.Get(kValidation)->source, options.seed()));
    auto kinds = options.kind();
    if (kinds.empty()) kinds.Add();
    ASSIGN_OR_RETURN(train_, Sessions::Create(kinds, context.Get(kTrain)->source, options.seed()));
    trainer_ = context.Get(kTrainer);
    next_ = trainer_->items_before;
    end_ = *trainer_->finished ? next_ : trainer_->updates * trainer_->batch;
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Next(SourceContext& item) override {
    const bool is_validation = shown_ < validation_.count();
    if (!is_validation && (next_ >= end_ || *trainer_->finished)) return false;
    const std::string uri =
        is_validation ? absl::StrFormat("validation_%04d", shown_) : absl::StrFormat("train_%07d", next_);
    item.SetItem(uri);
    absl::StatusOr<Conversation> conversation =
        is_validation ? validation_.Plan(shown_++, uri) : train_.Plan(SessionOf(next_++), uri);
    if (!conversation.ok()) {
      item.Fail(conversation.status());
      return true;
    }
    item.Set(kConversation, *std::move(conversation));
    item.Set(kRole, CropRole{is_validation});
    return true;
  }

  int64_t ItemCount() const override { return validation_.count() + std::max<int64_t>(0, end_ - next_); }

 private:
  // Of the training's item number `item`: every round has an order of its own.
  int64_t SessionOf(int64_t item) {
    const int64_t round = item / train_.count();
    if (round != round_ || order_.empty()) {
      round_ = round;
      order_.resize(static_cast<size_t>(train_.count()));
      for (size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<int64_t>(i);
      Random(seed_, static_cast<uint64_t>(round)).Shuffle(&order_);
    }
    return order_[static_cast<size_t>(item % train_.count())];
  }

  uint64_t seed_ = 0;
  Sessions validation_, train_;
  std::shared_ptr<const TrainerResource> trainer_;
  int64_t shown_ = 0;           // of validation
  int64_t next_ = 0, end_ = 0;  // items of the training
  int64_t round_ = 0;
  std::vector<int64_t> order_;
};

DIARFLOW_REGISTER_NODE("TrainingConversations", TrainingConversationsNode);

}  // namespace
}  // namespace diarflow
