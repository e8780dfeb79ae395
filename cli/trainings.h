// --train: the trainings that a pipeline names are run in front of it, and it takes what they made.
#ifndef DIARFLOW_CLI_TRAININGS_H_
#define DIARFLOW_CLI_TRAININGS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "graph/config_loader.h"

namespace diarflow {

// Whether --train was given.
bool TrainsFirst();

// Runs a pipeline as `diarflow run` does, and answers its exit code.
using RunCommand = std::function<int(const std::vector<std::string>& arguments, const std::string& pipeline_path)>;

struct Trained {
  // 0, or that of the training that did not end well.
  int exit_code = 0;
  // The arguments, and behind them the flags by which the pipeline takes the files.
  std::vector<std::string> arguments;
};

// Runs the trainings of `pipeline`, or those of them that --train_only names, one after another. `arguments`: as typed;
// the flags among them that a training's pipeline has as well are passed on to it. kInvalidArgument: there are no
// trainings, or none of a name that was given, with the nearest.
absl::StatusOr<Trained> RunTrainings(const Pipeline& pipeline, const std::vector<std::string>& arguments,
                                     const RunCommand& run);

}  // namespace diarflow

#endif  // DIARFLOW_CLI_TRAININGS_H_
