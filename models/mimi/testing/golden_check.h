// Compares every number of a golden file of the Mimi encoder with a run of it.
//
// Each number of the file is one of these:
//   input     what the run was made from: all below "config" and "constants", "n_samples", "step_samples"
//   checked   compared with the number computed here
//   bounded   a figure of another program's rounding noise, such as "fp32_vs_fp64_latent12_maxabs", or a difference
//             that is nothing but noise: it, and the same figure here, must lie below 5e-5
// A field of any other name is a mismatch: nothing is passed over in silence.
#ifndef DIARFLOW_MODELS_MIMI_TESTING_GOLDEN_CHECK_H_
#define DIARFLOW_MODELS_MIMI_TESTING_GOLDEN_CHECK_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "models/mimi/testing/golden_run.h"
#include "nlohmann/json.hpp"

namespace diarflow {

struct GoldenReport {
  // JSON pointer to the tolerance that the number there was compared with.
  std::map<std::string, double> checked;
  std::set<std::string> bounded;
  std::set<std::string> inputs;
  // Sentences.
  std::vector<std::string> mismatches;
};

GoldenReport CheckGolden(const nlohmann::json& golden, const GoldenRun& run);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_TESTING_GOLDEN_CHECK_H_
