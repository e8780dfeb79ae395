// TrainingSessions: sessions for a training, first those for validation, then round after round of those to learn from,
// as many as the training has need of.
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
#include "graph/registry.h"
#include "nodes/conversation.h"
#include "nodes/recording_list.h"
#include "nodes/session_plans.h"
#include "nodes/session_role.h"
#include "nodes/speech_source.h"
#include "nodes/trainer.h"
#include "nodes/training_sessions.pb.h"

namespace diarflow {
namespace {

absl::Status CheckTrainingSessions(const options::TrainingSessions& options) {
  if (options.repeat_recordings() < 0 || options.repeat_recordings() > 1000) {
    return absl::InvalidArgumentError(
        absl::StrCat("repeat_recordings is ", options.repeat_recordings(), "; it may be 0 to 1000"));
  }
  RETURN_IF_ERROR(CheckSessionKinds(options.kind()));
  return CheckSessionKinds(options.validation());
}

class TrainingSessionsNode : public SourceNode {
 public:
  static constexpr Out<Conversation> kConversation{"CONVERSATION"};
  static constexpr Out<SessionRole> kRole{"ROLE"};
  static constexpr OptionallyUses<SpeechSourceResource> kTrain{"TRAIN"};
  static constexpr OptionallyUses<SpeechSourceResource> kValidation{"VALIDATION"};
  static constexpr OptionallyUses<RecordingListResource> kRecordings{"RECORDINGS"};
  static constexpr OptionallyUses<RecordingListResource> kValidationRecordings{"VALIDATION_RECORDINGS"};
  static constexpr Uses<TrainerResource> kTrainer{"TRAINER"};

  static void Contract(ContractBuilder& contract) {
    contract
        .Summary(
            "Sessions for a training, simulated and recorded: those for validation, then round after round of those to "
            "learn from, from where the training stands to its end.")
        .Resource(kTrain)
        .Resource(kValidation)
        .Resource(kRecordings)
        .Resource(kValidationRecordings)
        .Resource(kTrainer)
        .Output(kConversation)
        .Output(kRole)
        .Options<options::TrainingSessions>(&CheckTrainingSessions);
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::TrainingSessions>();
    seed_ = options.seed();
    auto kinds = options.kind();
    const auto recordings = context.Get(kRecordings);
    if (options.repeat_recordings() > 0 && recordings == nullptr) {
      return absl::InvalidArgumentError("recordings are to be repeated, but none are connected at RECORDINGS");
    }
    if (kinds.empty() && options.repeat_recordings() == 0) kinds.Add();
    RETURN_IF_ERROR(Add(kinds, context.Get(kTrain), "TRAIN", &train_));
    RETURN_IF_ERROR(Add(options.validation(), context.Get(kValidation), "VALIDATION", &validation_));
    if (recordings != nullptr) RETURN_IF_ERROR(train_.AddRecordings(*recordings, options.repeat_recordings()));
    if (const auto list = context.Get(kValidationRecordings); list != nullptr) {
      RETURN_IF_ERROR(validation_.AddRecordings(*list, 1));
    }
    if (train_.count() == 0) return absl::InvalidArgumentError("there is no session to learn from");
    trainer_ = context.Get(kTrainer);
    next_ = trainer_->first_item;
    end_ = *trainer_->finished ? next_ : trainer_->end_item;
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Next(SourceContext& item) override {
    const bool is_validation = shown_ < validation_.count();
    if (!is_validation && (next_ >= end_ || *trainer_->finished)) return false;
    const std::string uri =
        is_validation ? absl::StrFormat("validation_%04d", shown_) : absl::StrFormat("train_%07d", next_);
    item.SetItem(uri);
    SessionRole role;
    role.validation = is_validation;
    role.number = is_validation ? shown_ : next_;
    absl::StatusOr<Conversation> conversation =
        is_validation ? validation_.Plan(shown_++, uri) : train_.Plan(SessionOf(next_++), uri);
    if (!conversation.ok()) {
      item.Fail(conversation.status());
      return true;
    }
    item.Set(kConversation, *std::move(conversation));
    item.Set(kRole, std::move(role));
    return true;
  }

  int64_t ItemCount() const override { return validation_.count() + std::max<int64_t>(0, end_ - next_); }

 private:
  absl::Status Add(const SessionKinds& kinds, const std::shared_ptr<const SpeechSourceResource>& voices,
                   const char* port, SessionPlans* plans) const {
    if (kinds.empty()) return absl::OkStatus();
    if (voices != nullptr) return plans->AddSimulated(kinds, voices->source, seed_);
    return absl::InvalidArgumentError(absl::StrCat("sessions are to be simulated, but no voices stand at ", port));
  }

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
  SessionPlans validation_, train_;
  std::shared_ptr<const TrainerResource> trainer_;
  int64_t shown_ = 0;           // of validation
  int64_t next_ = 0, end_ = 0;  // items of the training
  int64_t round_ = 0;
  std::vector<int64_t> order_;
};

DIARFLOW_REGISTER_NODE("TrainingSessions", TrainingSessionsNode);

}  // namespace
}  // namespace diarflow
