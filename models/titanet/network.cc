#include "models/titanet/network.h"

#include <algorithm>
#include <cmath>

#include "ATen/ops/addmm.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/linear.h"
#include "ATen/ops/matmul.h"
#include "ATen/ops/zeros.h"
#include "absl/strings/str_cat.h"
#include "models/device/torch_device.h"
#include "models/layers/frames.h"

namespace diarflow {
namespace {

// The encoder's norms have an epsilon of their own.
constexpr double kEncoderEpsilon = 1e-3;
constexpr double kDecoderEpsilon = 1e-5;
// The least variance in the pooling.
constexpr double kLeastVariance = 1e-10;

void Show(const TitanetObserver* observer, const std::string& name, const at::Tensor& values) {
  if (observer != nullptr) (*observer)(name, values);
}

// x [B, T, C] times the map.
at::Tensor OverFrames(const LinearMap& map, const at::Tensor& x) {
  return map.Forward(x.view({x.size(0) * x.size(1), map.in()}), /*bias=*/{}).view({x.size(0), x.size(1), map.out()});
}

}  // namespace

TitanetMask::TitanetMask(const std::vector<int64_t>& lengths, int64_t frames_in_batch, const at::Device& device) {
  const auto batch = static_cast<int64_t>(lengths.size());
  counts = at::empty({batch, 1});
  for (int64_t b = 0; b < batch; ++b) {
    counts.mutable_data_ptr<float>()[b] = static_cast<float>(lengths[static_cast<size_t>(b)]);
  }
  MoveTensors(device, {&counts});
  if (std::all_of(lengths.begin(), lengths.end(), [&](int64_t length) { return length == frames_in_batch; })) return;
  frames = at::zeros({batch, frames_in_batch, 1});
  for (int64_t b = 0; b < batch; ++b) {
    std::fill_n(frames.mutable_data_ptr<float>() + b * frames_in_batch, lengths[static_cast<size_t>(b)], 1.0f);
  }
  MoveTensors(device, {&frames});
}

at::Tensor TitanetMask::Keep(const at::Tensor& x) const { return frames.defined() ? x.mul(frames) : x; }
at::Tensor TitanetMask::Mean(const at::Tensor& x) const { return x.sum(1).div(counts); }

at::Tensor TitanetBlockLayers::Pointwise::Forward(const at::Tensor& x, bool then_relu) const {
  at::Tensor y = OverFrames(map, x);
  if (apart.scale.defined()) {
    y.mul_(apart.scale).add_(apart.shift);
    if (then_relu) y.relu_();
  } else if (then_relu) {
    AddBiasRelu(y, bias);
  } else {
    AddBias(y, bias);
  }
  return y;
}

void TitanetBlockLayers::Pointwise::MoveTo(const at::Device& device) {
  map.MoveTo(device);
  MoveTensors(device, {&bias, &apart.scale, &apart.shift});
}

TitanetBlockLayers::Pointwise TitanetBlockLayers::TakePointwise(const TitanetWeights& weights, const std::string& conv,
                                                                const std::string& norm, BatchNormForm form) {
  const at::Tensor weight = TakeWeight(weights, conv).squeeze(2);
  const BatchNorm batch_norm = BatchNorm::Take(weights, norm, kEncoderEpsilon);
  if (form == BatchNormForm::kApart) return {LinearMap(weight.t()), {}, batch_norm};
  const FoldedConv folded = Fold(weight, batch_norm);
  return {LinearMap(folded.weight.t()), folded.bias, {}};
}

TitanetBlockLayers::TitanetBlockLayers(const TitanetWeights& weights, int number, BatchNormForm form)
    : number_(number) {
  const TitanetBlock& block = kTitanetBlocks[number];
  const std::string name = absl::StrCat("encoder.encoder.", number);
  const auto layer = [&](int place) { return absl::StrCat(name, ".mconv.", place); };
  for (int r = 0; r < block.repeat; ++r) {
    const int place = block.depthwise(r);
    depthwise_.push_back(TakeWeight(weights, layer(place) + ".conv.weight").squeeze(1).t().contiguous());
    pointwise_.push_back(TakePointwise(weights, layer(place + 1) + ".conv.weight", layer(place + 2), form));
  }
  squeeze_ = TakeWeight(weights, layer(block.excite()) + ".fc.0.weight");
  excite_ = TakeWeight(weights, layer(block.excite()) + ".fc.2.weight");
  if (block.residual()) {
    residual_.push_back(TakePointwise(weights, name + ".res.0.0.conv.weight", name + ".res.0.1", form));
  }
}

void TitanetBlockLayers::MoveTo(const at::Device& device) {
  for (at::Tensor& kernel : depthwise_) MoveTensors(device, {&kernel});
  for (std::vector<Pointwise>* layers : {&pointwise_, &residual_}) {
    for (Pointwise& layer : *layers) layer.MoveTo(device);
  }
  MoveTensors(device, {&squeeze_, &excite_});
}

at::Tensor TitanetBlockLayers::Forward(const at::Tensor& x, const TitanetMask& mask,
                                       const TitanetObserver* observer) const {
  const at::Tensor input = mask.Keep(x);
  at::Tensor y = input;
  for (size_t r = 0; r < depthwise_.size(); ++r) {
    y = mask.Keep(DepthwiseConvolution(y, depthwise_[r]));
    y = mask.Keep(pointwise_[r].Forward(y, /*then_relu=*/r + 1 < depthwise_.size()));
  }
  const at::Tensor gate = at::linear(at::linear(mask.Mean(y), squeeze_).relu_(), excite_).sigmoid_();
  Show(observer, absl::StrCat("gate.", number_), gate);
  y.mul_(gate.unsqueeze(1));
  for (const Pointwise& residual : residual_) y.add_(residual.Forward(input, /*then_relu=*/false));
  y.relu_();
  Show(observer, absl::StrCat("block.", number_), y.transpose(1, 2));
  return y;
}

TitanetNetwork::TitanetNetwork(const TitanetWeights& weights, BatchNormForm form, const at::Device& device)
    : device_(device) {
  for (int number = 0; number < static_cast<int>(std::size(kTitanetBlocks)); ++number) {
    blocks_.emplace_back(weights, number, form);
  }
  const std::string attention = "decoder._pooling.attention_layer.";
  const at::Tensor attend = TakeWeight(weights, attention + "0.conv_layer.weight").squeeze(2);
  attend_frames_ = LinearMap(attend.narrow(1, 0, kTitanetPooled).t());
  attend_mean_ = attend.narrow(1, kTitanetPooled, kTitanetPooled).contiguous();
  attend_deviation_ = attend.narrow(1, 2 * kTitanetPooled, kTitanetPooled).contiguous();
  attend_bias_ = TakeWeight(weights, attention + "0.conv_layer.bias");
  attend_norm_ = BatchNorm::Take(weights, attention + "0.bn", kDecoderEpsilon);
  choose_ = LinearMap(TakeWeight(weights, attention + "2.weight").squeeze(2).t());
  choose_bias_ = TakeWeight(weights, attention + "2.bias");
  // The norm stands in front of the layer: W (s p + t) + b = (W s) p + (W t + b).
  const BatchNorm norm = BatchNorm::Take(weights, "decoder.emb_layers.0.0", kDecoderEpsilon);
  const at::Tensor embed = TakeWeight(weights, "decoder.emb_layers.0.1.weight").squeeze(2).to(at::kDouble);
  embed_ = embed.mul(norm.scale.to(at::kDouble)).t().to(at::kFloat).contiguous();
  embed_bias_ = at::matmul(embed, norm.shift.to(at::kDouble))
                    .add(TakeWeight(weights, "decoder.emb_layers.0.1.bias").to(at::kDouble))
                    .to(at::kFloat);
  for (TitanetBlockLayers& block : blocks_) block.MoveTo(device_);
  attend_frames_.MoveTo(device_);
  choose_.MoveTo(device_);
  MoveTensors(device_, {&attend_mean_, &attend_deviation_, &attend_bias_, &attend_norm_.scale, &attend_norm_.shift,
                        &choose_bias_, &embed_, &embed_bias_});
}

at::Tensor TitanetNetwork::Pool(const at::Tensor& encoded, const TitanetMask& mask,
                                const TitanetObserver* observer) const {
  const at::Tensor x = mask.Keep(encoded);
  const at::Tensor mean = mask.Mean(x);
  const at::Tensor variance = mask.Mean(mask.Keep(x.sub(mean.unsqueeze(1))).square());
  const at::Tensor deviation = variance.clamp_min(kLeastVariance).sqrt();
  // What is the same for all frames enters the attention once.
  const at::Tensor context =
      at::linear(mean, attend_mean_, attend_bias_).add_(at::linear(deviation, attend_deviation_));
  at::Tensor hidden = OverFrames(attend_frames_, x).add_(context.unsqueeze(1)).relu_();
  hidden.mul_(attend_norm_.scale).add_(attend_norm_.shift).tanh_();
  at::Tensor scores = OverFrames(choose_, hidden).add_(choose_bias_);
  if (mask.frames.defined()) scores.masked_fill_(mask.frames.eq(0), -INFINITY);
  const at::Tensor attention = scores.softmax(1);
  Show(observer, "attention", attention.transpose(1, 2));
  const at::Tensor weighted_mean = attention.mul(x).sum(1);
  const at::Tensor weighted_variance = attention.mul(x.sub(weighted_mean.unsqueeze(1)).square()).sum(1);
  return at::cat({weighted_mean, weighted_variance.clamp_min(kLeastVariance).sqrt()}, 1);
}

at::Tensor TitanetNetwork::Forward(const at::Tensor& features, const std::vector<int64_t>& lengths,
                                   const TitanetObserver* observer) const {
  const TitanetMask mask(lengths, features.size(1), device_);
  return Embed(Encode(features, mask, observer), mask, observer);
}

at::Tensor TitanetNetwork::Encode(const at::Tensor& features, const TitanetMask& mask,
                                  const TitanetObserver* observer) const {
  at::Tensor x = features.to(device_).contiguous();
  for (const TitanetBlockLayers& block : blocks_) x = block.Forward(x, mask, observer);
  return x;
}

at::Tensor TitanetNetwork::Embed(const at::Tensor& encoded, const TitanetMask& mask,
                                 const TitanetObserver* observer) const {
  const at::Tensor pooled = Pool(encoded.to(device_).contiguous(), mask, observer);
  Show(observer, "pool", pooled);
  return at::addmm(embed_bias_, pooled, embed_);
}

}  // namespace diarflow
