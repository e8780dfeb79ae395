// The verb `results`: reports of runs to one page.
#ifndef DIARFLOW_CLI_RESULTS_COMMAND_H_
#define DIARFLOW_CLI_RESULTS_COMMAND_H_

#include <string>
#include <vector>

namespace diarflow {

// Answers the exit code.
int ResultsMain(const std::vector<std::string>& arguments);

}  // namespace diarflow

#endif  // DIARFLOW_CLI_RESULTS_COMMAND_H_
