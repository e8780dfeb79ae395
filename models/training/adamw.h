// AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019) over groups of parameters:
//   p *= 1 - rate * decay
//   m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
//   p -= rate / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + epsilon)
#ifndef DIARFLOW_MODELS_TRAINING_ADAMW_H_
#define DIARFLOW_MODELS_TRAINING_ADAMW_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace diarflow {

struct ParameterGroup {
  std::string name;
  std::map<std::string, at::Tensor> parameters;  // leaves that require gradients
  double rate = 1e-3;
  double weight_decay = 0;
  // The norm of the group's gradients, all together, is cut to this; 0: it is not.
  double clip = 0;
};

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

// The norm of all gradients together, after which they are scaled by min(1, most / (norm + 1e-6)); `most` 0: they are
// left as they are. Undefined gradients count as 0.
double ClipGradientNorm(const std::map<std::string, at::Tensor>& parameters, double most);

class AdamW {
 public:
  // kInvalidArgument: a parameter that is in two groups or needs no gradient, a rate, decay or clip below 0, betas
  // outside [0, 1), an epsilon that is not above 0.
  static absl::StatusOr<AdamW> Create(std::vector<ParameterGroup> groups, const AdamWOptions& options);

  // Forgets all gradients.
  void ZeroGrad();

  // One update with rates of `factor` times the groups' own. Gives the norms of the groups' gradients, before they are
  // cut. kInternal: a gradient is not finite; then nothing has changed.
  absl::StatusOr<std::vector<double>> Step(double factor);

  // All that it remembers: "NAME.m" and "NAME.v" for every parameter and "updates", int64. The tensors are copies.
  std::map<std::string, at::Tensor> State() const;
  // kInvalidArgument: not the state of the same parameters.
  absl::Status Restore(const std::map<std::string, at::Tensor>& state);

 private:
  struct Moments {
    at::Tensor mean, square;
  };

  std::vector<ParameterGroup> groups_;
  AdamWOptions options_;
  std::map<std::string, Moments> moments_;
  int64_t updates_ = 0;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TRAINING_ADAMW_H_
