// What the page and the picture of a diarization have in common: lanes, totals, overlap and errors.
#ifndef DIARFLOW_PAGES_DIARIZATION_VIEW_H_
#define DIARFLOW_PAGES_DIARIZATION_VIEW_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "diarization/turns.h"
#include "metrics/error_timeline.h"
#include "metrics/jer.h"
#include "pages/diarization_page.h"

namespace diarflow {

// A speaker's lane.
struct ViewSpeaker {
  std::string name;
  int colour = 0;         // 0, 1, ...; -1: mapped to nobody
  std::string mapped_to;  // the name of the reference speaker; empty: to none
  int64_t time = 0;       // of all turns, microseconds
  int64_t turns = 0;
};

struct ViewTurn {
  TimeSpan span;
  int speaker = 0;     // the place of the lane
  int confidence = 0;  // thousandths; 1000 for a reference
};

struct ViewLanes {
  std::vector<ViewSpeaker> speakers;  // from top to bottom
  std::vector<ViewTurn> turns;        // by start, duration and the speaker's name
  int64_t time() const;               // of all speakers, microseconds
};

struct ViewErrors {
  ErrorTimeline errors;
  FileJer jer;
};

struct DiarizationView {
  int64_t extent = 0;  // from 0 to the end of the recording, or of the last turn when that is later; at least 1
  ViewLanes result;
  std::vector<TimeSpan> speech;   // of the result: where anybody speaks
  std::vector<TimeSpan> overlap;  // where two or more speak
  double loudness = 1;            // what a picture of the waveform shows as full height: all but its loudest hundredth
  std::optional<ViewLanes> reference;
  std::optional<ViewErrors> errors;  // with a reference
};

// Errors: those of DiarizationPageHtml() that do not concern the sound.
absl::StatusOr<DiarizationView> MakeDiarizationView(const DiarizationPageInput& input);

// Added up.
int64_t TimeOf(const std::vector<TimeSpan>& spans);

}  // namespace diarflow

#endif  // DIARFLOW_PAGES_DIARIZATION_VIEW_H_
