#include "datasets/formats/decimal_seconds.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace diarflow {

absl::StatusOr<int64_t> ParseMicroseconds(absl::string_view seconds) {
  constexpr int kMaxWholeDigits = 9;
  constexpr int kDecimals = 6;
  int64_t value = 0;
  int whole_digits = 0;
  int decimals = 0;
  bool behind_point = false;
  bool valid = true;
  for (const char c : seconds) {
    if (c == '.' && !behind_point) {
      behind_point = true;
      continue;
    }
    valid = valid && absl::ascii_isdigit(c);
    if (!behind_point) {
      valid = valid && ++whole_digits <= kMaxWholeDigits;
    } else if (++decimals > kDecimals) {
      // The first digit that is not kept rounds.
      if (decimals == kDecimals + 1 && c >= '5') ++value;
      continue;
    }
    if (!valid) break;
    value = value * 10 + (c - '0');
  }
  if (!valid || whole_digits + decimals == 0) {
    return absl::InvalidArgumentError(absl::StrCat("\"", seconds,
                                                   "\" is no time in seconds: write digits with at most one point, as ",
                                                   "in 2.5, up to ", kMaxWholeDigits, " of them before it"));
  }
  for (int i = decimals; i < kDecimals; ++i) value *= 10;
  return value;
}

absl::StatusOr<int64_t> ParseFloatMicroseconds(absl::string_view seconds) {
  // Beyond it, whatever is written is 0 or too large.
  constexpr int kMaxExponent = 400;
  const auto error = [&] {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", seconds, "\" is no time in seconds: write a number from 0 up to 10^9, as in 2.5 or 1e-05"));
  };
  absl::string_view number = seconds;
  const bool is_negative = absl::ConsumePrefix(&number, "-");
  if (!is_negative) absl::ConsumePrefix(&number, "+");
  int exponent = 0;
  if (const size_t e = number.find_first_of("eE"); e != absl::string_view::npos) {
    if (!absl::SimpleAtoi(number.substr(e + 1), &exponent)) return error();
    exponent = std::min(std::max(exponent, -kMaxExponent), kMaxExponent);
    number = number.substr(0, e);
  }
  // The point moves over as many zeros as the exponent may need, then ParseMicroseconds() rounds once.
  const size_t point = std::min(number.find('.'), number.size());
  std::string digits(number);
  if (point < digits.size()) digits.erase(point, 1);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit)) return error();
  const int64_t place = static_cast<int64_t>(point) + exponent;
  if (place < 0) digits.insert(0, static_cast<size_t>(-place), '0');
  const auto whole = static_cast<size_t>(std::max<int64_t>(place, 0));
  if (digits.size() < whole) digits.append(whole - digits.size(), '0');
  digits.insert(whole, ".");
  const size_t leading = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  const absl::StatusOr<int64_t> value = ParseMicroseconds(
      absl::string_view(digits).substr(leading) == "." ? "0" : absl::string_view(digits).substr(leading));
  if (!value.ok() || (is_negative && *value != 0)) return error();
  return *value;
}

int64_t NearestMillisecond(int64_t microseconds) { return (microseconds + 500) / 1000; }

std::string FormatMilliseconds(int64_t milliseconds) {
  return absl::StrFormat("%d.%03d", milliseconds / 1000, milliseconds % 1000);
}

}  // namespace diarflow
