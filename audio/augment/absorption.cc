#include "audio/augment/absorption.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audio/augment/decay.h"
#include "audio/augment/images.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

// Away from the planes in which images coincide.
constexpr double kSourceAt[3] = {0.31, 0.37, 0.43};
constexpr double kMicrophoneAt[3] = {0.71, 0.59, 0.53};

// Energy of the images by arrival and number of reflections, without what walls absorb.
class EchoTable {
 public:
  EchoTable(const std::array<double, 3>& size, double t60) {
    // At least 200 steps of time.
    steps_per_second_ = static_cast<int>(std::max(1000.0, std::ceil(200 / t60)));
    const double reach = t60 * kSpeedOfSound;
    std::array<RoomAxis, 3> room;
    for (size_t i = 0; i < 3; ++i) room[i] = {size[i], kSourceAt[i] * size[i], kMicrophoneAt[i] * size[i], 1, 1};
    const auto steps = static_cast<size_t>(t60 * steps_per_second_) + 1;
    by_order_.resize(steps);
    ForEachImage(room, reach, -1, [&](double distance, double, int order) {
      std::vector<double>& orders = by_order_[static_cast<size_t>(distance / kSpeedOfSound * steps_per_second_)];
      if (static_cast<size_t>(order) >= orders.size()) orders.resize(static_cast<size_t>(order) + 1, 0.0);
      orders[static_cast<size_t>(order)] += 1 / (distance * distance);
    });
  }

  // Of the echoes, without the direct path, when each reflection leaves exp(-loss) of the energy.
  absl::StatusOr<double> T60(double loss) const {
    std::vector<float> amplitudes;
    for (const std::vector<double>& orders : by_order_) {
      double energy = 0;
      for (size_t order = 1; order < orders.size(); ++order) {
        energy += orders[order] * std::exp(-loss * static_cast<double>(order));
      }
      amplitudes.push_back(static_cast<float>(std::sqrt(energy)));
    }
    // From the first echo on.
    const auto first = std::find_if(amplitudes.begin(), amplitudes.end(), [](float x) { return x > 0; });
    amplitudes.erase(amplitudes.begin(), first);
    return MeasureT60(amplitudes, steps_per_second_, 30);
  }

 private:
  int steps_per_second_ = 1;
  std::vector<std::vector<double>> by_order_;
};

absl::StatusOr<double> FitReflection(const std::array<double, 3>& size, double t60, double eyring_loss) {
  RETURN_IF_ERROR(CheckNumImages(size, t60 * kSpeedOfSound, -1));
  const EchoTable table(size, t60);
  // Between a loss that decays too slowly and one that decays too fast, or so fast that too little is left to measure.
  double low = eyring_loss / 2, high = eyring_loss * 8;
  const auto too_slow = [&](double loss) {
    const absl::StatusOr<double> measured = table.T60(loss);
    return measured.ok() && *measured > t60;
  };
  if (!too_slow(low) || too_slow(high)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "room: t60 is ", t60, " s; too few echoes of a room of ", size[0], " x ", size[1], " x ", size[2],
        " m arrive in that time to fit an absorption to their decay; give a longer t60, 0 for no reflection, a smaller "
        "room or the rule of Eyring"));
  }
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (too_slow(middle) ? low : high) = middle;
  }
  return std::exp(-low / 2);
}

}  // namespace

absl::Status CheckRoomSize(const std::array<double, 3>& size) {
  for (size_t axis = 0; axis < 3; ++axis) {
    if (size[axis] >= kMinRoomSize && size[axis] <= kMaxRoomSize) continue;
    return absl::InvalidArgumentError(absl::StrCat("room: the size along ", std::string(1, "xyz"[axis]), " is ",
                                                   size[axis], "; it must be from ", kMinRoomSize, " to ", kMaxRoomSize,
                                                   " m"));
  }
  return absl::OkStatus();
}

absl::StatusOr<double> ReflectionFromT60(const std::array<double, 3>& size, double t60, AbsorptionRule rule) {
  RETURN_IF_ERROR(CheckRoomSize(size));
  if (!(t60 >= 0 && t60 <= kMaxRoomSeconds)) {
    return absl::InvalidArgumentError(
        absl::StrCat("room: t60 is ", t60, "; it must be from 0 to ", kMaxRoomSeconds, " s"));
  }
  if (t60 == 0) return 0.0;
  const double volume = size[0] * size[1] * size[2];
  const double surface = 2 * (size[0] * size[1] + size[1] * size[2] + size[2] * size[0]);
  const double shortest = 24 * std::log(10.0) * volume / (kSpeedOfSound * surface);
  const double x = shortest / t60;
  if (rule == AbsorptionRule::kFitted) return FitReflection(size, t60, x);
  if (rule == AbsorptionRule::kEyring) return std::exp(-x / 2);
  if (x > 1) {
    return absl::InvalidArgumentError(absl::StrCat("room: t60 is ", t60, " s; by Sabine's rule a room of ", size[0],
                                                   " x ", size[1], " x ", size[2], " m has at least ", shortest,
                                                   " s, where its walls swallow everything; give a longer t60, 0 for "
                                                   "no reflection, a smaller room or the rule of Eyring"));
  }
  return std::sqrt(1 - x);
}

}  // namespace diarflow
