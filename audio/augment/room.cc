#include "audio/augment/room.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <new>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "audio/augment/images.h"
#include "audio/time_grid.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kMinDistance = 0.01;
constexpr int kMinRate = 1000;
constexpr int kHalfPulse = 40;  // samples on each side
constexpr int kPulse = 2 * kHalfPulse + 1;
constexpr char kAxes[] = "xyz";

double Distance(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

absl::Status Bad(absl::string_view name, double value, absl::string_view rule) {
  return absl::InvalidArgumentError(absl::StrCat("room: ", name, " is ", value, "; it must be ", rule));
}

absl::Status CheckPosition(absl::string_view name, const std::array<double, 3>& position,
                           const std::array<double, 3>& size) {
  for (size_t axis = 0; axis < 3; ++axis) {
    if (!(position[axis] > 0 && position[axis] < size[axis])) {
      return Bad(absl::StrCat(std::string(1, kAxes[axis]), " of the ", name), position[axis],
                 absl::StrCat("inside the room, above 0 and below ", size[axis], " m"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckWalls(const RoomOptions& options) {
  if (!options.reflection.has_value()) return absl::OkStatus();
  for (const double reflection : *options.reflection) {
    if (!(reflection >= 0 && reflection <= 1)) return Bad("a reflection coefficient", reflection, "from 0 to 1");
  }
  if (options.length == 0) {
    return absl::InvalidArgumentError(
        "room: the length must be given where reflection coefficients are: t60, which "
        "would say it, is not used then");
  }
  return absl::OkStatus();
}

absl::Status CheckOptions(const RoomOptions& options) {
  if (options.sample_rate < kMinRate || options.sample_rate > kMaxSampleRate) {
    return Bad("the sample rate", options.sample_rate, absl::StrCat("from ", kMinRate, " to ", kMaxSampleRate, " Hz"));
  }
  RETURN_IF_ERROR(CheckRoomSize(options.size));
  RETURN_IF_ERROR(CheckPosition("source", options.source, options.size));
  RETURN_IF_ERROR(CheckPosition("microphone", options.microphone, options.size));
  const double distance = Distance(options.source, options.microphone);
  if (distance < kMinDistance) {
    return Bad("the distance from source to microphone", distance, absl::StrCat(kMinDistance, " m or more"));
  }
  RETURN_IF_ERROR(CheckWalls(options));
  if (options.max_order < -1) return Bad("max_order", options.max_order, "-1 (no limit), 0 or more");
  if (!(options.length >= 0 && options.length <= kMaxRoomSeconds)) {
    return Bad("the length", options.length, absl::StrCat("from 0 (taken from t60) to ", kMaxRoomSeconds, " s"));
  }
  if (options.length > 0 && options.length <= distance / kSpeedOfSound) {
    return Bad("the length", options.length,
               absl::StrCat("longer than the direct path takes, ", distance / kSpeedOfSound, " s"));
  }
  if (!(options.high_pass_hz >= 0 && options.high_pass_hz < options.sample_rate / 2.0)) {
    return Bad("the high-pass", options.high_pass_hz,
               absl::StrCat("0 (off) or below half of ", options.sample_rate, " Hz"));
  }
  return absl::OkStatus();
}

// Adds windowed sincs to a response.
class Pulses {
 public:
  explicit Pulses(int64_t length) : sums_(static_cast<size_t>(length + kPulse), 0.0) {
    for (int k = 0; k < kPulse; ++k) {
      const double angle = kPi * (k - kHalfPulse) / (kHalfPulse + 1);
      cos_[k] = std::cos(angle);
      sin_[k] = std::sin(angle);
      at_[k] = k - kHalfPulse;
      sign_[k] = k % 2 == 0 ? 1 : -1;
    }
  }

  // A pulse `time` samples behind sample kHalfPulse, time >= 0.
  void Add(double time, double gain) {
    const double nearest = std::floor(time + 0.5);
    const double fraction = time - nearest;
    double* const out = sums_.data() + static_cast<int64_t>(nearest);
    // sin(pi (n - f)) is the same for all samples n up to its sign, and so a tap is one division.
    const double sine = -gain * std::sin(kPi * fraction) / kPi;
    const double turn = kPi * fraction / (kHalfPulse + 1);
    const double cos_turn = std::cos(turn), sin_turn = std::sin(turn);
    if (std::abs(fraction) < 1e-9) {
      out[kHalfPulse] += gain;
      return;
    }
    for (int k = 0; k < kPulse; ++k) {
      const double hann = 0.5 + 0.5 * (cos_[k] * cos_turn + sin_[k] * sin_turn);
      out[k] += sign_[k] * sine * hann / (at_[k] - fraction);
    }
  }

  std::vector<double>& sums() { return sums_; }

 private:
  std::vector<double> sums_;
  double cos_[kPulse], sin_[kPulse], at_[kPulse], sign_[kPulse];
};

// Butterworth, two poles, by the bilinear transform; from the first sample to the last.
void HighPass(double hz, int sample_rate, std::vector<double>* samples) {
  const double k = std::tan(kPi * hz / sample_rate);
  const double norm = 1 / (1 + std::sqrt(2.0) * k + k * k);
  const double a1 = 2 * (k * k - 1) * norm, a2 = (1 - std::sqrt(2.0) * k + k * k) * norm;
  double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
  for (double& sample : *samples) {
    const double x = sample;
    const double y = norm * (x - 2 * x1 + x2) - a1 * y1 - a2 * y2;
    x2 = x1, x1 = x, y2 = y1, y1 = y;
    sample = y;
  }
}

}  // namespace

absl::StatusOr<RoomResponse> SimulateRoom(const RoomOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  std::array<double, 6> walls;
  if (options.reflection.has_value()) {
    walls = *options.reflection;
  } else {
    ASSIGN_OR_RETURN(const double reflection, ReflectionFromT60(options.size, options.t60, options.rule));
    walls.fill(reflection);
  }
  const double direct = Distance(options.source, options.microphone);
  const double seconds = options.length > 0 ? options.length : direct / kSpeedOfSound + options.t60;
  // Never below the direct path itself by rounding.
  const double reach = std::max(seconds * kSpeedOfSound, direct * (1 + 1e-12));
  const bool anechoic = *std::max_element(walls.begin(), walls.end()) == 0;
  if (!anechoic) RETURN_IF_ERROR(CheckNumImages(options.size, reach, options.max_order));
  try {
    std::array<RoomAxis, 3> axes;
    for (size_t i = 0; i < 3; ++i) {
      axes[i] = {options.size[i], options.source[i], options.microphone[i], walls[2 * i], walls[2 * i + 1]};
    }
    const double samples_per_metre = options.sample_rate / kSpeedOfSound;
    Pulses pulses(static_cast<int64_t>(std::ceil(reach * samples_per_metre)));
    ForEachImage(axes, reach, options.max_order, [&](double distance, double gain, int) {
      pulses.Add(distance * samples_per_metre, gain / (4 * kPi * distance));
    });
    std::vector<double>& sums = pulses.sums();
    if (options.high_pass_hz > 0) HighPass(options.high_pass_hz, options.sample_rate, &sums);
    RoomResponse response;
    response.direct_sample = kHalfPulse + direct * samples_per_metre;
    const double scale = options.unit_direct_path ? 4 * kPi * direct : 1;
    response.samples = FloatArray::Zeros({static_cast<int64_t>(sums.size())});
    std::transform(sums.begin(), sums.end(), response.samples.mutable_data(),
                   [scale](double x) { return static_cast<float>(scale * x); });
    return response;
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(absl::StrCat("room: no memory for a response of ", seconds, " s"));
  }
}

}  // namespace diarflow
