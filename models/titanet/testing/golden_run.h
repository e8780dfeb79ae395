// What the goldens of TitaNet speak of, computed here.
#ifndef DIARFLOW_MODELS_TITANET_TESTING_GOLDEN_RUN_H_
#define DIARFLOW_MODELS_TITANET_TESTING_GOLDEN_RUN_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "audio/nemo_log_mel.h"
#include "base/float_array.h"
#include "models/titanet/network.h"
#include "models/titanet/titanet.h"
#include "nlohmann/json.hpp"

namespace diarflow {

// What the golden says of a block and of its squeeze-and-excite.
struct BlockFigures {
  at::Tensor values;  // [C, T]
  FloatArray gate;
  double mean = 0, deviation = 0, most = 0, zeros = 0, most_behind = 0, gate_mean = 0, gate_deviation = 0;
};

// What a form of the front end makes of the signal.
struct FormRun {
  int64_t valid = 0;
  FloatArray log_mel, features;  // [T, 80], [valid, 80]
  std::vector<BlockFigures> blocks;
  FloatArray pool;
  at::Tensor attention;  // [3072, T]
  double entropy = 0;    // of the attention, over that of equal shares
  FloatArray embedding;
  // Of the signal's beginnings, and of windows over the longer one.
  std::vector<FloatArray> prefixes, windows;
};

struct GoldenRun {
  FloatArray signal, sliding_signal;
  std::map<std::string, FormRun> forms;
  std::map<std::string, FloatArray> weights;  // of "weights_check"
};

// The network on the signal, padded as the released program pads.
absl::StatusOr<FormRun> RunForm(const TitanetNetwork& network, NemoMelForm form, const FloatArray& signal);

// The embeddings of the encoder as it is used, into form->prefixes and form->windows.
absl::Status RunEncoder(const TitanetEncoder& encoder, const nlohmann::json& golden, const GoldenRun& run,
                        FormRun* form);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TITANET_TESTING_GOLDEN_RUN_H_
