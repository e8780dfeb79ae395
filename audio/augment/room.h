// The impulse response of a box-shaped room between a source and a microphone, by the image source method.
//
// Allen and Berkley, "Image method for efficiently simulating small-room acoustics", JASA 65(4), 1979: each chain of
// reflections is a straight path from a mirrored source. A path of d metres adds a pulse of
//   (product of the walls' reflection coefficients) / (4 pi d)
// after d / 343 s. The pulses lie between samples: each is a sinc under a Hann window of 81 samples (Peterson, JASA
// 80(5), 1986), exact to 0.2 % up to nine tenths of half of the rate. Walls reflect alike at all frequencies, source
// and microphone hear alike in all directions.
//
// Units: metres, seconds, Hz. The room is [0, size[0]] x [0, size[1]] x [0, size[2]]. No randomness, one thread, the
// same numbers each time.
#ifndef DIARFLOW_AUDIO_AUGMENT_ROOM_H_
#define DIARFLOW_AUDIO_AUGMENT_ROOM_H_

#include <array>
#include <optional>

#include "absl/status/statusor.h"
#include "audio/augment/absorption.h"
#include "base/float_array.h"

namespace diarflow {

struct RoomOptions {
  int sample_rate = 16000;
  std::array<double, 3> size = {6, 5, 3};
  std::array<double, 3> source = {2, 2, 1.5};
  std::array<double, 3> microphone = {4, 3, 1.2};
  double t60 = 0.3;  // until the energy has fallen by 60 dB; 0: walls swallow everything, only the direct path is left
  AbsorptionRule rule = AbsorptionRule::kFitted;
  // Pressure reflection coefficients of the walls x = 0, x = size[0], y = 0, y = size[1], floor and ceiling, 0 to 1,
  // instead of those that t60 gives.
  std::optional<std::array<double, 6>> reflection;
  int max_order = -1;  // the most reflections of a path; -1: as many as the length needs
  // From the moment of emission to the end of the response. 0: the direct path's time plus t60. Needed with
  // `reflection`.
  double length = 0;
  // 0: off. Else a Butterworth filter of two poles: pulses all have the same sign, so that they add up to a rumble that
  // rooms have not and that outlasts the echoes (Allen and Berkley filter at a hundredth of the rate). Nothing is
  // delayed but what lies near this frequency.
  double high_pass_hz = 80;
  // Scales the response so that the direct path has the gain 1 instead of 1 / (4 pi d): speech keeps its level.
  bool unit_direct_path = false;
};

struct RoomResponse {
  FloatArray samples;  // [N]
  // Where the direct path arrives, with its fraction: 40 + rate * distance / 343. The 40 samples more give the first
  // pulse room to both sides. ConvolveAligned(speech, samples, round(direct_sample)) keeps speech where it was, to half
  // a sample.
  double direct_sample = 0;
};

// kInvalidArgument, saying which option and its bounds: errors of ReflectionFromT60(); a rate outside 1000 to
// kMaxSampleRate; a position outside the room or on a wall; source and microphone nearer than 1 cm; a reflection
// coefficient outside 0 to 1; max_order below -1; a length below 0, above 20 s, before the direct path or not given
// beside `reflection`; a high-pass at or above half of the rate; more than 10^8 paths (it says how many).
// kResourceExhausted: no memory.
absl::StatusOr<RoomResponse> SimulateRoom(const RoomOptions& options);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_AUGMENT_ROOM_H_
