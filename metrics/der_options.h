// How a diarization error rate is meant; der.h explains the conventions.
#ifndef DIARFLOW_METRICS_DER_OPTIONS_H_
#define DIARFLOW_METRICS_DER_OPTIONS_H_

#include <cstdint>

namespace diarflow {

enum class DerConvention { kPyannote, kMdEval };

struct DerOptions {
  DerConvention convention = DerConvention::kPyannote;
  int64_t collar = 0;         // microseconds on EACH side of a reference boundary
  bool skip_overlap = false;  // score no stretch with overlapping reference turns
};

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_DER_OPTIONS_H_
