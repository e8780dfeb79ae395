// The strict look at a table of weights: exactly the tensors of a network, each with its shape, or a message that names
// what differs.
#ifndef DIARFLOW_MODELS_WEIGHTS_TAKE_TENSORS_H_
#define DIARFLOW_MODELS_WEIGHTS_TAKE_TENSORS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/float_array.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

struct ExpectedTensor {
  std::string name;
  std::vector<int64_t> shape;
  // It may be there, and is not taken: counters of the training.
  bool unused = false;
};

// Takes the expected tensors as float32. kInvalidArgument names the table, the network ("CAM++"), and each tensor that
// is missing, surplus (with the nearest name), misshapen or holds a number that is not finite; the first few of them.
absl::StatusOr<std::map<std::string, FloatArray>> TakeTensors(const TensorTable& tensors,
                                                              const std::vector<ExpectedTensor>& expected,
                                                              absl::string_view network);

// Uniform in [-bound, bound), the same for a seed and a name on every machine: only integer arithmetic (splitmix64) and
// correctly rounded float operations.
FloatArray RandomTensor(const std::vector<int64_t>& shape, float bound, uint64_t seed, absl::string_view name);

// Seeded weights for a network, the same on every machine. Matrices are uniform with variance 2 / fan-in, biases and
// running means within 0.1 of 0, the weights of norms and running variances within 0.2 of 1: no layer is a plain copy.
std::map<std::string, FloatArray> RandomWeights(const std::vector<ExpectedTensor>& expected, uint64_t seed);

// Numbers that training finds; running means and variances are not among them.
int64_t CountParameters(const std::map<std::string, FloatArray>& weights);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WEIGHTS_TAKE_TENSORS_H_
