// Payloads of a probe.
#ifndef DIARFLOW_NODES_PROBE_H_
#define DIARFLOW_NODES_PROBE_H_

#include <string>

namespace diarflow {

// What an utterance is for.
struct ProbeRole {
  static constexpr char kPayloadName[] = "ProbeRole";
  // Of the list of trials; else of somebody who is not in it, for training.
  bool in_trials = false;
  std::string speaker;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_PROBE_H_
