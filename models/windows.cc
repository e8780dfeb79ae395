#include "models/windows.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"

namespace diarflow {

FloatArray Slice(const FloatArray& values, int64_t begin, int64_t end) {
  std::vector<int64_t> shape = values.shape();
  const int64_t width = shape[0] == 0 ? 0 : values.size() / shape[0];
  shape[0] = end - begin;
  FloatArray slice = FloatArray::Zeros(shape);
  if (slice.size() > 0) std::copy_n(values.data() + begin * width, slice.size(), slice.mutable_data());
  return slice;
}

FloatArray RepeatToLength(const FloatArray& samples, int64_t length) {
  FloatArray repeated = FloatArray::Zeros({length});
  float* out = repeated.mutable_data();
  for (int64_t i = 0; i < length; ++i) out[i] = samples[i % samples.size()];
  return repeated;
}

absl::Status CheckOneChannel(absl::string_view network, const FloatArray& samples, int sample_rate,
                             int64_t min_samples) {
  if (samples.shape().size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(network, ": the audio has the shape ", samples.ShapeString(), "; one channel [N] is needed"));
  }
  if (samples.size() < min_samples) {
    return absl::OutOfRangeError(absl::StrFormat("%s: the audio has %d samples (%.3f s), at least %d are needed",
                                                 network, samples.size(),
                                                 static_cast<double>(samples.size()) / sample_rate, min_samples));
  }
  const int64_t bad = samples.FirstNotFinite();
  if (bad < 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(network, ": the audio is ", samples[bad], " at sample ", bad));
}

absl::StatusOr<FloatArray> EmbedWindows(const WindowEncoder& encoder, const FloatArray& audio, int64_t window,
                                        int64_t hop) {
  if (window < encoder.min_window || window > encoder.max_window) {
    return absl::InvalidArgumentError(absl::StrCat(encoder.name, ": a window of ", window, " samples; it may have ",
                                                   encoder.min_window, " to ", encoder.max_window));
  }
  if (hop < 1)
    return absl::InvalidArgumentError(absl::StrCat(encoder.name, ": a hop of ", hop, " samples; at least 1"));
  const FloatArray samples = audio.size() < window ? RepeatToLength(audio, window) : audio;
  const FrameGrid grid = {encoder.sample_rate, hop, window, 0};
  const int64_t windows = grid.NumWholeFrames(samples.size());
  const int64_t at_once = std::max<int64_t>(1, encoder.at_once(window));
  FloatArray results = FloatArray::Zeros({windows, encoder.dimension});
  float* numbers = results.mutable_data();
  for (int64_t begin = 0; begin < windows; begin += at_once) {
    const int64_t end = std::min(begin + at_once, windows);
    RETURN_IF_ERROR(encoder.embed(samples, grid, begin, end, numbers + begin * encoder.dimension));
  }
  return results;
}

std::vector<std::vector<size_t>> PassesOfOneLength(const std::vector<int64_t>& lengths,
                                                   const std::function<int64_t(int64_t length)>& at_once) {
  std::map<int64_t, std::vector<size_t>> by_length;
  for (size_t item = 0; item < lengths.size(); ++item) by_length[lengths[item]].push_back(item);
  std::vector<std::vector<size_t>> passes;
  for (const auto& [length, items] : by_length) {
    const auto most = static_cast<size_t>(std::max<int64_t>(1, at_once(length)));
    for (size_t begin = 0; begin < items.size(); begin += most) {
      const auto first = items.begin() + static_cast<std::ptrdiff_t>(begin);
      passes.emplace_back(first, first + static_cast<std::ptrdiff_t>(std::min(most, items.size() - begin)));
    }
  }
  return passes;
}

}  // namespace diarflow
