// CampplusEncode and CampplusWindows: audio at 16 kHz to the speaker embeddings of CAM++, one for a whole utterance, or
// one for each window of it.
#include "models/campplus/campplus.h"
#include "nodes/campplus_encode.pb.h"
#include "nodes/campplus_model.h"
#include "nodes/speaker_encode.h"

namespace diarflow {
namespace {

struct CampplusFacts {
  using Resource = CampplusModelResource;
  static constexpr char kName[] = "CAM++";
  static constexpr char kStage[] = "CampplusEncode", kWindowStage[] = "CampplusWindows";
  static constexpr int kSampleRate = kCampplusSampleRate;
  static constexpr int kDimension = kCampplusDimension;
  static constexpr int kCodeVersion = kCampplusCodeVersion;
  static constexpr int64_t kMinSamples = kCampplusMinSamples, kMaxSamples = kCampplusMaxSamples;
  static absl::Status CheckAudio(const FloatArray& samples) { return CheckCampplusAudio(samples); }
};

using CampplusEncodeNode = SpeakerEncodeNode<CampplusFacts, options::CampplusEncode>;
using CampplusWindowsNode = SpeakerWindowsNode<CampplusFacts, options::CampplusWindows>;

DIARFLOW_REGISTER_NODE("CampplusEncode", CampplusEncodeNode);
DIARFLOW_REGISTER_NODE("CampplusWindows", CampplusWindowsNode);

}  // namespace
}  // namespace diarflow
