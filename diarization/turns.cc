#include "diarization/turns.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace diarflow {
namespace {

bool IsInside(int64_t start, int64_t end) { return start >= 0 && end <= kMaxMicroseconds; }

constexpr absl::string_view kBounds = "it must lie between 0 and 10^9 seconds";

}  // namespace

std::string FormatExactSeconds(int64_t microseconds) {
  std::string text =
      absl::StrFormat("%d.%06d", microseconds / kMicrosecondsPerSecond, microseconds % kMicrosecondsPerSecond);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::vector<TimeSpan> JoinSpans(std::vector<TimeSpan> spans) {
  std::sort(spans.begin(), spans.end());
  std::vector<TimeSpan> joined;
  for (const TimeSpan& span : spans) AppendJoined(span, &joined);
  return joined;
}

absl::Status CheckTurns(const Recording& recording) {
  for (size_t i = 0; i < recording.turns.size(); ++i) {
    const Turn& turn = recording.turns[i];
    const auto error = [&](absl::string_view what) {
      return absl::InvalidArgumentError(absl::StrCat("recording \"", recording.uri, "\", turn ", i,
                                                     " (counted from 0), speaker \"", turn.speaker, "\", start ",
                                                     turn.start, " us, duration ", turn.duration, " us: ", what));
    };
    if (turn.speaker.empty()) return error("the speaker has no name");
    if (turn.duration <= 0) return error("the duration must be positive");
    // Subtracted, so that no sum can overflow.
    if (turn.start < 0 || turn.start > kMaxMicroseconds || turn.duration > kMaxMicroseconds - turn.start) {
      return error(kBounds);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSpans(const EvaluationRegion& region) {
  for (const TimeSpan& span : region.spans) {
    if (span.start < span.end && IsInside(span.start, span.end)) continue;
    return absl::InvalidArgumentError(absl::StrCat("recording \"", region.uri, "\": the region from ", span.start,
                                                   " us to ", span.end, " us ",
                                                   span.start < span.end ? kBounds : "ends where it starts or before"));
  }
  return absl::OkStatus();
}

int64_t MicrosecondsFromSamples(int64_t samples, int sample_rate) {
  assert(samples >= 0 && sample_rate > 0);
  const int64_t seconds = samples / sample_rate;
  const int64_t rest = samples % sample_rate;
  return seconds * kMicrosecondsPerSecond +
         (2 * rest * kMicrosecondsPerSecond + sample_rate) / (int64_t{2} * sample_rate);
}

}  // namespace diarflow
