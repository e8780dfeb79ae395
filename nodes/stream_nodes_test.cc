// The Stream nodes in front of and behind the adapter: pieces of a recording give what the whole gives.
#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audio/resample.h"
#include "base/status_matchers.h"
#include "diarization/activity_turns.h"
#include "diarization/adapter_stream.h"
#include "diarization/fuse_frames.h"
#include "diarization/voice_encoders.h"
#include "gmock/gmock.h"
#include "graph/node_runner.h"
#include "gtest/gtest.h"
#include "models/windows.h"
#include "nodes/adapter_model.h"
#include "nodes/diarization.h"
#include "nodes/mimi_model.h"
#include "nodes/payloads.h"
#include "nodes/voice_model.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

FloatArray Noise(int64_t samples) {
  std::minstd_rand random(9);
  FloatArray noise = FloatArray::Zeros({samples});
  float before = 0;
  for (int64_t i = 0; i < samples; ++i) {
    before = 0.8f * before + static_cast<float>(random() % 2000) / 10000.f - 0.1f;
    noise.mutable_data()[i] = before;
  }
  return noise;
}

// Pieces of .1 to .9 s, as a Stream over the run gets them.
void PushPieces(const FloatArray& samples, int rate, NodeRunner* runner, int64_t start = 0) {
  std::minstd_rand random(10);
  for (int64_t begin = 0; begin < samples.size();) {
    const int64_t end = std::min(samples.size(), begin + rate / 10 + static_cast<int64_t>(random()) % (rate * 8 / 10));
    runner->Push("AUDIO", Audio{Slice(samples, begin, end), rate, start + begin});
    begin = end;
  }
}

// All that came out, one behind the other; each piece must lie where the last one ends.
Frames Joined(const NodeRunner& runner, const std::string& port) {
  Frames joined;
  std::vector<float> values;
  int64_t frames = 0, width = 0;
  for (uint64_t i = 0;; ++i) {
    const Frames* part = runner.Output<Frames>(port, i);
    if (part == nullptr) break;
    if (part->values.dim(0) == 0) continue;
    if (frames == 0) joined.grid = part->grid;
    EXPECT_EQ(part->grid.first_sample, joined.grid.Begin(frames)) << i;
    values.insert(values.end(), part->values.begin(), part->values.end());
    frames += part->values.dim(0);
    width = part->values.dim(1);
    joined.producer = part->producer;
  }
  joined.values = FloatArray::Copy({frames, width}, values);
  return joined;
}

void ExpectNear(const FloatArray& a, const FloatArray& b, double tolerance) {
  ASSERT_EQ(a.shape(), b.shape());
  for (int64_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], tolerance) << i;
}

std::shared_ptr<const MimiModelResource> Mimi() {
  auto model = std::make_shared<MimiModelResource>();
  model->encoder = *MimiEncoder::Random(SmallMimiConfig(), 1);
  return model;
}

std::shared_ptr<const VoiceModelResource> Voices() {
  auto model = std::make_shared<VoiceModelResource>();
  model->encoder = *CampplusVoice(*CampplusEncoder::Random(1));
  return model;
}

TEST(StreamNodesTest, ResampleStreamIsResample) {
  const FloatArray samples = Noise(100003);
  NodeRunner runner(R"pb(type: "ResampleStream"
                         options {
                           [diarflow/ResampleStream] { sample_rate: 24000 }
                         })pb");
  PushPieces(samples, 44100, &runner);
  ASSERT_OK(runner.Run());
  std::vector<float> values;
  for (uint64_t i = 0; const Audio* part = runner.Output<Audio>("AUDIO", i); ++i) {
    EXPECT_EQ(part->sample_rate, 24000);
    EXPECT_EQ(part->start_sample, static_cast<int64_t>(values.size()));
    values.insert(values.end(), part->samples.begin(), part->samples.end());
  }
  ASSERT_OK_AND_ASSIGN(const FloatArray whole, Resample(samples, 44100, 24000));
  ExpectNear(FloatArray::Copy({static_cast<int64_t>(values.size())}, values), whole, 1e-6);
}

TEST(StreamNodesTest, ResampleStreamBeginsAnewBehindAGap) {
  NodeRunner runner(R"pb(type: "ResampleStream"
                         options {
                           [diarflow/ResampleStream] { sample_rate: 8000 }
                         })pb");
  runner.Push("AUDIO", Audio{Noise(16000), 16000, 0});
  runner.Push("AUDIO", Audio{Noise(16000), 16000, 32000});
  ASSERT_OK(runner.Run());
  EXPECT_EQ(runner.Output<Audio>("AUDIO", 1)->start_sample, 16000);
  // What the flush gives ends where the audio ends.
  const Audio* tail = runner.Output<Audio>("AUDIO", 2);
  ASSERT_NE(tail, nullptr);
  EXPECT_EQ(tail->start_sample + tail->samples.size(), 24000);
}

TEST(StreamNodesTest, MimiStreamIsMimi) {
  const auto mimi = Mimi();
  const FloatArray samples = Noise(24000 * 13 + 77);
  for (const auto& [name, tap] : std::vector<std::pair<std::string, MimiTap>>{
           {"LATENT", MimiTap::kLatent12}, {"TRANSFORMER", MimiTap::kTransformer25}}) {
    NodeRunner runner("type: \"MimiStream\" options { [diarflow/MimiStream] { tap: " + name + " } }");
    runner.SetResource("MODEL", mimi);
    PushPieces(samples, 24000, &runner);
    ASSERT_OK(runner.Run());
    const Frames frames = Joined(runner, "FRAMES");
    EXPECT_EQ(frames.grid.first_sample, 0);
    EXPECT_THAT(*frames.producer, HasSubstr("small Mimi"));
    ASSERT_OK_AND_ASSIGN(const std::vector<FloatArray> whole, mimi->encoder->Encode({samples}, tap));
    ExpectNear(frames.values, whole[0], 1e-4);
  }
}

TEST(StreamNodesTest, MimiStreamWantsPiecesThatFollowOneAnother) {
  NodeRunner runner("type: \"MimiStream\"");
  runner.SetResource("MODEL", Mimi());
  runner.Push("AUDIO", Audio{Noise(4800), 24000, 0});
  runner.Push("AUDIO", Audio{Noise(4800), 24000, 4000});
  ASSERT_OK(runner.Run());
  ASSERT_EQ(runner.report().failure_size(), 1);
  EXPECT_THAT(runner.report().failure(0).message(), HasSubstr("overlap_seconds: 0"));
}

TEST(StreamNodesTest, WindowsOfOverlappingPiecesAreTheWindowsOfTheWhole) {
  const auto voices = Voices();
  ASSERT_OK_AND_ASSIGN(const CampplusEncoder::Ptr encoder, CampplusEncoder::Random(1));
  const struct {
    int64_t samples, window, hop;
  } kCases[] = {{16000 * 4 + 5, 8000, 3200},
                {16000 * 3, 4000, 9000},
                {16000 * 5, 2000, 25000},
                {5000, 8000, 3200},
                {8000, 8000, 3200}};
  for (const auto& [length, window, hop] : kCases) {
    SCOPED_TRACE(absl::StrCat(length, " ", window, " ", hop));
    const FloatArray samples = Noise(length);
    const std::string options = absl::StrCat("window_samples: ", window, " hop_samples: ", hop);
    NodeRunner overlap(absl::StrCat("type: \"OverlapStream\" options { [diarflow/OverlapStream] { ", options, " } }"));
    PushPieces(samples, 16000, &overlap);
    ASSERT_OK(overlap.Run());
    NodeRunner windows(absl::StrCat("type: \"VoiceWindows\" options { [diarflow/VoiceWindows] { ", options, " } }"));
    windows.SetResource("MODEL", voices);
    for (uint64_t i = 0; const Audio* piece = overlap.Output<Audio>("AUDIO", i); ++i) windows.Push("AUDIO", *piece);
    ASSERT_OK(windows.Run());
    const Frames frames = Joined(windows, "EMBEDDINGS");
    EXPECT_EQ(frames.grid.window, window);
    ASSERT_OK_AND_ASSIGN(const FloatArray whole, encoder->EmbedWindows(samples, window, hop));
    ExpectNear(frames.values, whole, 1e-3);
  }
}

// Frames of a made recording in pieces, through a node that takes FRAMES.
TEST(StreamNodesTest, FuseAdapterAndTurnsAreThoseOfTheWhole) {
  const int64_t latents = 120;
  const FloatArray latent = FloatArray::Copy({latents, 4}, [&] {
    const FloatArray noise = Noise(latents * 4);
    return std::vector<float>(noise.begin(), noise.end());
  }());
  const FloatArray speaker = FloatArray::Copy({40, 2}, [&] {
    const FloatArray noise = Noise(80);
    return std::vector<float>(noise.begin(), noise.end());
  }());
  const FrameGrid latent_grid = {24000, 1920, 1920, 0}, speaker_grid = {16000, 3200, 24000, 0};
  NodeRunner fuse("type: \"FuseStream\" options { [diarflow/FuseStream] { resample: true } }");
  for (int64_t piece = 0; piece < 10; ++piece) {
    fuse.Push("LATENT", Frames{Slice(latent, 12 * piece, 12 * piece + 12),
                               {24000, 1920, 1920, latent_grid.Begin(12 * piece)},
                               nullptr});
    fuse.Push(
        "SPEAKER",
        Frames{Slice(speaker, 4 * piece, 4 * piece + 4), {16000, 3200, 24000, speaker_grid.Begin(4 * piece)}, nullptr});
  }
  ASSERT_OK(fuse.Run());
  const Frames fused = Joined(fuse, "FRAMES");
  ASSERT_OK_AND_ASSIGN(const FloatArray whole, FuseFrames({latent, latent_grid}, {speaker, speaker_grid}, {}));
  ExpectNear(fused.values, whole, 0);

  AdapterConfig config;
  config.set_input_width(6);
  config.set_width(8);
  config.set_num_heads(2);
  config.set_feed_forward(16);
  config.set_num_layers(1);
  auto model = std::make_shared<AdapterModelResource>();
  model->adapter = *Adapter::Random(config, 3);
  NodeRunner adapter(
      "type: \"AdapterStream\" options { [diarflow/AdapterStream] { window_frames: 40 hop_frames: 10 latency_frames: "
      "20 } "
      "}");
  adapter.SetResource<AdapterModelResource>("MODEL", model);
  for (int64_t begin = 0; begin < latents; begin += 17) {
    const int64_t end = std::min(latents, begin + 17);
    adapter.Push("FRAMES", Frames{Slice(whole, begin, end), {24000, 1920, 1920, latent_grid.Begin(begin)}, nullptr});
  }
  ASSERT_OK(adapter.Run());
  const Frames activity = Joined(adapter, "FRAMES");
  AdapterStream stream(model->adapter, {40, 10, 20});
  ASSERT_OK_AND_ASSIGN(const FloatArray first, stream.Push(whole));
  ASSERT_OK_AND_ASSIGN(const FloatArray rest, stream.Flush());
  std::vector<float> expected(first.begin(), first.end());
  expected.insert(expected.end(), rest.begin(), rest.end());
  ExpectNear(activity.values, FloatArray::Copy({latents, 4}, expected), 0);

  // Turns end with the audio, in the middle of the last frame.
  NodeRunner turns("type: \"ActivityTurns\" options { [diarflow/ActivityTurns] { threshold: 0.4 } }");
  const int64_t audio_end = latents * 1280 - 500;  // at 16 kHz
  for (int64_t begin = 0; begin < latents; begin += 30) {
    turns.Push(
        "ACTIVITY",
        Frames{Slice(activity.values, begin, begin + 30), {24000, 1920, 1920, latent_grid.Begin(begin)}, nullptr});
    const int64_t end = std::min(audio_end, (begin + 30) * 1280);
    turns.Push("AUDIO", Audio{FloatArray::Zeros({end - begin * 1280}), 16000, begin * 1280});
  }
  ASSERT_OK(turns.Run());
  ActivityTurns library(4, {0.4, 5, 0});
  ASSERT_OK_AND_ASSIGN(std::vector<LiveRecord> records, library.Push(activity.values, latent_grid));
  for (const LiveRecord& record : library.Flush(MicrosecondsFromSamples(audio_end, 16000))) records.push_back(record);
  std::vector<LiveRecord> given;
  int64_t position = 0;
  NodeRunner collect("type: \"CollectTurns\"");
  for (uint64_t i = 0; const LiveTurns* part = turns.Output<LiveTurns>("TURNS", i); ++i) {
    given.insert(given.end(), part->records.begin(), part->records.end());
    EXPECT_GE(part->position, position);
    position = part->position;
    collect.Push("TURNS", *part);
  }
  EXPECT_EQ(position, MicrosecondsFromSamples(audio_end, 16000));
  ASSERT_EQ(given.size(), records.size());
  size_t ended = 0;
  for (size_t i = 0; i < given.size(); ++i) {
    EXPECT_EQ(given[i].start, records[i].start);
    EXPECT_EQ(given[i].end, records[i].end);
    EXPECT_EQ(given[i].speaker, records[i].speaker);
    if (given[i].kind == LiveRecord::kEnded) ++ended;
    EXPECT_LE(given[i].end, position);
  }
  ASSERT_GT(ended, 0u) << "a threshold without turns tests nothing";
  ASSERT_OK(collect.Run());
  const DiarizedRecording* recording = collect.Output<DiarizedRecording>("DIARIZATION", 0);
  ASSERT_NE(recording, nullptr);
  EXPECT_EQ(recording->duration, position);
  EXPECT_EQ(recording->result.turns.size(), ended);
  int64_t spoken = 0, of_speakers = 0;
  for (const DiarizedTurn& turn : recording->result.turns) spoken += turn.turn.duration;
  for (const DiarizedSpeaker& one : recording->result.speakers) of_speakers += one.duration;
  EXPECT_EQ(spoken, of_speakers);
}

}  // namespace
}  // namespace diarflow
