// Our Mimi encoder as a program that is timed like the others: it answers the questions of mimi_peer.py.
#ifndef DIARFLOW_BENCH_MIMI_PROGRAM_H_
#define DIARFLOW_BENCH_MIMI_PROGRAM_H_

#include <cstdint>

#include "absl/status/status.h"
#include "base/float_array.h"
#include "models/mimi/mimi_precision.h"

namespace diarflow {

// Of the weights of the released size that are timed.
constexpr uint64_t kMimiBenchSeed = 1;
constexpr int64_t kMimiBenchSeconds = 10;

// What is encoded: `samples` of noise in [-1/4, 1/4), the same every time.
FloatArray MimiBenchNoise(int64_t samples);

// Says {"version": "diarflow", "parameters": N} and answers each line of standard input, until it is closed:
//
//   {"do": "whole", "batch": B, "threads": T}                  ten seconds, B times
//   {"do": "steps", "streams": S, "steps": N, "threads": T}    80 ms each, after ten that are not timed
//
// with {"seconds": ..., "steps": [seconds], "latent": [the first frames], "memory_kb": ...} or {"error": "..."}. The
// memory is the peak of the process while it did this for the first time, before it was timed.
absl::Status RunMimiProgram(MimiPrecision precision);

}  // namespace diarflow

#endif  // DIARFLOW_BENCH_MIMI_PROGRAM_H_
