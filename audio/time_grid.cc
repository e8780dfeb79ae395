#include "audio/time_grid.h"

#include <cassert>
#include <limits>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace diarflow {
namespace {

__extension__ using Int128 = __int128;

constexpr Int128 kMax = std::numeric_limits<int64_t>::max();

Int128 FloorDivide(Int128 num, Int128 den) {
  const Int128 quotient = num / den;
  return quotient * den > num ? quotient - 1 : quotient;
}

Int128 GreatestCommonDivisor(Int128 a, Int128 b) {
  if (a < 0) a = -a;
  while (b != 0) {
    const Int128 rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

absl::StatusOr<int64_t> Narrow(Int128 samples, const Rational& seconds, int rate) {
  if (samples > kMax || samples < -kMax) {
    return absl::OutOfRangeError(
        absl::StrCat(seconds.ToString(), " s at ", rate, " Hz are more samples than 64 bits can count"));
  }
  return static_cast<int64_t>(samples);
}

absl::Status CheckRate(int rate) {
  if (rate > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a sample rate of ", rate, " Hz: it must be positive"));
}

}  // namespace

Rational::Rational(int64_t num, int64_t den) {
  assert(den != 0);
  const int64_t divisor = std::gcd(num, den);
  num_ = num / divisor;
  den_ = den / divisor;
  if (den_ < 0) {
    num_ = -num_;
    den_ = -den_;
  }
}

absl::StatusOr<Rational> Rational::Create(int64_t num, int64_t den) {
  if (den == 0) return absl::InvalidArgumentError(absl::StrCat("the fraction ", num, "/0 has no value"));
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  if (num == kMin || den == kMin) {
    return absl::InvalidArgumentError(absl::StrCat("the fraction ", num, "/", den, " cannot be held in 64 bits"));
  }
  return Rational(num, den);
}

std::string Rational::ToString() const {
  return den_ == 1 ? absl::StrCat(num_) : absl::StrCat(num_, "/", den_);
}

bool operator<(const Rational& a, const Rational& b) {
  return static_cast<Int128>(a.num_) * b.den_ < static_cast<Int128>(b.num_) * a.den_;
}

absl::StatusOr<Rational> Add(const Rational& a, const Rational& b) {
  const Int128 num = static_cast<Int128>(a.num()) * b.den() + static_cast<Int128>(b.num()) * a.den();
  const Int128 den = static_cast<Int128>(a.den()) * b.den();
  const Int128 divisor = GreatestCommonDivisor(num, den);
  if (num / divisor > kMax || num / divisor < -kMax || den / divisor > kMax) {
    return absl::OutOfRangeError(
        absl::StrCat(a.ToString(), " + ", b.ToString(), " cannot be held as a fraction of 64 bit numbers"));
  }
  return Rational(static_cast<int64_t>(num / divisor), static_cast<int64_t>(den / divisor));
}

absl::StatusOr<Rational> ParseSeconds(absl::string_view text) {
  constexpr int kMaxDigits = 9;
  int64_t num = 0;
  int64_t den = 1;
  int digits[2] = {0, 0};
  bool behind_point = false;
  for (const char c : text) {
    if (c == '.' && !behind_point) {
      behind_point = true;
      continue;
    }
    if (!absl::ascii_isdigit(c) || ++digits[behind_point] > kMaxDigits) {
      digits[0] = digits[1] = 0;
      break;
    }
    num = num * 10 + (c - '0');
    if (behind_point) den *= 10;
  }
  if (digits[0] + digits[1] == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is no time in seconds: write digits with at most one point, as in 2.5, up to ",
                     kMaxDigits, " before it and behind it"));
  }
  return Rational(num, den);
}

absl::StatusOr<int64_t> ExactSamples(const Rational& seconds, int rate) {
  if (absl::Status status = CheckRate(rate); !status.ok()) return status;
  const Int128 product = static_cast<Int128>(seconds.num()) * rate;
  if (product % seconds.den() == 0) return Narrow(product / seconds.den(), seconds, rate);
  const absl::StatusOr<int64_t> nearest = NearestSample(seconds, rate);
  if (!nearest.ok()) return nearest.status();
  return absl::InvalidArgumentError(absl::StrCat(seconds.ToString(), " s does not fall on a sample at ", rate,
                                                 " Hz; the nearest sample is ", *nearest));
}

absl::StatusOr<int64_t> NearestSample(const Rational& seconds, int rate) {
  if (absl::Status status = CheckRate(rate); !status.ok()) return status;
  const Int128 twice = static_cast<Int128>(seconds.num()) * rate * 2;
  return Narrow(FloorDivide(twice + seconds.den(), static_cast<Int128>(seconds.den()) * 2), seconds, rate);
}

int64_t FrameGrid::NumWholeFrames(int64_t num_samples) const {
  const int64_t room = num_samples - End(0);
  return room < 0 ? 0 : 1 + room / hop;
}

absl::Status CheckGrid(absl::string_view name, const FrameGrid& grid) {
  const auto is_length = [](int64_t samples) { return samples > 0 && samples < kMaxGridSamples; };
  const bool sane = grid.sample_rate > 0 && grid.sample_rate <= kMaxSampleRate && is_length(grid.hop) &&
                    is_length(grid.window) && grid.first_sample > -kMaxGridSamples &&
                    grid.first_sample < kMaxGridSamples;
  if (sane) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the ", name, " have a time grid that cannot be: ", grid.sample_rate,
                                                 " Hz, hop ", grid.hop, ", window ", grid.window, ", first sample ",
                                                 grid.first_sample));
}

}  // namespace diarflow
