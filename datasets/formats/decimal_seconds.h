// Seconds as decimal text, as files hold them, and as exact microseconds.
#ifndef DIARFLOW_DATASETS_FORMATS_DECIMAL_SECONDS_H_
#define DIARFLOW_DATASETS_FORMATS_DECIMAL_SECONDS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diarflow {

// "12.345", "12", ".5" or "12." as microseconds. Digits beyond the sixth place round to the nearest microsecond, halves
// up: programs that compute in floating point write 4.3500000000000005. kInvalidArgument, naming the text, for anything
// else: signs, exponents, "nan", more than nine digits before the point.
absl::StatusOr<int64_t> ParseMicroseconds(absl::string_view seconds);

// The same with an exponent and a sign, as programs print floating-point numbers: "1e-05" is 10 microseconds. What
// rounds to 0 may be negative ("-0", "-1e-17"); other negative times are kInvalidArgument.
absl::StatusOr<int64_t> ParseFloatMicroseconds(absl::string_view seconds);

// The millisecond nearest to `microseconds`, halves up. REQUIRES: microseconds >= 0.
int64_t NearestMillisecond(int64_t microseconds);

// Seconds with three decimals: "12.345". REQUIRES: milliseconds >= 0.
std::string FormatMilliseconds(int64_t milliseconds);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_FORMATS_DECIMAL_SECONDS_H_
