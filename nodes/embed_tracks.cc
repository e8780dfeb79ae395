// EmbedTracks: what the local speakers of a window sound like.
#include "diarization/embed_tracks.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "diarization/diarizer.h"
#include "graph/registry.h"
#include "nodes/diarization.h"
#include "nodes/embed_tracks.pb.h"
#include "nodes/payloads.h"
#include "nodes/voice_model.h"

namespace diarflow {
namespace {

WindowOptions WindowsOf(const options::EmbedTracks& options) {
  WindowOptions windows;
  windows.hop_samples = options.hop_samples();
  windows.embed_every = options.embed_every();
  windows.overlap_bias = options.overlap_bias();
  return windows;
}

EmbedOptions EmbeddingOf(const options::EmbedTracks& options) {
  EmbedOptions embed;
  embed.item_similarity = options.item_similarity();
  return embed;
}

absl::Status CheckEmbedTracks(const options::EmbedTracks& options) {
  RETURN_IF_ERROR(CheckEmbedOptions(EmbeddingOf(options)));
  return CheckWindowOptions(WindowsOf(options));
}

class EmbedTracksNode : public MapNode {
 public:
  static constexpr In<Audio> kWindow{"WINDOW"};
  static constexpr In<LocalActivity> kActivity{"ACTIVITY"};
  static constexpr Uses<VoiceModelResource> kModel{"MODEL"};
  static constexpr Out<VoicedWindows> kVoices{"VOICES"};

  static void Contract(ContractBuilder& contract) {
    contract
        .Summary(
            "The voices of a window's local speakers, from its audio at 16 kHz and the classes that Segment gives.")
        .Input(kWindow)
        .Input(kActivity)
        .Resource(kModel)
        .Output(kVoices)
        .Options<options::EmbedTracks>(&CheckEmbedTracks)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::EmbedTracks>();
    windows_ = WindowsOf(options);
    embed_ = EmbeddingOf(options);
    voices_ = context.Get(kModel)->encoder;
    producer_ = std::make_shared<const std::string>(voices_->Description());
    return absl::OkStatus();
  }

  absl::Status Process(ItemContext& item) const override {
    const Audio& audio = item.Get(kWindow);
    const LocalActivity& activity = item.Get(kActivity);
    RETURN_IF_ERROR(CheckSampleRate(audio, kDiarizerSampleRate, "the speaker encoder"));
    if (audio.samples.shape().size() != 1 || activity.values.shape().size() != 3 || activity.values.dim(0) != 1) {
      return absl::InvalidArgumentError(absl::StrCat("a window is audio [N] and activity [1, T, classes]; here are ",
                                                     audio.samples.ShapeString(), " and ",
                                                     activity.values.ShapeString()));
    }
    if (audio.start_sample < 0 || audio.start_sample % windows_.hop_samples != 0) {
      return absl::FailedPreconditionError(absl::StrCat("a window begins at sample ", audio.start_sample,
                                                        ", no multiple of hop_samples (", windows_.hop_samples,
                                                        "): CutWindows and EmbedTracks must have the same one"));
    }
    FloatArray classes = FloatArray::Zeros({activity.values.dim(1), activity.values.dim(2)});
    std::copy(activity.values.begin(), activity.values.end(), classes.mutable_data());
    ASSIGN_OR_RETURN(
        DiarizationWindow window,
        VoiceWindow(audio.samples, classes, audio.start_sample / windows_.hop_samples, windows_, embed_, *voices_));
    VoicedWindows voiced;
    voiced.windows.push_back(std::move(window));
    voiced.end_sample = audio.start_sample + audio.samples.size();
    voiced.producer = producer_;
    item.AddMediaTime(audio.seconds());
    item.Set(kVoices, std::move(voiced));
    return absl::OkStatus();
  }

 private:
  WindowOptions windows_;
  EmbedOptions embed_;
  std::shared_ptr<const VoiceEncoder> voices_;
  std::shared_ptr<const std::string> producer_;
};

DIARFLOW_REGISTER_NODE("EmbedTracks", EmbedTracksNode);

}  // namespace
}  // namespace diarflow
