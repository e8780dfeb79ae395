// A diarization as JSON:
//
//   {"recording": "meeting", "duration": 30.0,
//    "speakers": [{"name": "speaker1", "seconds": 12.3, "share": 0.6, "turns": 4, "embedding": [0.1, ...]}, ...],
//    "turns": [{"start": 0.5, "end": 2.25, "speaker": "speaker1", "confidence": 0.93}, ...],
//    "overlaps": [{"start": 2.0, "end": 2.25, "speakers": ["speaker1", "speaker2"]}, ...]}
//
// Times are seconds; share is of the speaker time; overlaps are the stretches in which two or more speak.
#ifndef DIARFLOW_DATASETS_FORMATS_DIARIZATION_JSON_H_
#define DIARFLOW_DATASETS_FORMATS_DIARIZATION_JSON_H_

#include <cstdint>
#include <string>
#include <vector>

#include "diarization/diarize.h"

namespace diarflow {

// A stretch in which two or more speak, and who, by name.
struct OverlapStretch {
  TimeSpan span;
  std::vector<std::string> speakers;
};

// In order of time; neighbours with the same speakers are one.
std::vector<OverlapStretch> OverlapsOf(const std::vector<DiarizedTurn>& turns);

// Byte-stable, one speaker, turn or overlap a line, with an LF at the end. Bytes of names that are not UTF-8 become
// U+FFFD. `duration`: of the recording, microseconds. `ended_early`: the recording goes on behind it, and the file says
// so.
std::string FormatDiarizationJson(const std::string& uri, int64_t duration, const Diarization& diarization,
                                  bool ended_early = false);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_FORMATS_DIARIZATION_JSON_H_
