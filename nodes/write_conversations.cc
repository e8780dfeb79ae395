// WriteConversations: simulated conversations as a corpus on disk.
//
// Into the run's folder, when it has one: wav/NAME.wav, rttm/NAME.rttm and ctm/NAME.ctm for each session as it comes,
// and at the end manifest.jsonl, labels.rttm, regions.uem (all of every session) and sessions.tsv (figures of each).
#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "audio/write_wav.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/formats/ctm.h"
#include "datasets/formats/rttm.h"
#include "datasets/formats/uem.h"
#include "datasets/manifest.h"
#include "datasets/simulator/conversation_statistics.h"
#include "graph/registry.h"
#include "nodes/conversation.h"
#include "nodes/payloads.h"
#include "nodes/simulation_report.pb.h"
#include "nodes/write_conversations.pb.h"

namespace diarflow {
namespace {

constexpr char kTableHead[] =
    "session\tseconds\tspeakers\tsentences\tsilence\ttarget_silence\toverlap\ttarget_overlap\tspeaker_switch\n";

class WriteConversationsNode : public CollectNode {
 public:
  static constexpr In<Conversation> kConversation{"CONVERSATION"};
  static constexpr In<Audio> kAudio{"AUDIO"};
  static constexpr In<Turns> kTurns{"TURNS"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Writes simulated conversations: sound, turns, words, a manifest and their figures.")
        .Input(kConversation)
        .Input(kAudio)
        .Input(kTurns)
        .Options<options::WriteConversations>();
  }

  absl::Status Open(OpenContext& context) override {
    folder_ = context.run_folder();
    format_ = context.options<options::WriteConversations>().format() == options::WriteConversations::FLOAT32
                  ? WavFormat::kFloat32
                  : WavFormat::kPcm16;
    return absl::OkStatus();
  }

  absl::Status Add(ItemContext& item) override {
    const Conversation& conversation = item.Get(kConversation);
    const Audio& audio = item.Get(kAudio);
    const Recording& turns = item.Get(kTurns).recording;
    if (conversation.plan == nullptr) {
      return absl::InvalidArgumentError("the conversation is a recording: there is no plan to write");
    }
    if (audio.samples.empty() || audio.sample_rate <= 0) return absl::InvalidArgumentError("the audio has no sample");
    const ConversationPlan& plan = *conversation.plan;
    ManifestEntry entry;
    entry.utterance = conversation.uri;
    entry.audio = Path("wav", conversation.uri);
    entry.rttm = Path("rttm", conversation.uri);
    entry.ctm = Path("ctm", conversation.uri);
    entry.duration = MicrosecondsFromSamples(audio.samples.size(), audio.sample_rate);
    entry.num_speakers = static_cast<int>(plan.speakers.size());
    if (!folder_.empty()) {
      RETURN_IF_ERROR(WriteWav(entry.audio, audio.samples, audio.sample_rate, format_));
      RETURN_IF_ERROR(WriteRttm(entry.rttm, {turns}));
      RETURN_IF_ERROR(WriteCtm(entry.ctm, {WordsOf(plan, conversation.uri)}));
    }
    AddFigures(plan, conversation.uri, turns);
    without_words_ = conversation.source->without_words();
    regions_.push_back({conversation.uri, {{0, *entry.duration}}});
    turns_.push_back(turns);
    entries_.push_back(std::move(entry));
    return absl::OkStatus();
  }

  absl::Status Finish(FinishContext& context) override {
    const auto count = static_cast<double>(std::max<int64_t>(1, report_.sessions()));
    report_.set_speakers(static_cast<int64_t>(speakers_.size()));
    report_.set_silence(report_.silence() / count);
    report_.set_target_silence(report_.target_silence() / count);
    report_.set_overlap(report_.overlap() / count);
    report_.set_target_overlap(report_.target_overlap() / count);
    report_.set_speaker_switch(report_.speaker_switch() / count);
    report_.set_largest_share(report_.largest_share() / count);
    report_.set_smallest_share(report_.smallest_share() / count);
    report_.set_mean_sentence(sentence_seconds_ / static_cast<double>(std::max<int64_t>(1, sentences_)));
    context.Publish(report_);
    context.Say(Summary());
    return folder_.empty() ? absl::OkStatus() : WriteLists();
  }

 private:
  // Of all sessions.
  absl::Status WriteLists() const {
    RETURN_IF_ERROR(WriteManifest(JoinPath(folder_, "manifest.jsonl"), entries_));
    RETURN_IF_ERROR(WriteRttm(JoinPath(folder_, "labels.rttm"), turns_));
    RETURN_IF_ERROR(WriteUem(JoinPath(folder_, "regions.uem"), regions_));
    return WriteFileAtomically(JoinPath(folder_, "sessions.tsv"), absl::StrCat(kTableHead, table_));
  }

  std::string Path(const std::string& kind, const std::string& uri) const {
    return JoinPath(folder_, absl::StrCat(kind, "/", uri, ".", kind));
  }

  void AddFigures(const ConversationPlan& plan, const std::string& uri, const Recording& turns) {
    const ConversationStatistics figures = StatisticsOf(plan);
    const double seconds = static_cast<double>(plan.num_samples) / plan.sample_rate;
    absl::StrAppendFormat(&table_, "%s\t%.3f\t%d\t%d\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\n", uri, seconds,
                          figures.num_speakers, figures.num_sentences, figures.silence, plan.target_silence,
                          figures.overlap, plan.target_overlap, figures.speaker_switch);
    report_.set_sessions(report_.sessions() + 1);
    report_.set_hours(report_.hours() + seconds / 3600);
    report_.set_silence(report_.silence() + figures.silence);
    report_.set_target_silence(report_.target_silence() + plan.target_silence);
    report_.set_overlap(report_.overlap() + figures.overlap);
    report_.set_target_overlap(report_.target_overlap() + plan.target_overlap);
    report_.set_speaker_switch(report_.speaker_switch() + figures.speaker_switch);
    report_.set_largest_share(report_.largest_share() + figures.largest_share);
    report_.set_smallest_share(report_.smallest_share() + figures.smallest_share);
    for (const double words : figures.words_per_sentence) report_.set_words(report_.words() + std::lround(words));
    for (const double sentence : figures.sentence_seconds) sentence_seconds_ += sentence;
    sentences_ += figures.num_sentences;
    for (const Turn& turn : turns.turns) speakers_.insert(turn.speaker);
  }

  std::string Summary() const {
    return absl::StrFormat(
        "%d conversations, %.2f hours, %d speakers, %d words; the mean of all:\n"
        "                  reached    asked for\n"
        "Silence          %7.2f %%    %7.2f %%   of the session\n"
        "Overlap          %7.2f %%    %7.2f %%   of the time in which somebody speaks\n"
        "Speaker switches %7.2f %%                of the sentences, which are %.2f s long\n"
        "Speaker's share  %7.2f %% at most, %.2f %% at least, of the speaker time%s",
        report_.sessions(), report_.hours(), report_.speakers(), report_.words(), 100 * report_.silence(),
        100 * report_.target_silence(), 100 * report_.overlap(), 100 * report_.target_overlap(),
        100 * report_.speaker_switch(), report_.mean_sentence(), 100 * report_.largest_share(),
        100 * report_.smallest_share(),
        without_words_ > 0 ? absl::StrCat("\n", without_words_, " utterances of the source without a word left out")
                           : "");
  }

  std::string folder_;
  WavFormat format_ = WavFormat::kPcm16;
  std::vector<ManifestEntry> entries_;
  std::vector<Recording> turns_;
  std::vector<EvaluationRegion> regions_;
  std::set<std::string> speakers_;
  std::string table_;
  SimulationReport report_;
  double sentence_seconds_ = 0;
  int64_t sentences_ = 0;
  int64_t without_words_ = 0;  // utterances of the source
};

DIARFLOW_REGISTER_NODE("WriteConversations", WriteConversationsNode);

}  // namespace
}  // namespace diarflow
