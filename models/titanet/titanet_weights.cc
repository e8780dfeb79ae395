#include "models/titanet/titanet_weights.h"

#include "absl/strings/str_cat.h"

namespace diarflow {
namespace {

using Tensors = std::vector<ExpectedTensor>;

void AddBatchNorm(const std::string& name, int64_t channels, Tensors* tensors) {
  for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"}) {
    tensors->push_back({name + part, {channels}});
  }
  tensors->push_back({name + ".num_batches_tracked", {}, /*unused=*/true});
}

void AddBlock(const std::string& name, const TitanetBlock& block, Tensors* tensors) {
  const auto layer = [&](int place) { return absl::StrCat(name, ".mconv.", place); };
  for (int r = 0; r < block.repeat; ++r) {
    const int64_t in = r == 0 ? block.in : block.out;
    tensors->push_back({layer(block.depthwise(r)) + ".conv.weight", {in, 1, block.kernel}});
    tensors->push_back({layer(block.depthwise(r) + 1) + ".conv.weight", {block.out, in, 1}});
    AddBatchNorm(layer(block.depthwise(r) + 2), block.out, tensors);
  }
  const int64_t hidden = block.out / kTitanetReduction;
  tensors->push_back({layer(block.excite()) + ".fc.0.weight", {hidden, block.out}});
  tensors->push_back({layer(block.excite()) + ".fc.2.weight", {block.out, hidden}});
  if (!block.residual()) return;
  tensors->push_back({name + ".res.0.0.conv.weight", {block.out, block.in, 1}});
  AddBatchNorm(name + ".res.0.1", block.out, tensors);
}

}  // namespace

std::vector<ExpectedTensor> TitanetTensors() {
  Tensors tensors = {{"preprocessor.featurizer.window", {400}, /*unused=*/true},
                     {"preprocessor.featurizer.fb", {1, 80, 257}, /*unused=*/true}};
  int number = 0;
  for (const TitanetBlock& block : kTitanetBlocks) {
    AddBlock(absl::StrCat("encoder.encoder.", number++), block, &tensors);
  }
  const std::string attention = "decoder._pooling.attention_layer.";
  tensors.push_back({attention + "0.conv_layer.weight", {kTitanetAttention, 3 * kTitanetPooled, 1}});
  tensors.push_back({attention + "0.conv_layer.bias", {kTitanetAttention}});
  AddBatchNorm(attention + "0.bn", kTitanetAttention, &tensors);
  tensors.push_back({attention + "2.weight", {kTitanetPooled, kTitanetAttention, 1}});
  tensors.push_back({attention + "2.bias", {kTitanetPooled}});
  AddBatchNorm("decoder.emb_layers.0.0", 2 * kTitanetPooled, &tensors);
  tensors.push_back({"decoder.emb_layers.0.1.weight", {kTitanetEmbedding, 2 * kTitanetPooled, 1}});
  tensors.push_back({"decoder.emb_layers.0.1.bias", {kTitanetEmbedding}});
  tensors.push_back({"decoder.final.weight", {}, /*unused=*/true});
  return tensors;
}

absl::StatusOr<TitanetWeights> TakeTitanetWeights(const TensorTable& tensors) {
  return TakeTensors(tensors, TitanetTensors(), "TitaNet-large");
}

TitanetWeights RandomTitanetWeights(uint64_t seed) { return RandomWeights(TitanetTensors(), seed); }

}  // namespace diarflow
