// Who spoke when: the plain types that formats, scores and diarization stages exchange.
//
// Time is an integer count of microseconds from the start of the recording. RTTM and UEM are written with three
// decimals and met with up to six, so their times are held exactly, and sums of durations are exact as well. Sample
// positions become the nearest microsecond (MicrosecondsFromSamples()): convert boundaries, not durations, then turns
// that touch still touch.
#ifndef DIARFLOW_DIARIZATION_TURNS_H_
#define DIARFLOW_DIARIZATION_TURNS_H_

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace diarflow {

inline constexpr int64_t kMicrosecondsPerSecond = 1000000;

// The latest instant that a turn may reach: 10^9 seconds.
inline constexpr int64_t kMaxMicroseconds = 1000000000 * kMicrosecondsPerSecond;

inline double ToSeconds(int64_t microseconds) { return static_cast<double>(microseconds) / kMicrosecondsPerSecond; }

// Exact seconds, as short as they can be: "12.345", "0.00001", "3". REQUIRES: microseconds >= 0.
std::string FormatExactSeconds(int64_t microseconds);

// The half-open interval [start, end) in microseconds.
struct TimeSpan {
  int64_t start = 0;
  int64_t end = 0;

  int64_t length() const { return end - start; }
  friend bool operator==(const TimeSpan& a, const TimeSpan& b) { return a.start == b.start && a.end == b.end; }
  friend bool operator<(const TimeSpan& a, const TimeSpan& b) {
    return a.start != b.start ? a.start < b.start : a.end < b.end;
  }
  friend std::ostream& operator<<(std::ostream& out, const TimeSpan& span) {
    return out << "[" << span.start << ", " << span.end << ")";
  }
};

// Adds a span to others that start no later, of which the last ends last; it grows the last one where they touch or
// overlap.
inline void AppendJoined(const TimeSpan& span, std::vector<TimeSpan>* spans) {
  if (!spans->empty() && span.start <= spans->back().end) {
    spans->back().end = std::max(spans->back().end, span.end);
  } else {
    spans->push_back(span);
  }
}

// The instants that lie in any of the spans, as spans by start of which no two overlap or touch.
std::vector<TimeSpan> JoinSpans(std::vector<TimeSpan> spans);

// A speaker speaks from `start` for `duration` microseconds.
struct Turn {
  int64_t start = 0;
  int64_t duration = 0;
  std::string speaker;  // UTF-8 or any other bytes; names are equal when their bytes are

  int64_t end() const { return start + duration; }
  friend bool operator==(const Turn& a, const Turn& b) {
    return a.start == b.start && a.duration == b.duration && a.speaker == b.speaker;
  }
  // By start, then duration, then the bytes of the speaker: the order of written files.
  friend bool operator<(const Turn& a, const Turn& b) {
    if (a.start != b.start) return a.start < b.start;
    if (a.duration != b.duration) return a.duration < b.duration;
    return a.speaker < b.speaker;
  }
  friend std::ostream& operator<<(std::ostream& out, const Turn& turn) {
    return out << turn.speaker << " [" << turn.start << ", " << turn.end() << ")";
  }
};

// The turns of one audio file, in any order; they may overlap, also those of one speaker.
struct Recording {
  std::string uri;  // the name of the audio file, without folder and extension
  std::vector<Turn> turns;
};

inline bool operator==(const Recording& a, const Recording& b) { return a.uri == b.uri && a.turns == b.turns; }

// Where a recording is scored (the content of a UEM file); spans in any order, they may overlap.
struct EvaluationRegion {
  std::string uri;
  std::vector<TimeSpan> spans;
};

inline bool operator==(const EvaluationRegion& a, const EvaluationRegion& b) {
  return a.uri == b.uri && a.spans == b.spans;
}

// kInvalidArgument, naming the recording and the turn: a start below 0, a duration of 0 or less, an end beyond
// kMaxMicroseconds, a speaker without a name.
absl::Status CheckTurns(const Recording& recording);

// kInvalidArgument, naming the recording: a span that starts below 0, ends where it starts or before, or ends beyond
// kMaxMicroseconds.
absl::Status CheckSpans(const EvaluationRegion& region);

// The microsecond nearest to a sample position, halves towards later.
// REQUIRES: samples >= 0, sample_rate > 0 (Hz), and a result within kMaxMicroseconds.
int64_t MicrosecondsFromSamples(int64_t samples, int sample_rate);

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_TURNS_H_
