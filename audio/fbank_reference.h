// The filter bank of fbank.h once more, plainly and slowly: what the fast one is tested against.
#ifndef DIARFLOW_AUDIO_FBANK_REFERENCE_H_
#define DIARFLOW_AUDIO_FBANK_REFERENCE_H_

#include <vector>

#include "audio/fbank.h"
#include "base/float_array.h"

namespace diarflow {

// Log energies, frame after frame, in float64: T * num_bins numbers. A discrete Fourier transform by its sum.
// REQUIRES: options that Fbank::Create() takes; `samples` is [N] with N >= options.window.
std::vector<double> ReferenceFbank(const FbankOptions& options, const FloatArray& samples);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_FBANK_REFERENCE_H_
