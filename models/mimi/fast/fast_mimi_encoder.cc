#include "models/mimi/fast/fast_mimi_encoder.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/kernels/row_kernels.h"
#include "models/mimi/fast/conv.h"
#include "models/mimi/fast/seanet.h"
#include "models/mimi/fast/transformer.h"

namespace diarflow {
namespace {

template <typename T>
class FastMimiEncoder : public MimiEngine {
 public:
  FastMimiEncoder(const MimiConfig& config, const MimiWeights& weights)
      : width_(config.dimension()),
        seanet_(config, weights, &layout_),
        seanet_slots_(layout_.slots().size()),
        transformer_(config, weights, &layout_),
        transformer_slots_(layout_.slots().size()),
        downsample_("downsample", weights.at("downsample.conv.conv.conv.weight"), FloatArray(), /*stride=*/2,
                    &layout_) {}

  StreamState NewState(int64_t batch, MimiTap tap) const override {
    size_t slots = layout_.slots().size();
    if (tap == MimiTap::kSeanet) slots = seanet_slots_;
    if (tap == MimiTap::kTransformer25) slots = transformer_slots_;
    return StreamState(layout_, slots, batch);
  }

  std::unique_ptr<Workspace> NewWorkspace() const override { return std::make_unique<Buffers>(*this); }

  const float* Forward(absl::Span<const MimiPiece> pieces, int64_t samples, MimiTap tap, StreamState& state,
                       Workspace* given) const override {
    auto* workspace = static_cast<Buffers*>(given);
    const auto items = static_cast<int64_t>(pieces.size());
    const int64_t frames = samples / MimiTapFrameSamples(MimiTap::kSeanet);
    const auto size = static_cast<size_t>(items * frames * width_);
    if (workspace->frames.size() < size) workspace->frames.resize(size);
    float* x = workspace->frames.data();
    seanet_.Forward(pieces, samples, state, &workspace->seanet, x);
    if (tap != MimiTap::kSeanet) transformer_.Forward(pieces, frames, state, &workspace->transformer, x);
    if (tap == MimiTap::kLatent12) x = Downsample(pieces, frames, state, workspace);
    for (const MimiPiece& piece : pieces) state.Advance(piece.stream, samples);
    return x;
  }

 private:
  struct Buffers : Workspace {
    explicit Buffers(const FastMimiEncoder& encoder) : seanet(encoder.seanet_), downsample(encoder.downsample_) {}
    std::vector<float> frames;  // [pieces, frames at 25 Hz, D]
    std::vector<float> latent;  // [pieces, frames at 12.5 Hz, D]
    typename FastSeanet<T>::Workspace seanet;
    typename FastTransformer<T>::Workspace transformer;
    ConvInput<T> downsample;
  };

  float* Downsample(absl::Span<const MimiPiece> pieces, int64_t frames, StreamState& state, Buffers* workspace) const {
    const auto items = static_cast<int64_t>(pieces.size());
    const auto size = static_cast<size_t>(items * frames / 2 * width_);
    if (workspace->latent.size() < size) workspace->latent.resize(size);
    ConvInput<T>& input = workspace->downsample;
    input.Reserve(items, frames);
    for (int64_t item = 0; item < items; ++item) {
      const int64_t stream = pieces[static_cast<size_t>(item)].stream;
      const float* x = workspace->frames.data() + item * frames * width_;
      float* context = state.numbers(downsample_.slot, stream);
      // A stream begins as if its first frame had been there before.
      for (int64_t i = 0; state.position(stream) == 0 && i < downsample_.context() * width_; ++i) {
        context[i] = x[i % width_];
      }
      input.LoadContext(item, context);
      Convert(x, frames * width_, input.fresh(item));
    }
    input.Run({workspace->latent.data(), width_, frames / 2 * width_}, items, frames, /*add=*/false);
    for (int64_t item = 0; item < items; ++item) {
      input.SaveContext(item, state.numbers(downsample_.slot, pieces[static_cast<size_t>(item)].stream));
    }
    return workspace->latent.data();
  }

  const int64_t width_;
  // The order of the parts is the order of their slots: a tap needs the slots of the parts before it.
  StateLayout layout_;
  FastSeanet<T> seanet_;
  size_t seanet_slots_;
  FastTransformer<T> transformer_;
  size_t transformer_slots_;
  FastConv<T> downsample_;
};

}  // namespace

std::unique_ptr<MimiEngine> MakeFastMimiEncoder(const MimiConfig& config, const MimiWeights& weights,
                                                MimiPrecision precision) {
  if (precision == MimiPrecision::kBfloat16) return std::make_unique<FastMimiEncoder<Bfloat16>>(config, weights);
  return std::make_unique<FastMimiEncoder<float>>(config, weights);
}

}  // namespace diarflow
