#include "datasets/formats/subtitles.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "base/status_macros.h"
#include "datasets/formats/decimal_seconds.h"

namespace diarflow {
namespace {

constexpr int64_t kMillisecondsPerHour = 3600000;

// "01:02:03,004".
std::string Clock(int64_t milliseconds, char separator) {
  return absl::StrFormat("%02d:%02d:%02d%c%03d", milliseconds / kMillisecondsPerHour, milliseconds / 60000 % 60,
                         milliseconds / 1000 % 60, separator, milliseconds % 1000);
}

std::string AsText(const std::string& name, SubtitleFormat format) {
  const std::string line = absl::StrReplaceAll(name, {{"\r", " "}, {"\n", " "}, {"\t", " "}});
  if (format != SubtitleFormat::kWebVtt) return line;
  return absl::StrReplaceAll(line, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
}

}  // namespace

absl::StatusOr<std::string> FormatSubtitles(const Recording& recording, SubtitleFormat format) {
  RETURN_IF_ERROR(CheckTurns(recording));
  std::vector<Turn> turns = recording.turns;
  std::sort(turns.begin(), turns.end());
  std::string text = format == SubtitleFormat::kWebVtt ? "WEBVTT\n\n" : "";
  int number = 0;
  for (const Turn& turn : turns) {
    const int64_t start = NearestMillisecond(turn.start);
    const int64_t end = NearestMillisecond(turn.end());
    const std::string name = AsText(turn.speaker, format);
    if (end <= start && format != SubtitleFormat::kAudacity) continue;
    switch (format) {
      case SubtitleFormat::kSrt:
        absl::StrAppend(&text, ++number, "\n", Clock(start, ','), " --> ", Clock(end, ','), "\n", name, "\n\n");
        break;
      case SubtitleFormat::kWebVtt:
        absl::StrAppend(&text, Clock(start, '.'), " --> ", Clock(end, '.'), "\n<v ", name, ">", name, "\n\n");
        break;
      case SubtitleFormat::kAudacity:
        absl::StrAppendFormat(&text, "%d.%06d\t%d.%06d\t%s\n", turn.start / kMicrosecondsPerSecond,
                              turn.start % kMicrosecondsPerSecond, turn.end() / kMicrosecondsPerSecond,
                              turn.end() % kMicrosecondsPerSecond, name);
        break;
    }
  }
  return text;
}

}  // namespace diarflow
