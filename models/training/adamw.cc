#include "models/training/adamw.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ATen/ops/full.h"
#include "ATen/ops/zeros_like.h"
#include "absl/strings/str_cat.h"
#include "c10/core/GradMode.h"

namespace diarflow {
namespace {

double GradientNorm(const std::map<std::string, at::Tensor>& parameters) {
  double squares = 0;
  for (const auto& [name, parameter] : parameters) {
    if (!parameter.grad().defined()) continue;
    squares += parameter.grad().to(at::kDouble).square().sum().item<double>();
  }
  return std::sqrt(squares);
}

void ScaleGradients(const std::map<std::string, at::Tensor>& parameters, double norm, double most) {
  const double factor = std::min(1.0, most / (norm + 1e-6));
  if (factor >= 1) return;
  for (const auto& [name, parameter] : parameters) {
    if (parameter.grad().defined()) parameter.grad().mul_(factor);
  }
}

}  // namespace

double ClipGradientNorm(const std::map<std::string, at::Tensor>& parameters, double most) {
  const c10::NoGradGuard no_gradients;
  const double norm = GradientNorm(parameters);
  if (most > 0) ScaleGradients(parameters, norm, most);
  return norm;
}

absl::StatusOr<AdamW> AdamW::Create(std::vector<ParameterGroup> groups, const AdamWOptions& options) {
  const auto is_beta = [](double beta) { return beta >= 0 && beta < 1; };
  if (!is_beta(options.beta1) || !is_beta(options.beta2) || !(options.epsilon > 0)) {
    return absl::InvalidArgumentError(absl::StrCat("betas ", options.beta1, " and ", options.beta2, " with epsilon ",
                                                   options.epsilon, ": betas lie in 0 to below 1, epsilon above 0"));
  }
  AdamW optimizer;
  optimizer.options_ = options;
  const c10::NoGradGuard no_gradients;
  for (const ParameterGroup& group : groups) {
    if (!(group.rate >= 0) || !(group.weight_decay >= 0) || !(group.clip >= 0)) {
      return absl::InvalidArgumentError(
          absl::StrCat("group \"", group.name, "\": rate, weight_decay and clip are not below 0"));
    }
    for (const auto& [name, parameter] : group.parameters) {
      if (!parameter.requires_grad() || !parameter.is_leaf()) {
        return absl::InvalidArgumentError(absl::StrCat("parameter ", name, " asks for no gradient"));
      }
      if (!optimizer.moments_.emplace(name, Moments{at::zeros_like(parameter), at::zeros_like(parameter)}).second) {
        return absl::InvalidArgumentError(absl::StrCat("parameter ", name, " is in two groups"));
      }
    }
  }
  optimizer.groups_ = std::move(groups);
  return optimizer;
}

void AdamW::ZeroGrad() {
  for (ParameterGroup& group : groups_) {
    for (auto& [name, parameter] : group.parameters) parameter.mutable_grad().reset();
  }
}

absl::StatusOr<std::vector<double>> AdamW::Step(double factor) {
  const c10::NoGradGuard no_gradients;
  std::vector<double> norms;
  for (const ParameterGroup& group : groups_) {
    norms.push_back(GradientNorm(group.parameters));
    if (!std::isfinite(norms.back())) {
      return absl::InternalError(
          absl::StrCat("the gradients of group \"", group.name, "\" have the norm ", norms.back()));
    }
  }
  ++updates_;
  const double mean_bias = 1 - std::pow(options_.beta1, static_cast<double>(updates_));
  const double square_bias = std::sqrt(1 - std::pow(options_.beta2, static_cast<double>(updates_)));
  for (size_t g = 0; g < groups_.size(); ++g) {
    ParameterGroup& group = groups_[g];
    if (group.clip > 0) ScaleGradients(group.parameters, norms[g], group.clip);
    const double rate = factor * group.rate;
    for (auto& [name, parameter] : group.parameters) {
      const at::Tensor& gradient = parameter.grad();
      if (!gradient.defined()) continue;
      Moments& moments = moments_.at(name);
      parameter.mul_(1 - rate * group.weight_decay);
      moments.mean.mul_(options_.beta1).add_(gradient, 1 - options_.beta1);
      moments.square.mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
      parameter.addcdiv_(moments.mean, moments.square.sqrt().div_(square_bias).add_(options_.epsilon),
                         -rate / mean_bias);
    }
  }
  return norms;
}

std::map<std::string, at::Tensor> AdamW::State() const {
  std::map<std::string, at::Tensor> state;
  for (const auto& [name, moments] : moments_) {
    state[absl::StrCat(name, ".m")] = moments.mean.clone();
    state[absl::StrCat(name, ".v")] = moments.square.clone();
  }
  state["updates"] = at::full({1}, updates_, at::kLong);
  return state;
}

absl::Status AdamW::Restore(const std::map<std::string, at::Tensor>& state) {
  const auto updates = state.find("updates");
  if (state.size() != 2 * moments_.size() + 1 || updates == state.end() || updates->second.numel() != 1 ||
      updates->second.scalar_type() != at::kLong) {
    return absl::InvalidArgumentError("the state of an optimiser of other parameters");
  }
  const auto fits = [&](const std::string& name, const at::Tensor& moment) {
    const auto found = state.find(name);
    return found != state.end() && found->second.sizes() == moment.sizes() &&
           found->second.scalar_type() == moment.scalar_type();
  };
  for (const auto& [name, moments] : moments_) {
    if (!fits(absl::StrCat(name, ".m"), moments.mean) || !fits(absl::StrCat(name, ".v"), moments.square)) {
      return absl::InvalidArgumentError(absl::StrCat("no moments of ", name, " in the optimiser's state"));
    }
  }
  const c10::NoGradGuard no_gradients;
  for (auto& [name, moments] : moments_) {
    moments.mean.copy_(state.at(absl::StrCat(name, ".m")));
    moments.square.copy_(state.at(absl::StrCat(name, ".v")));
  }
  updates_ = updates->second.item<int64_t>();
  return absl::OkStatus();
}

}  // namespace diarflow
