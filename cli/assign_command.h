// `diarflow assign`: who said which word.
#ifndef DIARFLOW_CLI_ASSIGN_COMMAND_H_
#define DIARFLOW_CLI_ASSIGN_COMMAND_H_

#include <string>
#include <vector>

namespace diarflow {

// Reads words (CTM) and turns (RTTM), gives words to speakers (datasets/assign_words.h) and prints CTM with speakers,
// or text. `arguments` is argv without the verb. Answers the exit code:
//   0  done
//   1  --out could not be written
//   2  nothing done: a flag, or input that cannot be read
//   3  done, but recordings have words and no turns: their words have no speaker
int AssignMain(const std::vector<std::string>& arguments);

}  // namespace diarflow

#endif  // DIARFLOW_CLI_ASSIGN_COMMAND_H_
