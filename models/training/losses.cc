#include "models/training/losses.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "ATen/ops/matmul.h"
#include "ATen/ops/softplus.h"
#include "ATen/ops/zeros.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "c10/core/GradMode.h"

namespace diarflow {
namespace {

absl::Status CheckShapes(const at::Tensor& logits, const at::Tensor& labels, const std::vector<int64_t>& lengths) {
  const auto text = [](const at::Tensor& tensor) {
    return absl::StrCat("[", absl::StrJoin(tensor.sizes(), ", "), "]");
  };
  if (logits.dim() != 3 || labels.sizes() != logits.sizes() || logits.size(1) == 0 ||
      static_cast<int64_t>(lengths.size()) != logits.size(0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("logits and labels are [B, T, K] with a length for each item; here are ", text(logits), ", ",
                     text(labels), " and ", lengths.size(), " lengths"));
  }
  if (logits.size(2) < 1 || logits.size(2) > kMaxLossSpeakers) {
    return absl::InvalidArgumentError(
        absl::StrCat("losses take 1 to ", kMaxLossSpeakers, " speakers; here are ", logits.size(2)));
  }
  for (const int64_t length : lengths) {
    if (length < 1 || length > logits.size(1)) {
      return absl::InvalidArgumentError(
          absl::StrCat("an item of ", length, " frames in a batch of ", logits.size(1), " frames"));
    }
  }
  return absl::OkStatus();
}

// The first frame in which each column of [T, K] is above one half; T where none is.
std::vector<int64_t> Arrivals(const at::Tensor& labels) {
  const at::Tensor numbers = labels.to(at::kCPU, at::kFloat).contiguous();
  const int64_t frames = numbers.size(0), speakers = numbers.size(1);
  std::vector<int64_t> arrivals(static_cast<size_t>(speakers), frames);
  for (int64_t t = frames - 1; t >= 0; --t) {
    for (int64_t k = 0; k < speakers; ++k) {
      if (numbers.const_data_ptr<float>()[t * speakers + k] > 0.5f) arrivals[static_cast<size_t>(k)] = t;
    }
  }
  return arrivals;
}

// The best permutation for one item: the greatest sum of gain[k][perm[k]] among those that may be.
std::vector<int64_t> BestPermutation(const at::Tensor& gain, const std::vector<int64_t>& arrivals) {
  const int64_t speakers = gain.size(0);
  const at::Tensor numbers = gain.to(at::kCPU, at::kDouble).contiguous();
  std::vector<int64_t> perm(static_cast<size_t>(speakers));
  std::iota(perm.begin(), perm.end(), 0);
  std::vector<int64_t> best;
  double most = -std::numeric_limits<double>::infinity();
  do {
    bool sorted = true;
    for (size_t k = 1; k < perm.size() && !arrivals.empty(); ++k) {
      sorted &= arrivals[static_cast<size_t>(perm[k - 1])] <= arrivals[static_cast<size_t>(perm[k])];
    }
    if (!sorted) continue;
    double sum = 0;
    for (int64_t k = 0; k < speakers; ++k) {
      sum += numbers.const_data_ptr<double>()[k * speakers + perm[static_cast<size_t>(k)]];
    }
    if (sum > most) {
      most = sum;
      best = perm;
    }
  } while (std::next_permutation(perm.begin(), perm.end()));
  return best;
}

}  // namespace

absl::StatusOr<at::Tensor> OrderTargets(const at::Tensor& logits, const at::Tensor& labels,
                                        const std::vector<int64_t>& lengths, TargetOrder order) {
  RETURN_IF_ERROR(CheckShapes(logits, labels, lengths));
  if (order == TargetOrder::kGiven) return labels.detach();
  const c10::NoGradGuard no_gradients;
  at::Tensor targets = labels.clone();
  for (int64_t b = 0; b < logits.size(0); ++b) {
    const int64_t length = lengths[static_cast<size_t>(b)];
    const at::Tensor z = logits[b].narrow(0, 0, length), y = labels[b].narrow(0, 0, length);
    // The cross entropy of a permutation is a constant less the sum of targets times logits.
    const at::Tensor gain = at::matmul((order == TargetOrder::kLeastLoss ? z : z.sigmoid()).t(), y);
    const std::vector<int64_t> perm =
        BestPermutation(gain, order == TargetOrder::kArrival ? Arrivals(y) : std::vector<int64_t>());
    for (int64_t k = 0; k < logits.size(2); ++k) {
      targets[b].select(1, k).copy_(labels[b].select(1, perm[static_cast<size_t>(k)]));
    }
  }
  return targets;
}

at::Tensor MaskedBce(const at::Tensor& logits, const at::Tensor& targets, const std::vector<int64_t>& lengths) {
  at::Tensor mask = at::zeros({logits.size(0), logits.size(1), 1}, logits.options());
  int64_t frames = 0;
  for (size_t b = 0; b < lengths.size(); ++b) {
    mask[static_cast<int64_t>(b)].narrow(0, 0, lengths[b]).fill_(1);
    frames += lengths[b];
  }
  // Stable for any logit.
  const at::Tensor losses = at::softplus(logits).sub(logits.mul(targets));
  return losses.mul(mask).sum().div(static_cast<double>(frames * logits.size(2)));
}

absl::StatusOr<at::Tensor> HybridLoss(const at::Tensor& logits, const at::Tensor& labels,
                                      const std::vector<int64_t>& lengths, const HybridLossOptions& options) {
  const double all = options.sort_weight + options.match_weight;
  if (!(options.sort_weight >= 0 && options.match_weight >= 0 && all > 0)) {
    return absl::InvalidArgumentError(absl::StrCat("weights ", options.sort_weight, " and ", options.match_weight,
                                                   ": neither is below 0, and one is above"));
  }
  const bool honest = options.rules == LossRules::kHonest;
  ASSIGN_OR_RETURN(const at::Tensor sorted,
                   OrderTargets(logits, labels, lengths, honest ? TargetOrder::kArrival : TargetOrder::kGiven));
  ASSIGN_OR_RETURN(const at::Tensor matched,
                   OrderTargets(logits, labels, lengths, honest ? TargetOrder::kBestMatch : TargetOrder::kLeastLoss));
  return MaskedBce(logits, sorted, lengths)
      .mul(options.sort_weight / all)
      .add(MaskedBce(logits, matched, lengths).mul(options.match_weight / all));
}

}  // namespace diarflow
