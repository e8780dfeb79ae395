// The data of a page of who spoke when, as its script reads them.
#ifndef DIARFLOW_PAGES_DIARIZATION_PAGE_JSON_H_
#define DIARFLOW_PAGES_DIARIZATION_PAGE_JSON_H_

#include <string>

#include "pages/diarization_page.h"
#include "pages/diarization_view.h"

namespace diarflow {

// JSON without "<": it can stand inside of a script element. Times are microseconds.
//
//   duration, extent       of the recording; up to the end of the last turn when that is later
//   speakers               [{name, colour, bars}], see ColourClass() and BarsOf()
//   turns                  [[start, duration, place in speakers, thousandths of confidence]], by start
//   overlap                [[start, end]]
//   peaks                  [least, greatest, least, ...] in 127ths of DiarizationView::loudness
//   reference              null, or {speakers, turns, scored: [[start, end]], and "missed", "false alarm",
//                          "confusion": [[start, end, level]], see ErrorLevels()}
std::string DiarizationPageJson(const DiarizationPageInput& input, const DiarizationView& view);

}  // namespace diarflow

#endif  // DIARFLOW_PAGES_DIARIZATION_PAGE_JSON_H_
