#include "models/mimi/seanet.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "ATen/ops/cat.h"
#include "absl/strings/str_cat.h"

namespace diarflow {
namespace {

constexpr char kFirstName[] = "encoder.model.0";
constexpr int64_t kFrameSamples = 960;

// The first stages have many frames of few channels. In pieces of this many numbers (streams x samples x channels)
// their intermediate results stay in the second-level cache.
constexpr size_t kFrontStages = 2;
constexpr int64_t kFrontNumbers = 3840 * 64;

CausalConv MakeConv(const std::string& name, int64_t stride, const MimiWeights& weights, StateLayout* layout,
                    const at::Device& device) {
  return CausalConv(name, weights.at(name + ".conv.conv.weight"), weights.at(name + ".conv.conv.bias"), stride, layout,
                    device);
}

std::string LastName(const MimiConfig& config) { return absl::StrCat("encoder.model.", 3 * config.ratios_size() + 2); }

}  // namespace

Seanet::Seanet(const MimiConfig& config, const MimiWeights& weights, StateLayout* layout, const at::Device& device)
    : front_samples_(kFrontNumbers / config.n_filters()),
      first_(MakeConv(kFirstName, 1, weights, layout, device)),
      last_name_(LastName(config)),
      last_(MakeConv(last_name_, 1, weights, layout, device)) {
  for (int i = 0; i < config.ratios_size(); ++i) {
    const std::string unit = absl::StrCat("encoder.model.", 3 * i + 1);
    const std::string down = absl::StrCat("encoder.model.", 3 * i + 3);
    stages_.push_back({unit, MakeConv(unit + ".block.1", 1, weights, layout, device),
                       MakeConv(unit + ".block.3", 1, weights, layout, device), down,
                       MakeConv(down, config.ratios(i), weights, layout, device)});
  }
}

at::Tensor Seanet::RunStage(const Stage& stage, at::Tensor x, StreamState& state, const MimiObserver& observer) const {
  const at::Tensor hidden = stage.unit_first.Forward(x, CausalConv::Input::kElu, state);
  x.add_(stage.unit_second.Forward(hidden, CausalConv::Input::kElu, state));
  if (observer) observer(stage.unit_name, x);
  at::Tensor y = stage.down.Forward(x, CausalConv::Input::kElu, state);
  if (observer) observer(stage.down_name, y);
  return y;
}

at::Tensor Seanet::RunFront(const at::Tensor& samples, StreamState& state, const MimiObserver& observer) const {
  at::Tensor x = first_.Forward(samples, CausalConv::Input::kPlain, state);
  if (observer) observer(kFirstName, x);
  for (size_t i = 0; i < std::min(kFrontStages, stages_.size()); ++i)
    x = RunStage(stages_[i], std::move(x), state, observer);
  return x;
}

at::Tensor Seanet::Forward(const at::Tensor& samples, StreamState& state, const MimiObserver& observer) const {
  const int64_t total = samples.size(1);
  // Only a CPU has a cache to stay in; on a GPU, pieces would leave most of it idle.
  const int64_t piece =
      samples.is_cpu()
          ? std::max<int64_t>(kFrameSamples, front_samples_ / samples.size(0) / kFrameSamples * kFrameSamples)
          : total;
  std::vector<at::Tensor> fronts;
  for (int64_t begin = 0; begin < total; begin += piece) {
    fronts.push_back(RunFront(samples.narrow(1, begin, std::min(piece, total - begin)), state, observer));
  }
  at::Tensor x = fronts.size() == 1 ? fronts[0] : at::cat(fronts, 1);
  for (size_t i = kFrontStages; i < stages_.size(); ++i) x = RunStage(stages_[i], std::move(x), state, observer);
  x = last_.Forward(x, CausalConv::Input::kElu, state);
  if (observer) observer(last_name_, x);
  return x;
}

}  // namespace diarflow
