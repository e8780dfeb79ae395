// Sessions for trainings and evaluations, and what is made of their frames: recordings among the sessions, HalveFrames,
// Fuse, AdapterWindows, ScoreSessions; which voices they are made of, and their labels.
#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audio/write_wav.h"
#include "base/files.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "datasets/manifest.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "graph/node_runner.h"
#include "gtest/gtest.h"
#include "metrics/session_scores.pb.h"
#include "models/adapter/adapter.h"
#include "nodes/adapter_model.h"
#include "nodes/conversation.h"
#include "nodes/payloads.h"
#include "nodes/recording_list.h"
#include "nodes/session_plans.h"
#include "nodes/session_role.h"
#include "nodes/speech_source.h"
#include "nodes/speech_source.pb.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr FrameGrid kGrid{24000, 960, 960, 0};

Frames Made(std::vector<int64_t> shape, const std::vector<float>& values) {
  return {FloatArray::Copy(std::move(shape), values), kGrid, std::make_shared<const std::string>("made")};
}

Frames RandomFrames(int64_t count, int64_t width, uint64_t seed) {
  Random random(seed);
  FloatArray values = FloatArray::Zeros({count, width});
  for (int64_t i = 0; i < values.size(); ++i) values.mutable_data()[i] = static_cast<float>(random.Normal());
  return {values, FrameGrid{24000, 1920, 1920, 0}, nullptr};
}

std::vector<float> Numbers(const FloatArray& values) { return {values.begin(), values.end()}; }

// Two recordings, of the second of which nobody knows who speaks.
std::shared_ptr<RecordingListResource> MadeRecordings(bool second) {
  auto list = std::make_shared<RecordingListResource>();
  for (int i = 0; i < (second ? 2 : 1); ++i) {
    const std::string uri = absl::StrCat("meeting", i), path = absl::StrCat(testing::TempDir(), "/", uri, ".wav");
    FloatArray samples = FloatArray::Zeros({8000});
    for (int64_t t = 0; t < 8000; ++t) samples.mutable_data()[t] = static_cast<float>(0.1 * std::sin(0.1 * t));
    EXPECT_OK(WriteWav(path, samples, 8000));
    list->recordings.push_back({uri, path});
    if (i == 0) list->references[uri] = {uri, {{0, 500000, "ann"}, {400000, 300000, "bob"}}};
  }
  list->has_reference = true;
  return list;
}

TEST(SessionPlansTest, RecordingsComeWithTheirTurns) {
  SessionPlans plans;
  ASSERT_OK(plans.AddRecordings(*MadeRecordings(/*second=*/false), 3));
  EXPECT_EQ(plans.count(), 3);
  ASSERT_OK_AND_ASSIGN(const Conversation conversation, plans.Plan(2, "by another name"));
  EXPECT_EQ(conversation.uri, "meeting0");

  NodeRunner render("type: \"RenderConversation\"");
  render.Push("CONVERSATION", conversation);
  ASSERT_OK(render.Run());
  const Audio* audio = render.Output<Audio>("AUDIO", 0);
  ASSERT_NE(audio, nullptr);
  EXPECT_EQ(audio->sample_rate, 8000);
  EXPECT_EQ(audio->samples.size(), 8000);
  EXPECT_EQ(render.Output<Turns>("TURNS", 0)->recording.turns.size(), 2u);
}

TEST(SessionPlansTest, RefusesARecordingWithoutLabels) {
  SessionPlans plans;
  EXPECT_THAT(plans.AddRecordings(*MadeRecordings(/*second=*/true), 1),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("labels of meeting1")));
}

// A recording whose file is missing fails alone.
TEST(RenderConversationTest, AMissingFileFailsItsItem) {
  auto recorded = std::make_shared<RecordedConversation>();
  recorded->utterance.id = "gone";
  recorded->utterance.path = testing::TempDir() + "/gone.wav";
  Conversation conversation;
  conversation.uri = "gone";
  conversation.recorded = recorded;
  NodeRunner render("type: \"RenderConversation\"");
  render.Push("CONVERSATION", conversation);
  ASSERT_OK(render.Run());
  ASSERT_EQ(render.report().failure_size(), 1);
  EXPECT_THAT(render.report().failure(0).message(), HasSubstr("gone.wav"));
}

// A manifest of five speakers with two utterances each, which are never read.
std::string MadeManifest() {
  std::vector<ManifestEntry> entries;
  for (int i = 0; i < 10; ++i) {
    ManifestEntry entry;
    entry.speaker = absl::StrCat("voice", i / 2);
    entry.utterance = absl::StrCat(entry.speaker, "-", i % 2);
    entry.audio = absl::StrCat("/nowhere/", entry.utterance, ".wav");
    entry.split = i < 8 ? "train" : "test";
    entry.duration = 3000000;
    entries.push_back(entry);
  }
  const std::string path = testing::TempDir() + "/five_speakers.jsonl";
  EXPECT_OK(WriteManifest(path, entries));
  return path;
}

absl::StatusOr<std::set<std::string>> SpeakersOf(const std::string& text) {
  options::SpeechSource options;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &options));
  options.set_manifest(MadeManifest());
  options.set_without_alignments(options::SpeechSource::ONE_WORD);
  ASSIGN_OR_RETURN(const auto resource, SpeechSourceResource::Load(ResourceContext(&options, /*model_threads=*/1)));
  std::set<std::string> names;
  for (const SourceSpeaker& speaker : resource->source->speakers()) names.insert(speaker.name);
  return names;
}

TEST(SpeechSourceTest, SpeakersAreChosen) {
  ASSERT_OK_AND_ASSIGN(const auto all, SpeakersOf(""));
  EXPECT_EQ(all.size(), 5u);
  ASSERT_OK_AND_ASSIGN(const auto others,
                       SpeakersOf("without_speaker: 'voice1' without_speaker: 'nobody' split: 'train'"));
  EXPECT_THAT(others, ElementsAre("voice0", "voice2", "voice3"));
  // Those of a smaller number are among those of a greater one, and they are always the same.
  std::set<std::string> fewer;
  for (int number = 1; number <= 5; ++number) {
    ASSERT_OK_AND_ASSIGN(const auto drawn, SpeakersOf(absl::StrCat("num_speakers: ", number)));
    EXPECT_EQ(drawn.size(), static_cast<size_t>(number));
    EXPECT_TRUE(std::includes(drawn.begin(), drawn.end(), fewer.begin(), fewer.end()));
    fewer = drawn;
  }
  EXPECT_THAT(SpeakersOf("num_speakers: 6"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("5 speakers")));
  EXPECT_THAT(SpeakersOf("split: 'dev'"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("dev")));
  EXPECT_THAT(SpeakersOf("split: 'test' without_speaker: 'voice4'"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no entry is left")));
}

TEST(LabelFramesTest, OneRowForTwoFramesIsThatOfFramesTwiceAsLong) {
  Turns turns;
  turns.recording = {"r", {{0, 210000, "a"}, {130000, 300000, "b"}, {500000, 60000, "a"}}};
  const auto labels = [&turns](const std::string& options, const Frames& frames) {
    NodeRunner runner(absl::StrCat("type: \"LabelFrames\" options { [diarflow/LabelFrames] { ", options, " } }"));
    runner.Push("FRAMES", frames);
    runner.Push("TURNS", turns);
    EXPECT_OK(runner.Run());
    return *runner.Output<Frames>("LABELS", 0);
  };
  // 25 Hz, an odd number of frames, and 12.5 Hz.
  const Frames halves = labels("frames_per_label: 2", {FloatArray::Zeros({15, 3}), kGrid, nullptr});
  const Frames wholes = labels("", {FloatArray::Zeros({7, 3}), FrameGrid{24000, 1920, 1920, 0}, nullptr});
  EXPECT_EQ(Numbers(halves.values), Numbers(wholes.values));
  EXPECT_EQ(halves.grid.hop, 1920);
  EXPECT_THAT(Numbers(halves.values), testing::Contains(1));
}

TEST(HalveFramesTest, AveragesOrTakesTheFirst) {
  const Frames frames = Made({5, 2}, {1, 2, 3, 4, 5, 6, 7, 9, 100, 100});
  const auto halved = [&frames](const std::string& by) {
    NodeRunner runner(absl::StrCat("type: \"HalveFrames\" options { [diarflow/HalveFrames] { by: ", by, " } }"));
    runner.Push("FRAMES", frames);
    EXPECT_OK(runner.Run());
    return *runner.Output<Frames>("FRAMES", 0);
  };
  const Frames average = halved("AVERAGE"), first = halved("DECIMATE"), all = halved("NOTHING");
  EXPECT_THAT(Numbers(average.values), ElementsAre(2, 3, 6, 7.5));
  EXPECT_THAT(Numbers(first.values), ElementsAre(1, 2, 5, 6));
  EXPECT_EQ(all.values.dim(0), 5);
  // The mean stands in the middle of its two frames, the first one where it stood.
  EXPECT_EQ(average.grid.hop, 1920);
  EXPECT_EQ(average.grid.CentreSeconds(0), Rational(1920, 48000));
  EXPECT_EQ(first.grid.hop, 1920);
  EXPECT_EQ(first.grid.CentreSeconds(0), Rational(960, 48000));
}

TEST(FuseTest, OneOfTheTwoIsWhatIsLeftOfBoth) {
  const Frames latent = RandomFrames(9, 3, 1), speaker = RandomFrames(9, 4, 2);
  const auto fused = [&](const std::string& parts, bool with_speaker) {
    NodeRunner runner(absl::StrCat("type: \"Fuse\" options { [diarflow/Fuse] { ", parts, " } }"));
    runner.Push("LATENT", latent);
    if (with_speaker) runner.Push("SPEAKER", speaker);
    EXPECT_OK(runner.Run());
    return runner.Output<Frames>("FRAMES", 0)->values;
  };
  const FloatArray both = fused("", true), left = fused("parts: LATENT", false), right = fused("parts: SPEAKER", true);
  ASSERT_EQ(both.ShapeString(), "[9, 7]");
  ASSERT_EQ(left.ShapeString(), "[9, 3]");
  ASSERT_EQ(right.ShapeString(), "[9, 4]");
  for (int64_t t = 0; t < 9; ++t) {
    for (int64_t d = 0; d < 7; ++d) {
      EXPECT_EQ(both[7 * t + d], d < 3 ? left[3 * t + d] : right[4 * t + d - 3]);
    }
  }
  const FloatArray alone = fused("", false);
  EXPECT_EQ(Numbers(alone), Numbers(left));
  NodeRunner without(R"pb(type: "Fuse"
                          options {
                            [diarflow/Fuse] { parts: BOTH }
                          })pb");
  without.Push("LATENT", latent);
  EXPECT_THAT(without.Run(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("SPEAKER")));
}

TEST(FuseTest, StretchedTheFirstIsAtTheFirstAndTheLastAtTheLast) {
  NodeRunner runner(R"pb(type: "Fuse"
                         options {
                           [diarflow/Fuse] { parts: SPEAKER placement: STRETCHED normalise_speaker: NONE }
                         })pb");
  runner.Push("LATENT", RandomFrames(5, 2, 1));
  Frames speaker = Made({3, 1}, {10, 20, 40});
  speaker.grid = {16000, 3200, 24000, 0};
  runner.Push("SPEAKER", speaker);
  ASSERT_OK(runner.Run());
  EXPECT_THAT(Numbers(runner.Output<Frames>("FRAMES", 0)->values), ElementsAre(10, 15, 20, 30, 40));
}

class AdapterWindowsTest : public testing::Test {
 protected:
  AdapterWindowsTest() {
    AdapterConfig config;
    config.set_input_width(6);
    config.set_width(8);
    config.set_num_heads(2);
    config.set_feed_forward(8);
    config.set_num_layers(1);
    auto model = std::make_shared<AdapterModelResource>();
    model->adapter = *Adapter::Random(config, 3);
    model_ = std::move(model);
  }

  FloatArray Activity(const Frames& frames, const std::string& options) const {
    NodeRunner runner(absl::StrCat("type: \"AdapterWindows\" options { [diarflow/AdapterWindows] { ", options, " } }"));
    runner.SetResource("MODEL", model_);
    runner.Push("FRAMES", frames);
    EXPECT_OK(runner.Run());
    return runner.Output<Frames>("FRAMES", 0)->values;
  }

  std::shared_ptr<const AdapterModelResource> model_;
};

TEST_F(AdapterWindowsTest, OneWindowIsTheAdapterItself) {
  const Frames frames = RandomFrames(40, 6, 4);
  const FloatArray whole = Sigmoid((*model_->adapter->Logits({frames.values}))[0]);
  for (const std::string options : {"window_frames: 40 hop_frames: 40", "window_frames: 40 apart: true"}) {
    const FloatArray windows = Activity(frames, options);
    ASSERT_EQ(windows.ShapeString(), whole.ShapeString());
    for (int64_t i = 0; i < whole.size(); ++i) EXPECT_NEAR(windows[i], whole[i], 1e-6) << options;
  }
}

TEST_F(AdapterWindowsTest, ApartEachWindowIsOnItsOwn) {
  const Frames frames = RandomFrames(50, 6, 5);
  const FloatArray windows = Activity(frames, "window_frames: 20 apart: true");
  ASSERT_EQ(windows.dim(0), 50);
  for (int64_t begin = 0; begin < 50; begin += 20) {
    FloatArray part = FloatArray::Zeros({std::min<int64_t>(20, 50 - begin), 6});
    std::copy_n(frames.values.data() + 6 * begin, part.size(), part.mutable_data());
    const FloatArray alone = Sigmoid((*model_->adapter->Logits({part}))[0]);
    for (int64_t i = 0; i < alone.size(); ++i) EXPECT_NEAR(windows[4 * begin + i], alone[i], 1e-6);
  }
}

TEST(ScoreSessionsTest, WritesWhatItFound) {
  NodeRunner runner(R"pb(type: "ScoreSessions"
                         options {
                           [diarflow/ScoreSessions] { system: "one" original_system: "two" }
                         })pb");
  const std::string folder = testing::TempDir() + "/scored";
  ASSERT_OK(MakeDirectories(folder));
  runner.set_run_folder(folder);
  for (int i = 0; i < 4; ++i) {
    Turns turns;
    turns.recording = {absl::StrCat("session", i), {{0, 4000000, "a"}, {4000000, 4000000, "b"}}};
    FloatArray activity = FloatArray::Zeros({100, 4});
    for (int64_t t = 0; t < 100; ++t) activity.mutable_data()[4 * t + (t < 50 ? 0 : 1)] = 1;
    const Frames frames = {activity, FrameGrid{24000, 1920, 1920, 0}, nullptr};
    runner.Push("TURNS", turns);
    runner.Push("ROLE", SessionRole{i == 0, i, i == 0 ? "validation" : "test set"});
    runner.Push("ACTIVITY", frames);
    runner.Push("ORIGINAL", frames);
  }
  ASSERT_OK(runner.Run());
  ASSERT_EQ(runner.report().result_size(), 1);
  SessionScores scores;
  ASSERT_TRUE(runner.report().result(0).UnpackTo(&scores));
  EXPECT_EQ(scores.system_size(), 2);
  EXPECT_EQ(scores.row(0).system(), "one");
  EXPECT_EQ(scores.row(0).rate(), 0);
  EXPECT_EQ(scores.validation_sessions(), 1);
  EXPECT_TRUE(FileExists(folder + "/test_set.one.rttm"));
  EXPECT_TRUE(FileExists(folder + "/reference.rttm"));
  EXPECT_TRUE(FileExists(folder + "/scores.txt"));
  EXPECT_TRUE(FileExists(folder + "/scores.svg"));
}

// A session that cannot be scored is left out, and said to be.
TEST(ScoreSessionsTest, ABadSessionIsLeftOut) {
  NodeRunner runner("type: \"ScoreSessions\"");
  for (int i = 0; i < 4; ++i) {
    Turns turns;
    turns.recording = {absl::StrCat("session", i), {{0, 4000000, "a"}}};
    runner.Push("TURNS", turns);
    runner.Push("ROLE", SessionRole{i == 0, i, "set"});
    runner.Push("ACTIVITY", RandomFrames(i == 2 ? 0 : 50, 4, 1));
  }
  ASSERT_OK(runner.Run());
  ASSERT_EQ(runner.report().failure_size(), 1);
  EXPECT_THAT(runner.report().failure(0).message(), HasSubstr("session2"));
  SessionScores scores;
  ASSERT_TRUE(runner.report().result(0).UnpackTo(&scores));
  EXPECT_EQ(scores.row(0).sessions(), 2);
  EXPECT_EQ(scores.row(0).system(), "ACTIVITY");
}

}  // namespace
}  // namespace diarflow
