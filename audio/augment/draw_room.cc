#include "audio/augment/draw_room.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/random.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

using Place = std::array<double, 3>;

constexpr int kRooms = 1000;
constexpr int kMaxSources = 1000;

absl::Status CheckRange(absl::string_view name, const Range& range, double low, double high) {
  if (range.low >= low && range.low <= range.high && range.high <= high) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("rooms to draw: ", name, " is from ", range.low, " to ", range.high,
                                                 "; it must be a range within ", low, " to ", high));
}

absl::Status CheckRanges(const RoomRanges& ranges, int num_sources) {
  if (num_sources < 1 || num_sources > kMaxSources) {
    return absl::InvalidArgumentError(
        absl::StrCat("rooms to draw: ", num_sources, " sources; there must be from 1 to ", kMaxSources));
  }
  for (size_t axis = 0; axis < 3; ++axis) {
    RETURN_IF_ERROR(CheckRange(absl::StrCat("the size along ", std::string(1, "xyz"[axis])), ranges.size[axis],
                               kMinRoomSize, kMaxRoomSize));
  }
  RETURN_IF_ERROR(CheckRange("t60", ranges.t60, 0, kMaxRoomSeconds));
  RETURN_IF_ERROR(CheckRange("the height of the microphone", ranges.microphone_height, 0, kMaxRoomSize));
  RETURN_IF_ERROR(CheckRange("the height of the sources", ranges.source_height, 0, kMaxRoomSize));
  RETURN_IF_ERROR(CheckRange("the distance to the microphone", ranges.microphone_distance, 0, 2 * kMaxRoomSize));
  const double far = std::min(ranges.size[0].high, ranges.size[1].high) / 2;
  RETURN_IF_ERROR(CheckRange("the distance from the walls", {ranges.wall_distance, ranges.wall_distance}, 0, far));
  return CheckRange("the distance between sources", {ranges.source_distance, ranges.source_distance}, 0, kMaxRoomSize);
}

double Distance(const Place& a, const Place& b) { return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]); }

// Why rooms were thrown away.
struct Broken {
  int walls = 0, height = 0, microphone = 0, sources = 0, t60 = 0;
};

class Drawing {
 public:
  Drawing(uint64_t seed, const RoomRanges& ranges, int num_sources, AbsorptionRule rule)
      : random_(seed), ranges_(ranges), num_sources_(num_sources), rule_(rule) {}

  // False when this one breaks a rule.
  bool Try(DrawnRoom* room) {
    for (size_t axis = 0; axis < 3; ++axis) room->size[axis] = Draw(ranges_.size[axis]);
    room->t60 = Draw(ranges_.t60);
    room->sources.clear();
    if (!DrawPlace(ranges_.microphone_height, room->size, &room->microphone)) return false;
    for (int i = 0; i < num_sources_; ++i) {
      Place place;
      if (!DrawPlace(ranges_.source_height, room->size, &place) || !MayStand(place, *room)) return false;
      room->sources.push_back(place);
    }
    // Last, because it may take long.
    const absl::StatusOr<double> reflection = ReflectionFromT60(room->size, room->t60, rule_);
    if (!reflection.ok()) {
      ++broken_.t60;
      return false;
    }
    room->reflection = *reflection;
    return true;
  }

  const Broken& broken() const { return broken_; }

 private:
  double Draw(const Range& range) { return random_.Uniform(range.low, range.high); }

  bool DrawPlace(const Range& height, const Place& size, Place* place) {
    for (size_t axis = 0; axis < 2; ++axis) {
      (*place)[axis] = random_.Uniform(ranges_.wall_distance, size[axis] - ranges_.wall_distance);
      if (size[axis] > 2 * ranges_.wall_distance && (*place)[axis] > 0 && (*place)[axis] < size[axis]) continue;
      ++broken_.walls;
      return false;
    }
    (*place)[2] = Draw(height);
    if ((*place)[2] > 0 && (*place)[2] < size[2]) return true;
    ++broken_.height;
    return false;
  }

  bool MayStand(const Place& place, const DrawnRoom& room) {
    const double distance = Distance(place, room.microphone);
    // SimulateRoom() takes none nearer than 1 cm.
    if (distance < std::max(0.01, ranges_.microphone_distance.low) || distance > ranges_.microphone_distance.high) {
      ++broken_.microphone;
      return false;
    }
    for (const Place& other : room.sources) {
      if (Distance(place, other) >= ranges_.source_distance) continue;
      ++broken_.sources;
      return false;
    }
    return true;
  }

  Random random_;
  const RoomRanges& ranges_;
  const int num_sources_;
  const AbsorptionRule rule_;
  Broken broken_;
};

}  // namespace

absl::StatusOr<DrawnRoom> DrawRoom(uint64_t seed, const RoomRanges& ranges, int num_sources, AbsorptionRule rule) {
  RETURN_IF_ERROR(CheckRanges(ranges, num_sources));
  Drawing drawing(seed, ranges, num_sources, rule);
  DrawnRoom room;
  for (int i = 0; i < kRooms; ++i) {
    if (drawing.Try(&room)) return room;
  }
  const Broken& broken = drawing.broken();
  return absl::InvalidArgumentError(absl::StrCat(
      "rooms to draw: ", kRooms, " rooms for ", num_sources, " sources broke the rules: ", broken.walls,
      " were too small for the distance from the walls, ", broken.height, " lower than a height, ", broken.microphone,
      " had a source too near to the microphone or too far from it, ", broken.sources,
      " two sources too near to each other, ", broken.t60, " a t60 that walls cannot give; widen the ranges"));
}

RoomOptions OptionsForSource(const DrawnRoom& room, int source) {
  RoomOptions options;
  options.size = room.size;
  options.t60 = room.t60;
  options.microphone = room.microphone;
  options.source = room.sources[static_cast<size_t>(source)];
  options.reflection.emplace().fill(room.reflection);
  // With t60 = 0 a millisecond, so that the direct path lies within.
  options.length = Distance(options.source, options.microphone) / kSpeedOfSound + std::max(room.t60, 1e-3);
  return options;
}

}  // namespace diarflow
