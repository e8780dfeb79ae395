// `diarflow prepare`: a corpus on disk becomes a manifest, labels and regions.
#ifndef DIARFLOW_CLI_PREPARE_H_
#define DIARFLOW_CLI_PREPARE_H_

#include <string>
#include <vector>

namespace diarflow {

// Reads a corpus, writes what datasets/prepare/write_corpus.h says and prints how much it holds beside what was
// published; what is missing goes to standard error. Without a corpus: lists them. docs/datasets.md is its manual.
// `arguments` is argv without the verb. Answers the exit code:
//   0  all is there
//   2  nothing prepared: a flag, or a corpus that is not there
//   3  prepared, but something is missing or broken
int PrepareMain(const std::vector<std::string>& arguments);

}  // namespace diarflow

#endif  // DIARFLOW_CLI_PREPARE_H_
