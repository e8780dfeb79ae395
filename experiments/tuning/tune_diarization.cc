// Prints what every constant of the diarization does to the error rate, one at a time around the defaults: for the sets
// that constants are chosen on (trn, simT) and those that are only looked at.
//
//   bazel run //experiments/tuning:tune_diarization > experiments/tuning/tuning.tsv
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/status_macros.h"
#include "diarization/voice_encoders.h"
#include "experiments/tuning/diarization_tuner.h"
#include "experiments/tuning/tuning_sets.h"
#include "models/torch_threads.h"

namespace diarflow {
namespace {

constexpr const char* kSets[] = {"trn", "simT", "dt", "call", "joined", "simH"};

void PrintRow(const std::string& name, double value, const std::map<std::string, DerComponents>& scores) {
  std::printf("%s\t%g\t%.2f", name.c_str(), value, 100 * Criterion(scores, {"trn", "simT"}));
  for (const char* set : kSets) std::printf("\t%.2f", 100 * scores.at(set).rate());
  DerComponents all = scores.at("trn");
  all += scores.at("dt");
  std::printf("\t%.2f\n", 100 * all.rate());
  std::fflush(stdout);
}

absl::Status Tune() {
  SetModelThreads(1);
  ASSIGN_OR_RETURN(std::vector<LabelledSession> sessions, ExcerptSets());
  ASSIGN_OR_RETURN(std::vector<LabelledSession> simulated, SimulatedSets());
  for (LabelledSession& session : simulated) sessions.push_back(std::move(session));
  ASSIGN_OR_RETURN(const std::string segmentation_path,
                   ResolvePath("runfiles:@speaker_models/segmentation/pyannote_segmentation.pt"));
  ASSIGN_OR_RETURN(const std::string campplus_path,
                   ResolvePath("runfiles:@speaker_models/campplus/campplus_cn_en_common.pt"));
  ASSIGN_OR_RETURN(const auto segmentation, SegmentationModel::Load(segmentation_path));
  ASSIGN_OR_RETURN(const auto campplus, CampplusEncoder::Load(campplus_path));
  ASSIGN_OR_RETURN(const auto voices, CampplusVoice(campplus));
  ASSIGN_OR_RETURN(const DiarizationTuner tuner,
                   DiarizationTuner::Create(std::move(sessions), {}, *segmentation, *voices));
  std::printf("# DER %%, collar 0, overlap scored. chosen on: the mean of trn and simT\n");
  std::printf("constant\tvalue\tchosen_on");
  for (const char* set : kSets) std::printf("\t%s", set);
  std::printf("\tall14\n");
  PrintRow("defaults", 0, tuner.Score({}));
  for (const TunedConstant& constant : AllTunedConstants()) {
    for (const double value : constant.values) {
      TunedConstants tried;
      *constant.of(&tried) = value;
      PrintRow(constant.name, value, tuner.Score(tried));
    }
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace diarflow

int main(int argc, char** argv) {
  diarflow::SetProgramPath(argv[0]);
  const absl::Status status = diarflow::Tune();
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}
