// Configurations of the Mimi encoder, and their check.
#ifndef DIARFLOW_MODELS_MIMI_MIMI_CONFIG_H_
#define DIARFLOW_MODELS_MIMI_MIMI_CONFIG_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

// The size of the published weights: 38,867,232 parameters before the quantiser, 512-d latents, 32 codebooks.
MimiConfig ReleasedMimiConfig();

// In the metadata of weights that were trained here: their config as text.
inline constexpr char kMimiConfigKey[] = "mimi_config";

// What weights that were trained here say of themselves; the released size with others. kDataLoss: they say nonsense.
absl::StatusOr<MimiConfig> MimiConfigOf(const TensorTable& weights);

// An eighth of the width and two transformer layers: 128-d latents, 8 codebooks of 64 entries. For tests, and for
// runs without weights.
MimiConfig SmallMimiConfig();

// The same configuration with every field set, so that two configurations that mean the same compare equal.
MimiConfig FillMimiConfig(const MimiConfig& config);

// kInvalidArgument with a sentence that names the first field that cannot be: sizes that are not positive, ratios
// whose product is not 960, heads that do not divide the width, an odd head width.
absl::Status CheckMimiConfig(const MimiConfig& config);

// "released size", "small", or the fields that matter: "24 filters, width 192, 4 layers".
std::string MimiSizeName(const MimiConfig& config);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_MIMI_CONFIG_H_
