// The main of an //experiments program: `diarflow run` on the pipeline that the build names.
#include <string>
#include <vector>

#include "base/files.h"
#include "cli/run_pipeline.h"

int main(int argc, char** argv) {
  diarflow::SetProgramPath(argv[0]);
  return diarflow::RunPipelineMain(std::vector<std::string>(argv, argv + argc), "runfiles:" DIARFLOW_PIPELINE);
}
