// Configurations of the adapter, and their check.
#ifndef DIARFLOW_MODELS_ADAPTER_ADAPTER_CONFIG_H_
#define DIARFLOW_MODELS_ADAPTER_ADAPTER_CONFIG_H_

#include "absl/status/status.h"
#include "models/adapter/adapter_config.pb.h"

namespace diarflow {

// The adapter of the proof of concept on mixtures of utterances: no input projection, width 512, 8 heads, 1024 inside.
AdapterConfig ProofOfConceptAdapterConfig();

// Width 16, 2 heads, 2 layers; for tests.
AdapterConfig SmallAdapterConfig(int input_width);

// kInvalidArgument with a sentence that names the first field that cannot be: sizes that are not positive or far too
// large, an odd width, heads that do not divide it, no projection between two widths.
absl::Status CheckAdapterConfig(const AdapterConfig& config);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_ADAPTER_ADAPTER_CONFIG_H_
