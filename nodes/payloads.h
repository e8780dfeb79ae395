// What travels between the stages. Immutable once sent; numbers are FloatArrays, without LibTorch.
#ifndef DIARFLOW_NODES_PAYLOADS_H_
#define DIARFLOW_NODES_PAYLOADS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "audio/time_grid.h"
#include "base/float_array.h"
#include "diarization/turns.h"

namespace diarflow {

// What is wrong with the numbers of a payload, "number 17 of 512 is nan"; empty when all are finite. The framework asks
// each payload that a node sends: one that has a fault does not travel, its item fails in that node.
inline std::string FaultOf(const FloatArray& values) {
  const int64_t index = values.FirstNotFinite();
  return index < 0 ? "" : absl::StrCat("number ", index, " of ", values.size(), " is ", values[index]);
}

// A recording, or a piece of one, that is still in its file.
struct Utterance {
  static constexpr char kPayloadName[] = "Utterance";
  // As the trial list names it.
  std::string id;
  std::string path;
  // Seconds from the start of the file; without a length up to its end.
  Rational start;
  std::optional<Rational> length;
  // The one to take, from 0; else the node that decodes decides.
  std::optional<int> channel = std::nullopt;
};

// One channel of samples.
struct Audio {
  static constexpr char kPayloadName[] = "Audio";
  FloatArray samples;  // [N], full scale 1
  int sample_rate = 0;
  // Where samples[0] stands in the recording, at this rate.
  int64_t start_sample = 0;

  double seconds() const { return static_cast<double>(samples.size()) / sample_rate; }
  int64_t byte_size() const { return static_cast<int64_t>(samples.byte_size()); }
  std::string Fault() const { return FaultOf(samples); }
};

// OK for audio at `rate` Hz, which `taker` ("CAM++") asks for; kFailedPrecondition says what to do.
inline absl::Status CheckSampleRate(const Audio& audio, int rate, absl::string_view taker) {
  if (audio.sample_rate == rate) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("the audio is at ", audio.sample_rate, " Hz, but ", taker,
                                                    " takes ", rate, " Hz: put a Resample in front"));
}

// For streams of pieces that follow one another: here is one that begins in what was there already.
inline absl::Status BackwardsError(int64_t start_sample, int64_t end_before) {
  return absl::FailedPreconditionError(absl::StrCat("a piece begins at sample ", start_sample,
                                                    ", but the one before it ended at ", end_before,
                                                    ": pieces must not overlap (CutRecording: overlap_seconds: 0)"));
}

// Vectors on a time grid.
struct Frames {
  static constexpr char kPayloadName[] = "Frames";
  FloatArray values;  // [T, D]
  // Where the frames lie in the recording: a piece's begin at its start.
  FrameGrid grid;
  // What made them, for reports: "untrained small Mimi (seed 1), 12.5 Hz latent".
  std::shared_ptr<const std::string> producer;

  int64_t byte_size() const { return static_cast<int64_t>(values.byte_size()); }
  std::string Fault() const { return FaultOf(values); }
};

// Who of a window's own speakers speaks when, for overlapping windows of a recording. Speaker 0 of one window may be
// speaker 1 of the next.
struct LocalActivity {
  static constexpr char kPayloadName[] = "LocalActivity";
  FloatArray values;  // [W, T, S], 0 to 1: windows, frames of a window, speakers
  // Where the frames of window 0 lie in the recording; those of window w lie w * hop_samples later.
  FrameGrid grid;
  int64_t hop_samples = 0;
  int64_t window_samples = 0;
  // Of the audio that this was made from; it begins where window 0 begins, and the last windows may reach beyond it.
  int64_t num_samples = 0;
  std::shared_ptr<const std::string> producer;

  int64_t byte_size() const { return static_cast<int64_t>(values.byte_size()); }
  std::string Fault() const { return FaultOf(values); }
};

// One vector for an utterance.
struct Embedding {
  static constexpr char kPayloadName[] = "Embedding";
  FloatArray values;  // [D]
  std::shared_ptr<const std::string> producer;

  int64_t byte_size() const { return static_cast<int64_t>(values.byte_size()); }
  std::string Fault() const { return FaultOf(values); }
};

// Who spoke when in a recording.
struct Turns {
  static constexpr char kPayloadName[] = "Turns";
  Recording recording;
  std::shared_ptr<const std::string> producer;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_PAYLOADS_H_
