// What mimi_peer.py answers.
#ifndef DIARFLOW_BENCH_MIMI_ANSWER_H_
#define DIARFLOW_BENCH_MIMI_ANSWER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "models/mimi/mimi_config.pb.h"

namespace diarflow {

struct MimiAnswer {
  double seconds = 0;         // of a whole
  std::vector<double> steps;  // seconds of each
  std::vector<float> latent;  // the first frames
  double memory_mb = 0;       // peak while it did this
};

// kUnavailable with its reason for {"error": "reason"}; kDataLoss with the line for all that is not an answer.
absl::StatusOr<MimiAnswer> ParseMimiAnswer(const std::string& line);

// Operations of the released or another size for a second of audio, two for each multiplication: convolutions,
// projections, and attention over the whole context.
double MimiOperationsPerSecond(const MimiConfig& config);

}  // namespace diarflow

#endif  // DIARFLOW_BENCH_MIMI_ANSWER_H_
