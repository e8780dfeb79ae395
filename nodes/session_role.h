// What a session is for: to be trained on, to choose by, or to be scored.
#ifndef DIARFLOW_NODES_SESSION_ROLE_H_
#define DIARFLOW_NODES_SESSION_ROLE_H_

#include <cstdint>
#include <string>

namespace diarflow {

struct SessionRole {
  static constexpr char kPayloadName[] = "SessionRole";
  // For thresholds and for the best weights: never trained on, never scored.
  bool validation = false;
  // Of a training: the place in the order of sessions, from 0. Sessions that failed leave a gap.
  int64_t number = 0;
  // Of an evaluation: the name of the test set.
  std::string set;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_SESSION_ROLE_H_
