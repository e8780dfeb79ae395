// A training as a file: weights, the optimiser's moments and the state, in one safetensors file that appears whole or
// not at all.
//
// The weights stand under "model.NAME", the moments under "optimizer.NAME", the state as text in the metadata
// ("training"). So a checkpoint is a file of weights too: OpenWeights() and UnwrapStateDict() read the network from it.
#ifndef DIARFLOW_MODELS_TRAINING_CHECKPOINT_H_
#define DIARFLOW_MODELS_TRAINING_CHECKPOINT_H_

#include <map>
#include <string>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "models/training/training_state.pb.h"

namespace diarflow {

using NamedTensors = std::map<std::string, at::Tensor>;

struct Checkpoint {
  NamedTensors model;      // float32
  NamedTensors optimizer;  // float32 or int64
  TrainingState state;
};

// Synced to the disk. kInvalidArgument: a tensor of another type or that is not finite; errors of writing.
absl::Status WriteCheckpoint(const std::string& path, const Checkpoint& checkpoint);

// kNotFound where there is none; kDataLoss, naming the file: no checkpoint of a training.
absl::StatusOr<Checkpoint> ReadCheckpoint(const std::string& path);

// Only the weights, under their own names: a file for others.
absl::Status WriteWeights(const std::string& path, const NamedTensors& model,
                          const std::map<std::string, std::string>& metadata);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TRAINING_CHECKPOINT_H_
