#include "datasets/formats/decimal_seconds.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

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

int64_t NearestMillisecond(int64_t microseconds) { return (microseconds + 500) / 1000; }

std::string FormatMilliseconds(int64_t milliseconds) {
  return absl::StrFormat("%d.%03d", milliseconds / 1000, milliseconds % 1000);
}

}  // namespace diarflow
