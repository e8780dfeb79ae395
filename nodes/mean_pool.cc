// MeanPool: the mean of an utterance's frames, as its embedding.
#include <memory>
#include <numeric>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "audio/fbank.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "nodes/mean_pool.pb.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

StreamRules MeanPoolStreams(const options::MeanPool& options, absl::Span<const StreamProperties> inputs) {
  StreamRules rules;
  rules.gives = {{{}, {}, inputs[0].width}};
  return rules;
}

class MeanPoolNode : public MapNode {
 public:
  static constexpr In<Frames> kFrames{"FRAMES"};
  static constexpr Out<Embedding> kEmbedding{"EMBEDDING"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("The mean over time of an utterance's frames.")
        .Input(kFrames)
        .Output(kEmbedding)
        .Options<options::MeanPool>()
        .Streams<options::MeanPool>(&MeanPoolStreams)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    subtract_own_mean_ = context.options<options::MeanPool>().subtract_own_mean();
    return absl::OkStatus();
  }

  absl::Status Process(ItemContext& item) const override {
    const Frames& frames = item.Get(kFrames);
    ASSIGN_OR_RETURN(FloatArray mean, MeanOverFrames(frames.values));
    if (subtract_own_mean_ && !mean.empty()) {
      const double own = std::accumulate(mean.begin(), mean.end(), 0.0) / static_cast<double>(mean.size());
      float* values = mean.mutable_data();
      for (int64_t i = 0; i < mean.size(); ++i) values[i] = static_cast<float>(values[i] - own);
    }
    item.Set(kEmbedding, Embedding{std::move(mean), std::make_shared<const std::string>(
                                                        absl::StrCat(*frames.producer, ", mean over time"))});
    return absl::OkStatus();
  }

 private:
  bool subtract_own_mean_ = false;
};

DIARFLOW_REGISTER_NODE("MeanPool", MeanPoolNode);

}  // namespace
}  // namespace diarflow
