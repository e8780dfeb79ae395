// The default constants of the diarization are what the sets that they are chosen on say: no other value of any
// constant is better by more than half a point (less than that is noise).
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/status_matchers.h"
#include "diarization/voice_encoders.h"
#include "experiments/tuning/diarization_tuner.h"
#include "experiments/tuning/tuning_sets.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/torch_threads.h"

namespace diarflow {
namespace {

constexpr double kNoise = 0.005;

TEST(DefaultsTest, NoOtherValueIsClearlyBetter) {
  SetModelThreads(1);
  ASSERT_OK_AND_ASSIGN(std::vector<LabelledSession> excerpts, ExcerptSets());
  ASSERT_OK_AND_ASSIGN(std::vector<LabelledSession> simulated, SimulatedSets());
  std::vector<LabelledSession> sessions;
  for (std::vector<LabelledSession>* from : {&excerpts, &simulated}) {
    for (LabelledSession& session : *from) {
      if (session.set == "trn" || session.set == "simT") sessions.push_back(std::move(session));
    }
  }
  ASSERT_EQ(sessions.size(), 22u);
  ASSERT_OK_AND_ASSIGN(const std::string segmentation_path,
                       ResolvePath("runfiles:@speaker_models/segmentation/pyannote_segmentation.pt"));
  ASSERT_OK_AND_ASSIGN(const std::string campplus_path,
                       ResolvePath("runfiles:@speaker_models/campplus/campplus_cn_en_common.pt"));
  ASSERT_OK_AND_ASSIGN(const auto segmentation, SegmentationModel::Load(segmentation_path));
  ASSERT_OK_AND_ASSIGN(const auto campplus, CampplusEncoder::Load(campplus_path));
  ASSERT_OK_AND_ASSIGN(const auto voices, CampplusVoice(campplus));
  ASSERT_OK_AND_ASSIGN(const DiarizationTuner tuner,
                       DiarizationTuner::Create(std::move(sessions), {}, *segmentation, *voices));
  const std::vector<std::string> sets = {"trn", "simT"};
  const double defaults = Criterion(tuner.Score({}), sets);
  EXPECT_LT(defaults, 0.21);
  for (const TunedConstant& constant : AllTunedConstants()) {
    for (const double value : constant.values) {
      TunedConstants tried;
      *constant.of(&tried) = value;
      EXPECT_GT(Criterion(tuner.Score(tried), sets), defaults - kNoise) << constant.name << " " << value;
    }
  }
}

}  // namespace
}  // namespace diarflow
