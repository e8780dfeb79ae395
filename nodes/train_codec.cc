// TrainCodec: audio at 24 kHz to updates of a codec. It comes in the order of the source, so batches are the same every
// time.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "models/mimi/mimi.h"
#include "models/training/training_run.h"
#include "nodes/payloads.h"
#include "nodes/session_role.h"
#include "nodes/train_codec.pb.h"
#include "nodes/trainer.h"

namespace diarflow {
namespace {

StreamRules TrainCodecStreams(const options::TrainCodec& options, absl::Span<const StreamProperties> inputs) {
  StreamRules rules;
  rules.takes = {{static_cast<int>(kMimiSampleRate), {}, {}}, {}};
  return rules;
}

class TrainCodecNode : public CollectNode {
 public:
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr In<SessionRole> kRole{"ROLE"};
  static constexpr Uses<TrainerResource> kTrainer{"CODEC"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Trains a small Mimi as a codec on audio at 24 kHz; that for validation comes first.")
        .Input(kAudio)
        .Input(kRole)
        .Resource(kTrainer)
        .Options<options::TrainCodec>()
        .Streams<options::TrainCodec>(&TrainCodecStreams);
  }

  absl::Status Open(OpenContext& context) override {
    resource_ = context.Get(kTrainer);
    if (resource_->training->trains_codec()) return absl::OkStatus();
    return absl::InvalidArgumentError("CODEC trains no codec: set its option `codec`");
  }

  absl::Status Add(ItemContext& item) override {
    const Audio& audio = item.Get(kAudio);
    RETURN_IF_ERROR(CheckSampleRate(audio, kMimiSampleRate, "the codec"));
    RETURN_IF_ERROR(resource_->training->CheckAudio(audio.samples));
    if (item.Get(kRole).validation) {
      validation_.push_back(audio.samples);
      return absl::OkStatus();
    }
    // An update that failed ends the training: what comes now would be trained on a broken network.
    RETURN_IF_ERROR(failed_);
    if (resource_->training->finished()) return absl::OkStatus();
    batch_.push_back(audio.samples);
    if (static_cast<int>(batch_.size()) < resource_->options.training().batch()) return absl::OkStatus();
    failed_ = resource_->Updated(resource_->training->Update(batch_, validation_));
    batch_.clear();
    return failed_;
  }

  absl::Status Finish(FinishContext& context) override {
    RETURN_IF_ERROR(failed_);
    RETURN_IF_ERROR(resource_->Finish("log mel L1", static_cast<int64_t>(validation_.size()), &context));
    const std::string mimi = JoinPath(resource_->folder, "mimi.safetensors");
    RETURN_IF_ERROR(resource_->training->ExportMimi(mimi));
    context.Say(absl::StrCat("for --mimi_weights: ", mimi));
    return absl::OkStatus();
  }

 private:
  std::shared_ptr<const TrainerResource> resource_;
  std::vector<FloatArray> validation_, batch_;
  absl::Status failed_;
};

DIARFLOW_REGISTER_NODE("TrainCodec", TrainCodecNode);

}  // namespace
}  // namespace diarflow
