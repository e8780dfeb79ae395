#include "diarization/diarize.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "diarization/window_scores.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kFrames = 589;
constexpr int64_t kHop = 148 * kFrameHop;  // whole frames: what is planted is found to the frame

// Frames of the recording, first to last, and who speaks.
struct Planted {
  int64_t first, last;
  int person;
};

std::vector<float> Voice(int person, std::mt19937* random) {
  std::normal_distribution<float> normal;
  std::vector<float> voice(16);
  for (float& value : voice) value = 0.05f * normal(*random);
  voice[static_cast<size_t>(person)] += 1;
  return voice;
}

// What perfect networks would say: of each window, its people in an order of its own, every second one with voices.
std::vector<DiarizationWindow> Windows(const std::vector<Planted>& planted, int64_t num_frames, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<DiarizationWindow> windows;
  for (int64_t w = 0; w == 0 || windows.back().start / kFrameHop + kFrames < num_frames; ++w) {
    DiarizationWindow window;
    window.start = w * kHop;
    window.embedded = w % 2 == 0;
    const int64_t begin = window.start / kFrameHop;
    std::set<int> people;
    for (const Planted& turn : planted) {
      if (turn.last >= begin && turn.first < begin + kFrames) people.insert(turn.person);
    }
    EXPECT_LE(people.size(), 3u);
    std::vector<int> local(people.begin(), people.end());
    std::shuffle(local.begin(), local.end(), random);
    window.scores.speaker.resize(kFrames, {0, 0, 0});
    window.scores.somebody.resize(kFrames, 0);
    window.scores.two.resize(kFrames, 0);
    window.scores.likeliest.resize(kFrames, 0);
    for (size_t k = 0; k < local.size(); ++k) {
      TrackVoices track;
      track.speaker = static_cast<int>(k);
      for (const Planted& turn : planted) {
        if (turn.person != local[k]) continue;
        VoicePiece piece;
        piece.first_frame = kFrames;
        for (int f = 0; f < kFrames; ++f) {
          if (begin + f < turn.first || begin + f > turn.last) continue;
          const auto i = static_cast<size_t>(f);
          window.scores.speaker[i][k] = 0.95f;
          window.scores.two[i] = window.scores.somebody[i];
          window.scores.somebody[i] = 0.95f;
          window.scores.likeliest[i] |= static_cast<uint8_t>(1 << k);
          piece.first_frame = std::min(piece.first_frame, f);
          piece.last_frame = f;
          ++track.clean_frames;
        }
        if (piece.first_frame == kFrames) continue;
        piece.embedding = Voice(turn.person, &random);
        piece.seconds = 0.016875 * (piece.last_frame - piece.first_frame + 1);
        track.pieces.push_back(piece);
      }
      track.items.push_back({Voice(local[k], &random), 0.016875 * track.clean_frames});
      if (window.embedded) window.tracks.push_back(std::move(track));
    }
    windows.push_back(std::move(window));
  }
  return windows;
}

// Person -> turns in frames, and names in order of first turns.
const std::vector<Planted> kMeeting = {{100, 299, 3},   {250, 499, 5},   {520, 900, 3},  {950, 1500, 7},
                                       {1450, 1700, 5}, {1720, 1900, 7}, {1910, 2399, 3}};

TEST(DiarizeTest, FindsWhatWasPlanted) {
  for (uint32_t seed = 0; seed < 10; ++seed) {
    const Diarization result = Diarize(Windows(kMeeting, 2400, seed), 2400 * kFrameHop, {});
    ASSERT_THAT(result.turns, SizeIs(kMeeting.size()));
    ASSERT_THAT(result.speakers, SizeIs(3));
    const char* names[] = {"", "", "", "speaker1", "", "speaker2", "", "speaker3"};
    int64_t durations[3] = {0, 0, 0};
    for (size_t i = 0; i < kMeeting.size(); ++i) {
      const TimeSpan span = SpanOfFrames(kMeeting[i].first, kMeeting[i].last, 2400 * kFrameHop);
      const std::string name = names[kMeeting[i].person];
      EXPECT_EQ(result.turns[i].turn, (Turn{span.start, span.length(), name}));
      EXPECT_NEAR(result.turns[i].confidence, 0.95, 0.2);
      durations[name.back() - '1'] += span.length();
    }
    for (size_t s = 0; s < 3; ++s) {
      EXPECT_EQ(result.speakers[s].name, absl::StrCat("speaker", s + 1));
      EXPECT_EQ(result.speakers[s].duration, durations[s]);
      EXPECT_GT(result.speakers[s].direction[2 * s + 3], 0.97f);
      double square = 0;
      for (const float value : result.speakers[s].direction) square += static_cast<double>(value) * value;
      EXPECT_NEAR(square, 1, 1e-5);
    }
  }
}

TEST(DiarizeTest, NamesFollowTheFirstTurnsNotTheAmountOfSpeech) {
  const std::vector<Planted> planted = {{10, 120, 4}, {200, 1400, 2}};
  const Diarization result = Diarize(Windows(planted, 1500, 1), 1500 * kFrameHop, {});
  ASSERT_THAT(result.speakers, SizeIs(2));
  EXPECT_GT(result.speakers[0].direction[4], 0.97f);
  EXPECT_GT(result.speakers[1].direction[2], 0.97f);
  EXPECT_EQ(result.turns[0].turn.speaker, "speaker1");
}

TEST(DiarizeTest, TheNumberOfSpeakersIsHonoured) {
  DiarizeOptions options;
  options.cluster.max_speakers = 2;
  EXPECT_THAT(Diarize(Windows(kMeeting, 2400, 1), 2400 * kFrameHop, options).speakers, SizeIs(2));
  options.cluster.max_speakers = 1;
  const Diarization one = Diarize(Windows(kMeeting, 2400, 1), 2400 * kFrameHop, options);
  ASSERT_THAT(one.speakers, SizeIs(1));
  // Nobody speaks at the same time as themselves.
  for (size_t i = 1; i < one.turns.size(); ++i) EXPECT_GE(one.turns[i].turn.start, one.turns[i - 1].turn.end());
}

TEST(DiarizeTest, TurnsEndWithTheRecording) {
  const std::vector<Planted> planted = {{10, 588, 1}};
  const int64_t samples = 400 * kFrameHop + 17;
  const Diarization result = Diarize(Windows(planted, 589, 1), samples, {});
  ASSERT_THAT(result.turns, SizeIs(1));
  EXPECT_EQ(result.turns[0].turn.end(), MicrosecondsFromSamples(samples, 16000));
  // A turn that lies behind the end altogether is none, and its speaker nobody.
  const Diarization none = Diarize(Windows(planted, 589, 1), 1000, {});
  EXPECT_THAT(none.turns, IsEmpty());
  EXPECT_THAT(none.speakers, IsEmpty());
}

TEST(DiarizeTest, ShortWordsCountWhereThereIsNothingElse) {
  std::vector<Planted> planted = {{100, 115, 1}, {300, 316, 2}};
  EXPECT_THAT(Diarize(Windows(planted, 589, 1), 589 * kFrameHop, {}).speakers, SizeIs(2));
  // Beside longer speech they take no part in the clustering, and go to those who do.
  planted.push_back({400, 560, 3});
  const Diarization result = Diarize(Windows(planted, 589, 1), 589 * kFrameHop, {});
  EXPECT_THAT(result.speakers, SizeIs(1));
}

TEST(DiarizeTest, NothingGivesNothing) {
  EXPECT_THAT(Diarize({}, 0, {}).turns, IsEmpty());
  EXPECT_THAT(Diarize({}, 160000, {}).speakers, IsEmpty());
  const Diarization silent = Diarize(Windows({}, 2000, 1), 2000 * kFrameHop, {});
  EXPECT_THAT(silent.turns, IsEmpty());
  EXPECT_THAT(silent.speakers, IsEmpty());
  // Speech without any voice: nobody to whom it could go.
  std::vector<DiarizationWindow> windows = Windows(kMeeting, 2400, 1);
  for (DiarizationWindow& window : windows) window.tracks.clear();
  EXPECT_THAT(Diarize(windows, 2400 * kFrameHop, {}).turns, IsEmpty());
}

TEST(CheckDiarizeOptionsTest, EveryOptionHasItsRange) {
  EXPECT_OK(CheckDiarizeOptions({}));
  const auto expect = [](const std::function<void(DiarizeOptions*)>& change, const char* message) {
    DiarizeOptions options;
    change(&options);
    EXPECT_THAT(CheckDiarizeOptions(options), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  };
  using Options = DiarizeOptions;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  expect([](Options* o) { o->cluster.least_similarity = 1.1; },
         "least_similarity is 1.1; it must lie between -1 and 1");
  expect([&](Options* o) { o->cluster.least_similarity = nan; }, "least_similarity is nan");
  expect([](Options* o) { o->cluster.cannot_link_penalty = -0.1; }, "cannot_link_penalty is -0.1");
  expect([&](Options* o) { o->cluster.least_seconds = infinity; }, "least_seconds is inf");
  expect([](Options* o) { o->cluster.least_share = 2; }, "least_share is 2; it must lie between 0 and 1");
  expect([](Options* o) { o->cluster.min_speakers = -1; }, "min_speakers is -1");
  expect([](Options* o) { o->cluster.max_speakers = 1001; }, "max_speakers is 1001");
  expect([](Options* o) { o->cluster.max_items = 1; }, "max_items is 1; it must lie between 2 and 20000");
  expect([](Options* o) { o->cluster.block_similarity = -2; }, "block_similarity is -2");
  expect([](Options* o) { o->least_item_frames = -1; }, "least_item_frames is -1");
  expect([](Options* o) { o->assign.other_cluster = 3; }, "other_cluster is 3");
  expect([&](Options* o) { o->assign.taken_cluster = nan; }, "taken_cluster is nan");
  expect([](Options* o) { o->assign.agreement_reach = 0; }, "agreement_reach is 0; it must lie between 1 and 1e+09");
  expect([](Options* o) { o->assign.least_common_frames = -1; }, "least_common_frames is -1");
  expect([](Options* o) { o->vote.edge_weight = 0; }, "edge_weight is 0");
  expect([](Options* o) { o->vote.edge_frames = 0; }, "edge_frames is 0");
  expect([](Options* o) { o->vote.agreement_weight = 1.5; }, "agreement_weight is 1.5");
  expect([](Options* o) { o->vote.speech_threshold = -1; }, "speech_threshold is -1");
  expect([](Options* o) { o->vote.overlap_threshold = 1.01; }, "overlap_threshold is 1.01");
  expect([](Options* o) { o->vote.least_turn = -0.1; }, "least_turn is -0.1");
  expect([&](Options* o) { o->vote.least_gap = nan; }, "least_gap is nan");
  expect(
      [](Options* o) {
        o->cluster.min_speakers = 4;
        o->cluster.max_speakers = 3;
      },
      "min_speakers is 4, more than max_speakers, 3");
  DiarizeOptions options;
  options.cluster.min_speakers = 4;
  EXPECT_OK(CheckDiarizeOptions(options));
  options.cluster.max_speakers = 4;
  EXPECT_OK(CheckDiarizeOptions(options));
}

}  // namespace
}  // namespace diarflow
