// The filter bank of fbank.h while the audio comes in: a frame depends on its own samples alone, so every frame is
// given as soon as its last sample is there, and all frames together are what Fbank::Compute() makes of the whole.
#ifndef DIARFLOW_AUDIO_FBANK_STREAM_H_
#define DIARFLOW_AUDIO_FBANK_STREAM_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "audio/fbank.h"
#include "base/float_array.h"

namespace diarflow {

// One recording. Not thread-safe. Holds less than a window and a chunk of samples.
class FbankStream {
 public:
  // `fbank` outlives the stream.
  explicit FbankStream(const Fbank* fbank) : fbank_(fbank) {}

  // The next samples [N], N >= 0, to the frames [T, num_bins], T >= 0, that they complete; in float64 inside, as
  // Compute(), and frame by frame equal to it. Errors as Compute(), but nothing is too short; after an error the stream
  // is as before the call. Samples at the end that complete no frame have none.
  absl::StatusOr<FloatArray> Push(const FloatArray& samples);

  // Frames given so far: the first frame of the next Push() is this one of fbank->grid().
  int64_t num_frames() const { return num_frames_; }

 private:
  const Fbank* fbank_;
  // From the first sample of the next frame on; empty while `skip_` samples in front of it are still to come.
  std::vector<float> pending_;
  int64_t skip_ = 0;
  int64_t num_frames_ = 0;
};

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_FBANK_STREAM_H_
