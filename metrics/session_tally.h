// Errors of a session, in whole numbers, so that sums over sessions are exact.
#ifndef DIARFLOW_METRICS_SESSION_TALLY_H_
#define DIARFLOW_METRICS_SESSION_TALLY_H_

#include <cstdint>

#include "metrics/jer.h"

namespace diarflow {

// In units of the protocol: microseconds of speaker time, or half frames.
struct SessionTally {
  int64_t total = 0;  // what there is to be found
  int64_t missed = 0, false_alarm = 0, confusion = 0;
  JerSum jer;               // of turns
  double windows = 0;       // of windows: the sum of their rates
  int64_t num_windows = 0;  // with speech

  int64_t errors() const { return missed + false_alarm + confusion; }
  double rate() const { return total > 0 ? static_cast<double>(errors()) / static_cast<double>(total) : 0; }
  SessionTally& operator+=(const SessionTally& other) {
    total += other.total;
    missed += other.missed;
    false_alarm += other.false_alarm;
    confusion += other.confusion;
    jer += other.jer;
    windows += other.windows;
    num_windows += other.num_windows;
    return *this;
  }
};

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_SESSION_TALLY_H_
