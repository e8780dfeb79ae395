// From the reverberation time of a box-shaped room to the reflection coefficient of its walls.
#ifndef DIARFLOW_AUDIO_AUGMENT_ABSORPTION_H_
#define DIARFLOW_AUDIO_AUGMENT_ABSORPTION_H_

#include <array>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace diarflow {

inline constexpr double kSpeedOfSound = 343;  // m/s, at 20 degrees Celsius

// Sides that a room may have, and the longest reverberation time and response.
inline constexpr double kMinRoomSize = 0.1;   // m
inline constexpr double kMaxRoomSize = 1000;  // m
inline constexpr double kMaxRoomSeconds = 20;

// With x = 24 ln(10) V / (343 S T60), V the volume and S the surface, the walls, all alike, absorb of the energy
enum class AbsorptionRule {
  // x, as in most simulators. A time so short that x is above 1 cannot be had.
  kSabine,
  // 1 - exp(-x).
  kEyring,
  // What makes the echoes of this very room decay in the time asked for. The rules above suppose that sound comes from
  // all directions alike; between bare parallel walls it does not, and decays more slowly. So the paths of the image
  // source method between two places in the room are counted by length and number of reflections, and the absorption is
  // found by bisection with which their energy falls from -5 to -35 dB in half of the time.
  //
  // T30 of the responses of 150 rooms of DrawRoom()'s ranges (0.2 to 0.6 s) differs from what was asked for by -3 % in
  // the mean and -9 to +3 % in nine of ten rooms with this rule; by +13 %, -7 to +39 %, with Sabine's; by +34 %, +14 to
  // +59 %, with Eyring's.
  kFitted,
};

// Pressure reflection coefficient, the square root of what is not absorbed, 0 to 1. t60 = 0 gives 0.
// kInvalidArgument: a side outside 0.1 m to 1 km; a time below 0 or above 20 s; a time that the rule cannot give (with
// kSabine the message says the shortest); with kFitted more than 10^8 paths.
// kFitted takes time in proportion to the paths, a small part of what SimulateRoom() takes with the same t60.
absl::StatusOr<double> ReflectionFromT60(const std::array<double, 3>& size, double t60, AbsorptionRule rule);

// kInvalidArgument, naming the axis.
absl::Status CheckRoomSize(const std::array<double, 3>& size);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_AUGMENT_ABSORPTION_H_
