#include "models/training/linear_probe.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <functional>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "ATen/ops/cross_entropy_loss.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/linear.h"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "c10/core/GradMode.h"
#include "models/training/adamw.h"

namespace diarflow {
namespace {

// Its square, which the optimiser remembers, is far below the greatest float.
constexpr float kGreatest = 1e15f;

struct Examples {
  at::Tensor vectors;   // [M, D]
  at::Tensor speakers;  // [M], int64
  int64_t num_speakers = 0;
};

absl::StatusOr<Examples> ReadExamples(absl::Span<const ProbeExample> examples) {
  if (examples.empty()) return absl::InvalidArgumentError("there is no example to train a probe on");
  const int64_t width = examples[0].vector.size();
  const auto count = static_cast<int64_t>(examples.size());
  std::vector<bool> has_example;
  for (size_t i = 0; i < examples.size(); ++i) {
    const ProbeExample& example = examples[i];
    if (const absl::Status status = CheckProbeVector(example.vector); !status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("example ", i, ": ", status.message()));
    }
    if (example.vector.size() != width) {
      return absl::InvalidArgumentError(absl::StrCat("example ", i, ": the vector has ", example.vector.size(),
                                                     " numbers, the first one has ", width));
    }
    // N speakers have at least N examples.
    if (example.speaker < 0 || example.speaker >= count) {
      return absl::InvalidArgumentError(absl::StrCat("example ", i, ": speaker ", example.speaker, " among ", count,
                                                     " examples; speakers are numbered from 0, without gaps"));
    }
    const auto speaker = static_cast<size_t>(example.speaker);
    if (has_example.size() <= speaker) has_example.resize(speaker + 1, false);
    has_example[speaker] = true;
  }
  const auto gap = std::find(has_example.begin(), has_example.end(), false);
  if (gap != has_example.end()) {
    return absl::InvalidArgumentError(absl::StrCat("no example is of speaker ", gap - has_example.begin(), " of ",
                                                   has_example.size(), "; speakers are numbered from 0, without gaps"));
  }
  if (has_example.size() < 2) {
    return absl::InvalidArgumentError("all examples are of one speaker; a probe learns to tell at least two apart");
  }
  Examples read;
  read.num_speakers = static_cast<int64_t>(has_example.size());
  read.vectors = at::empty({count, width});
  read.speakers = at::empty({count}, at::kLong);
  for (int64_t i = 0; i < count; ++i) {
    const ProbeExample& example = examples[static_cast<size_t>(i)];
    std::copy(example.vector.begin(), example.vector.end(), read.vectors.mutable_data_ptr<float>() + i * width);
    read.speakers.mutable_data_ptr<int64_t>()[i] = example.speaker;
  }
  return read;
}

at::Tensor FirstParameters(at::IntArrayRef shape, double bound, Random* random) {
  at::Tensor parameters = at::empty(shape);
  float* numbers = parameters.mutable_data_ptr<float>();
  for (int64_t i = 0; i < parameters.numel(); ++i) numbers[i] = static_cast<float>(random->Uniform(-bound, bound));
  return parameters.set_requires_grad(true);
}

FloatArray ToArray(const at::Tensor& tensor) {
  FloatArray array = FloatArray::Zeros(tensor.sizes().vec());
  std::copy_n(tensor.const_data_ptr<float>(), array.size(), array.mutable_data());
  return array;
}

absl::StatusOr<LinearProbe> Train(const Examples& examples, const LinearProbeOptions& options) {
  const int64_t count = examples.vectors.size(0), width = examples.vectors.size(1);
  Random random(options.seed);
  const double bound = 1 / std::sqrt(static_cast<double>(width));
  const at::Tensor weights = FirstParameters({examples.num_speakers, width}, bound, &random);
  const at::Tensor biases = FirstParameters({examples.num_speakers}, bound, &random);
  ParameterGroup group;
  group.name = "probe";
  group.parameters = {{"weights", weights}, {"biases", biases}};
  group.rate = options.rate;
  ASSIGN_OR_RETURN(AdamW optimizer, AdamW::Create({group}, {}));
  std::vector<int64_t> first_order(static_cast<size_t>(count));
  std::iota(first_order.begin(), first_order.end(), int64_t{0});
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    std::vector<int64_t> shuffled = first_order;
    Random(options.seed, static_cast<uint64_t>(epoch)).Shuffle(&shuffled);
    at::Tensor order = at::empty({count}, at::kLong);
    std::copy(shuffled.begin(), shuffled.end(), order.mutable_data_ptr<int64_t>());
    for (const at::Tensor& batch : order.split(options.batch)) {
      optimizer.ZeroGrad();
      const at::Tensor outputs = at::linear(examples.vectors.index_select(0, batch), weights, biases);
      at::cross_entropy_loss(outputs, examples.speakers.index_select(0, batch)).backward();
      RETURN_IF_ERROR(optimizer.Step(1).status());
    }
  }
  const c10::NoGradGuard no_gradients;
  LinearProbe probe;
  probe.weights = ToArray(weights);
  probe.biases = ToArray(biases);
  if (probe.weights.FirstNotFinite() >= 0 || probe.biases.FirstNotFinite() >= 0) {
    return absl::InternalError("the probe's weights are not finite: a lower rate may help");
  }
  const at::Tensor best = at::linear(examples.vectors, weights, biases).argmax(1);
  probe.training_accuracy = best.eq(examples.speakers).sum().item<double>() / static_cast<double>(count);
  return probe;
}

}  // namespace

absl::Status CheckLinearProbeOptions(const LinearProbeOptions& options) {
  if (options.epochs < 0) {
    return absl::InvalidArgumentError(absl::StrCat("epochs is ", options.epochs, "; it may be 0 or above"));
  }
  if (options.batch < 1) {
    return absl::InvalidArgumentError(absl::StrCat("batch is ", options.batch, "; it may be 1 or above"));
  }
  if (!(options.rate > 0) || !std::isfinite(options.rate)) {
    return absl::InvalidArgumentError(absl::StrCat("rate is ", options.rate, "; it must be finite and above 0"));
  }
  return absl::OkStatus();
}

absl::Status CheckProbeVector(const FloatArray& vector) {
  if (vector.empty()) return absl::InvalidArgumentError("the vector is empty");
  for (int64_t i = 0; i < vector.size(); ++i) {
    if (!(std::abs(vector[i]) <= kGreatest)) {
      return absl::InvalidArgumentError(absl::StrCat("number ", i, " of ", vector.size(), " is ", vector[i],
                                                     "; a probe takes finite numbers up to ", kGreatest));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<LinearProbe> TrainLinearProbe(absl::Span<const ProbeExample> examples,
                                             const LinearProbeOptions& options) {
  RETURN_IF_ERROR(CheckLinearProbeOptions(options));
  ASSIGN_OR_RETURN(const Examples read, ReadExamples(examples));
  try {
    return Train(read, options);
  } catch (const std::exception& error) {
    const std::string what = error.what();
    return absl::InternalError(absl::StrCat("the probe's training failed: ", what.substr(0, what.find('\n'))));
  }
}

FloatArray ApplyWithoutBias(const LinearProbe& probe, const FloatArray& vector) {
  FloatArray outputs = FloatArray::Zeros({probe.weights.dim(0)});
  for (int64_t n = 0; n < outputs.size(); ++n) {
    const float* row = probe.weights.data() + n * vector.size();
    outputs.mutable_data()[n] = static_cast<float>(std::inner_product(
        vector.begin(), vector.end(), row, 0.0, std::plus<>(), [](double x, double w) { return x * w; }));
  }
  return outputs;
}

}  // namespace diarflow
