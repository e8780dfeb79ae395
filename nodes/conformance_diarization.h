// Payloads of diarizations for conformance_test.cc.
#ifndef DIARFLOW_NODES_CONFORMANCE_DIARIZATION_H_
#define DIARFLOW_NODES_CONFORMANCE_DIARIZATION_H_

#include "nodes/conformance_payloads.h"
#include "nodes/diarization.h"

namespace diarflow {

ConformancePayload VoicedWindowsPayload();
ConformancePayload DiarizedRecordingPayload();

}  // namespace diarflow

#endif  // DIARFLOW_NODES_CONFORMANCE_DIARIZATION_H_
