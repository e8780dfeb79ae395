// What a live diarization says, as it is decided.
#ifndef DIARFLOW_DIARIZATION_LIVE_RECORD_H_
#define DIARFLOW_DIARIZATION_LIVE_RECORD_H_

#include <cstdint>
#include <string>

namespace diarflow {

struct LiveRecord {
  enum Kind {
    // A speaker has begun to speak; `end` is what is known so far.
    kStarted,
    // The turn that began at `start` is over.
    kEnded,
    // `speaker` and `other` were one person: from now on both are called `other`. The only way in which a name changes.
    kRevised,
  };
  Kind kind = kStarted;
  std::string speaker;  // "speaker1", "speaker2", ... in the order of their first turns
  std::string other;
  int64_t start = 0;  // microseconds of the stream
  int64_t end = 0;
  // Of a turn that has ended: the mean probability of its speaker, where the method gives one.
  double confidence = 0;
};

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_LIVE_RECORD_H_
