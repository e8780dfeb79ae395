#include "datasets/formats/uem.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/formats/decimal_seconds.h"
#include "datasets/formats/group_by_uri.h"
#include "datasets/formats/text_field.h"
#include "datasets/formats/text_lines.h"

namespace diarflow {
namespace {

absl::Status AddLine(absl::string_view line, GroupByUri<EvaluationRegion>* regions) {
  const std::vector<absl::string_view> fields = SplitFields(line);
  if (fields.empty() || absl::StartsWith(fields[0], ";;")) return absl::OkStatus();
  if (fields.size() != 4) {
    return absl::InvalidArgumentError(
        absl::StrCat("a region is `uri channel start end`, four fields; here are ", fields.size()));
  }
  TimeSpan span;
  ASSIGN_OR_RETURN(span.start, ParseMicroseconds(fields[2]));
  ASSIGN_OR_RETURN(span.end, ParseMicroseconds(fields[3]));
  if (span.end <= span.start) {
    return absl::InvalidArgumentError(
        absl::StrCat("the region from ", fields[2], " s to ", fields[3], " s ends where it starts or before"));
  }
  regions->of(fields[0]).spans.push_back(span);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<EvaluationRegion>> ParseUem(absl::string_view text, absl::string_view name) {
  GroupByUri<EvaluationRegion> regions;
  RETURN_IF_ERROR(ForEachLine(text, name, [&](absl::string_view line) { return AddLine(line, &regions); }));
  return std::move(regions).Take();
}

absl::StatusOr<std::vector<EvaluationRegion>> ReadUem(const std::string& path) {
  GroupByUri<EvaluationRegion> regions;
  RETURN_IF_ERROR(ForEachLineOfFile(path, [&](absl::string_view line) { return AddLine(line, &regions); }));
  return std::move(regions).Take();
}

absl::StatusOr<std::string> FormatUem(const std::vector<EvaluationRegion>& regions) {
  std::vector<std::pair<absl::string_view, TimeSpan>> spans;  // milliseconds
  for (const EvaluationRegion& region : regions) {
    RETURN_IF_ERROR(CheckTextField("the uri", region.uri));
    RETURN_IF_ERROR(CheckSpans(region));
    for (const TimeSpan& span : region.spans) {
      const TimeSpan written = {NearestMillisecond(span.start), NearestMillisecond(span.end)};
      if (written.length() > 0) spans.emplace_back(region.uri, written);
    }
  }
  std::sort(spans.begin(), spans.end());
  std::string text;
  for (const auto& [uri, span] : spans) {
    absl::StrAppend(&text, uri, " 1 ", FormatMilliseconds(span.start), " ", FormatMilliseconds(span.end), "\n");
  }
  return text;
}

absl::Status WriteUem(const std::string& path, const std::vector<EvaluationRegion>& regions) {
  ASSIGN_OR_RETURN(const std::string text, FormatUem(regions));
  return WriteFileAtomically(path, text);
}

}  // namespace diarflow
