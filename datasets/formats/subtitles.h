// Turns as text for players and editors: SubRip (.srt), WebVTT (.vtt), Audacity's label track (.txt). A cue is a turn,
// and its text is the speaker's name. Byte-stable: cues by start, end and speaker, LF. SubRip and WebVTT have
// milliseconds, and a turn that rounding to them empties is left out; Audacity has microseconds.
#ifndef DIARFLOW_DATASETS_FORMATS_SUBTITLES_H_
#define DIARFLOW_DATASETS_FORMATS_SUBTITLES_H_

#include <string>

#include "absl/status/statusor.h"
#include "diarization/turns.h"

namespace diarflow {

enum class SubtitleFormat { kSrt, kWebVtt, kAudacity };

// kInvalidArgument: see CheckTurns(). Line breaks in names become blanks; in WebVTT, whose text is markup, & < and >
// are escaped.
absl::StatusOr<std::string> FormatSubtitles(const Recording& recording, SubtitleFormat format);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_FORMATS_SUBTITLES_H_
