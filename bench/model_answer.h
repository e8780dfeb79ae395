// What models_peer.py answers, and how far two programs are apart.
#ifndef DIARFLOW_BENCH_MODEL_ANSWER_H_
#define DIARFLOW_BENCH_MODEL_ANSWER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace diarflow {

struct ModelAnswer {
  double seconds = 0;
  std::vector<float> numbers;
};

// {"seconds": 0.5, "numbers": [1, 2]}. kUnavailable with its reason for {"error": "reason"}; kDataLoss with the line
// for all else.
absl::StatusOr<ModelAnswer> ParseModelAnswer(const std::string& line);

// {"version": "PyTorch 2.13.0"}: what it says first. kDataLoss.
absl::StatusOr<std::string> ParseModelVersion(const std::string& line);

// |a - b| / |b|; infinite where their sizes differ or a number is not finite.
double RelativeDistance(const std::vector<float>& a, const std::vector<float>& b);

}  // namespace diarflow

#endif  // DIARFLOW_BENCH_MODEL_ANSWER_H_
