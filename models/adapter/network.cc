#include "models/adapter/network.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "ATen/ops/cat.h"
#include "ATen/ops/dropout.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/gelu.h"
#include "ATen/ops/layer_norm.h"
#include "ATen/ops/linear.h"
#include "ATen/ops/matmul.h"
#include "ATen/ops/softmax.h"
#include "absl/strings/str_cat.h"
#include "models/layers/batch_norm.h"

namespace diarflow {
namespace {

constexpr double kEpsilon = 1e-5;
// Scores of a head that are computed at once: bounds the work memory for long recordings. 1448 frames and less are one
// piece.
constexpr int64_t kMaxScores = int64_t{1} << 21;
constexpr int64_t kMinQueryFrames = 16;

class Pass {
 public:
  Pass(const AdapterConfig& config, const AdapterParameters& parameters, const AdapterPass& options)
      : config_(config), parameters_(parameters), options_(options) {}

  at::Tensor Linear(const std::string& name, const at::Tensor& x) const {
    return at::linear(x, parameters_.at(name + ".weight"), parameters_.at(name + ".bias"));
  }

  // One layer with its norms behind each half.
  at::Tensor Layer(const std::string& name, const at::Tensor& x, const at::Tensor& padding) const {
    const at::Tensor attended = Norm(name + "norm1", x.add(Drop(Attention(name + "self_attn.", x, padding))));
    const at::Tensor inside = Drop(at::gelu(Linear(name + "linear1", attended), "none"));
    return Norm(name + "norm2", attended.add(Drop(Linear(name + "linear2", inside))));
  }

  void Observe(const std::string& stage, const at::Tensor& values) const {
    if (options_.observer != nullptr) (*options_.observer)(stage, values);
  }

 private:
  at::Tensor Drop(const at::Tensor& x) const {
    return options_.dropout > 0 ? at::dropout(x, options_.dropout, /*train=*/true) : x;
  }

  at::Tensor Norm(const std::string& name, const at::Tensor& x) const {
    return at::layer_norm(x, {config_.width()}, parameters_.at(name + ".weight"), parameters_.at(name + ".bias"),
                          kEpsilon);
  }

  at::Tensor Attention(const std::string& name, const at::Tensor& x, const at::Tensor& padding) const {
    const int64_t batch = x.size(0), frames = x.size(1), heads = config_.num_heads(), width = config_.width();
    const at::Tensor projected =
        at::linear(x, parameters_.at(name + "in_proj_weight"), parameters_.at(name + "in_proj_bias"));
    // Each [B, heads, T, width / heads].
    const at::Tensor parts = projected.view({batch, frames, 3, heads, width / heads}).permute({2, 0, 3, 1, 4});
    const at::Tensor query = parts.select(0, 0).mul(1 / std::sqrt(static_cast<double>(width / heads)));
    const at::Tensor key = parts.select(0, 1).transpose(2, 3), value = parts.select(0, 2);
    std::vector<at::Tensor> pieces;
    const int64_t rows = std::max(kMinQueryFrames, kMaxScores / frames);
    for (int64_t begin = 0; begin < frames; begin += rows) {
      at::Tensor scores = at::matmul(query.narrow(2, begin, std::min(rows, frames - begin)), key);
      if (padding.defined()) {
        scores = scores.masked_fill(padding.view({batch, 1, 1, frames}), -std::numeric_limits<double>::infinity());
      }
      pieces.push_back(at::matmul(Drop(at::softmax(scores, -1)), value));
    }
    const at::Tensor heard = pieces.size() == 1 ? pieces[0] : at::cat(pieces, 2);
    return Linear(name + "out_proj", heard.transpose(1, 2).reshape({batch, frames, width}));
  }

  const AdapterConfig& config_;
  const AdapterParameters& parameters_;
  const AdapterPass& options_;
};

}  // namespace

AdapterParameters AdapterParametersOf(const AdapterWeights& weights) {
  AdapterParameters parameters;
  for (const auto& [name, values] : weights) parameters[name] = TakeWeight(weights, name);
  return parameters;
}

at::Tensor SinusoidalPositions(int64_t frames, int64_t width) {
  at::Tensor positions = at::empty({frames, width});
  float* out = positions.mutable_data_ptr<float>();
  // In single precision throughout: at large t the rounding of the angle is part of what the weights were trained with.
  std::vector<float> turns;
  const float step = static_cast<float>(-std::log(1e4) / static_cast<double>(width));
  for (int64_t i = 0; i < width; i += 2) turns.push_back(std::exp(static_cast<float>(i) * step));
  for (int64_t t = 0; t < frames; ++t) {
    for (const float turn : turns) {
      *out++ = std::sin(static_cast<float>(t) * turn);
      *out++ = std::cos(static_cast<float>(t) * turn);
    }
  }
  return positions;
}

at::Tensor AdapterForward(const AdapterConfig& config, const AdapterParameters& parameters, const at::Tensor& x,
                          const at::Tensor& padding, const AdapterPass& options) {
  const Pass pass(config, parameters, options);
  at::Tensor frames = x;
  if (config.input_projection()) {
    frames = pass.Linear("proj", x);
    pass.Observe("proj", frames);
  }
  frames = frames.add(SinusoidalPositions(x.size(1), config.width()).to(frames.options()));
  pass.Observe("proj+pe", frames);
  for (int layer = 0; layer < config.num_layers(); ++layer) {
    frames = pass.Layer(absl::StrCat("encoder.layers.", layer, "."), frames, padding);
    pass.Observe(absl::StrCat("layer", layer), frames);
  }
  const at::Tensor logits = pass.Linear("head", frames);
  pass.Observe("logits", logits);
  return logits;
}

}  // namespace diarflow
