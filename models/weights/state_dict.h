// Checkpoints of a training hold the network's tensors inside of something else.
#ifndef DIARFLOW_MODELS_WEIGHTS_STATE_DICT_H_
#define DIARFLOW_MODELS_WEIGHTS_STATE_DICT_H_

#include "absl/status/statusor.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

// The network's tensors under their own names. When every name begins with "state_dict.", "model_state_dict." or
// "model.", also several of them, these are taken off; what belongs to "optimizer..." or "scheduler..." is left out
// then. Otherwise the table as it is. The result shares the memory; its digest is not the file's.
absl::StatusOr<TensorTable> UnwrapStateDict(const TensorTable& tensors);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WEIGHTS_STATE_DICT_H_
