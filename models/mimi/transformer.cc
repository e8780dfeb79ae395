#include "models/mimi/transformer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ATen/ops/cat.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/empty_like.h"
#include "ATen/ops/gelu.h"
#include "ATen/ops/layer_norm.h"
#include "ATen/ops/matmul.h"
#include "ATen/ops/scaled_dot_product_attention.h"
#include "absl/strings/str_cat.h"
#include "models/device/torch_device.h"
#include "models/mimi/rotate.h"

namespace diarflow {

Transformer::Transformer(const MimiConfig& config, const MimiWeights& weights, StateLayout* layout,
                         const at::Device& device)
    : device_(device),
      width_(config.dimension()),
      heads_(config.num_heads()),
      context_(config.context()),
      epsilon_(config.norm_epsilon()) {
  const int64_t head_width = width_ / heads_;
  for (int64_t i = 0; i < head_width / 2; ++i) {
    frequencies_.push_back(
        std::pow(config.rope_max_period(), -2.0 * static_cast<double>(i) / static_cast<double>(head_width)));
  }
  for (int i = 0; i < config.num_layers(); ++i) {
    Layer layer;
    layer.name = absl::StrCat("encoder_transformer.transformer.layers.", i);
    const auto vector = [&](const char* name) {
      return ToTensor(weights.at(absl::StrCat(layer.name, ".", name))).to(device);
    };
    const auto matrix = [&](const char* name) { return vector(name).t().contiguous(); };
    layer.norm1_weight = vector("norm1.weight");
    layer.norm1_bias = vector("norm1.bias");
    layer.norm2_weight = vector("norm2.weight");
    layer.norm2_bias = vector("norm2.bias");
    layer.in_projection = matrix("self_attn.in_proj_weight");
    layer.out_projection = matrix("self_attn.out_proj.weight");
    layer.linear1 = matrix("linear1.weight");
    layer.linear2 = matrix("linear2.weight");
    layer.scale1 = vector("layer_scale_1.scale");
    layer.scale2 = vector("layer_scale_2.scale");
    layer.keys = layout->Add(layer.name + ".keys", {context_ - 1, width_});
    layer.values = layout->Add(layer.name + ".values", {context_ - 1, width_});
    layers_.push_back(std::move(layer));
  }
}

Transformer::Window Transformer::MakeWindow(int64_t frames, int64_t position) const {
  Window window;
  window.past = std::min(position, context_ - 1);
  const int64_t keys = window.past + frames;
  window.mask = at::empty({frames, keys});
  float* mask = window.mask.mutable_data_ptr<float>();
  for (int64_t query = 0; query < frames; ++query) {
    const int64_t last = window.past + query;
    for (int64_t key = 0; key < keys; ++key) {
      const bool seen = key <= last && last - key < context_;
      *mask++ = seen ? 0.0f : -std::numeric_limits<float>::infinity();
    }
  }
  // Angles in double: after an hour the position has no exact float.
  window.cosines = at::empty({frames, static_cast<int64_t>(frequencies_.size())});
  window.sines = at::empty_like(window.cosines);
  float* cosine = window.cosines.mutable_data_ptr<float>();
  float* sine = window.sines.mutable_data_ptr<float>();
  for (int64_t frame = 0; frame < frames; ++frame) {
    for (const double frequency : frequencies_) {
      const double angle = static_cast<double>(position + frame) * frequency;
      *cosine++ = static_cast<float>(std::cos(angle));
      *sine++ = static_cast<float>(std::sin(angle));
    }
  }
  MoveTensors(device_, {&window.mask, &window.cosines, &window.sines});
  return window;
}

// The frames that the piece sees, [B, past + T, D]; the last context - 1 of them become the state.
at::Tensor Transformer::Remember(const at::Tensor& fresh, int64_t past, at::Tensor& stored) const {
  const int64_t capacity = context_ - 1;
  const at::Tensor seen = at::cat({stored.narrow(1, capacity - past, past), fresh}, 1);
  const int64_t kept = std::min(capacity, seen.size(1));
  stored.narrow(1, capacity - kept, kept).copy_(seen.narrow(1, seen.size(1) - kept, kept));
  return seen;
}

at::Tensor Transformer::Attend(const Layer& layer, const at::Tensor& x, const Window& window,
                               StreamState& state) const {
  const int64_t batch = x.size(0);
  const int64_t frames = x.size(1);
  const at::Tensor projected = at::matmul(x, layer.in_projection);
  RotateKeysAndQueries(projected, heads_, window.cosines, window.sines);
  const at::Tensor keys = Remember(projected.narrow(2, width_, width_), window.past, state[layer.keys]);
  const at::Tensor values = Remember(projected.narrow(2, 2 * width_, width_), window.past, state[layer.values]);
  const auto by_head = [&](const at::Tensor& rows) {
    return rows.view({batch, rows.size(1), heads_, width_ / heads_}).transpose(1, 2);
  };
  const at::Tensor attended = at::scaled_dot_product_attention(by_head(projected.narrow(2, 0, width_)), by_head(keys),
                                                               by_head(values), window.mask);
  return at::matmul(attended.transpose(1, 2).reshape({batch, frames, width_}), layer.out_projection);
}

at::Tensor Transformer::Forward(at::Tensor x, int64_t position, StreamState& state,
                                const MimiObserver& observer) const {
  const Window window = MakeWindow(x.size(1), position);
  for (const Layer& layer : layers_) {
    const at::Tensor normal = at::layer_norm(x, {width_}, layer.norm1_weight, layer.norm1_bias, epsilon_);
    x.addcmul_(Attend(layer, normal, window, state), layer.scale1);
    const at::Tensor normal2 = at::layer_norm(x, {width_}, layer.norm2_weight, layer.norm2_bias, epsilon_);
    // The exact GELU, with the error function.
    const at::Tensor hidden = at::gelu(at::matmul(normal2, layer.linear1), "none");
    x.addcmul_(at::matmul(hidden, layer.linear2), layer.scale2);
    if (observer) observer(layer.name, x);
  }
  return x;
}

}  // namespace diarflow
