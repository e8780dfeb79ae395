// Random rooms for a simulator: one room, one microphone, a place for each speaker.
#ifndef DIARFLOW_AUDIO_AUGMENT_DRAW_ROOM_H_
#define DIARFLOW_AUDIO_AUGMENT_DRAW_ROOM_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "audio/augment/room.h"

namespace diarflow {

// From low to high; the number itself when both are equal.
struct Range {
  double low = 0;
  double high = 0;
};

// Metres and seconds.
struct RoomRanges {
  std::array<Range, 3> size = {{{4, 10}, {3, 8}, {2.5, 3.5}}};
  Range t60 = {0.2, 0.6};
  Range microphone_height = {0.7, 1.5};
  Range source_height = {1.0, 1.8};
  double wall_distance = 0.5;            // the least, of all positions, from the four walls
  Range microphone_distance = {0.5, 4};  // of a source, in a straight line
  double source_distance = 0.5;          // the least, between two sources
};

struct DrawnRoom {
  std::array<double, 3> size = {};
  double t60 = 0;
  double reflection = 0;  // of all walls, what ReflectionFromT60() gives
  std::array<double, 3> microphone = {};
  std::vector<std::array<double, 3>> sources;
};

// Draws a room and places in it, each number uniform in its range (places on the floor uniform within the walls'
// distance); what breaks a distance, or a t60 that `rule` cannot give to the room, is thrown away and the whole room
// drawn again. A seed gives the same room each time.
// kInvalidArgument: no source; a range that is not of finite numbers from low to high; sizes, times, heights or
// distances that no room could have; 1000 rooms in a row broke a distance (it says how often which).
absl::StatusOr<DrawnRoom> DrawRoom(uint64_t seed, const RoomRanges& ranges, int num_sources,
                                   AbsorptionRule rule = AbsorptionRule::kFitted);

// Options of SimulateRoom() for one of the sources, with the reflection and the length of t60, so that the walls are
// not fitted again for each; the others keep their defaults. REQUIRES: there is such a source.
RoomOptions OptionsForSource(const DrawnRoom& room, int source);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_AUGMENT_DRAW_ROOM_H_
