#include "datasets/formats/lab.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/formats/decimal_seconds.h"
#include "datasets/formats/text_lines.h"

namespace diarflow {
namespace {

absl::Status AddLine(absl::string_view line, std::vector<LabeledSpan>* spans) {
  const std::vector<absl::string_view> fields = SplitFields(line);
  if (fields.empty() || absl::StartsWith(fields[0], ";;")) return absl::OkStatus();
  if (fields.size() < 3) {
    return absl::InvalidArgumentError(
        absl::StrCat("a labelled span is `onset offset label`, three fields; here are ", fields.size()));
  }
  LabeledSpan labeled;
  ASSIGN_OR_RETURN(labeled.span.start, ParseMicroseconds(fields[0]));
  ASSIGN_OR_RETURN(labeled.span.end, ParseMicroseconds(fields[1]));
  if (labeled.span.end <= labeled.span.start) {
    return absl::InvalidArgumentError(
        absl::StrCat("the span from ", fields[0], " s to ", fields[1], " s ends where it starts or before"));
  }
  // Up to the end of the last field: labels may hold blanks.
  const char* const end = fields.back().data() + fields.back().size();
  labeled.label = std::string(fields[2].data(), end);
  spans->push_back(std::move(labeled));
  return absl::OkStatus();
}

absl::Status CheckLabel(const std::string& label) {
  const auto error = [&](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("the label \"", label, "\" cannot be written: it ", why));
  };
  if (label.empty()) return error("is empty");
  if (label.find_first_of("\r\n") != std::string::npos) return error("holds a line end");
  if (absl::ascii_isspace(label.front()) || absl::ascii_isspace(label.back())) {
    return error("begins or ends with white space");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<LabeledSpan>> ParseLab(absl::string_view text, absl::string_view name) {
  std::vector<LabeledSpan> spans;
  RETURN_IF_ERROR(ForEachLine(text, name, [&](absl::string_view line) { return AddLine(line, &spans); }));
  return spans;
}

absl::StatusOr<std::vector<LabeledSpan>> ReadLab(const std::string& path) {
  std::vector<LabeledSpan> spans;
  RETURN_IF_ERROR(ForEachLineOfFile(path, [&](absl::string_view line) { return AddLine(line, &spans); }));
  return spans;
}

absl::StatusOr<std::string> FormatLab(const std::vector<LabeledSpan>& spans) {
  std::vector<std::pair<TimeSpan, absl::string_view>> written;  // milliseconds
  for (const LabeledSpan& labeled : spans) {
    RETURN_IF_ERROR(CheckLabel(labeled.label));
    RETURN_IF_ERROR(CheckSpans({labeled.label, {labeled.span}}));
    const TimeSpan span = {NearestMillisecond(labeled.span.start), NearestMillisecond(labeled.span.end)};
    if (span.length() > 0) written.emplace_back(span, labeled.label);
  }
  std::sort(written.begin(), written.end());
  std::string text;
  for (const auto& [span, label] : written) {
    absl::StrAppend(&text, FormatMilliseconds(span.start), " ", FormatMilliseconds(span.end), " ", label, "\n");
  }
  return text;
}

absl::Status WriteLab(const std::string& path, const std::vector<LabeledSpan>& spans) {
  ASSIGN_OR_RETURN(const std::string text, FormatLab(spans));
  return WriteFileAtomically(path, text);
}

}  // namespace diarflow
