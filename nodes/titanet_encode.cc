// TitanetEncode and TitanetWindows: audio at 16 kHz to the speaker embeddings of TitaNet, one for a whole utterance, or
// one for each window of it.
#include "models/titanet/titanet.h"
#include "nodes/speaker_encode.h"
#include "nodes/titanet_encode.pb.h"
#include "nodes/titanet_model.h"

namespace diarflow {
namespace {

struct TitanetFacts {
  using Resource = TitanetModelResource;
  static constexpr char kName[] = "TitaNet";
  static constexpr char kStage[] = "TitanetEncode", kWindowStage[] = "TitanetWindows";
  static constexpr int kSampleRate = kTitanetSampleRate;
  static constexpr int kDimension = kTitanetDimension;
  static constexpr int kCodeVersion = kTitanetCodeVersion;
  static constexpr int64_t kMinSamples = kTitanetMinSamples, kMaxSamples = kTitanetMaxSamples;
  static absl::Status CheckAudio(const FloatArray& samples) { return CheckTitanetAudio(samples); }
};

using TitanetEncodeNode = SpeakerEncodeNode<TitanetFacts, options::TitanetEncode>;
using TitanetWindowsNode = SpeakerWindowsNode<TitanetFacts, options::TitanetWindows>;

DIARFLOW_REGISTER_NODE("TitanetEncode", TitanetEncodeNode);
DIARFLOW_REGISTER_NODE("TitanetWindows", TitanetWindowsNode);

}  // namespace
}  // namespace diarflow
