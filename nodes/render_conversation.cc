// RenderConversation: a conversation to its sound and its labels; a recorded one is read from its file.
#include <memory>
#include <utility>

#include "audio/decode.h"
#include "base/status_macros.h"
#include "datasets/simulator/render.h"
#include "datasets/simulator/sound.h"
#include "graph/registry.h"
#include "nodes/conversation.h"
#include "nodes/payloads.h"
#include "nodes/render_conversation.pb.h"

namespace diarflow {
namespace {

absl::Status CheckRenderConversation(const options::RenderConversation& options) {
  return CheckSoundOptions(options.sound());
}

class RenderConversationNode : public MapNode {
 public:
  static constexpr In<Conversation> kConversation{"CONVERSATION"};
  static constexpr Out<Audio> kAudio{"AUDIO"};
  static constexpr Out<Turns> kTurns{"TURNS"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("A conversation: its sound, rendered or read from its file, and its labels.")
        .Input(kConversation)
        .Output(kAudio)
        .Output(kTurns)
        .Options<options::RenderConversation>(&CheckRenderConversation)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    ASSIGN_OR_RETURN(sound_, ConversationSound::Create(context.options<options::RenderConversation>().sound()));
    return absl::OkStatus();
  }

  absl::Status Process(ItemContext& item) const override {
    const Conversation& conversation = item.Get(kConversation);
    if (conversation.recorded != nullptr) return Read(*conversation.recorded, item);
    Audio audio;
    ASSIGN_OR_RETURN(audio.samples, sound_->Render(*conversation.plan, *conversation.source, *conversation.options,
                                                   conversation.seed, &ReadPiece));
    audio.sample_rate = conversation.plan->sample_rate;
    item.AddMediaTime(audio.seconds());
    item.Set(kAudio, std::move(audio));
    Turns turns;
    turns.recording = TurnsOf(*conversation.plan, conversation.uri);
    turns.producer = std::make_shared<const std::string>("simulated");
    item.Set(kTurns, std::move(turns));
    return absl::OkStatus();
  }

 private:
  static absl::Status Read(const RecordedConversation& recorded, ItemContext& item) {
    DecodeOptions options;
    options.channel = recorded.utterance.channel;
    options.ffmpeg = true;
    ASSIGN_OR_RETURN(Waveform waveform, DecodeAudio(recorded.utterance.path, options));
    Audio audio{std::move(waveform.samples), waveform.sample_rate, waveform.start_sample};
    item.AddMediaTime(audio.seconds());
    item.Set(kAudio, std::move(audio));
    item.Set(kTurns, Turns{recorded.turns, std::make_shared<const std::string>("recorded")});
    return absl::OkStatus();
  }

  std::shared_ptr<const ConversationSound> sound_;
};

DIARFLOW_REGISTER_NODE("RenderConversation", RenderConversationNode);

}  // namespace
}  // namespace diarflow
