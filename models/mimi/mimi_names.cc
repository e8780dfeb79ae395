#include "models/mimi/mimi_names.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "models/mimi/mimi_config.h"

namespace diarflow {
namespace {

constexpr absl::string_view kInProjection = "self_attn.in_proj_weight";
constexpr absl::string_view kOutProjection = "self_attn.out_proj.weight";

void AddConv(const std::string& name, std::vector<int64_t> shape, std::vector<MimiTensor>* tensors) {
  const int64_t out = shape[0];
  tensors->push_back({name + ".conv.conv.weight", std::move(shape)});
  tensors->push_back({name + ".conv.conv.bias", {out}});
}

void AddSeanet(const MimiConfig& config, std::vector<MimiTensor>* tensors) {
  int64_t channels = config.n_filters();
  AddConv("encoder.model.0", {channels, 1, config.kernel_size()}, tensors);
  // The numbers count ELU layers too.
  int index = 1;
  for (const int64_t ratio : config.ratios()) {
    const int64_t hidden = channels / config.compress();
    const std::string unit = absl::StrCat("encoder.model.", index);
    AddConv(unit + ".block.1", {hidden, channels, config.residual_kernel_size()}, tensors);
    AddConv(unit + ".block.3", {channels, hidden, 1}, tensors);
    AddConv(absl::StrCat("encoder.model.", index + 2), {2 * channels, channels, 2 * ratio}, tensors);
    channels *= 2;
    index += 3;
  }
  AddConv(absl::StrCat("encoder.model.", index + 1), {config.dimension(), channels, config.last_kernel_size()},
          tensors);
}

void AddTransformer(const std::string& prefix, const MimiConfig& config, std::vector<MimiTensor>* tensors) {
  const int64_t width = config.dimension();
  const int64_t hidden = config.feed_forward();
  for (int i = 0; i < config.num_layers(); ++i) {
    const std::string layer = absl::StrCat(prefix, ".transformer.layers.", i, ".");
    tensors->push_back({absl::StrCat(layer, kInProjection), {3 * width, width}});
    tensors->push_back({absl::StrCat(layer, kOutProjection), {width, width}});
    for (const char* norm : {"norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias"})
      tensors->push_back({layer + norm, {width}});
    tensors->push_back({layer + "linear1.weight", {hidden, width}});
    tensors->push_back({layer + "linear2.weight", {width, hidden}});
    for (const char* scale : {"layer_scale_1.scale", "layer_scale_2.scale"})
      tensors->push_back({layer + scale, {width}});
  }
}

void AddQuantizer(const std::string& name, int codebooks, const MimiConfig& config, std::vector<MimiTensor>* tensors) {
  tensors->push_back({name + ".input_proj.weight", {config.codebook_dimension(), config.dimension(), 1}});
  for (int i = 0; i < codebooks; ++i) {
    const std::string codebook = absl::StrCat(name, ".vq.layers.", i, "._codebook.");
    tensors->push_back({codebook + "_initialized", {1}});
    tensors->push_back({codebook + "cluster_usage", {config.codebook_size()}});
    tensors->push_back({codebook + "embedding_sum", {config.codebook_size(), config.codebook_dimension()}});
  }
}

std::string ToTransformers(const std::string& released) {
  if (absl::StartsWith(released, "encoder.model.") || absl::StartsWith(released, "decoder.model.")) {
    return absl::StrReplaceAll(released,
                               {{".model.", ".layers."}, {".conv.conv.", ".conv."}, {".convtr.convtr.", ".conv."}});
  }
  if (absl::StartsWith(released, "quantizer.")) {
    return absl::StrReplaceAll(released, {{".rvq_first", ".semantic_residual_vector_quantizer"},
                                          {".rvq_rest", ".acoustic_residual_vector_quantizer"},
                                          {".vq", ""},
                                          {"._codebook._initialized", ".codebook.initialized"},
                                          {"._codebook.cluster_usage", ".codebook.cluster_usage"},
                                          {"._codebook.embedding_sum", ".codebook.embed_sum"}});
  }
  if (absl::StartsWith(released, "downsample.")) return "downsample.conv.weight";
  if (absl::StartsWith(released, "upsample.")) return "upsample.conv.weight";
  return absl::StrReplaceAll(released, {{".transformer.layers.", ".layers."},
                                        {".norm1.", ".input_layernorm."},
                                        {".norm2.", ".post_attention_layernorm."},
                                        {".linear1.", ".mlp.fc1."},
                                        {".linear2.", ".mlp.fc2."},
                                        {".self_attn.out_proj.", ".self_attn.o_proj."},
                                        {".layer_scale_1.", ".self_attn_layer_scale."},
                                        {".layer_scale_2.", ".mlp_layer_scale."}});
}

}  // namespace

absl::string_view MimiNamingName(MimiNaming naming) {
  switch (naming) {
    case MimiNaming::kReleased: return "released";
    case MimiNaming::kMoshi: return "moshi";
    case MimiNaming::kTransformers: return "transformers";
  }
  return "unknown";
}

std::vector<MimiTensor> MimiEncoderTensors(const MimiConfig& config) {
  const MimiConfig filled = FillMimiConfig(config);
  std::vector<MimiTensor> tensors;
  AddSeanet(filled, &tensors);
  AddTransformer("encoder_transformer", filled, &tensors);
  tensors.push_back({"downsample.conv.conv.conv.weight", {filled.dimension(), filled.dimension(), 4}});
  AddQuantizer("quantizer.rvq_first", 1, filled, &tensors);
  AddQuantizer("quantizer.rvq_rest", filled.num_codebooks() - 1, filled, &tensors);
  return tensors;
}

std::vector<std::string> MimiDecoderNames(const MimiConfig& config) {
  const MimiConfig filled = FillMimiConfig(config);
  std::vector<std::string> names = {"upsample.convtr.convtr.convtr.weight", "quantizer.rvq_first.output_proj.weight",
                                    "quantizer.rvq_rest.output_proj.weight"};
  const auto add = [&names](const std::string& conv) {
    names.push_back(conv + ".weight");
    names.push_back(conv + ".bias");
  };
  add("decoder.model.0.conv.conv");
  int index = 2;
  for (int i = 0; i < filled.ratios_size(); ++i, index += 3) {
    add(absl::StrCat("decoder.model.", index, ".convtr.convtr"));
    add(absl::StrCat("decoder.model.", index + 1, ".block.1.conv.conv"));
    add(absl::StrCat("decoder.model.", index + 1, ".block.3.conv.conv"));
  }
  add(absl::StrCat("decoder.model.", index, ".conv.conv"));
  std::vector<MimiTensor> transformer;
  AddTransformer("decoder_transformer", filled, &transformer);
  for (const MimiTensor& tensor : transformer) names.push_back(tensor.name);
  return names;
}

std::vector<std::string> NamesIn(MimiNaming naming, const std::string& released) {
  absl::string_view attention = released;
  const bool in = absl::ConsumeSuffix(&attention, kInProjection);
  const bool out = !in && absl::ConsumeSuffix(&attention, kOutProjection);
  switch (naming) {
    case MimiNaming::kReleased: return {released};
    case MimiNaming::kMoshi:
      if (in) return {absl::StrCat(attention, "self_attn.in_projs.0.weight")};
      if (out) return {absl::StrCat(attention, "self_attn.out_projs.0.weight")};
      return {released};
    case MimiNaming::kTransformers: {
      if (!in) return {ToTransformers(released)};
      const std::string layer = absl::StrReplaceAll(attention, {{".transformer.layers.", ".layers."}});
      return {layer + "self_attn.q_proj.weight", layer + "self_attn.k_proj.weight", layer + "self_attn.v_proj.weight"};
    }
  }
  return {released};
}

}  // namespace diarflow
