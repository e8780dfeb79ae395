#include "datasets/formats/rttm.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "base/suggest.h"
#include "datasets/formats/decimal_seconds.h"
#include "datasets/formats/group_by_uri.h"
#include "datasets/formats/text_field.h"
#include "datasets/formats/text_lines.h"

namespace diarflow {
namespace {

constexpr absl::string_view kSpeaker = "SPEAKER";

// The other line types of the standard.
constexpr absl::string_view kSkippedTypes[] = {
    "SPKR-INFO", "LEXEME", "NON-LEX", "NON-SPEECH", "FILLER",  "EDIT",          "IP",
    "SU",        "CB",     "A/P",     "SEGMENT",    "NOSCORE", "NO_RT_METADATA"};

absl::Status AddLine(absl::string_view line, GroupByUri<Recording>* recordings) {
  const std::vector<absl::string_view> fields = SplitFields(line);
  if (fields.empty() || absl::StartsWith(fields[0], ";;")) return absl::OkStatus();
  if (fields[0] != kSpeaker) {
    if (std::count(std::begin(kSkippedTypes), std::end(kSkippedTypes), fields[0]) > 0) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("the line is of the unknown type \"", fields[0],
                                                   "\"; a turn begins with SPEAKER",
                                                   DidYouMean(fields[0], {std::string(kSpeaker)})));
  }
  if (fields.size() != 9 && fields.size() != 10) {
    return absl::InvalidArgumentError(
        absl::StrCat("a turn is `SPEAKER uri channel onset duration <NA> <NA> speaker <NA> <NA>`, ten fields (the last "
                     "may be missing); here are ",
                     fields.size(), fields.size() > 10 ? "; names hold no blanks" : ""));
  }
  ASSIGN_OR_RETURN(const int64_t onset, ParseMicroseconds(fields[3]));
  ASSIGN_OR_RETURN(const int64_t duration, ParseMicroseconds(fields[4]));
  if (duration == 0) return absl::InvalidArgumentError("a turn of duration 0; it must be positive");
  if (onset + duration > kMaxMicroseconds) return absl::InvalidArgumentError("the turn ends after 10^9 seconds");
  recordings->of(fields[1]).turns.push_back({onset, duration, std::string(fields[7])});
  return absl::OkStatus();
}

// In milliseconds.
struct WrittenTurn {
  int64_t onset = 0;
  int64_t duration = 0;
  const std::string* speaker = nullptr;

  friend bool operator<(const WrittenTurn& a, const WrittenTurn& b) {
    if (a.onset != b.onset) return a.onset < b.onset;
    if (a.duration != b.duration) return a.duration < b.duration;
    return *a.speaker < *b.speaker;
  }
};

}  // namespace

absl::StatusOr<std::vector<Recording>> ParseRttm(absl::string_view text, absl::string_view name) {
  GroupByUri<Recording> recordings;
  RETURN_IF_ERROR(ForEachLine(text, name, [&](absl::string_view line) { return AddLine(line, &recordings); }));
  return std::move(recordings).Take();
}

absl::StatusOr<std::vector<Recording>> ReadRttm(const std::string& path) {
  GroupByUri<Recording> recordings;
  RETURN_IF_ERROR(ForEachLineOfFile(path, [&](absl::string_view line) { return AddLine(line, &recordings); }));
  return std::move(recordings).Take();
}

absl::StatusOr<std::string> FormatRttm(const std::vector<Recording>& recordings) {
  // Sorted as they are written: by milliseconds.
  std::vector<std::pair<absl::string_view, WrittenTurn>> turns;
  for (const Recording& recording : recordings) {
    RETURN_IF_ERROR(CheckTextField("the uri", recording.uri));
    RETURN_IF_ERROR(CheckTurns(recording));
    for (const Turn& turn : recording.turns) {
      RETURN_IF_ERROR(CheckTextField("the speaker", turn.speaker));
      const int64_t onset = NearestMillisecond(turn.start);
      const int64_t duration = NearestMillisecond(turn.end()) - onset;
      if (duration > 0) turns.push_back({recording.uri, {onset, duration, &turn.speaker}});
    }
  }
  std::sort(turns.begin(), turns.end());
  std::string text;
  for (const auto& [uri, turn] : turns) {
    absl::StrAppend(&text, kSpeaker, " ", uri, " 1 ", FormatMilliseconds(turn.onset), " ",
                    FormatMilliseconds(turn.duration));
    absl::StrAppend(&text, " <NA> <NA> ", *turn.speaker, " <NA> <NA>\n");
  }
  return text;
}

absl::Status WriteRttm(const std::string& path, const std::vector<Recording>& recordings) {
  ASSIGN_OR_RETURN(const std::string text, FormatRttm(recordings));
  return WriteFileAtomically(path, text);
}

}  // namespace diarflow
