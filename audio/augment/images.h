// Mirror images of a source in a box-shaped room: what the image source method sums over.
#ifndef DIARFLOW_AUDIO_AUGMENT_IMAGES_H_
#define DIARFLOW_AUDIO_AUGMENT_IMAGES_H_

#include <array>
#include <cmath>
#include <vector>

#include "absl/status/status.h"

namespace diarflow {

// What the mirrors along one axis make of the source.
struct AxisImage {
  double squared = 0;  // of the offset to the microphone
  double gain = 0;     // product of the reflection coefficients
  int order = 0;       // reflections
};

// One axis of a room.
struct RoomAxis {
  double size = 0;
  double source = 0;
  double microphone = 0;
  double near_wall = 0;  // reflection coefficients, at 0 and at `size`
  double far_wall = 0;
};

// All images whose offset is at most `reach` and whose order is at most max_order (-1: any), the nearest first. Those
// of gain 0 are left out.
std::vector<AxisImage> ImagesAlongAxis(const RoomAxis& axis, double reach, int max_order);

// kInvalidArgument when more than 10^8 images lie within `reach`, with max_order reflections at most.
absl::Status CheckNumImages(const std::array<double, 3>& size, double reach, int max_order);

// Calls use(distance, gain, order) for every image of the room within `reach`, in an order that depends on the
// arguments alone.
template <typename Use>
void ForEachImage(const std::array<RoomAxis, 3>& room, double reach, int max_order, Use use) {
  std::array<std::vector<AxisImage>, 3> axes;
  for (size_t i = 0; i < 3; ++i) axes[i] = ImagesAlongAxis(room[i], reach, max_order);
  const double limit = reach * reach;
  for (const AxisImage& x : axes[0]) {
    for (const AxisImage& y : axes[1]) {
      if (x.squared + y.squared > limit) break;
      for (const AxisImage& z : axes[2]) {
        const double squared = x.squared + y.squared + z.squared;
        if (squared > limit) break;
        const int order = x.order + y.order + z.order;
        if (max_order < 0 || order <= max_order) use(std::sqrt(squared), x.gain * y.gain * z.gain, order);
      }
    }
  }
}

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_AUGMENT_IMAGES_H_
