#include "diarization/diarizer.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "diarization/voice_encoders.h"
#include "diarization/window_scores.h"
#include "models/device/device.h"
#include "models/windows.h"
#include "tbb/parallel_for.h"

namespace diarflow {

static_assert(SegmentationGrid().hop == kFrameHop && SegmentationGrid().window / 2 == kFrameCentre,
              "the clock of window_scores.h is that of the segmentation");

absl::Status CheckWindowOptions(const WindowOptions& options) {
  if (options.window_samples < kSegmentationMinSamples || options.window_samples > kSegmentationMaxSamples) {
    return absl::InvalidArgumentError(absl::StrCat("window_samples is ", options.window_samples, "; it may be ",
                                                   kSegmentationMinSamples, " to ", kSegmentationMaxSamples));
  }
  if (options.hop_samples < 1 || options.hop_samples > options.window_samples) {
    return absl::InvalidArgumentError(absl::StrCat("hop_samples is ", options.hop_samples,
                                                   "; it may be 1 to window_samples, so that nothing is left out"));
  }
  if (options.embed_every < 1 || options.embed_every * options.hop_samples > options.window_samples) {
    return absl::InvalidArgumentError(
        absl::StrCat("embed_every is ", options.embed_every,
                     "; it may be 1 to window_samples / hop_samples, so that there are voices from everywhere"));
  }
  if (!(options.overlap_bias >= -20 && options.overlap_bias <= 20)) {
    return absl::InvalidArgumentError(
        absl::StrCat("overlap_bias is ", options.overlap_bias, "; it must lie between -20 and 20"));
  }
  return absl::OkStatus();
}

int64_t NumWindows(int64_t num_samples, const WindowOptions& options) {
  if (num_samples <= options.window_samples) return 1;
  return 1 + (num_samples - options.window_samples + options.hop_samples - 1) / options.hop_samples;
}

int64_t FramesWithin(int64_t num_samples, int64_t frames) {
  while (frames > 0 && Rational(num_samples) <= SegmentationGrid().Centre(frames - 1)) --frames;
  return frames;
}

absl::StatusOr<FloatArray> SegmentWindow(const FloatArray& samples, const WindowOptions& options,
                                         const SegmentationModel& segmentation) {
  FloatArray padded = samples;
  if (samples.size() < options.window_samples) {
    padded = FloatArray::Zeros({options.window_samples});
    std::copy(samples.begin(), samples.end(), padded.mutable_data());
  }
  ASSIGN_OR_RETURN(std::vector<FloatArray> classes, segmentation.Classify({padded}));
  return std::move(classes[0]);
}

absl::StatusOr<DiarizationWindow> VoiceWindow(const FloatArray& samples, const FloatArray& log_probabilities,
                                              int64_t index, const WindowOptions& options, const EmbedOptions& embed,
                                              const VoiceEncoder& voices) {
  const int64_t frames = log_probabilities.empty() ? 0 : log_probabilities.dim(0);
  DiarizationWindow window;
  window.start = index * options.hop_samples;
  ASSIGN_OR_RETURN(window.scores,
                   ScoreWindow(log_probabilities, options.overlap_bias, FramesWithin(samples.size(), frames)));
  window.embedded = index % options.embed_every == 0;
  if (window.embedded) {
    ASSIGN_OR_RETURN(window.tracks, EmbedTracks(samples, window.scores, voices, embed));
  }
  return window;
}

absl::StatusOr<Diarizer::Ptr> Diarizer::Create(const DiarizerOptions& options) {
  ASSIGN_OR_RETURN(const ModelDevice device, OpenDevice(options.device));
  ASSIGN_OR_RETURN(SegmentationModel::Ptr segmentation, SegmentationModel::Load(options.segmentation, device));
  ASSIGN_OR_RETURN(CampplusEncoder::Ptr campplus, CampplusEncoder::Load(options.campplus, device));
  ASSIGN_OR_RETURN(std::shared_ptr<const VoiceEncoder> voices, CampplusVoice(std::move(campplus)));
  return Create(std::move(segmentation), std::move(voices), options);
}

absl::StatusOr<Diarizer::Ptr> Diarizer::Create(SegmentationModel::Ptr segmentation,
                                               std::shared_ptr<const VoiceEncoder> voices,
                                               const DiarizerOptions& options) {
  RETURN_IF_ERROR(CheckWindowOptions(options.windows));
  RETURN_IF_ERROR(CheckEmbedOptions(options.embed));
  RETURN_IF_ERROR(CheckDiarizeOptions(options.diarize));
  std::shared_ptr<Diarizer> diarizer(new Diarizer);
  diarizer->options_ = options;
  diarizer->description_ = absl::StrCat(segmentation->Description(), "; ", voices->Description());
  diarizer->segmentation_ = std::move(segmentation);
  diarizer->voices_ = std::move(voices);
  return Ptr(std::move(diarizer));
}

absl::StatusOr<DiarizationWindow> Diarizer::Analyse(const FloatArray& samples, int64_t index) const {
  ASSIGN_OR_RETURN(const FloatArray classes, SegmentWindow(samples, options_.windows, *segmentation_));
  return VoiceWindow(samples, classes, index, options_.windows, options_.embed, *voices_);
}

absl::StatusOr<Diarization> Diarizer::Run(const FloatArray& samples, const Progress& progress) const {
  RETURN_IF_ERROR(CheckOneChannel("diarization", samples, kDiarizerSampleRate, /*min_samples=*/1));
  const WindowOptions& options = options_.windows;
  const int64_t count = NumWindows(samples.size(), options);
  std::vector<DiarizationWindow> windows(static_cast<size_t>(count));
  std::vector<absl::Status> errors(static_cast<size_t>(count));
  std::atomic<bool> stop{false};
  std::mutex mutex;
  int64_t done = 0;
  tbb::parallel_for(int64_t{0}, count, [&](int64_t w) {
    if (stop) return;
    const int64_t begin = w * options.hop_samples;
    const int64_t end = std::min(begin + options.window_samples, samples.size());
    absl::StatusOr<DiarizationWindow> window = Analyse(Slice(samples, begin, end), w);
    if (window.ok()) {
      windows[static_cast<size_t>(w)] = *std::move(window);
    } else {
      errors[static_cast<size_t>(w)] = window.status();
      stop = true;
    }
    const std::lock_guard<std::mutex> lock(mutex);
    ++done;
    if (progress != nullptr && !stop && !progress(static_cast<double>(done) / static_cast<double>(count))) stop = true;
  });
  for (const absl::Status& error : errors) RETURN_IF_ERROR(error);
  if (stop) return absl::CancelledError("the diarization was stopped before it was done");
  return Diarize(windows, samples.size(), options_.diarize);
}

}  // namespace diarflow
