// VoiceWindows: a speaker embedding every hop, of whichever network VoiceModel holds.
#include <algorithm>

#include "models/campplus/campplus.h"
#include "models/titanet/titanet.h"
#include "nodes/speaker_encode.h"
#include "nodes/voice_model.h"
#include "nodes/voice_windows.pb.h"

namespace diarflow {
namespace {

// What holds for both networks.
struct Voices {
  using Resource = VoiceModelResource;
  static constexpr char kName[] = "the speaker encoder";
  static constexpr int kSampleRate = kVoiceSampleRate;
  static constexpr int kDimension = kCampplusDimension;
  static constexpr int kCodeVersion = 1;
  static constexpr int64_t kMinSamples = std::max<int64_t>(kCampplusMinSamples, kTitanetMinSamples);
  static constexpr int64_t kMaxSamples = std::min<int64_t>(kCampplusMaxSamples, kTitanetMaxSamples);
  static constexpr char kWindowStage[] = "VoiceWindows";
};
static_assert(kCampplusDimension == kTitanetDimension, "one width for both networks");

using VoiceWindowsNode = SpeakerWindowsNode<Voices, options::VoiceWindows>;

DIARFLOW_REGISTER_NODE("VoiceWindows", VoiceWindowsNode);

}  // namespace
}  // namespace diarflow
