#include "models/codec/quantizer.h"

#include <cmath>
#include <string>

#include "ATen/ops/addmm.h"
#include "ATen/ops/bincount.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/linear.h"
#include "ATen/ops/mse_loss.h"
#include "ATen/ops/xlogy.h"
#include "ATen/ops/zeros.h"
#include "ATen/ops/zeros_like.h"
#include "absl/strings/str_cat.h"
#include "c10/core/GradMode.h"
#include "models/device/torch_device.h"

namespace diarflow {
namespace {

// As in models/mimi/quantizer.cc.
constexpr double kSmallestUsage = 1e-5;
// Of an entry set anew, as a part of the mean: few, so that it moves fast and, left unused, is soon set anew again. The
// latent changes much while a training begins.
constexpr double kFreshUsage = 0.2;

// One codebook while a batch goes through it: no gradients in here.
class Codebook {
 public:
  Codebook(const CodecTensors& tensors, const std::string& name, const CodebookTraining* training)
      : initialized_(tensors.at(name + "_initialized")),
        usage_(tensors.at(name + "cluster_usage")),
        sum_(tensors.at(name + "embedding_sum")),
        training_(training) {}

  // rows [N, width] to the entries that stand for them; then learns from the rows.
  at::Tensor Quantize(const at::Tensor& rows, QuantizedBatch* batch) {
    const c10::NoGradGuard no_gradients;
    CodebookUse use;
    if (training_ != nullptr && initialized_.item<double>() == 0) {
      const double mean = static_cast<double>(rows.size(0)) / static_cast<double>(usage_.numel());
      use.set_anew += SetAnew(at::zeros_like(usage_, at::kBool).logical_not(), kFreshUsage * mean, rows);
      initialized_.fill_(1);
    }
    const at::Tensor entries = sum_.div(usage_.clamp_min(kSmallestUsage).unsqueeze(1));
    const at::Tensor distances = at::addmm(entries.square().sum(1), rows, entries.t(), 1, -2);
    const at::Tensor codes = distances.argmin(1);
    const at::Tensor counts = at::bincount(codes, {}, usage_.size(0)).to(usage_.options());
    const at::Tensor shares = counts.div(static_cast<double>(rows.size(0)));
    use.perplexity = std::exp(-at::xlogy(shares, shares).sum().item<double>());
    if (training_ != nullptr) use.set_anew += Learn(rows, codes, counts);
    batch->codes.push_back(codes);
    batch->use.push_back(use);
    return entries.index_select(0, codes);
  }

 private:
  int64_t Learn(const at::Tensor& rows, const at::Tensor& codes, const at::Tensor& counts) {
    const double kept = training_->decay;
    usage_.mul_(kept).add_(counts, 1 - kept);
    sum_.mul_(kept).add_(at::zeros_like(sum_).index_add(0, codes, rows), 1 - kept);
    const double mean = usage_.mean().item<double>();
    return SetAnew(usage_.lt(training_->dead_below * mean), kFreshUsage * mean, rows);
  }

  // Sets entries to rows of the batch, with a usage. Gives their number.
  int64_t SetAnew(const at::Tensor& which, double usage, const at::Tensor& rows) {
    const at::Tensor entries = which.nonzero().squeeze(1);
    if (entries.numel() == 0) return 0;
    at::Tensor chosen = at::empty(entries.sizes(), at::kLong);
    int64_t* choice = chosen.mutable_data_ptr<int64_t>();
    for (int64_t i = 0; i < chosen.numel(); ++i) choice[i] = training_->random->Below(rows.size(0));
    MoveTensors(entries.device(), {&chosen});
    usage_.index_fill_(0, entries, usage);
    sum_.index_copy_(0, entries, rows.index_select(0, chosen).mul(usage));
    return entries.numel();
  }

  // The tensors of the caller, whose numbers change.
  at::Tensor initialized_, usage_, sum_;
  const CodebookTraining* training_;
};

struct Chain {
  at::Tensor values;      // [N, D]
  at::Tensor commitment;  // over its codebooks, not yet their mean
};

// rows [N, D] through the first `count` codebooks of a chain: each takes what the one before has left.
Chain RunChain(const std::string& name, const CodecTensors& projections, const CodecTensors& codebooks,
               const at::Tensor& rows, int count, const CodebookTraining* training, QuantizedBatch* batch) {
  const at::Tensor input = at::linear(rows, projections.at(name + ".input_proj.weight").squeeze(2));
  at::Tensor left = input;
  at::Tensor commitment = at::zeros({}, rows.options());
  for (int i = 0; i < count; ++i) {
    Codebook codebook(codebooks, absl::StrCat(name, ".vq.layers.", i, "._codebook."), training);
    const at::Tensor entries = codebook.Quantize(left.detach(), batch);
    commitment = commitment.add(at::mse_loss(left, entries));
    left = left.sub(entries);
  }
  // In numbers input - left, but as for the gradient only the input.
  const at::Tensor values = input.sub(left.detach());
  return {at::linear(values, projections.at(name + ".output_proj.weight").squeeze(2)), commitment};
}

}  // namespace

std::vector<ExpectedTensor> OutputProjectionTensors(const MimiConfig& config) {
  const std::vector<int64_t> shape = {config.dimension(), config.codebook_dimension(), 1};
  return {{"quantizer.rvq_first.output_proj.weight", shape}, {"quantizer.rvq_rest.output_proj.weight", shape}};
}

QuantizedBatch QuantizeForTraining(const MimiConfig& config, const CodecTensors& projections,
                                   const CodecTensors& codebooks, const at::Tensor& latent, int num_codebooks,
                                   const CodebookTraining* training) {
  QuantizedBatch batch;
  const at::Tensor rows = latent.reshape({-1, config.dimension()});
  Chain sum = RunChain("quantizer.rvq_first", projections, codebooks, rows, 1, training, &batch);
  if (num_codebooks > 1) {
    const Chain rest =
        RunChain("quantizer.rvq_rest", projections, codebooks, rows, num_codebooks - 1, training, &batch);
    sum = {sum.values.add(rest.values), sum.commitment.add(rest.commitment)};
  }
  batch.values = sum.values.view(latent.sizes());
  batch.commitment = sum.commitment.div(num_codebooks);
  for (at::Tensor& codes : batch.codes) codes = codes.view({latent.size(0), latent.size(1)});
  return batch;
}

}  // namespace diarflow
