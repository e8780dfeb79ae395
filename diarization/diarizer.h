// Diarizer: who spoke when, for C++ programs.
//
//   DiarizerOptions options;
//   options.segmentation = "pyannote_segmentation.pt";
//   options.campplus = "campplus_cn_en_common.pt";
//   ASSIGN_OR_RETURN(const auto diarizer, Diarizer::Create(options));
//   ASSIGN_OR_RETURN(const Diarization result, diarizer->Run(samples));
//   for (const DiarizedTurn& turn : result.turns) ...
//
// What `diarflow diarize` does with a file, as one call: windows of 10 s, segmentation and voices of each, clustering,
// voting (diarize.h). docs/diarize.md says what it can do and what it cannot.
#ifndef DIARFLOW_DIARIZATION_DIARIZER_H_
#define DIARFLOW_DIARIZATION_DIARIZER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "diarization/diarize.h"
#include "diarization/embed_tracks.h"
#include "models/segmentation/segmentation.h"

namespace diarflow {

inline constexpr int kDiarizerSampleRate = 16000;  // Hz
// The longest recording whose times can be told.
inline constexpr int64_t kDiarizerMaxSamples = kMaxMicroseconds / kMicrosecondsPerSecond * kDiarizerSampleRate;

struct WindowOptions {
  // Samples at 16 kHz: 10 s, which the segmentation was trained on, every 2.5 s.
  int64_t window_samples = 160000;
  int64_t hop_samples = 40000;
  // Voices are taken from every so many windows.
  int embed_every = 2;
  // Added to the log-probabilities of two speakers.
  double overlap_bias = 0.5;
};

struct DiarizerOptions {
  // Paths of weights: torch archives or safetensors files.
  std::string segmentation;
  std::string campplus;
  // Where the networks compute: "cpu", "cuda" or "cuda:1" (models/device/device.h).
  std::string device = "cpu";
  WindowOptions windows;
  EmbedOptions embed;
  DiarizeOptions diarize;
};

// kInvalidArgument, naming the option: a value out of its range.
absl::Status CheckWindowOptions(const WindowOptions& options);

// How many windows a recording of so many samples has: from 0 on every hop, until one reaches its end. One at least.
int64_t NumWindows(int64_t num_samples, const WindowOptions& options);

// How many frames of a window of `frames`, of which the recording has so many samples, count: those whose centre lies
// in the recording.
int64_t FramesWithin(int64_t num_samples, int64_t frames);

// Log-probabilities [T, 7] of a window of which the recording has `samples` [N], N > 0: filled up with silence to
// window_samples. Errors of SegmentationModel::Classify().
absl::StatusOr<FloatArray> SegmentWindow(const FloatArray& samples, const WindowOptions& options,
                                         const SegmentationModel& segmentation);

// Window number `index` of a recording from what SegmentWindow() says of it; with its voices, unless embed_every leaves
// it out. Errors of ScoreWindow() and EmbedTracks().
absl::StatusOr<DiarizationWindow> VoiceWindow(const FloatArray& samples, const FloatArray& log_probabilities,
                                              int64_t index, const WindowOptions& options, const EmbedOptions& embed,
                                              const VoiceEncoder& voices);

class Diarizer {
 public:
  using Ptr = std::shared_ptr<const Diarizer>;

  // Reads the weights. Errors of the networks and of OpenDevice(), and for options out of their range.
  static absl::StatusOr<Ptr> Create(const DiarizerOptions& options);
  // With networks that are there already.
  static absl::StatusOr<Ptr> Create(SegmentationModel::Ptr segmentation, std::shared_ptr<const VoiceEncoder> voices,
                                    const DiarizerOptions& options);

  // Called from time to time with the share that is done, 0 to 1, from one thread at a time; false: stop.
  using Progress = std::function<bool(double share)>;

  // Samples [N] at 16 kHz. Uses all of TBB's threads for the windows. kInvalidArgument: another shape, a sample that is
  // NaN or infinite; kOutOfRange: no sample; kCancelled: `progress` said so. Any number of threads may call.
  absl::StatusOr<Diarization> Run(const FloatArray& samples, const Progress& progress = nullptr) const;

  // "segmentation, weights ...; CAM++, weights ...".
  const std::string& Description() const { return description_; }

 private:
  Diarizer() = default;

  // Window number `index`, of which the recording has `samples`.
  absl::StatusOr<DiarizationWindow> Analyse(const FloatArray& samples, int64_t index) const;

  DiarizerOptions options_;
  SegmentationModel::Ptr segmentation_;
  std::shared_ptr<const VoiceEncoder> voices_;
  std::string description_;
};

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_DIARIZER_H_
