// Losses for networks that say, frame by frame, which of K speakers speak: binary cross entropy against labels whose
// columns are put in an order first, as the network's columns have none of their own. After Park et al., "Sortformer:
// seamless integration of speaker diarization and ASR by bridging timestamps and tokens" (2024).
//
// Logits [B, T, K]; labels [B, T, K], 0 or 1, or shares; `lengths`: the frames of each item that count, 1 to T. A loss
// is the mean over all that count and the K columns; frames behind an item's length have no gradient. Targets are
// labels with columns permuted: column k of the target is column perm[k] of the labels. They carry no gradient. Of
// permutations that are equally good the first in lexicographic order is taken.
//
// Errors: kInvalidArgument for shapes or lengths that do not fit, and for more than kMaxLossSpeakers speakers.
#ifndef DIARFLOW_MODELS_TRAINING_LOSSES_H_
#define DIARFLOW_MODELS_TRAINING_LOSSES_H_

#include <cstdint>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"

namespace diarflow {

// All permutations are looked at.
constexpr int64_t kMaxLossSpeakers = 6;

enum class TargetOrder {
  // The labels as they come.
  kGiven,
  // Permutation invariant: the greatest sum of labels times probabilities.
  kBestMatch,
  // Permutation invariant: the least cross entropy.
  kLeastLoss,
  // By arrival: columns by the first frame whose label is above one half, absent speakers last; among those who tie or
  // are absent, the best match.
  kArrival,
};

// Targets [B, T, K].
absl::StatusOr<at::Tensor> OrderTargets(const at::Tensor& logits, const at::Tensor& labels,
                                        const std::vector<int64_t>& lengths, TargetOrder order);

// One number. REQUIRES: shapes and lengths as above.
at::Tensor MaskedBce(const at::Tensor& logits, const at::Tensor& targets, const std::vector<int64_t>& lengths);

enum class LossRules {
  kHonest,    // arrival and best match
  kOriginal,  // labels as they come, and the least loss: as the original experiments have it
};

struct HybridLossOptions {
  LossRules rules = LossRules::kHonest;
  // Of the sorted and of the permutation invariant part; only their ratio matters.
  double sort_weight = 0.5;
  double match_weight = 0.5;
};

absl::StatusOr<at::Tensor> HybridLoss(const at::Tensor& logits, const at::Tensor& labels,
                                      const std::vector<int64_t>& lengths, const HybridLossOptions& options);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TRAINING_LOSSES_H_
