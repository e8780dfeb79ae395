#include "pages/diarization_summary.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "metrics/diarization_report_text.h"
#include "metrics/plot_colours.h"

namespace diarflow {
namespace {

std::string Counted(size_t number, absl::string_view what) {
  return absl::StrCat(number, " ", what, number == 1 ? "" : "s");
}

std::string Rate(double rate) { return absl::StrFormat("%.2f\u2009%%", 100 * rate); }

std::string PartOf(int64_t part, int64_t whole) {
  return whole == 0 ? "none" : Rate(static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

std::string ClockText(int64_t microseconds) {
  const int64_t tenths = (microseconds + kMicrosecondsPerSecond / 20) / (kMicrosecondsPerSecond / 10);
  const int64_t hours = tenths / 36000;
  const int64_t minutes = tenths / 600 % 60;
  const std::string seconds = absl::StrFormat("%02d.%d", tenths / 10 % 60, tenths % 10);
  return hours > 0 ? absl::StrFormat("%d:%02d:%s", hours, minutes, seconds) : absl::StrCat(minutes, ":", seconds);
}

std::string PercentText(int64_t part, int64_t whole) {
  if (whole == 0) return "-";
  return absl::StrFormat("%.1f\u2009%%", 100 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string ColourClass(int colour) {
  return colour < 0 ? "unmapped" : absl::StrCat("speaker", static_cast<size_t>(colour) % kSpeakerColours.size());
}

int BarsOf(int colour) {
  constexpr size_t kMostBars = 4;
  return colour < 0 ? 1 : 1 + static_cast<int>(static_cast<size_t>(colour) / kSpeakerColours.size() % kMostBars);
}

std::vector<std::string> SummarySentences(const DiarizationPageInput& input, const DiarizationView& view) {
  const int64_t speech = TimeOf(view.speech);
  const int64_t overlap = TimeOf(view.overlap);
  std::vector<std::string> sentences = {absl::StrCat(
      ClockText(input.duration), " long; ", Counted(view.result.speakers.size(), "speaker"), ", ",
      Counted(view.result.turns.size(), "turn"), "; speech ", ClockText(speech), " (", PercentText(speech, view.extent),
      "), two or more at once ", ClockText(overlap), " (", PercentText(overlap, speech), " of the speech)")};
  if (!view.errors.has_value()) return sentences;
  const DerComponents& sum = view.errors->errors.der.components;
  sentences.push_back(absl::StrCat("DER ", Rate(sum.rate()), ": missed ", PartOf(sum.missed, sum.total),
                                   ", false alarm ", PartOf(sum.false_alarm, sum.total), ", confusion ",
                                   PartOf(sum.confusion, sum.total), "; JER ", Rate(view.errors->jer.rate),
                                   "; convention ", ConventionName(input.der.convention), ", ",
                                   ConditionText(input.der)));
  return sentences;
}

}  // namespace diarflow
