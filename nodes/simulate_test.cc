// SimulateConversations, RenderConversation and WriteConversations together, from a manifest to a corpus on disk.
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "audio/decode.h"
#include "audio/write_wav.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "datasets/formats/ctm.h"
#include "datasets/formats/rttm.h"
#include "datasets/formats/uem.h"
#include "datasets/manifest.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "graph/runtime.h"
#include "graph/validator.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kRate = 8000;

// Three speakers, four utterances of 3 s each: a tone of their own in two bursts.
std::string MakeVoices(const std::string& folder) {
  std::vector<ManifestEntry> entries;
  for (int speaker = 0; speaker < 3; ++speaker) {
    for (int number = 0; number < 4; ++number) {
      FloatArray samples = FloatArray::Zeros({3 * kRate});
      for (int64_t i = 0; i < samples.size(); ++i) {
        const double t = static_cast<double>(i) / kRate;
        const bool sounds = (t > 0.4 && t < 1.2) || (t > 1.6 && t < 2.5);
        samples.mutable_data()[i] = sounds ? static_cast<float>(0.1 * std::sin(6.28 * (200 + 150 * speaker) * t)) : 0;
      }
      ManifestEntry entry;
      entry.speaker = absl::StrCat("voice", speaker);
      entry.session = absl::StrCat("session", number % 2);
      entry.split = number < 3 ? "train" : "test";
      entry.utterance = absl::StrCat(entry.speaker, "-", number);
      entry.audio = absl::StrCat(folder, "/", entry.utterance, ".wav");
      entry.duration = 3000000;
      EXPECT_OK(WriteWav(entry.audio, samples, kRate));
      entries.push_back(entry);
    }
  }
  const std::string path = JoinPath(folder, "manifest.jsonl");
  EXPECT_OK(WriteManifest(path, entries));
  return path;
}

constexpr char kPipeline[] = R"(
name: "simulate"
resource { name: "voices" type: "SpeechSource" options { [diarflow/SpeechSource] { manifest: "MANIFEST" @SOURCE@ } } }
node {
  name: "simulate" type: "SimulateConversations" resource: "voices" output: "conversations"
  options { [diarflow/SimulateConversations] {
    sessions: 4 seed: 7 conversation { sample_rate: 16000 @SPEAKERS@ @LENGTH@ }
  } }
}
node {
  name: "render" type: "RenderConversation" input: "conversations" output: "AUDIO:audio" output: "TURNS:turns"
  options { [diarflow/RenderConversation] { sound { @SOUND@ } } }
}
node {
  name: "write" type: "WriteConversations" input: "CONVERSATION:conversations" input: "AUDIO:audio" input: "TURNS:turns"
}
run { threads: THREADS }
)";

class SimulateTest : public testing::Test {
 protected:
  absl::StatusOr<RunReport> Run(const std::string& out, const std::map<std::string, std::string>& replace,
                                int threads = 2) {
    std::string text = absl::StrReplaceAll(kPipeline, {{"MANIFEST", manifest_}, {"THREADS", absl::StrCat(threads)}});
    std::map<std::string, std::string> places = {
        {"@SOURCE@", ""}, {"@SPEAKERS@", "num_speakers: 2"}, {"@LENGTH@", "session_length: 20"}, {"@SOUND@", ""}};
    for (const auto& [place, given] : replace) places[absl::StrCat("@", place, "@")] = given;
    text = absl::StrReplaceAll(text, places);
    const auto pipeline = Pipeline::Parse(text, "simulate");
    if (!pipeline.ok()) return pipeline.status();
    auto plan = Validate(*pipeline);
    if (!plan.ok()) return plan.status();
    RunOptions options;
    options.run_folder = JoinPath(testing::TempDir(), out);
    return RunPlan(*plan, options);
  }
  std::string In(const std::string& out, const std::string& name) const {
    return JoinPath(JoinPath(testing::TempDir(), out), name);
  }

  std::string manifest_ = MakeVoices(JoinPath(testing::TempDir(), "voices"));
};

TEST_F(SimulateTest, WritesACorpusThatFitsItself) {
  const auto report = Run("plain", {});
  ASSERT_OK(report);
  EXPECT_EQ(report->items_failed(), 0);
  EXPECT_THAT(report->summary(0), HasSubstr("4 conversations"));
  const auto entries = ReadManifest(In("plain", "manifest.jsonl"));
  ASSERT_OK(entries);
  ASSERT_EQ(entries->size(), 4u);
  const auto labels = ReadRttm(In("plain", "labels.rttm"));
  const auto regions = ReadUem(In("plain", "regions.uem"));
  ASSERT_OK(labels);
  ASSERT_OK(regions);
  for (size_t i = 0; i < 4; ++i) {
    const ManifestEntry& entry = (*entries)[i];
    EXPECT_EQ(entry.utterance, absl::StrCat("conversation_000", i));
    EXPECT_EQ(entry.num_speakers, 2);
    const auto audio = DecodeAudio(entry.audio);
    ASSERT_OK(audio);
    EXPECT_EQ(audio->samples.size(), 20 * 16000);
    EXPECT_EQ((*regions)[i].spans, (std::vector<TimeSpan>{{0, 20000000}}));
    const auto turns = ReadRttm(entry.rttm);
    ASSERT_OK(turns);
    EXPECT_EQ((*turns)[0], (*labels)[i]);
    const auto words = ReadCtm(entry.ctm);
    ASSERT_OK(words);
    float greatest = 0;
    for (const float value : audio->samples) greatest = std::max(greatest, std::abs(value));
    EXPECT_NEAR(greatest, 0.9, 1e-4);
    // Where nobody speaks, nothing sounds but the ends of sounds that were cut at a pause.
    double outside = 0, inside = 0;
    for (int64_t k = 0; k < audio->samples.size(); ++k) {
      bool speech = false;
      for (const Turn& turn : (*turns)[0].turns) {
        const int64_t time = MicrosecondsFromSamples(k, 16000);
        speech |= turn.start - 20000 <= time && time < turn.end() + 20000;
      }
      (speech ? inside : outside) += static_cast<double>(audio->samples[k]) * audio->samples[k];
    }
    EXPECT_LT(outside, 1e-3 * inside);
  }
}

TEST_F(SimulateTest, ThreadsAndOrderChangeNothing) {
  ASSERT_OK(Run("one", {}, 1));
  ASSERT_OK(Run("four", {}, 4));
  for (const char* name : {"labels.rttm", "sessions.tsv", "wav/conversation_0003.wav", "ctm/conversation_0002.ctm"}) {
    EXPECT_EQ(*ReadFile(In("one", name)), *ReadFile(In("four", name))) << name;
  }
  ASSERT_OK(Run("part", {}));
  EXPECT_EQ(*ReadFile(In("one", "manifest.jsonl")), *ReadFile(In("part", "manifest.jsonl")));
}

TEST_F(SimulateTest, ASplitIsKept) {
  ASSERT_OK(Run("split", {{"SOURCE", "split: \"test\""}}));
  EXPECT_THAT(Run("none", {{"SOURCE", "split: \"dev\""}}).status().message(),
              HasSubstr("the manifest has no entry of the split dev"));
}

TEST_F(SimulateTest, SaysWhatOfTheSourceIsLeftOut) {
  auto report = Run("all of it", {});
  ASSERT_OK(report);
  EXPECT_THAT(report->summary(0), Not(HasSubstr("left out")));
  auto entries = ReadManifest(manifest_);
  ASSERT_OK(entries);
  (*entries)[5].tokens = {{"", 3000000}};
  ASSERT_OK(WriteManifest(manifest_, *entries));
  report = Run("without one", {});
  ASSERT_OK(report);
  EXPECT_THAT(report->summary(0), HasSubstr("\n1 utterances of the source without a word left out"));
}

TEST_F(SimulateTest, SaysWhatCannotBe) {
  EXPECT_THAT(Run("many", {{"SPEAKERS", "num_speakers: 5"}}).status().message(),
              HasSubstr("a conversation of 5 speakers was asked for, but the source has 3"));
  EXPECT_THAT(Run("length", {{"LENGTH", "session_length: -1"}}).status().message(), HasSubstr("session_length is -1"));
  const auto report = Run("short", {{"LENGTH", "session_length: .4"}});
  ASSERT_OK(report);
  EXPECT_EQ(report->items_failed(), 4);
  EXPECT_THAT(report->failure(0).message(), HasSubstr("too short for 2 speakers"));
}

TEST_F(SimulateTest, AMissingFileFailsItsConversationsOnly) {
  ASSERT_EQ(std::remove(In("voices", "voice2-1.wav").c_str()), 0);
  const auto report = Run("missing", {{"SOURCE", "without_alignments: ONE_WORD"}});
  ASSERT_OK(report);
  EXPECT_GT(report->items_failed(), 0);
  EXPECT_LT(report->items_failed(), 4);
  EXPECT_THAT(report->failure(0).message(), HasSubstr("voice2-1.wav"));
}

}  // namespace
}  // namespace diarflow
