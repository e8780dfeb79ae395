// The results of the experiments as one page, from the reports of their runs and from figures that others published.
#ifndef DIARFLOW_CLI_RESULTS_TEXT_H_
#define DIARFLOW_CLI_RESULTS_TEXT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/published_figures.pb.h"
#include "graph/run_report.pb.h"

namespace diarflow {

struct ResultsInput {
  PublishedFigures published;
  // By the name of the pipeline.
  std::map<std::string, RunReport> runs;
  // Of the tree that ran: what `git rev-parse` says, or empty.
  std::string commit;
  // File name -> SHA-256 (hex), of the weights that were trained here.
  std::map<std::string, std::string> weights;
};

// Markdown. A row without a run, or whose run failed, says so. kInvalidArgument, naming the run: a report whose results
// cannot be read.
absl::StatusOr<std::string> ResultsText(const ResultsInput& input);

}  // namespace diarflow

#endif  // DIARFLOW_CLI_RESULTS_TEXT_H_
