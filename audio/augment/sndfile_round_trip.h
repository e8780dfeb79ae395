// Encoding and decoding in memory by libsndfile.
#ifndef DIARFLOW_AUDIO_AUGMENT_SNDFILE_ROUND_TRIP_H_
#define DIARFLOW_AUDIO_AUGMENT_SNDFILE_ROUND_TRIP_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/float_array.h"

namespace diarflow {

struct SndfileFormat {
  std::string name;               // for errors
  int format = 0;                 // as SF_FORMAT_OGG | SF_FORMAT_VORBIS
  bool integers = false;          // the encoder takes 16 bit integers; else it takes floats
  std::optional<double> quality;  // SFC_SET_VBR_ENCODING_QUALITY, 0 to 1
};

// [N] to [N] at the same rate, through a file in memory. What lies beyond full scale is clipped.
// kUnimplemented: the installed libsndfile cannot write or read the format, with its version and reason. kInternal: it
// can, and fails all the same. kResourceExhausted: no memory.
absl::StatusOr<FloatArray> SndfileRoundTrip(const FloatArray& samples, int sample_rate, const SndfileFormat& format);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_AUGMENT_SNDFILE_ROUND_TRIP_H_
