// The progress line of a run.
#ifndef DIARFLOW_CLI_PROGRESS_H_
#define DIARFLOW_CLI_PROGRESS_H_

#include <string>

#include "graph/runtime.h"

namespace diarflow {

// "123 of 351 items, 12.3 items/s, 19 s left": rate over the whole run so far.
std::string ProgressLine(const Progress& progress);

// "0.4 s", "19 s", "3 min 05 s", "2 h 04 min".
std::string Duration(double seconds);

// A callback that keeps one line on a terminal up to date, and writes a line every half minute where standard error
// is none.
std::function<void(const Progress&)> MakeProgressPrinter();

}  // namespace diarflow

#endif  // DIARFLOW_CLI_PROGRESS_H_
