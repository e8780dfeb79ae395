// A linear probe: how well one linear layer tells speakers apart by vectors of a frozen network.
//
// Linear(D -> N speakers), softmax and cross entropy, Adam without weight decay. The first weights and biases are
// uniform within 1 / sqrt(D) of 0, drawn in the order of the rows from Random(seed); epoch e (from 0) takes the
// examples in the order to which Random(seed, e) shuffles them, in batches of which the last one may be smaller. So a
// probe depends on its examples, their order and the options alone, as long as LibTorch computes with one thread.
#ifndef DIARFLOW_MODELS_TRAINING_LINEAR_PROBE_H_
#define DIARFLOW_MODELS_TRAINING_LINEAR_PROBE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/float_array.h"

namespace diarflow {

struct LinearProbeOptions {
  int epochs = 100;  // 0: the first weights
  int batch = 256;
  double rate = 1e-3;
  uint64_t seed = 1;
};

// kInvalidArgument, naming the option: a value out of its range.
absl::Status CheckLinearProbeOptions(const LinearProbeOptions& options);

struct ProbeExample {
  FloatArray vector;  // [D]
  int32_t speaker = 0;
};

// OK for a vector of some length whose numbers are finite and small enough to be squared in float32. kInvalidArgument.
absl::Status CheckProbeVector(const FloatArray& vector);

struct LinearProbe {
  FloatArray weights;  // [N, D]
  FloatArray biases;   // [N]
  // Share of the examples whose speaker has the greatest output, biases and all, after the last epoch.
  double training_accuracy = 0;
};

// The speakers are 0 to N - 1. kInvalidArgument: no example, fewer than two speakers, a number among them that nobody
// has, a vector of another width than the first one or one that CheckProbeVector() refuses. kInternal: the training
// left the finite numbers.
absl::StatusOr<LinearProbe> TrainLinearProbe(absl::Span<const ProbeExample> examples,
                                             const LinearProbeOptions& options);

// W x, without the biases: [N]. REQUIRES: a vector as wide as the probe's.
FloatArray ApplyWithoutBias(const LinearProbe& probe, const FloatArray& vector);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TRAINING_LINEAR_PROBE_H_
