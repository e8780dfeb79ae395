// A page of a DiarizationReport: the table as text, and a picture of the recordings with most errors.
//
// The page stands alone: no scripts, no network; light or dark as the reader's machine is. Equal input gives equal
// bytes.
#ifndef DIARFLOW_METRICS_SCORE_PAGE_H_
#define DIARFLOW_METRICS_SCORE_PAGE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metrics/diarization_report.h"

namespace diarflow {

// The places of the `count` recordings with the longest errors (missed, false alarm and confusion together), the worst
// first; of equal ones the first. Fewer when there are fewer; none when count is 0 or less.
std::vector<size_t> WorstRecordings(const SystemScore& system, int count);

struct ScorePage {
  std::string html;
  std::string svg;  // the picture alone, which the page holds as well
};

// Draws the first system. `report` is what MakeDiarizationReport() made of `input`. Errors: those of PairRecordings()
// and ErrorTimelineSvg(), which do not occur with such a report.
absl::StatusOr<ScorePage> MakeScorePage(const DiarizationReportInput& input, const DiarizationReport& report,
                                        int worst);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_SCORE_PAGE_H_
