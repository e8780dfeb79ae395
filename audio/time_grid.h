// Time without floating point: seconds as rationals, media time as integer samples at a rate, and where a frame is.
//
// Sample k of a recording occupies the interval [k, k + 1) on the sample axis, so N samples span [0, N), and a
// boundary between two segments is an integer. Instants between samples (the centre of a frame of even or odd width)
// are rationals. Seconds are an instant divided by the rate in Hz.
#ifndef DIARFLOW_AUDIO_TIME_GRID_H_
#define DIARFLOW_AUDIO_TIME_GRID_H_

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diarflow {

// The highest sample rate that this project takes: what lies above, in a header or an option, is an error. Hz.
inline constexpr int kMaxSampleRate = 768000;

// An exact fraction in lowest terms; the denominator is positive. 12.5 frames per second is Rational(25, 2).
class Rational {
 public:
  Rational() = default;
  // A whole number; implicit, so that `rate == 25` reads as it should.
  Rational(int64_t whole) : num_(whole) {}  // NOLINT(google-explicit-constructor)
  // REQUIRES: den is not 0, and neither is INT64_MIN. For numbers that a user gave, Create().
  Rational(int64_t num, int64_t den);

  // kInvalidArgument when `den` is 0 or the fraction cannot be held.
  static absl::StatusOr<Rational> Create(int64_t num, int64_t den);

  int64_t num() const { return num_; }
  int64_t den() const { return den_; }

  // "5/2", or "5" for a whole number.
  std::string ToString() const;

  // For reports only: no decision hangs on it.
  double ToDouble() const { return static_cast<double>(num_) / static_cast<double>(den_); }

  // Exact for every pair of values.
  friend bool operator==(const Rational& a, const Rational& b) { return a.num_ == b.num_ && a.den_ == b.den_; }
  friend bool operator!=(const Rational& a, const Rational& b) { return !(a == b); }
  friend bool operator<(const Rational& a, const Rational& b);
  friend bool operator>(const Rational& a, const Rational& b) { return b < a; }
  friend bool operator<=(const Rational& a, const Rational& b) { return !(b < a); }
  friend bool operator>=(const Rational& a, const Rational& b) { return !(a < b); }
  friend std::ostream& operator<<(std::ostream& out, const Rational& value) { return out << value.ToString(); }

 private:
  int64_t num_ = 0;
  int64_t den_ = 1;
};

// Sum, exact; kOutOfRange when it cannot be held in 64 bits.
absl::StatusOr<Rational> Add(const Rational& a, const Rational& b);

// Seconds as decimal text ("2.5", "0", ".25", "1158.000"): digits with at most one point, up to 9 digits before and up
// to 9 behind it. kInvalidArgument, naming the text, for anything else: signs, exponents, spaces, "nan".
absl::StatusOr<Rational> ParseSeconds(absl::string_view text);

// Seconds to samples at `rate` Hz. kInvalidArgument when they do not fall on a sample (the message names the nearest
// one) or the rate is not positive, kOutOfRange when the count cannot be held.
absl::StatusOr<int64_t> ExactSamples(const Rational& seconds, int rate);

// The same, rounded to the nearest sample, halves towards later. Segments whose common boundary is one rational stay
// adjacent after rounding: no gap, no overlap.
absl::StatusOr<int64_t> NearestSample(const Rational& seconds, int rate);

// Frames that lie evenly over a recording: frame i covers the samples
//   [first_sample + i * hop, first_sample + i * hop + window).
// For centred short-time transforms, whose frame 0 begins in the padding, first_sample is -window / 2; for a codec
// that maps every `hop` samples to one vector, window == hop.
struct FrameGrid {
  int sample_rate = 0;       // Hz
  int64_t hop = 0;           // samples, > 0
  int64_t window = 0;        // samples, > 0
  int64_t first_sample = 0;  // where frame 0 begins, in samples; may be negative

  // Frames per second.
  Rational Rate() const { return Rational(sample_rate, hop); }

  int64_t Begin(int64_t frame) const { return first_sample + frame * hop; }
  int64_t End(int64_t frame) const { return Begin(frame) + window; }

  // THE rule for the time of a frame, in samples: the middle of the interval that it covers,
  // first_sample + frame * hop + window / 2. With an odd window it lies in the middle of a sample: hence a rational.
  Rational Centre(int64_t frame) const { return Rational(2 * Begin(frame) + window, 2); }
  // The same in seconds.
  Rational CentreSeconds(int64_t frame) const { return Rational(2 * Begin(frame) + window, int64_t{2} * sample_rate); }

  // How many frames lie wholly before sample `num_samples`; frames that stick out at the end do not count ("snip
  // edges"). 0 when not even frame 0 fits.
  int64_t NumWholeFrames(int64_t num_samples) const;
};

// Positions in samples, hops and windows of grids that come from elsewhere stay below this, so that sums of some of
// them and the products of such sums with a rate do not overflow.
inline constexpr int64_t kMaxGridSamples = int64_t{1} << 45;

// kInvalidArgument, with `name` ("speaker frames"), for a grid that cannot be: a rate, a hop or a window that is not
// positive, a rate above kMaxSampleRate, samples from kMaxGridSamples on.
absl::Status CheckGrid(absl::string_view name, const FrameGrid& grid);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_TIME_GRID_H_
