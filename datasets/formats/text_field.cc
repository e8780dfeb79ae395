#include "datasets/formats/text_field.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace diarflow {

absl::Status CheckTextField(absl::string_view what, absl::string_view text) {
  const auto error = [&](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat(what, " \"", text, "\" cannot be written: it ", why));
  };
  if (text.empty()) return error("is empty");
  if (absl::StartsWith(text, ";;")) return error("begins with \";;\", which starts a comment");
  for (const char c : text) {
    if (absl::ascii_isspace(c)) return error("holds white space, which separates fields; use \"_\" instead");
  }
  return absl::OkStatus();
}

}  // namespace diarflow
