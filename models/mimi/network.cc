#include "models/mimi/network.h"

#include <utility>

namespace diarflow {

MimiNetwork::MimiNetwork(const MimiConfig& config, const MimiWeights& weights, const at::Device& device)
    : device_(device),
      seanet_(config, weights, &layout_, device),
      seanet_slots_(layout_.slots().size()),
      transformer_(config, weights, &layout_, device),
      transformer_slots_(layout_.slots().size()),
      downsample_("downsample", weights.at("downsample.conv.conv.conv.weight"), FloatArray(), /*stride=*/2, &layout_,
                  device),
      quantizer_(config, weights) {}

StreamState MimiNetwork::NewState(int64_t batch, MimiTap tap) const {
  size_t slots = layout_.slots().size();
  if (tap == MimiTap::kSeanet) slots = seanet_slots_;
  if (tap == MimiTap::kTransformer25) slots = transformer_slots_;
  return StreamState(layout_, slots, batch, device_);
}

at::Tensor MimiNetwork::Forward(const at::Tensor& samples, MimiTap tap, StreamState& state,
                                const MimiObserver& observer) const {
  const int64_t before = state.position(0);
  for (int64_t stream = 0; stream < state.batch(); ++stream) state.Advance(stream, samples.size(1));
  at::Tensor x = seanet_.Forward(samples.to(device_).unsqueeze(2), state, observer);
  if (tap == MimiTap::kSeanet) return x;
  x = transformer_.Forward(std::move(x), before / MimiTapFrameSamples(MimiTap::kTransformer25), state, observer);
  if (tap == MimiTap::kTransformer25) return x;
  if (before == 0) downsample_.ReplicateFirst(x, state);
  return downsample_.Forward(x, CausalConv::Input::kPlain, state);
}

}  // namespace diarflow
