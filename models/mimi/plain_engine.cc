#include "models/mimi/plain_engine.h"

#include <algorithm>
#include <cstdint>

#include "ATen/core/Tensor.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/zeros.h"
#include "models/device/torch_device.h"
#include "models/mimi/network.h"

namespace diarflow {
namespace {

class PlainEngine : public MimiEngine {
 public:
  PlainEngine(const MimiConfig& config, const MimiWeights& weights, const at::Device& device)
      : network_(config, weights, device) {}

  StreamState NewState(int64_t batch, MimiTap tap) const override { return network_.NewState(batch, tap); }

  std::unique_ptr<Workspace> NewWorkspace() const override { return std::make_unique<Result>(); }

  const float* Forward(absl::Span<const MimiPiece> pieces, int64_t samples, MimiTap tap, StreamState& state,
                       Workspace* workspace) const override {
    at::Tensor audio = at::zeros({static_cast<int64_t>(pieces.size()), samples});
    for (size_t i = 0; i < pieces.size(); ++i) {
      std::copy_n(pieces[i].samples, std::clamp<int64_t>(pieces[i].size, 0, samples),
                  audio.mutable_data_ptr<float>() + static_cast<int64_t>(i) * samples);
    }
    at::Tensor* frames = &static_cast<Result*>(workspace)->frames;
    if (AllTogether(pieces, state)) {
      *frames = network_.Forward(audio, tap, state, nullptr);
    } else {
      std::vector<at::Tensor> parts;
      for (size_t i = 0; i < pieces.size(); ++i) {
        StreamState one = state.ViewOf(pieces[i].stream);
        parts.push_back(network_.Forward(audio.narrow(0, static_cast<int64_t>(i), 1), tap, one, nullptr));
        state.Advance(pieces[i].stream, samples);
      }
      *frames = at::cat(parts, 0);
    }
    *frames = ToCpu(*frames);
    return frames->const_data_ptr<float>();
  }

 private:
  struct Result : Workspace {
    at::Tensor frames;
  };

  // Every stream of the state, in its order, at one position: what the network takes at once.
  static bool AllTogether(absl::Span<const MimiPiece> pieces, const StreamState& state) {
    if (static_cast<int64_t>(pieces.size()) != state.batch()) return false;
    for (int64_t stream = 0; stream < state.batch(); ++stream) {
      if (pieces[static_cast<size_t>(stream)].stream != stream) return false;
      if (state.position(stream) != state.position(0)) return false;
    }
    return true;
  }

  MimiNetwork network_;
};

}  // namespace

std::unique_ptr<MimiEngine> MakePlainMimiEngine(const MimiConfig& config, const MimiWeights& weights,
                                                const ModelDevice& device) {
  return std::make_unique<PlainEngine>(config, weights, TorchDevice(device));
}

}  // namespace diarflow
