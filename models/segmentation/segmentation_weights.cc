#include "models/segmentation/segmentation_weights.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "models/weights/state_dict.h"

namespace diarflow {
namespace {

constexpr char kFilterBank[] = "sincnet.conv1d.0.filterbank.";
constexpr double kPi = 3.14159265358979323846;
constexpr int64_t kHalf = kSegmentationFilterTaps / 2;

double HzToMel(double hz) { return 2595 * std::log10(1 + hz / 700); }
double MelToHz(double mel) { return 700 * (std::pow(10, mel / 2595) - 1); }

}  // namespace

std::vector<ExpectedTensor> SegmentationTensors() {
  std::vector<ExpectedTensor> tensors;
  const auto add = [&](const std::string& name, std::vector<int64_t> shape) {
    tensors.push_back({name, std::move(shape)});
  };
  const auto add_with_bias = [&](const std::string& name, std::vector<int64_t> shape) {
    const int64_t outputs = shape[0];
    add(name + ".weight", std::move(shape));
    add(name + ".bias", {outputs});
  };
  const int64_t pairs = kSegmentationFilters / 2, channels = kSegmentationChannels, hidden = kSegmentationHidden;
  add_with_bias("sincnet.wav_norm1d", {1});
  for (const char* edge : {"low_hz_", "band_hz_"}) add(absl::StrCat(kFilterBank, edge), {pairs, 1});
  add(absl::StrCat(kFilterBank, "window_"), {kHalf});
  add(absl::StrCat(kFilterBank, "n_"), {1, kHalf});
  add_with_bias("sincnet.conv1d.1", {channels, kSegmentationFilters, 5});
  add_with_bias("sincnet.conv1d.2", {channels, channels, 5});
  for (int i = 0; i < 3; ++i) {
    add_with_bias(absl::StrCat("sincnet.norm1d.", i), {i == 0 ? kSegmentationFilters : channels});
  }
  for (int layer = 0; layer < kSegmentationRecurrentLayers; ++layer) {
    for (const char* direction : {"", "_reverse"}) {
      const std::string end = absl::StrCat("_l", layer, direction);
      add("lstm.weight_ih" + end, {4 * hidden, layer == 0 ? channels : 2 * hidden});
      add("lstm.weight_hh" + end, {4 * hidden, hidden});
      add("lstm.bias_ih" + end, {4 * hidden});
      add("lstm.bias_hh" + end, {4 * hidden});
    }
  }
  add_with_bias("linear.0", {hidden, 2 * hidden});
  add_with_bias("linear.1", {hidden, hidden});
  add_with_bias("classifier", {7, hidden});
  return tensors;
}

absl::StatusOr<SegmentationWeights> TakeSegmentationWeights(const TensorTable& tensors) {
  ASSIGN_OR_RETURN(const TensorTable unwrapped, UnwrapStateDict(tensors));
  return TakeTensors(unwrapped, SegmentationTensors(), "the segmentation network");
}

SegmentationWeights RandomSegmentationWeights(uint64_t seed) {
  SegmentationWeights weights = RandomWeights(SegmentationTensors(), seed);
  const int64_t pairs = kSegmentationFilters / 2;
  FloatArray low = FloatArray::Zeros({pairs, 1}), band = FloatArray::Zeros({pairs, 1});
  FloatArray window = FloatArray::Zeros({kHalf}), time = FloatArray::Zeros({1, kHalf});
  const double first = HzToMel(30), last = HzToMel(7900);
  for (int64_t i = 0; i < pairs; ++i) {
    const double begin = MelToHz(first + (last - first) * static_cast<double>(i) / static_cast<double>(pairs));
    const double end = MelToHz(first + (last - first) * static_cast<double>(i + 1) / static_cast<double>(pairs));
    low.mutable_data()[i] = static_cast<float>(begin);
    band.mutable_data()[i] = static_cast<float>(end - begin);
  }
  for (int64_t i = 0; i < kHalf; ++i) {
    window.mutable_data()[i] = static_cast<float>(
        0.54 - 0.46 * std::cos(2 * kPi * static_cast<double>(i) / static_cast<double>(kSegmentationFilterTaps - 1)));
    time.mutable_data()[i] = static_cast<float>(2 * kPi * static_cast<double>(i - kHalf) / 16000);
  }
  weights[absl::StrCat(kFilterBank, "low_hz_")] = low;
  weights[absl::StrCat(kFilterBank, "band_hz_")] = band;
  weights[absl::StrCat(kFilterBank, "window_")] = window;
  weights[absl::StrCat(kFilterBank, "n_")] = time;
  return weights;
}

int64_t CountSegmentationParameters(const SegmentationWeights& weights) {
  const int64_t fixed = 2 * kHalf;
  return CountParameters(weights) - fixed;
}

}  // namespace diarflow
