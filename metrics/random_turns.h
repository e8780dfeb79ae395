// Generated recordings for tests and benchmarks.
#ifndef DIARFLOW_METRICS_RANDOM_TURNS_H_
#define DIARFLOW_METRICS_RANDOM_TURNS_H_

#include <cstdint>
#include <random>
#include <string>

#include "diarization/turns.h"

namespace diarflow {

struct RandomTurnsOptions {
  std::string uri = "generated";
  std::string speaker_prefix = "s";  // s0, s1, ...
  int num_speakers = 4;
  int num_turns = 20;
  int64_t length = 60000;    // all turns lie within [0, length]
  int64_t longest = 10000;   // of a turn
  int64_t grid = 1000;       // all times are multiples
  bool own_overlap = false;  // turns of one speaker may overlap
};

// Turns anywhere, of any speaker. Without own_overlap those that would overlap with one of their speaker are dropped.
Recording RandomTurns(const RandomTurnsOptions& options, std::mt19937_64* random);

// A conversation of 4 speakers, about as dense as a meeting of AMI's test set: turns of 4 s on average, speech in four
// fifths of the time, overlapped in 15 % of that. All times are multiples of a millisecond; turns start within
// `length`.
Recording RandomConversation(const std::string& uri, int64_t length, std::mt19937_64* random);

// What a system might make of `reference`: boundaries moved by up to `jitter`, turns left out, given to a wrong speaker
// or invented (one in ten each), names of its own.
Recording RandomHypothesis(const Recording& reference, int64_t jitter, std::mt19937_64* random);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_RANDOM_TURNS_H_
