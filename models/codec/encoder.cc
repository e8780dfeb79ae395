#include "models/codec/encoder.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "ATen/ops/cat.h"
#include "ATen/ops/constant_pad_nd.h"
#include "ATen/ops/conv1d.h"
#include "ATen/ops/elu.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/gelu.h"
#include "ATen/ops/layer_norm.h"
#include "ATen/ops/linear.h"
#include "ATen/ops/matmul.h"
#include "ATen/ops/softmax.h"
#include "ATen/ops/stack.h"
#include "absl/strings/str_cat.h"
#include "models/layers/batch_norm.h"

namespace diarflow {
namespace {

// Frames whose attention is computed at once: they see no more than these and the context before them.
constexpr int64_t kBlockFrames = 256;

// Frames [B, T, D] at 25 Hz through the transformer.
class TransformerPass {
 public:
  TransformerPass(const MimiConfig& config, const CodecTensors& tensors, const at::Tensor& like)
      : config_(config), tensors_(tensors) {
    const int64_t frames = like.size(1), pairs = config.dimension() / config.num_heads() / 2;
    at::Tensor angles = at::empty({frames, pairs}, at::kDouble);
    double* angle = angles.mutable_data_ptr<double>();
    for (int64_t frame = 0; frame < frames; ++frame) {
      for (int64_t i = 0; i < pairs; ++i) {
        const double turn = std::pow(config.rope_max_period(), -static_cast<double>(i) / static_cast<double>(pairs));
        *angle++ = static_cast<double>(frame) * turn;
      }
    }
    cosines_ = angles.cos().to(like.options());
    sines_ = angles.sin().to(like.options());
    for (int64_t begin = 0; begin < frames; begin += kBlockFrames) blocks_.push_back(MakeBlock(begin, like));
  }

  at::Tensor Layer(const std::string& name, const at::Tensor& x) const {
    const at::Tensor attended =
        x.add(Attention(name + "self_attn.", Norm(name + "norm1", x)).mul(Get(name + "layer_scale_1.scale")));
    // The exact GELU, with the error function.
    const at::Tensor hidden =
        at::gelu(at::linear(Norm(name + "norm2", attended), Get(name + "linear1.weight")), "none");
    return attended.add(at::linear(hidden, Get(name + "linear2.weight")).mul(Get(name + "layer_scale_2.scale")));
  }

 private:
  // Queries [begin, end) and the keys that one of them sees, [first_key, end).
  struct Block {
    int64_t begin, end, first_key;
    at::Tensor mask;  // [queries, keys]: 0 or minus infinity
  };

  Block MakeBlock(int64_t begin, const at::Tensor& like) const {
    Block block;
    block.begin = begin;
    block.end = std::min(begin + kBlockFrames, like.size(1));
    block.first_key = std::max<int64_t>(0, begin - config_.context() + 1);
    at::Tensor mask = at::empty({block.end - begin, block.end - block.first_key}, at::kDouble);
    double* hidden = mask.mutable_data_ptr<double>();
    for (int64_t query = begin; query < block.end; ++query) {
      for (int64_t key = block.first_key; key < block.end; ++key) {
        const bool seen = key <= query && query - key < config_.context();
        *hidden++ = seen ? 0 : -std::numeric_limits<double>::infinity();
      }
    }
    block.mask = mask.to(like.options());
    return block;
  }

  const at::Tensor& Get(const std::string& name) const { return tensors_.at(name); }

  at::Tensor Norm(const std::string& name, const at::Tensor& x) const {
    return at::layer_norm(x, {config_.dimension()}, Get(name + ".weight"), Get(name + ".bias"), config_.norm_epsilon());
  }

  // Turns the pairs (2 i, 2 i + 1) of x [B, heads, T, head width].
  at::Tensor Rotate(const at::Tensor& x) const {
    const at::Tensor real = x.slice(3, 0, x.size(3), 2), imaginary = x.slice(3, 1, x.size(3), 2);
    return at::stack({real.mul(cosines_).sub(imaginary.mul(sines_)), real.mul(sines_).add(imaginary.mul(cosines_))}, -1)
        .flatten(3);
  }

  at::Tensor Attention(const std::string& name, const at::Tensor& x) const {
    const int64_t batch = x.size(0), frames = x.size(1), width = config_.dimension(), heads = config_.num_heads();
    const at::Tensor projected = at::linear(x, Get(name + "in_proj_weight"));
    // Each [B, heads, T, width / heads].
    const at::Tensor parts = projected.view({batch, frames, 3, heads, width / heads}).permute({2, 0, 3, 1, 4});
    const at::Tensor query = Rotate(parts.select(0, 0)).mul(1 / std::sqrt(static_cast<double>(width / heads)));
    const at::Tensor key = Rotate(parts.select(0, 1)).transpose(2, 3), value = parts.select(0, 2);
    std::vector<at::Tensor> pieces;
    for (const Block& block : blocks_) {
      const int64_t queries = block.end - block.begin, keys = block.end - block.first_key;
      const at::Tensor scores =
          at::matmul(query.narrow(2, block.begin, queries), key.narrow(3, block.first_key, keys)).add(block.mask);
      pieces.push_back(at::matmul(at::softmax(scores, -1), value.narrow(2, block.first_key, keys)));
    }
    const at::Tensor heard = pieces.size() == 1 ? pieces[0] : at::cat(pieces, 2);
    return at::linear(heard.transpose(1, 2).reshape({batch, frames, width}), Get(name + "out_proj.weight"));
  }

  const MimiConfig& config_;
  const CodecTensors& tensors_;
  std::vector<Block> blocks_;
  at::Tensor cosines_, sines_;  // [T, head width / 2]
};

// x [B, in, T] to [B, out, T / stride]: output frame t sees the input up to (t + 1) * stride - 1.
at::Tensor CausalConv(const CodecTensors& tensors, const std::string& name, int64_t stride, const at::Tensor& x) {
  const at::Tensor& weight = tensors.at(name + ".conv.conv.weight");
  const int64_t context = weight.size(2) - stride;
  return at::conv1d(context > 0 ? at::constant_pad_nd(x, {context, 0}) : x, weight,
                    tensors.at(name + ".conv.conv.bias"), stride);
}

// samples [B, 1, N] to [B, D, N / 960].
at::Tensor Seanet(const MimiConfig& config, const CodecTensors& tensors, const at::Tensor& samples) {
  at::Tensor x = CausalConv(tensors, "encoder.model.0", 1, samples);
  int index = 1;
  for (const int64_t ratio : config.ratios()) {
    const std::string unit = absl::StrCat("encoder.model.", index, ".block.");
    const at::Tensor hidden = CausalConv(tensors, unit + "1", 1, at::elu(x));
    x = x.add(CausalConv(tensors, unit + "3", 1, at::elu(hidden)));
    x = CausalConv(tensors, absl::StrCat("encoder.model.", index + 2), ratio, at::elu(x));
    index += 3;
  }
  return CausalConv(tensors, absl::StrCat("encoder.model.", index + 1), 1, at::elu(x));
}

// frames [B, T, D] to [B, D, T / 2]. What stands before the first frame are copies of it.
at::Tensor Downsample(const CodecTensors& tensors, const at::Tensor& frames) {
  const at::Tensor first = frames.narrow(1, 0, 1);
  return at::conv1d(at::cat({first, first, frames}, 1).transpose(1, 2), tensors.at("downsample.conv.conv.conv.weight"),
                    /*bias=*/{}, /*stride=*/2);
}

}  // namespace

CodecTensors CodecTensorsOf(const MimiWeights& weights) {
  CodecTensors tensors;
  for (const auto& [name, values] : weights) tensors[name] = TakeWeight(weights, name);
  return tensors;
}

at::Tensor TransformForTraining(const MimiConfig& config, const CodecTensors& tensors, const at::Tensor& frames,
                                int from, int to) {
  const TransformerPass transformer(config, tensors, frames);
  at::Tensor x = frames;
  for (int i = from; i < to; ++i) {
    x = transformer.Layer(absl::StrCat("encoder_transformer.transformer.layers.", i, "."), x);
  }
  return x;
}

at::Tensor HalveForTraining(const CodecTensors& tensors, const at::Tensor& frames, HalvedBy way) {
  const int64_t count = frames.size(1);
  switch (way) {
    case HalvedBy::kAveraged: return frames.slice(1, 0, count, 2).add(frames.slice(1, 1, count, 2)).mul(0.5);
    case HalvedBy::kDecimated: return frames.slice(1, 0, count, 2);
    case HalvedBy::kLearned: break;
  }
  return Downsample(tensors, frames).transpose(1, 2);
}

at::Tensor EncodeForTraining(const MimiConfig& config, const CodecTensors& tensors, const at::Tensor& samples) {
  const at::Tensor frames = Seanet(config, tensors, samples.unsqueeze(1)).transpose(1, 2);
  return HalveForTraining(tensors, TransformForTraining(config, tensors, frames, 0, config.num_layers()),
                          HalvedBy::kLearned);
}

}  // namespace diarflow
