#include "models/segmentation/network.h"

#include "ATen/Context.h"
#include "ATen/ops/_cudnn_rnn_flatten_weight.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/clamp.h"
#include "ATen/ops/conv1d.h"
#include "ATen/ops/cos.h"
#include "ATen/ops/instance_norm.h"
#include "ATen/ops/leaky_relu.h"
#include "ATen/ops/linear.h"
#include "ATen/ops/log_softmax.h"
#include "ATen/ops/lstm.h"
#include "ATen/ops/max_pool1d.h"
#include "ATen/ops/sin.h"
#include "ATen/ops/zeros.h"
#include "absl/strings/str_cat.h"
#include "models/layers/batch_norm.h"

namespace diarflow {
namespace {

constexpr double kNormEpsilon = 1e-5;
constexpr double kSlope = 0.01;
// Hz.
constexpr double kLowest = 50, kNarrowest = 50, kHighest = 8000;

at::Tensor InstanceNorm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return at::instance_norm(x, weight, bias, {}, {}, /*use_input_stats=*/true, /*momentum=*/0, kNormEpsilon,
                           /*cudnn_enabled=*/false);
}

// cuDNN wants the weights of a layer in one piece: else it puts them together in every call, and complains each time.
void JoinForCudnn(std::vector<at::Tensor>* weights) {
  constexpr int64_t kPerDirection = 4, kLstm = 2;
  const at::Tensor& first = weights->front();
  if (!first.is_cuda() || !at::globalContext().hasCuDNN()) return;
  at::_cudnn_rnn_flatten_weight(*weights, kPerDirection, first.size(1), kLstm, kSegmentationHidden, /*proj_size=*/0,
                                /*num_layers=*/1, /*batch_first=*/true, /*bidirectional=*/true);
}

void Show(const SegmentationObserver* observer, const std::string& name, const at::Tensor& values) {
  if (observer != nullptr) (*observer)(name, values);
}

}  // namespace

SincFilters MakeSincFilters(const SegmentationWeights& weights) {
  const std::string bank = "sincnet.conv1d.0.filterbank.";
  const auto take = [&](const char* name) { return TakeWeight(weights, bank + name).to(at::kDouble); };
  const at::Tensor low = take("low_hz_").abs().add(kLowest);
  const at::Tensor high = at::clamp(take("band_hz_").abs().add(low).add(kNarrowest), kLowest, kHighest);
  const at::Tensor band = high.sub(low);
  const at::Tensor time = take("n_"), window = take("window_");
  const at::Tensor at_low = low.mul(time), at_high = high.mul(time), half = time.div(2);
  const at::Tensor even = at_high.sin().sub(at_low.sin()).div(half).mul(window);
  const at::Tensor odd = at_low.cos().sub(at_high.cos()).div(half).mul(window);
  const at::Tensor middle = at::zeros({low.size(0), 1}, at::kDouble);
  const at::Tensor cosines = at::cat({even, band.mul(2), even.flip(1)}, 1);
  const at::Tensor sines = at::cat({odd, middle, odd.flip(1).neg()}, 1);
  const at::Tensor scale = band.mul(2);
  return {low.squeeze(1), high.squeeze(1),
          at::cat({cosines.div(scale), sines.div(scale)}, 0).unsqueeze(1).to(at::kFloat)};
}

SegmentationNetwork::SegmentationNetwork(const SegmentationWeights& weights, const at::Device& device)
    : device_(device) {
  const auto take = [&](const std::string& name) { return TakeWeight(weights, name).to(device); };
  const auto affine = [&](const std::string& name) { return Affine{take(name + ".weight"), take(name + ".bias")}; };
  wav_norm_ = affine("sincnet.wav_norm1d");
  filters_ = MakeSincFilters(weights).taps.to(device);
  for (const int i : {1, 2}) convs_.push_back(affine(absl::StrCat("sincnet.conv1d.", i)));
  for (const int i : {0, 1, 2}) norms_.push_back(affine(absl::StrCat("sincnet.norm1d.", i)));
  for (int layer = 0; layer < kSegmentationRecurrentLayers; ++layer) {
    recurrent_.emplace_back();
    for (const char* direction : {"", "_reverse"}) {
      for (const char* part : {"weight_ih", "weight_hh", "bias_ih", "bias_hh"}) {
        recurrent_.back().push_back(take(absl::StrCat("lstm.", part, "_l", layer, direction)));
      }
    }
    JoinForCudnn(&recurrent_.back());
  }
  for (const int i : {0, 1}) linears_.push_back(affine(absl::StrCat("linear.", i)));
  classifier_ = affine("classifier");
}

at::Tensor SegmentationNetwork::Forward(const at::Tensor& waveforms, const SegmentationObserver* observer) const {
  at::Tensor x = InstanceNorm(waveforms.to(device_), wav_norm_.weight, wav_norm_.bias);
  Show(observer, "wav_norm", x);
  x = at::conv1d(x, filters_, {}, /*stride=*/kSegmentationFilterHop).abs_();
  Show(observer, "sinc_abs", x);
  for (size_t stage = 0; stage < 3; ++stage) {
    if (stage > 0) x = at::conv1d(x, convs_[stage - 1].weight, convs_[stage - 1].bias);
    x = InstanceNorm(at::max_pool1d(x, 3, 3), norms_[stage].weight, norms_[stage].bias);
    x = at::leaky_relu(x, kSlope);
    Show(observer, absl::StrCat("sinc", stage + 1), x);
  }
  x = x.transpose(1, 2);
  const at::Tensor none = at::zeros({2, x.size(0), kSegmentationHidden}, x.options());
  for (size_t layer = 0; layer < recurrent_.size(); ++layer) {
    x = std::get<0>(at::lstm(x, {none, none}, recurrent_[layer], /*has_biases=*/true, /*num_layers=*/1,
                             /*dropout=*/0.0, /*train=*/false, /*bidirectional=*/true, /*batch_first=*/true));
    Show(observer, absl::StrCat("lstm", layer), x);
  }
  for (size_t i = 0; i < linears_.size(); ++i) {
    x = at::leaky_relu(at::linear(x, linears_[i].weight, linears_[i].bias), kSlope);
    Show(observer, absl::StrCat("linear", i), x);
  }
  x = at::linear(x, classifier_.weight, classifier_.bias);
  Show(observer, "logits", x);
  x = at::log_softmax(x, -1);
  Show(observer, "logp", x);
  return x;
}

}  // namespace diarflow
