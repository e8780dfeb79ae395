#include "metrics/svg_text.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace diarflow {
namespace {

constexpr absl::string_view kReplacement = "\xef\xbf\xbd";

// The character at the front of `text`, which has `*size` bytes; false for a byte that begins none.
bool DecodeUtf8(absl::string_view text, char32_t* character, size_t* size) {
  const auto byte = [&text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  *size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (*size == 0 || *size > text.size()) return false;
  *character = *size == 1 ? first : first & (0x7f >> *size);
  for (size_t i = 1; i < *size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return false;
    *character = *character << 6 | (byte(i) & 0x3f);
  }
  // Longer than need be, surrogates, beyond Unicode.
  return !(*size == 3 && *character < 0x800) && !(*size == 4 && *character < 0x10000) &&
         !(*character >= 0xd800 && *character < 0xe000) && *character <= 0x10ffff;
}

bool AllowedInXml(char32_t character) {
  if (character < 0x20) return character == '\t' || character == '\n' || character == '\r';
  return character != 0xfffe && character != 0xffff;
}

}  // namespace

std::string SvgText(absl::string_view text, int max_characters) {
  std::vector<std::string> characters;
  while (!text.empty()) {
    char32_t character = 0;
    size_t size = 0;
    if (!DecodeUtf8(text, &character, &size)) {
      characters.emplace_back(kReplacement);
      text.remove_prefix(1);
      continue;
    }
    switch (character) {
      case '&': characters.emplace_back("&amp;"); break;
      case '<': characters.emplace_back("&lt;"); break;
      case '>': characters.emplace_back("&gt;"); break;
      case '"': characters.emplace_back("&quot;"); break;
      default: characters.emplace_back(AllowedInXml(character) ? text.substr(0, size) : kReplacement);
    }
    text.remove_prefix(size);
  }
  if (static_cast<int64_t>(characters.size()) > max_characters) {
    characters.resize(static_cast<size_t>(std::max(0, max_characters - 1)));
    characters.emplace_back("\xe2\x80\xa6");
  }
  std::string escaped;
  for (const std::string& character : characters) escaped += character;
  return escaped;
}

std::string SvgNumber(double value) {
  std::string text = absl::StrFormat("%.2f", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string GroupedDigits(int64_t number) {
  std::string digits = absl::StrCat(number);
  const size_t sign = number < 0 ? 1 : 0;
  for (size_t i = digits.size(); i > sign + 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

double RoundStep(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (double factor : {1.0, 2.0, 5.0}) {
    // A value that is a step but for rounding stays what it is.
    if (factor * power >= value * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

Ticks RoundTicks(double low, double high, int count) {
  const double step = RoundStep((high - low) / count);
  const int decimals = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
  Ticks ticks;
  for (double i = std::ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i) {
    const double value = i == 0 ? 0 : i * step;
    ticks.values.push_back(value);
    const bool is_short = decimals <= 4 && std::abs(high) < 1e5 && std::abs(low) < 1e5;
    ticks.labels.push_back(is_short ? absl::StrFormat("%.*f", decimals, value) : absl::StrFormat("%.10g", value));
  }
  return ticks;
}

}  // namespace diarflow
