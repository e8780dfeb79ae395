// What a window of the segmentation says, soft and hard: the beginning of every diarization.
//
// The network gives the probability of seven sets of speakers (powerset.h) for each frame. It is too sure that one
// speaks alone, so the sets of two get a bias before their probabilities are read; the decision for single frames, from
// which voices are taken, is made without it.
#ifndef DIARFLOW_DIARIZATION_WINDOW_SCORES_H_
#define DIARFLOW_DIARIZATION_WINDOW_SCORES_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "base/float_array.h"

namespace diarflow {

// Speakers of a window.
inline constexpr int kLocalSpeakers = 3;

// The clock of the segmentation (SegmentationGrid()), in samples at 16 kHz: frame f of a window has its centre at
// kFrameHop f + kFrameCentre, half a sample before that of the samples that the network looks at, and stands for
// kFrameHop samples from kFrameHop f + kFrameBegin on.
inline constexpr int64_t kFrameHop = 270;
inline constexpr int64_t kFrameCentre = 495;
inline constexpr int64_t kFrameBegin = kFrameCentre - kFrameHop / 2;
inline constexpr double kFrameSeconds = kFrameHop / 16000.0;

// The number of the recording's frame that is frame 0 of a window that starts at this sample: the nearest multiple of
// the hop, halves towards later. Negative for windows that start before the recording.
constexpr int64_t FirstFrameOf(int64_t start) {
  const int64_t twice = 2 * start + kFrameHop, hop = 2 * kFrameHop;
  return twice / hop - (twice % hop < 0 ? 1 : 0);
}

struct WindowScores {
  // For each frame.
  std::vector<std::array<float, kLocalSpeakers>> speaker;  // the probability that this speaker is among those who speak
  std::vector<float> somebody;                             // that at least one speaks
  std::vector<float> two;                                  // that two speak
  // Of the likeliest set, without bias: bit k is set when local speaker k is in it.
  std::vector<uint8_t> likeliest;

  int64_t frames() const { return static_cast<int64_t>(somebody.size()); }
};

// From log-probabilities [T, 7]. `overlap_bias` is added to those of two speakers (natural logarithm), then they are
// normalised again. Frames from `num_frames` on lie behind the end of the recording: nobody speaks there.
// kInvalidArgument for another shape, or numbers that are not finite.
absl::StatusOr<WindowScores> ScoreWindow(const FloatArray& log_probabilities, double overlap_bias, int64_t num_frames);

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_WINDOW_SCORES_H_
