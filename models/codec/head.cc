#include "models/codec/head.h"

#include <array>
#include <string>

#include "ATen/ops/conv1d.h"
#include "ATen/ops/elu.h"
#include "absl/strings/str_cat.h"
#include "models/codec/log_mel.h"
#include "models/mimi/mimi_tap.h"

namespace diarflow {
namespace {

constexpr std::array<int64_t, 3> kKernels = {5, 3, 1};
constexpr int64_t kSpectraPerFrame = kMimiFrameSamples / kLogMelHop;

}  // namespace

std::vector<ExpectedTensor> HeadTensors(int64_t latent_width, int64_t head_width) {
  const std::array<int64_t, 4> widths = {latent_width, head_width, head_width, kSpectraPerFrame * kLogMelBins};
  std::vector<ExpectedTensor> tensors;
  for (size_t i = 0; i < kKernels.size(); ++i) {
    const std::string name = absl::StrCat("head.", i);
    tensors.push_back({name + ".weight", {widths[i + 1], widths[i], kKernels[i]}});
    tensors.push_back({name + ".bias", {widths[i + 1]}});
  }
  return tensors;
}

at::Tensor SpectraOf(const CodecTensors& tensors, const at::Tensor& latent) {
  at::Tensor x = latent.transpose(1, 2);
  for (size_t i = 0; i < kKernels.size(); ++i) {
    const std::string name = absl::StrCat("head.", i);
    x = at::conv1d(i > 0 ? at::elu(x) : x, tensors.at(name + ".weight"), tensors.at(name + ".bias"), /*stride=*/1,
                   /*padding=*/kKernels[i] / 2);
  }
  const at::Tensor spectra = x.transpose(1, 2).reshape({latent.size(0), -1, kLogMelBins});
  // The weights need not begin with the level.
  return spectra.add(kUsualLogMel);
}

}  // namespace diarflow
