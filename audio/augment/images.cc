#include "audio/augment/images.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace diarflow {
namespace {

constexpr double kMaxImages = 1e8;

}  // namespace

std::vector<AxisImage> ImagesAlongAxis(const RoomAxis& axis, double reach, int max_order) {
  std::vector<AxisImage> images;
  const int64_t turns = static_cast<int64_t>(std::ceil(reach / (2 * axis.size))) + 1;
  for (int64_t m = -turns; m <= turns; ++m) {
    for (const int mirrored : {0, 1}) {
      const double place = (mirrored == 1 ? -axis.source : axis.source) + 2 * static_cast<double>(m) * axis.size;
      const double offset = place - axis.microphone;
      const auto near_hits = static_cast<int>(std::abs(m - mirrored)), far_hits = static_cast<int>(std::abs(m));
      AxisImage image;
      image.squared = offset * offset;
      image.order = near_hits + far_hits;
      image.gain = std::pow(axis.near_wall, near_hits) * std::pow(axis.far_wall, far_hits);
      const bool allowed = max_order < 0 || image.order <= max_order;
      if (allowed && image.gain > 0 && image.squared <= reach * reach) images.push_back(image);
    }
  }
  std::sort(images.begin(), images.end(), [](const AxisImage& a, const AxisImage& b) {
    return std::pair(a.squared, a.order) < std::pair(b.squared, b.order);
  });
  return images;
}

absl::Status CheckNumImages(const std::array<double, 3>& size, double reach, int max_order) {
  double images = 4 * 3.14159265358979323846 / 3 * reach * reach * reach / (size[0] * size[1] * size[2]);
  // Those of an order make an octahedron of mirrored rooms.
  if (max_order >= 0) images = std::min(images, 4.0 / 3 * std::pow(max_order + 1.0, 3));
  if (images <= kMaxImages) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("room: about ", images, " paths of up to ", reach,
                                                 " m lead from source to microphone, and ", kMaxImages,
                                                 " are the most that are followed; ask for a shorter t60 or length, a "
                                                 "smaller max_order or a larger room"));
}

}  // namespace diarflow
