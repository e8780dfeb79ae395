// Payloads of a training.
#ifndef DIARFLOW_NODES_TRAINING_H_
#define DIARFLOW_NODES_TRAINING_H_

namespace diarflow {

// What an item is for.
struct CropRole {
  static constexpr char kPayloadName[] = "CropRole";
  bool validation = false;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_TRAINING_H_
