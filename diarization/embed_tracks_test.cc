#include "diarization/embed_tracks.h"

#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "base/status_matchers.h"
#include "diarization/linkage.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int64_t kVoices = 4;

// Samples are the number of a voice, 1 to kVoices, or 0 for none; features are its axis; columns are means of pairs;
// embeddings are means of columns, of some length.
class FakeVoice : public VoiceEncoder {
 public:
  absl::StatusOr<FloatArray> Features(const FloatArray& samples) const override {
    const int64_t frames = 1 + (samples.size() - 400) / 160;
    FloatArray features = FloatArray::Zeros({frames, kVoices});
    for (int64_t i = 0; i < frames; ++i) {
      const auto voice = static_cast<int64_t>(samples[160 * i + 200]);
      if (voice > 0) features.mutable_data()[i * kVoices + voice - 1] = 1;
    }
    return features;
  }
  absl::StatusOr<FloatArray> Columns(const FloatArray& features) const override {
    if (fail_) return absl::DataLossError("the columns are lost");
    const int64_t frames = features.dim(0);
    FloatArray columns = FloatArray::Zeros({(frames - 1) / 2 + 1, kVoices});
    for (int64_t i = 0; i < frames; ++i) {
      const float share = i + 1 == frames && i % 2 == 0 ? 1 : 0.5f;
      for (int64_t d = 0; d < kVoices; ++d) {
        columns.mutable_data()[i / 2 * kVoices + d] += share * features[i * kVoices + d];
      }
    }
    return columns;
  }
  absl::StatusOr<FloatArray> Pool(const FloatArray& columns, absl::Span<const int> chosen) const override {
    EXPECT_GE(chosen.size(), 2u);
    FloatArray mean = FloatArray::Zeros({kVoices});
    for (const int j : chosen) {
      EXPECT_TRUE(j >= 0 && j < columns.dim(0)) << j;
      for (int64_t d = 0; d < kVoices; ++d) mean.mutable_data()[d] += 7 * columns[j * kVoices + d];
    }
    return mean;
  }
  absl::StatusOr<std::vector<FloatArray>> Embed(absl::Span<const FloatArray> audio) const override {
    return absl::UnimplementedError("nobody asks for whole pieces here");
  }
  absl::StatusOr<FloatArray> EmbedWindows(const FloatArray& audio, int64_t window, int64_t hop) const override {
    return absl::UnimplementedError("nobody asks for windows here");
  }
  const std::string& Fingerprint() const override { return description_; }
  const std::string& Description() const override { return description_; }

  bool fail_ = false;

 private:
  std::string description_ = "fake";
};

struct Frames {
  int count;
  uint8_t set;  // who speaks: bits of local speakers
  int voice;    // what is heard
};

struct Window {
  FloatArray samples;
  WindowScores scores;
};

// Stretches of frames in turn.
Window Made(const std::vector<Frames>& stretches) {
  Window window;
  std::vector<float> samples(360, 0);
  for (const Frames& stretch : stretches) {
    for (int f = 0; f < stretch.count; ++f) {
      window.scores.likeliest.push_back(stretch.set);
      window.scores.speaker.push_back({0, 0, 0});
      window.scores.somebody.push_back(stretch.set != 0 ? 1 : 0);
      window.scores.two.push_back(0);
      samples.insert(samples.end(), 270, static_cast<float>(stretch.voice));
    }
  }
  samples.insert(samples.end(), 400, 0);
  window.samples = FloatArray::Copy({static_cast<int64_t>(samples.size())}, samples);
  return window;
}

std::vector<float> Axis(int voice) {
  std::vector<float> axis(kVoices, 0);
  axis[static_cast<size_t>(voice - 1)] = 1;
  return axis;
}

std::vector<TrackVoices> Embed(const Window& window, const EmbedOptions& options = {}) {
  const FakeVoice encoder;
  auto tracks = EmbedTracks(window.samples, window.scores, encoder, options);
  EXPECT_OK(tracks);
  return *tracks;
}

void ExpectLengthOne(const std::vector<float>& embedding) { EXPECT_NEAR(Cosine(embedding, embedding), 1, 1e-6); }

TEST(EmbedTracksTest, TracksSoundLikeTheirSpeakers) {
  // Speaker 1 is heard as voice 3, speaker 0 as voice 2; where both speak, as 4.
  const std::vector<TrackVoices> tracks = Embed(Made({{150, 2, 3}, {50, 3, 4}, {200, 1, 2}, {50, 0, 0}}));
  ASSERT_THAT(tracks, SizeIs(2));
  EXPECT_EQ(tracks[0].speaker, 0);
  EXPECT_EQ(tracks[0].clean_frames, 200);
  EXPECT_EQ(tracks[1].speaker, 1);
  EXPECT_EQ(tracks[1].clean_frames, 150);
  for (const TrackVoices& track : tracks) {
    const int voice = track.speaker == 0 ? 2 : 3;
    ASSERT_THAT(track.items, SizeIs(1));
    EXPECT_NEAR(Cosine(track.items[0].embedding, Axis(voice)), 1, 1e-6);
    ExpectLengthOne(track.items[0].embedding);
    EXPECT_NEAR(track.items[0].seconds, track.clean_frames * 0.016875, 0.03);
    for (const VoicePiece& piece : track.pieces) {
      EXPECT_NEAR(Cosine(piece.embedding, Axis(voice)), 1, 1e-6);
      ExpectLengthOne(piece.embedding);
    }
    const int first = track.speaker == 0 ? 200 : 0;
    EXPECT_EQ(track.pieces.front().first_frame, first);
    EXPECT_EQ(track.pieces.back().last_frame, first + track.clean_frames - 1);
  }
}

TEST(EmbedTracksTest, OfLittleCleanSpeechTheRestIsTakenToo) {
  const std::vector<TrackVoices> tracks = Embed(Made({{20, 1, 1}, {60, 3, 2}, {100, 2, 3}}));
  ASSERT_THAT(tracks, SizeIs(2));
  EXPECT_EQ(tracks[0].clean_frames, 20);
  EXPECT_EQ(tracks[0].pieces.back().last_frame, 79);
  // 20 frames of one and 60 of the other.
  EXPECT_NEAR(Cosine(tracks[0].items[0].embedding, {20, 60, 0, 0}), 1, 1e-3);
}

TEST(EmbedTracksTest, ATrackOfTwoVoicesGivesTwoItems) {
  const std::vector<TrackVoices> tracks = Embed(Made({{200, 1, 1}, {250, 1, 2}}));
  ASSERT_THAT(tracks, SizeIs(1));
  ASSERT_THAT(tracks[0].items, SizeIs(2));
  EXPECT_GT(Cosine(tracks[0].items[0].embedding, Axis(1)), 0.98);
  EXPECT_GT(Cosine(tracks[0].items[1].embedding, Axis(2)), 0.98);
  // The piece around the change belongs to one of them, and what pieces of both cover to none.
  const double seconds = tracks[0].items[0].seconds + tracks[0].items[1].seconds;
  EXPECT_LT(seconds, 450 * 0.016875);
  EXPECT_GT(seconds, 450 * 0.016875 - 1.6);
  // As long as enough of it is left.
  EmbedOptions all;
  all.least_own_columns = 10000;
  const std::vector<TrackVoices> whole = Embed(Made({{200, 1, 1}, {250, 1, 2}}), all);
  EXPECT_GT(whole[0].items[0].seconds + whole[0].items[1].seconds, 450 * 0.016875);
  // Everything sounds alike.
  EmbedOptions deaf;
  deaf.item_similarity = -1;
  EXPECT_THAT(Embed(Made({{200, 1, 1}, {250, 1, 2}}), deaf)[0].items, SizeIs(1));
}

TEST(EmbedTracksTest, AVoiceThatComesBackIsOneItem) {
  const std::vector<TrackVoices> tracks = Embed(Made({{180, 1, 1}, {180, 1, 2}, {180, 1, 1}}));
  ASSERT_THAT(tracks[0].items, SizeIs(2));
  EXPECT_GT(Cosine(tracks[0].items[0].embedding, Axis(1)), 0.95);
  EXPECT_GT(Cosine(tracks[0].items[1].embedding, Axis(2)), 0.95);
  EXPECT_GT(tracks[0].items[0].seconds, 1.5 * tracks[0].items[1].seconds);
}

TEST(EmbedTracksTest, PiecesKnowWhereTheyLie) {
  // A pause of 60 frames, 1 s, in the middle: no piece reaches over it. It begins at an odd or an even feature.
  for (int more = 0; more < 8; ++more) {
    const int pause = 230 + more;
    const std::vector<TrackVoices> tracks = Embed(Made({{30, 0, 0}, {200 + more, 4, 1}, {60, 0, 0}, {150, 4, 2}}));
    ASSERT_THAT(tracks, SizeIs(1));
    EXPECT_EQ(tracks[0].speaker, 2);
    std::set<int> covered;
    for (const VoicePiece& piece : tracks[0].pieces) {
      EXPECT_LE(piece.first_frame, piece.last_frame);
      for (int f = piece.first_frame; f <= piece.last_frame; ++f) covered.insert(f);
      const bool before = piece.last_frame < pause;
      EXPECT_TRUE(before || piece.first_frame >= pause + 60) << piece.first_frame << " to " << piece.last_frame;
      EXPECT_GT(Cosine(piece.embedding, Axis(before ? 1 : 2)), 0.999);
      EXPECT_NEAR(piece.seconds, 0.016875 * (piece.last_frame - piece.first_frame + 1), 0.05);
      EXPECT_NEAR(piece.seconds, 1.5, 1e-6);
    }
    // The first frame behind the pause may lie in a column that belongs to what is before.
    for (int f = 30; f < 440 + more; ++f) {
      if (f == pause + 60) continue;
      EXPECT_EQ(covered.count(f), f < pause || f >= pause + 60 ? 1u : 0u) << f << ", " << more;
    }
  }
}

TEST(EmbedTracksTest, AShortPauseDoesNotCut) {
  // 10 frames, .17 s; two stretches of .8 s and .7 s are one piece.
  const std::vector<TrackVoices> tracks = Embed(Made({{47, 1, 1}, {10, 0, 0}, {41, 1, 1}}));
  ASSERT_THAT(tracks[0].pieces, SizeIs(1));
  EXPECT_EQ(tracks[0].pieces[0].first_frame, 0);
  EXPECT_EQ(tracks[0].pieces[0].last_frame, 97);
}

TEST(EmbedTracksTest, ScrapsBetweenPausesHaveEmbeddingsToo) {
  // Stretches of one or two frames: less than two columns each.
  std::vector<Frames> stretches;
  for (int i = 0; i < 12; ++i) {
    stretches.push_back({i % 2 + 1, 1, 2});
    stretches.push_back({40, 0, 0});
  }
  const std::vector<TrackVoices> tracks = Embed(Made(stretches));
  ASSERT_THAT(tracks, SizeIs(1));
  EXPECT_GE(tracks[0].pieces.size(), 6u);
  for (const VoicePiece& piece : tracks[0].pieces) EXPECT_GT(Cosine(piece.embedding, Axis(2)), 0.999);
}

TEST(EmbedTracksTest, NobodyAndNothing) {
  EXPECT_THAT(Embed(Made({{400, 0, 1}})), IsEmpty());
  EXPECT_THAT(Embed(Made({{100, 0, 0}, {3, 1, 1}, {100, 0, 0}})), IsEmpty());
  Window window = Made({{100, 1, 1}});
  window.samples = FloatArray::Zeros({399});
  EXPECT_THAT(Embed(window), IsEmpty());
  window.samples = FloatArray::Zeros({0});
  EXPECT_THAT(Embed(window), IsEmpty());
  // Silence where the scores see somebody: an embedding of length 0.
  window.samples = FloatArray::Zeros({20000});
  const std::vector<TrackVoices> tracks = Embed(window);
  ASSERT_THAT(tracks, SizeIs(1));
  for (const VoiceItem& item : tracks[0].items) EXPECT_THAT(item.embedding, Each(0));
}

TEST(EmbedTracksTest, ErrorsOfTheEncoderComeBack) {
  FakeVoice encoder;
  encoder.fail_ = true;
  const Window window = Made({{100, 1, 1}});
  EXPECT_THAT(EmbedTracks(window.samples, window.scores, encoder, {}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("the columns are lost")));
  // Which is not asked where nobody speaks.
  EXPECT_OK(EmbedTracks(window.samples, Made({{100, 0, 0}}).scores, encoder, {}));
}

TEST(EmbedFramesTest, TheChosenFramesAreOneVoice) {
  const Window window = Made({{100, 1, 1}, {100, 1, 2}});
  FakeVoice encoder;
  ASSERT_OK_AND_ASSIGN(const FloatArray features, encoder.Features(window.samples));
  // Two frames of the one voice and four of the other.
  ASSERT_OK_AND_ASSIGN(const std::vector<float> voice, EmbedFrames(encoder, features, {20, 21, 300, 301, 302, 303}));
  EXPECT_NEAR(Cosine(voice, {1, 2, 0, 0}), 1, 1e-6);
  EXPECT_NEAR(voice[0], 1 / std::sqrt(5), 1e-6);
  encoder.fail_ = true;
  EXPECT_THAT(EmbedFrames(encoder, features, {20, 21, 22}), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(CheckEmbedOptionsTest, EveryOptionHasItsRange) {
  EXPECT_OK(CheckEmbedOptions({}));
  const auto expect = [](const std::function<void(EmbedOptions*)>& change, const char* message) {
    EmbedOptions options;
    change(&options);
    EXPECT_THAT(CheckEmbedOptions(options), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  };
  using Options = EmbedOptions;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  expect([](Options* o) { o->item_similarity = 1.1; }, "item_similarity is 1.1; it must lie between -1 and 1");
  expect([&](Options* o) { o->item_similarity = nan; }, "item_similarity is nan");
  expect([](Options* o) { o->track.least_clean_frames = -1; }, "least_clean_frames is -1");
  expect([](Options* o) { o->track.least_features = 2; }, "least_features is 2; it must lie between 3 and 1000000");
  expect([](Options* o) { o->track.piece_columns = 1; }, "piece_columns is 1");
  expect([](Options* o) { o->track.piece_hop = 0; }, "piece_hop is 0; it must lie between 1 and 1000000");
  expect([](Options* o) { o->track.piece_hop = std::numeric_limits<int>::max(); }, "piece_hop is 2147483647");
  expect([](Options* o) { o->track.longest_gap = -1; }, "longest_gap is -1");
  expect([](Options* o) { o->least_own_columns = 1; }, "least_own_columns is 1");
}

TEST(CheckEmbedOptionsTest, TheLeastOfAllHasEmbeddings) {
  EmbedOptions least;
  least.track = {/*least_clean_frames=*/0, /*least_features=*/3, /*piece_columns=*/2, /*piece_hop=*/1,
                 /*longest_gap=*/0};
  least.item_similarity = 1;
  least.least_own_columns = 2;
  ASSERT_OK(CheckEmbedOptions(least));
  for (int frames = 1; frames < 8; ++frames) {
    for (const TrackVoices& track : Embed(Made({{frames, 1, 1}, {30, 0, 0}, {2, 1, 2}, {30, 2, 3}}), least)) {
      EXPECT_FALSE(track.items.empty());
      for (const VoicePiece& piece : track.pieces) ExpectLengthOne(piece.embedding);
    }
  }
}

}  // namespace
}  // namespace diarflow
