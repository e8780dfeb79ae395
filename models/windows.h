// Windows of equal length over a recording, for encoders that take pieces.
#ifndef DIARFLOW_MODELS_WINDOWS_H_
#define DIARFLOW_MODELS_WINDOWS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "audio/time_grid.h"
#include "base/float_array.h"

namespace diarflow {

// The entries [begin, end) of the first axis, copied: samples of [N], frames of [T, D].
// REQUIRES: 0 <= begin <= end <= values.dim(0).
FloatArray Slice(const FloatArray& values, int64_t begin, int64_t end);

// Samples [N] over and over, `length` of them: what fills a window that is longer than the recording. REQUIRES: N > 0.
FloatArray RepeatToLength(const FloatArray& samples, int64_t length);

// OK for finite samples [N], N >= min_samples, at `sample_rate` Hz: what an encoder asks of audio of any length.
// kInvalidArgument, or kOutOfRange when it is too short, with the name of the network ("CAM++").
absl::Status CheckOneChannel(absl::string_view network, const FloatArray& samples, int sample_rate,
                             int64_t min_samples);

// An encoder as EmbedWindows() sees it.
struct WindowEncoder {
  std::string name;         // "CAM++", for errors
  int sample_rate = 16000;  // Hz
  int64_t min_window = 1;   // samples
  int64_t max_window = 1;
  int64_t dimension = 1;
  // Windows that it takes at once.
  std::function<int64_t(int64_t window)> at_once;
  // The embeddings of the windows [begin, end) of a grid over `samples`, one behind the other to `results`.
  std::function<absl::Status(const FloatArray& samples, const FrameGrid& grid, int64_t begin, int64_t end,
                             float* results)>
      embed;
};

// Embeddings [W, dimension] of the windows of `window` samples that begin every `hop` samples and lie wholly inside the
// audio [N], N >= min_window; audio shorter than a window is repeated until it fills one. kInvalidArgument for a window
// or a hop that cannot be; errors of the encoder. The caller has checked the audio.
absl::StatusOr<FloatArray> EmbedWindows(const WindowEncoder& encoder, const FloatArray& audio, int64_t window,
                                        int64_t hop);

// Which items a network computes together: those of one length, as many as `at_once` says for it, but one at least. By
// length, then in the order that they came in.
std::vector<std::vector<size_t>> PassesOfOneLength(const std::vector<int64_t>& lengths,
                                                   const std::function<int64_t(int64_t length)>& at_once);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WINDOWS_H_
