#include "metrics/baseline_verdict.h"

namespace diarflow {

absl::string_view BaselineVerdict(double eer) {
  if (eer < 0.15) return "strong, adapter straightforward";
  if (eer < 0.20) return "adapter viable";
  if (eer < 0.30) return "weak";
  return "go to a speaker encoder";
}

}  // namespace diarflow
