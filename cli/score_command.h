// `diarflow score`: what a diarization is worth, by the field's own rules.
#ifndef DIARFLOW_CLI_SCORE_COMMAND_H_
#define DIARFLOW_CLI_SCORE_COMMAND_H_

#include <string>
#include <vector>

namespace diarflow {

// Reads references, hypotheses and regions, scores them and prints the report on standard output, warnings on standard
// error; docs/scoring.md is its manual. `arguments` is argv without the verb. Answers the exit code:
//   0  scored
//   1  scored and printed, but what --out asks for could not be written
//   2  nothing scored: a flag, or input that cannot be read or does not fit together
//   3  scored, but a system has nothing of some recordings: all their speech counts as missed
int ScoreMain(const std::vector<std::string>& arguments);

}  // namespace diarflow

#endif  // DIARFLOW_CLI_SCORE_COMMAND_H_
