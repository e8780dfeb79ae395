// Adapter: latents, one frame after another, to the activity of each speaker on the same time grid. How wide the frames
// must be is the model's matter, which is not known before it is loaded: frames of another width fail their item.
#include "models/adapter/adapter.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "nodes/adapter.pb.h"
#include "nodes/adapter_model.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

StreamRules AdapterStreams(const options::Adapter& options, absl::Span<const StreamProperties> inputs) {
  StreamRules rules;
  rules.gives = {{inputs[0].sample_rate, inputs[0].frame_rate, {}}};
  return rules;
}

class AdapterNode : public BatchNode {
 public:
  static constexpr In<Frames> kFrames{"FRAMES"};
  static constexpr Uses<AdapterModelResource> kModel{"MODEL"};
  static constexpr Out<Frames> kActivity{"FRAMES"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Who speaks when, from latents: a probability or logit for each speaker in each frame.")
        .Input(kFrames)
        .Resource(kModel)
        .Output(kActivity)
        .Options<options::Adapter>()
        .Streams<options::Adapter>(&AdapterStreams)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    logits_ = context.options<options::Adapter>().output() == options::Adapter::LOGITS;
    model_ = context.Get(kModel);
    producer_ = std::make_shared<const std::string>(
        absl::StrCat(model_->adapter->Description(), logits_ ? ", logits" : ", probabilities"));
    return absl::OkStatus();
  }

  absl::Status ProcessBatch(absl::Span<ItemContext* const> items) const override {
    std::vector<ItemContext*> usable;
    std::vector<FloatArray> latents;
    for (ItemContext* item : items) {
      const FloatArray& values = item->Get(kFrames).values;
      if (absl::Status status = model_->adapter->CheckLatents(values); !status.ok()) {
        item->Fail(status);
        continue;
      }
      usable.push_back(item);
      latents.push_back(values);
    }
    ASSIGN_OR_RETURN(std::vector<FloatArray> logits, model_->adapter->Logits(latents));
    for (size_t i = 0; i < usable.size(); ++i) {
      usable[i]->Set(kActivity, Frames{logits_ ? std::move(logits[i]) : Sigmoid(logits[i]),
                                       usable[i]->Get(kFrames).grid, producer_});
    }
    return absl::OkStatus();
  }

 private:
  bool logits_ = false;
  std::shared_ptr<const AdapterModelResource> model_;
  std::shared_ptr<const std::string> producer_;
};

DIARFLOW_REGISTER_NODE("Adapter", AdapterNode);

}  // namespace
}  // namespace diarflow
