// Samples to a WAV file.
#ifndef DIARFLOW_AUDIO_WRITE_WAV_H_
#define DIARFLOW_AUDIO_WRITE_WAV_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/float_array.h"

namespace diarflow {

enum class WavFormat {
  kPcm16,    // 16 bit integers: round(32768 x), clipped to -32768 .. 32767
  kFloat32,  // the numbers as they are
};

// Writes samples [N] (one channel) or [channels, N] at `sample_rate` Hz as a RIFF/WAVE file, whole or not at all. The
// bytes depend on the arguments only. What DecodeAudio() reads back is exact for kFloat32, and for kPcm16 when every
// sample is k / 32768.
// kInvalidArgument: another shape, no channel or more than 1024, a rate outside 1 .. 768000 Hz, a sample that is NaN or
// infinite (the message says which), more than 4 GiB. kResourceExhausted: no memory. Otherwise the errors of
// WriteFileAtomically().
absl::Status WriteWav(const std::string& path, const FloatArray& samples, int sample_rate,
                      WavFormat format = WavFormat::kPcm16);

// The bytes of that file. `path` names it in errors, which are those of WriteWav() but for the writing.
absl::StatusOr<std::string> WavBytes(const std::string& path, const FloatArray& samples, int sample_rate,
                                     WavFormat format = WavFormat::kPcm16);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_WRITE_WAV_H_
