#include "models/campplus/campplus_weights.h"

#include <iterator>

#include "absl/strings/str_cat.h"

namespace diarflow {
namespace {

using Tensors = std::vector<ExpectedTensor>;

void AddBatchNorm(const std::string& name, int64_t channels, bool affine, Tensors* tensors) {
  if (affine) {
    tensors->push_back({name + ".weight", {channels}});
    tensors->push_back({name + ".bias", {channels}});
  }
  tensors->push_back({name + ".running_mean", {channels}});
  tensors->push_back({name + ".running_var", {channels}});
  tensors->push_back({name + ".num_batches_tracked", {}, /*unused=*/true});
}

void AddConv2d(const std::string& conv, const std::string& norm, int64_t in, int64_t kernel, Tensors* tensors) {
  tensors->push_back({conv + ".weight", {kCampplusHeadChannels, in, kernel, kernel}});
  AddBatchNorm(norm, kCampplusHeadChannels, /*affine=*/true, tensors);
}

void AddHead(Tensors* tensors) {
  AddConv2d("head.conv1", "head.bn1", 1, 3, tensors);
  for (const char* stage : {"head.layer1", "head.layer2"}) {
    for (const int unit : {0, 1}) {
      const std::string name = absl::StrCat(stage, ".", unit, ".");
      AddConv2d(name + "conv1", name + "bn1", kCampplusHeadChannels, 3, tensors);
      AddConv2d(name + "conv2", name + "bn2", kCampplusHeadChannels, 3, tensors);
      if (unit == 0) AddConv2d(name + "shortcut.0", name + "shortcut.1", kCampplusHeadChannels, 1, tensors);
    }
  }
  AddConv2d("head.conv2", "head.bn2", kCampplusHeadChannels, 3, tensors);
}

void AddDenseLayer(const std::string& name, int64_t in, Tensors* tensors) {
  AddBatchNorm(name + ".nonlinear1.batchnorm", in, /*affine=*/true, tensors);
  tensors->push_back({name + ".linear1.weight", {kCampplusBottleneck, in, 1}});
  AddBatchNorm(name + ".nonlinear2.batchnorm", kCampplusBottleneck, /*affine=*/true, tensors);
  const std::string mask = name + ".cam_layer.";
  tensors->push_back({mask + "linear_local.weight", {kCampplusGrowth, kCampplusBottleneck, 3}});
  tensors->push_back({mask + "linear1.weight", {kCampplusMaskHidden, kCampplusBottleneck, 1}});
  tensors->push_back({mask + "linear1.bias", {kCampplusMaskHidden}});
  tensors->push_back({mask + "linear2.weight", {kCampplusGrowth, kCampplusMaskHidden, 1}});
  tensors->push_back({mask + "linear2.bias", {kCampplusGrowth}});
}

}  // namespace

std::vector<ExpectedTensor> CampplusTensors() {
  Tensors tensors;
  AddHead(&tensors);
  tensors.push_back({"xvector.tdnn.linear.weight", {kCampplusBlocks[0].in, kCampplusHeadOutput, 5}});
  AddBatchNorm("xvector.tdnn.nonlinear.batchnorm", kCampplusBlocks[0].in, /*affine=*/true, &tensors);
  int number = 0;
  for (const CampplusBlock& block : kCampplusBlocks) {
    ++number;
    for (int layer = 0; layer < block.layers; ++layer) {
      AddDenseLayer(absl::StrCat("xvector.block", number, ".tdnnd", layer + 1), block.in + layer * kCampplusGrowth,
                    &tensors);
    }
    const std::string transit = absl::StrCat("xvector.transit", number, ".");
    AddBatchNorm(transit + "nonlinear.batchnorm", block.out(), /*affine=*/true, &tensors);
    tensors.push_back({transit + "linear.weight", {block.transit_out, block.out(), 1}});
  }
  const int64_t channels = std::end(kCampplusBlocks)[-1].transit_out;
  AddBatchNorm("xvector.out_nonlinear.batchnorm", channels, /*affine=*/true, &tensors);
  tensors.push_back({"xvector.dense.linear.weight", {kCampplusEmbedding, 2 * channels, 1}});
  AddBatchNorm("xvector.dense.nonlinear.batchnorm", kCampplusEmbedding, /*affine=*/false, &tensors);
  return tensors;
}

absl::StatusOr<CampplusWeights> TakeCampplusWeights(const TensorTable& tensors) {
  return TakeTensors(tensors, CampplusTensors(), "CAM++");
}

CampplusWeights RandomCampplusWeights(uint64_t seed) { return RandomWeights(CampplusTensors(), seed); }

}  // namespace diarflow
