// Words and classes that the page and the picture of a diarization share.
#ifndef DIARFLOW_PAGES_DIARIZATION_SUMMARY_H_
#define DIARFLOW_PAGES_DIARIZATION_SUMMARY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "pages/diarization_page.h"
#include "pages/diarization_view.h"

namespace diarflow {

// "1:02:03.4", "2:03.4": hours, minutes, seconds, rounded.
std::string ClockText(int64_t microseconds);

// "12.3 %"; "-" of nothing.
std::string PercentText(int64_t part, int64_t whole);

// "speaker3"; "unmapped" for -1. Beyond the palette its colours come again.
std::string ColourClass(int colour);

// As how many bars above each other the turns of such a speaker are drawn: 1, beyond the palette 2, then 3, then 4, ...
int BarsOf(int colour);

// One or two: how long, how many speakers, how much of it speech and overlap; with a reference the error rates, and
// what was assumed.
std::vector<std::string> SummarySentences(const DiarizationPageInput& input, const DiarizationView& view);

}  // namespace diarflow

#endif  // DIARFLOW_PAGES_DIARIZATION_SUMMARY_H_
