// What diarize_with_senko.py says of a recording.
#ifndef DIARFLOW_BENCH_SENKO_ANSWER_H_
#define DIARFLOW_BENCH_SENKO_ANSWER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "diarization/turns.h"

namespace diarflow {

struct SenkoAnswer {
  double seconds = 0;
  double memory_mb = 0;
  // Boundaries at the nearest microsecond; turns that are empty then are left out.
  std::vector<Turn> turns;
};

// {"seconds": 1.5, "memory_kb": 2048, "turns": [[0.5, 2.25, "SPEAKER_01"], ...]}. kDataLoss, with the line, for
// anything else.
absl::StatusOr<SenkoAnswer> ParseSenkoAnswer(const std::string& line);

}  // namespace diarflow

#endif  // DIARFLOW_BENCH_SENKO_ANSWER_H_
