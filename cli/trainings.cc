#include "cli/trainings.h"

#include <algorithm>
#include <cstdio>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "base/suggest.h"
#include "cli/arguments.h"
#include "cli/pipeline_command.h"

ABSL_FLAG(bool, train, false,
          "Runs the trainings that the pipeline names first, and takes their results. A training goes on where it was "
          "interrupted; one that is finished costs nothing.");
ABSL_FLAG(std::vector<std::string>, train_only, {}, "With --train: only these of the pipeline's trainings, by commas.");
ABSL_FLAG(std::string, train_folder, "",
          "With --train: where the trainings are kept, each in a folder of its name; by default "
          "~/.cache/diarflow/NAME of the pipeline.");
ABSL_FLAG(std::vector<std::string>, train_flags, {}, "With --train: more flags for every training, by commas.");

namespace diarflow {
namespace {

absl::Status CheckNames(const Pipeline& pipeline) {
  std::vector<std::string> names;
  for (const TrainingConfig& training : pipeline.config().training()) names.push_back(training.name());
  if (names.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("--train: \"", pipeline.name(), "\" names no training"));
  }
  for (const std::string& wanted : absl::GetFlag(FLAGS_train_only)) {
    bool known = false;
    for (const std::string& name : names) known |= name == wanted;
    if (known) continue;
    return absl::InvalidArgumentError(absl::StrCat("--train_only: \"", pipeline.name(), "\" has no training \"", wanted,
                                                   "\"", DidYouMean(wanted, names)));
  }
  return absl::OkStatus();
}

bool IsWanted(const TrainingConfig& training) {
  const std::vector<std::string> only = absl::GetFlag(FLAGS_train_only);
  bool wanted = only.empty();
  for (const std::string& name : only) wanted |= name == training.name();
  return wanted;
}

}  // namespace

bool TrainsFirst() { return absl::GetFlag(FLAGS_train); }

absl::StatusOr<Trained> RunTrainings(const Pipeline& pipeline, const std::vector<std::string>& arguments,
                                     const RunCommand& run) {
  RETURN_IF_ERROR(CheckNames(pipeline));
  ASSIGN_OR_RETURN(const Arguments given, SplitArguments(arguments, pipeline));
  const std::string folder_flag = absl::GetFlag(FLAGS_train_folder);
  ASSIGN_OR_RETURN(
      const std::string folder,
      ResolvePath(folder_flag.empty() ? absl::StrCat("~/.cache/diarflow/", pipeline.name()) : folder_flag));
  const std::string out = absl::GetFlag(FLAGS_out);
  const std::vector<std::string> more_flags = absl::GetFlag(FLAGS_train_flags);
  Trained trained;
  std::vector<std::string> results;
  for (const TrainingConfig& training : pipeline.config().training()) {
    if (!IsWanted(training)) continue;
    ASSIGN_OR_RETURN(const std::string path, ResolvePath(training.pipeline()));
    ASSIGN_OR_RETURN(const Pipeline of_training, Pipeline::Load(path));
    const std::string checkpoints = JoinPath(folder, training.name());
    std::vector<std::string> flags = {arguments[0], absl::StrCat("--checkpoints=", checkpoints),
                                      absl::StrCat("--out=", JoinPath(checkpoints, "run")), "--notrain"};
    for (const ParamConfig& param : of_training.config().param()) {
      const auto [begin, end] = given.params.equal_range(param.name());
      for (auto it = begin; it != end; ++it) flags.push_back(absl::StrCat("--", it->first, "=", it->second));
    }
    flags.insert(flags.end(), training.flag().begin(), training.flag().end());
    flags.insert(flags.end(), more_flags.begin(), more_flags.end());
    std::fprintf(stderr, "training \"%s\" of \"%s\", in %s\n", training.name().c_str(), pipeline.name().c_str(),
                 checkpoints.c_str());
    trained.exit_code = run(flags, path);
    if (trained.exit_code != 0) return trained;
    for (const TrainingConfig::Result& result : training.result()) {
      results.push_back(absl::StrCat("--", result.flag(), "=", JoinPath(checkpoints, result.file())));
    }
  }
  // Flags of the program are of the whole process.
  absl::SetFlag(&FLAGS_out, out);
  absl::SetFlag(&FLAGS_train, false);
  results.push_back("--notrain");
  // Behind "--" nothing is a flag.
  trained.arguments = arguments;
  trained.arguments.insert(std::find(trained.arguments.begin(), trained.arguments.end(), "--"), results.begin(),
                           results.end());
  return trained;
}

}  // namespace diarflow
