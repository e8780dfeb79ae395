// The tensors of a Mimi encoder: their names in the three public namings, and their shapes.
//
//   released      what the published checkpoint holds, and what this code uses inside:
//                   encoder.model.0.conv.conv.weight, ...self_attn.in_proj_weight, quantizer.rvq_first...
//   moshi         the Python package moshi 0.2.13 writes: as released, but in_projs.0.weight and out_projs.0.weight
//   transformers  the flat layout on disk of the transformers library: encoder.layers.0.conv.weight, q_proj, k_proj and
//                 v_proj apart, mlp.fc1, quantizer.semantic_residual_vector_quantizer... Inside each head its rows of
//                 q and k are the even rows of the released matrix followed by the odd ones.
#ifndef DIARFLOW_MODELS_MIMI_MIMI_NAMES_H_
#define DIARFLOW_MODELS_MIMI_MIMI_NAMES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "models/mimi/mimi_config.pb.h"

namespace diarflow {

enum class MimiNaming { kReleased, kMoshi, kTransformers };

// "released", "moshi", "transformers".
absl::string_view MimiNamingName(MimiNaming naming);

struct MimiTensor {
  std::string name;  // released
  std::vector<int64_t> shape;
};

// What encoding needs: 207 tensors at the released size.
std::vector<MimiTensor> MimiEncoderTensors(const MimiConfig& config);

// Released names of what a whole checkpoint holds beside these: decoder, its transformer, upsampling, the output
// projections of the quantiser. 111 names at the released size.
std::vector<std::string> MimiDecoderNames(const MimiConfig& config);

// The names in a naming that one released tensor has there: one, or q, k and v of an input projection.
std::vector<std::string> NamesIn(MimiNaming naming, const std::string& released);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_MIMI_NAMES_H_
