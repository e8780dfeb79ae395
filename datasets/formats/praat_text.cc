#include "datasets/formats/praat_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace diarflow {
namespace {

void AppendUtf8(uint32_t code, std::string* text) {
  const auto put = [&](uint32_t byte) { text->push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | (code >> 6));
  } else if (code < 0x10000) {
    put(0xe0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3f));
  } else {
    put(0xf0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3f));
    put(0x80 | ((code >> 6) & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

// `bytes` without byte order mark.
absl::StatusOr<std::string> Utf8FromUtf16(absl::string_view bytes, bool big_endian) {
  if (bytes.size() % 2 != 0) {
    return absl::InvalidArgumentError("the file is UTF-16, but has an odd number of bytes: it was cut or damaged");
  }
  const size_t units = bytes.size() / 2;
  const auto unit = [&](size_t i) -> uint32_t {
    const auto first = static_cast<unsigned char>(bytes[2 * i]);
    const auto second = static_cast<unsigned char>(bytes[2 * i + 1]);
    return big_endian ? first << 8 | second : second << 8 | first;
  };
  std::string text;
  text.reserve(units);
  for (size_t i = 0; i < units; ++i) {
    uint32_t code = unit(i);
    if (code >= 0xd800 && code < 0xe000) {
      const uint32_t low = i + 1 < units ? unit(i + 1) : 0;
      if (code >= 0xdc00 || low < 0xdc00 || low >= 0xe000) {
        return absl::InvalidArgumentError(
            absl::StrCat("the file is UTF-16, but byte ", 2 * i + 3, " begins half a character: it is damaged"));
      }
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      ++i;
    }
    AppendUtf8(code, &text);
  }
  return text;
}

bool IsNumberStart(absl::string_view word) {
  if (word.size() > 1 && (word[0] == '-' || word[0] == '+' || word[0] == '.')) word.remove_prefix(1);
  return absl::ascii_isdigit(word[0]) || (word.size() > 1 && word[0] == '.' && absl::ascii_isdigit(word[1]));
}

}  // namespace

absl::StatusOr<std::string> Utf8FromTextFile(absl::string_view bytes) {
  std::string text;
  if (absl::ConsumePrefix(&bytes, "\xff\xfe")) return Utf8FromUtf16(bytes, /*big_endian=*/false);
  if (absl::ConsumePrefix(&bytes, "\xfe\xff")) return Utf8FromUtf16(bytes, /*big_endian=*/true);
  absl::ConsumePrefix(&bytes, "\xef\xbb\xbf");
  if (absl::StrContains(bytes, '\0')) {
    return absl::InvalidArgumentError(
        "the file holds a byte 0: it is binary, or UTF-16 without byte order mark; save it as UTF-8 text");
  }
  return std::string(bytes);
}

void PraatWords::Advance(size_t count) {
  for (; count > 0; --count, ++at_) {
    const char c = text_[at_];
    // LF, CRLF, or CR alone as of old.
    if (c == '\n' || (c == '\r' && text_.substr(at_ + 1, 1) != "\n")) ++line_at_;
  }
}

absl::StatusOr<PraatWords::Word> PraatWords::QuotedText() {
  Word word{Kind::kText, ""};
  for (size_t i = at_ + 1; i < text_.size(); ++i) {
    if (text_[i] != '"') {
      word.text.push_back(text_[i]);
    } else if (i + 1 < text_.size() && text_[i + 1] == '"') {
      word.text.push_back('"');
      ++i;
    } else {
      Advance(i + 1 - at_);
      return word;
    }
  }
  return absl::InvalidArgumentError("a text begins here whose closing quote is missing");
}

absl::StatusOr<PraatWords::Word> PraatWords::Next() {
  while (at_ < text_.size()) {
    line_ = line_at_;
    const absl::string_view rest = text_.substr(at_);
    if (absl::ascii_isspace(rest[0])) {
      Advance(1);
      continue;
    }
    if (rest[0] == '!') {
      Advance(std::min(rest.find_first_of("\r\n"), rest.size()));
      continue;
    }
    if (rest[0] == '"') return QuotedText();
    const auto end = std::find_if(rest.begin(), rest.end(), [](char c) { return absl::ascii_isspace(c) || c == '"'; });
    absl::string_view word = rest.substr(0, static_cast<size_t>(end - rest.begin()));
    Advance(word.size());
    if (IsNumberStart(word)) return Word{Kind::kNumber, std::string(word)};
    if (word.size() > 2 && absl::ConsumePrefix(&word, "<") && absl::ConsumeSuffix(&word, ">")) {
      return Word{Kind::kFlag, std::string(word)};
    }
  }
  line_ = line_at_;
  return Word{Kind::kEnd, ""};
}

std::string DescribePraatWord(const PraatWords::Word& word) {
  switch (word.kind) {
    case PraatWords::Kind::kNumber: return absl::StrCat("the number ", word.text);
    case PraatWords::Kind::kText: return absl::StrCat("the text \"", word.text, "\"");
    case PraatWords::Kind::kFlag: return absl::StrCat("the flag <", word.text, ">");
    case PraatWords::Kind::kEnd: break;
  }
  return "the end of the file";
}

}  // namespace diarflow
