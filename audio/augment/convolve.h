// Convolution of a sound with an impulse response, of a room or of a filter: overlap-add of Fourier transforms in
// double precision (Stockham, "High-speed convolution and correlation", 1966).
//
// Both functions work in the calling thread, and give the same numbers each time. kInvalidArgument: an argument has not
// one axis, is empty or holds a number that is not finite. kResourceExhausted: no memory for the result.
#ifndef DIARFLOW_AUDIO_AUGMENT_CONVOLVE_H_
#define DIARFLOW_AUDIO_AUGMENT_CONVOLVE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "base/float_array.h"

namespace diarflow {

// All of the convolution: [N] with [M] gives [N + M - 1], output k = sum over m of response[m] signal[k - m].
absl::StatusOr<FloatArray> Convolve(const FloatArray& signal, const FloatArray& response);

// [N] with [M] gives [N]: Convolve() from sample `delay` on, with zeros behind its end. With the delay of the direct
// path (RoomResponse::direct_sample, rounded) what is heard stays at the times at which it was said, and what a room
// adds behind the last sample is cut off. kInvalidArgument as well when the delay is not from 0 to M - 1.
absl::StatusOr<FloatArray> ConvolveAligned(const FloatArray& signal, const FloatArray& response, int64_t delay);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_AUGMENT_CONVOLVE_H_
