#include "experiments/tuning/tuning_sets.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "audio/decode.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/council/council_manifest.h"
#include "datasets/formats/rttm.h"
#include "datasets/simulator/conversation.h"
#include "datasets/simulator/energy_tokens.h"
#include "datasets/simulator/render.h"
#include "datasets/simulator/sound.h"

namespace diarflow {
namespace {

constexpr int kRate = 16000;
constexpr uint64_t kSeed = 2026;
constexpr double kSimulatedSeconds = 120;
constexpr int kMostSpeakers = 4;
constexpr int64_t kSessionsOfEach = 4;

// The order of the joined recording.
constexpr const char* kClips[] = {"dev00", "dev01", "trn01", "trn02", "trn03", "trn04", "trn05",
                                  "trn06", "trn07", "trn08", "trn09", "trn00", "tst00", "tst01"};

absl::StatusOr<FloatArray> Load(const std::string& path) {
  ASSIGN_OR_RETURN(Waveform waveform, DecodeAudio(path));
  if (waveform.sample_rate != kRate) return absl::InvalidArgumentError(absl::StrCat(path, " is not at 16 kHz"));
  return std::move(waveform.samples);
}

absl::StatusOr<std::vector<ManifestEntry>> CouncilVoices() {
  ASSIGN_OR_RETURN(const std::string root, ResolvePath("runfiles:@council/council"));
  ASSIGN_OR_RETURN(std::vector<ManifestEntry> entries, CouncilManifest(root));
  for (ManifestEntry& entry : entries) {
    ASSIGN_OR_RETURN(const FloatArray samples, Load(entry.audio));
    ASSIGN_OR_RETURN(entry.tokens, EnergyTokens(samples, kRate, {}));
  }
  return entries;
}

absl::Status Simulate(const std::string& set, const std::vector<ManifestEntry>& voices,
                      std::vector<LabelledSession>* sessions) {
  ASSIGN_OR_RETURN(const SpeechSource source, SpeechSource::FromManifest(voices));
  SoundOptions sound;
  sound.mutable_room()->mutable_t60()->set_low(0.15);
  sound.mutable_room()->mutable_t60()->set_high(0.35);
  sound.mutable_noise()->mutable_snr_db()->set_low(20);
  sound.mutable_noise()->mutable_snr_db()->set_high(30);
  ASSIGN_OR_RETURN(const auto conversation_sound, ConversationSound::Create(sound));
  for (int speakers = 2; speakers <= kMostSpeakers; ++speakers) {
    ConversationOptions options;
    options.set_num_speakers(speakers);
    options.set_session_length(kSimulatedSeconds);
    options.set_mean_overlap(0.12);
    options.set_overlap_variance(0);
    options.set_silence_variance(0);
    options.set_mean_silence(0.1);
    ASSIGN_OR_RETURN(const auto rows,
                     DrawSpeakers(source, options, kSeed + static_cast<uint64_t>(speakers), kSessionsOfEach));
    for (int64_t session = 0; session < kSessionsOfEach; ++session) {
      const uint64_t seed = kSeed + static_cast<uint64_t>(speakers);
      ASSIGN_OR_RETURN(const ConversationPlan plan,
                       PlanConversation(source, options, seed, session, rows[static_cast<size_t>(session)]));
      LabelledSession made;
      made.set = set;
      ASSIGN_OR_RETURN(made.samples, conversation_sound->Render(plan, source, options, seed, &ReadPiece));
      made.reference = TurnsOf(plan, absl::StrCat(set, "_", speakers, "_", session));
      sessions->push_back(std::move(made));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<LabelledSession>> ExcerptSets() {
  ASSIGN_OR_RETURN(const std::string folder, ResolvePath("runfiles:@excerpts/excerpts"));
  std::map<std::string, Recording> labels;
  for (const char* part : {"train", "development", "test"}) {
    ASSIGN_OR_RETURN(const std::vector<Recording> recordings, ReadRttm(absl::StrCat(folder, "/", part, ".rttm")));
    for (const Recording& recording : recordings) labels[recording.uri] = recording;
  }
  std::vector<LabelledSession> sessions;
  LabelledSession joined;
  joined.set = joined.reference.uri = "joined";
  std::vector<float> samples;
  for (const std::string clip : kClips) {
    LabelledSession session;
    session.set = clip.substr(0, 3) == "trn" ? "trn" : "dt";
    ASSIGN_OR_RETURN(session.samples, Load(absl::StrCat(folder, "/", clip, ".wav")));
    session.reference = labels[clip];
    session.reference.uri = clip;
    const int64_t offset = MicrosecondsFromSamples(static_cast<int64_t>(samples.size()), kRate);
    for (Turn turn : session.reference.turns) {
      turn.start += offset;
      joined.reference.turns.push_back(std::move(turn));
    }
    samples.insert(samples.end(), session.samples.begin(), session.samples.end());
    sessions.push_back(std::move(session));
  }
  joined.samples = FloatArray::Copy({static_cast<int64_t>(samples.size())}, samples);
  sessions.push_back(std::move(joined));
  LabelledSession call;
  call.set = "call";
  ASSIGN_OR_RETURN(const std::string sample, ResolvePath("runfiles:@excerpts/sample/sample.wav"));
  ASSIGN_OR_RETURN(call.samples, Load(sample));
  ASSIGN_OR_RETURN(const std::string sample_labels, ResolvePath("runfiles:@excerpts/sample/sample.rttm"));
  ASSIGN_OR_RETURN(const std::vector<Recording> recordings, ReadRttm(sample_labels));
  call.reference = recordings.at(0);
  sessions.push_back(std::move(call));
  return sessions;
}

absl::StatusOr<std::vector<LabelledSession>> SimulatedSets() {
  ASSIGN_OR_RETURN(const std::vector<ManifestEntry> voices, CouncilVoices());
  std::vector<ManifestEntry> tune, held_out;
  for (const ManifestEntry& entry : voices) (entry.speaker <= "spk04" ? tune : held_out).push_back(entry);
  std::vector<LabelledSession> sessions;
  RETURN_IF_ERROR(Simulate("simT", tune, &sessions));
  RETURN_IF_ERROR(Simulate("simH", held_out, &sessions));
  return sessions;
}

}  // namespace diarflow
