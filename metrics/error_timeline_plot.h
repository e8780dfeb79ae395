// Where a diarization goes wrong: reference, hypothesis and errors of recordings on a time axis, as SVG.
//
// For every recording, from the top: its name and figures; a row for each reference speaker; a row for each hypothesis
// speaker, in the colour of the reference speaker that it is mapped to (grey: to none); then where speech is missed,
// falsely alarmed and confused. What is scored is shaded: collars, skipped overlap and what lies outside the region are
// not. Where two speakers are missed at once the mark is twice as thick: thick marks are made of thin ones, whose
// lengths add up to the parts of the error rate exactly.
//
// Marks are paths, "M start,top h length v height H start z" for each mark, in seconds of the recording; their
// group's transform brings them to the page. Names are clipped. See svg_drawing.h for what holds for the file.
#ifndef DIARFLOW_METRICS_ERROR_TIMELINE_PLOT_H_
#define DIARFLOW_METRICS_ERROR_TIMELINE_PLOT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metrics/der_options.h"
#include "metrics/recording_pairs.h"

namespace diarflow {

struct ErrorTimelinePlot {
  std::string title;     // plain text
  std::string subtitle;  // may be empty
  DerOptions options;
  std::vector<RecordingPair> recordings;
};

// The bytes of the SVG file. Errors: see ScoreDer().
absl::StatusOr<std::string> ErrorTimelineSvg(const ErrorTimelinePlot& plot);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_ERROR_TIMELINE_PLOT_H_
