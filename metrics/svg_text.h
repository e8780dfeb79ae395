// Text and numbers for SVG files.
#ifndef DIARFLOW_METRICS_SVG_TEXT_H_
#define DIARFLOW_METRICS_SVG_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace diarflow {

// Text as XML content or attribute value: markup is escaped; bytes that are no UTF-8, and characters that XML 1.0 does
// not allow, become U+FFFD. Of a text of more than `max_characters` the first ones and an ellipsis.
std::string SvgText(absl::string_view text, int max_characters = 1000);

// A coordinate with at most two decimals: "12.5". REQUIRES: finite.
std::string SvgNumber(double value);

// "44,474".
std::string GroupedDigits(int64_t number);

// Ticks at multiples of 1, 2 or 5 times a power of ten inside [low, high], about `count` of them, with labels of as
// many decimals as the step needs, very large and very small ones with an exponent. REQUIRES: low < high, both finite;
// count > 0.
struct Ticks {
  std::vector<double> values;
  std::vector<std::string> labels;
};
Ticks RoundTicks(double low, double high, int count);

// The smallest of 1, 2 or 5 times a power of ten that is >= value. REQUIRES: value > 0.
double RoundStep(double value);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_SVG_TEXT_H_
