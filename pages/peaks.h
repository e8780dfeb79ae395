// What a picture of a waveform draws: the least and the greatest sample in each of its columns.
#ifndef DIARFLOW_PAGES_PEAKS_H_
#define DIARFLOW_PAGES_PEAKS_H_

#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace diarflow {

// (least, greatest) of each column, both 0 in columns without a finite sample. Column c of n covers the samples from
// floor(c * size / n) on, up to the next column: every sample lies in one. Fewer samples than columns make as many
// columns as samples; columns <= 0 makes none.
std::vector<std::pair<float, float>> PeaksOf(absl::Span<const float> samples, int columns);

}  // namespace diarflow

#endif  // DIARFLOW_PAGES_PEAKS_H_
