#include "diarization/assign_tracks.h"

#include <algorithm>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kFrames = 200;
constexpr int64_t kHop = 40000;  // samples, 148.1 frames

const Vectors kAxes = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};

std::vector<float> Axis(size_t axis) { return kAxes[axis]; }

// A window in which local speaker k speaks in the frames [begin, end) of activity[k].
DiarizationWindow Window(int64_t start, const std::vector<std::pair<int, int>>& activity) {
  DiarizationWindow window;
  window.start = start;
  window.scores.speaker.resize(kFrames, {0, 0, 0});
  window.scores.somebody.resize(kFrames, 0);
  window.scores.two.resize(kFrames, 0);
  window.scores.likeliest.resize(kFrames, 0);
  for (size_t k = 0; k < activity.size(); ++k) {
    for (int f = std::max(0, activity[k].first); f < std::min(kFrames, activity[k].second); ++f) {
      window.scores.speaker[static_cast<size_t>(f)][k] = 1;
    }
  }
  return window;
}

TrackVoices Track(int speaker, const std::vector<VoicePiece>& pieces) {
  TrackVoices track;
  track.speaker = speaker;
  track.pieces = pieces;
  return track;
}

// The first and last frames of a stretch and its cluster.
struct Stretch {
  int first, last, cluster;
  friend bool operator==(const Stretch& a, const Stretch& b) {
    return a.first == b.first && a.last == b.last && a.cluster == b.cluster;
  }
};

std::vector<Stretch> RunsOf(const std::vector<int16_t>& clusters) {
  std::vector<Stretch> runs;
  for (int f = 0; f < static_cast<int>(clusters.size()); ++f) {
    const int cluster = clusters[static_cast<size_t>(f)];
    if (runs.empty() || runs.back().cluster != cluster) runs.push_back({f, f, cluster});
    runs.back().last = f;
  }
  return runs;
}

TEST(AssignTracksTest, TracksGetTheClustersThatTheySoundLike) {
  DiarizationWindow window = Window(0, {{0, 100}, {100, 200}});
  window.embedded = true;
  window.tracks = {Track(1, {{Axis(0), 100, 199, 1.5}}), Track(0, {{Axis(2), 0, 99, 1.5}})};
  const std::vector<WindowAssignment> assigned = AssignTracks({window}, kAxes, {});
  ASSERT_THAT(assigned, SizeIs(1));
  EXPECT_THAT(assigned[0].main, ElementsAre(2, 0, -1));
  EXPECT_FALSE(assigned[0].by_agreement);
  EXPECT_THAT(assigned[0].cluster[0], SizeIs(kFrames));
  EXPECT_THAT(assigned[0].cluster[0], Each(2));
  EXPECT_THAT(assigned[0].cluster[1], Each(0));
  EXPECT_THAT(assigned[0].cluster[2], IsEmpty());
}

TEST(AssignTracksTest, TracksOfOneWindowGetDifferentClusters) {
  // Both sound most like cluster 0, the first one more so: together .95 + .66 is more than .31 + .75.
  DiarizationWindow window = Window(0, {{0, 100}, {100, 200}});
  window.embedded = true;
  window.tracks = {Track(0, {{{0.95f, 0.31f, 0}, 0, 99, 1.5}}), Track(1, {{{0.75f, 0.66f, 0}, 100, 199, 1.5}})};
  AssignOptions options;
  options.taken_cluster = 0.1;
  const std::vector<WindowAssignment> assigned = AssignTracks({window}, kAxes, options);
  EXPECT_THAT(assigned[0].main, ElementsAre(0, 1, -1));
  // Frames do not leave for the cluster of another track at once: it loses .15, and is better by .09 only.
  EXPECT_THAT(assigned[0].cluster[1], Each(1));
  options.other_cluster = options.taken_cluster = 0.02;
  EXPECT_THAT(AssignTracks({window}, kAxes, options)[0].cluster[1], Each(0));
}

TEST(AssignTracksTest, WholeTracksAreWeighedBySeconds) {
  DiarizationWindow window = Window(0, {{0, 200}});
  window.embedded = true;
  window.tracks = {Track(0, {{Axis(0), 0, 49, 0.5}, {Axis(1), 50, 199, 1.5}})};
  EXPECT_EQ(AssignTracks({window}, kAxes, {})[0].main[0], 1);
  window.tracks[0].pieces[0].seconds = 1.6;
  EXPECT_EQ(AssignTracks({window}, kAxes, {})[0].main[0], 0);
}

TEST(AssignTracksTest, ATrackOfTwoVoicesIsSplit) {
  DiarizationWindow window = Window(0, {{0, 200}});
  window.embedded = true;
  // Overlapping pieces: where two cover a frame, their mean counts; 80-99 is both, 60-79 is covered by none, and goes
  // with the nearest.
  window.tracks = {Track(0, {{Axis(0), 10, 59, 1.5}, {{0.9f, 0.1f, 0}, 80, 99, 0.5}, {Axis(1), 100, 149, 1}})};
  const std::vector<WindowAssignment> assigned = AssignTracks({window}, kAxes, {});
  EXPECT_EQ(assigned[0].main[0], 0);
  EXPECT_THAT(RunsOf(assigned[0].cluster[0]), ElementsAre(Stretch{0, 99, 0}, Stretch{100, 199, 1}));
  window.tracks[0].pieces[1].embedding = Axis(1);
  // 60-69 are nearer to 59 than to 80; 69 is 10 from one and 11 from the other, 70 the other way round.
  EXPECT_THAT(RunsOf(AssignTracks({window}, kAxes, {})[0].cluster[0]),
              ElementsAre(Stretch{0, 69, 0}, Stretch{70, 199, 1}));
}

TEST(AssignTracksTest, EveryFrameIsWhatADirectLookGives) {
  std::mt19937 random(21);
  std::normal_distribution<float> normal;
  AssignOptions options;
  options.other_cluster = 0.05;
  options.taken_cluster = 0.1;
  for (int round = 0; round < 60; ++round) {
    Vectors clusters(1 + random() % 5, std::vector<float>(4));
    for (auto& cluster : clusters) std::generate(cluster.begin(), cluster.end(), [&] { return normal(random); });
    DiarizationWindow window = Window(0, {});
    window.embedded = true;
    for (int k = 0; k < 3; ++k) {
      TrackVoices track = Track(k, {});
      for (size_t p = 0; p < 1 + random() % 6; ++p) {
        VoicePiece piece;
        piece.embedding.resize(4);
        std::generate(piece.embedding.begin(), piece.embedding.end(), [&] { return normal(random); });
        piece.first_frame = static_cast<int>(random() % kFrames);
        piece.last_frame = std::min(kFrames - 1, piece.first_frame + static_cast<int>(random() % 60));
        piece.seconds = 0.1 + static_cast<double>(random() % 100) / 50;
        track.pieces.push_back(piece);
      }
      window.tracks.push_back(track);
    }
    const WindowAssignment assigned = AssignTracks({window}, clusters, options)[0];
    std::set<int> mains;
    for (const TrackVoices& track : window.tracks) {
      const auto k = static_cast<size_t>(track.speaker);
      const int main = assigned.main[k];
      if (main < 0) continue;
      EXPECT_TRUE(mains.insert(main).second);
      const auto covers = [&](const VoicePiece& piece, int f) {
        return f >= piece.first_frame && f <= piece.last_frame;
      };
      for (int f = 0; f < kFrames; ++f) {
        // The nearest frame that is covered, the earlier of two.
        int near = -1;
        for (int distance = 0; near < 0; ++distance) {
          for (const int g : {f - distance, f + distance}) {
            for (const VoicePiece& piece : track.pieces) near = near < 0 && covers(piece, g) ? g : near;
          }
        }
        std::vector<double> score(clusters.size(), 0);
        double count = 0;
        for (const VoicePiece& piece : track.pieces) {
          if (!covers(piece, near)) continue;
          ++count;
          for (size_t c = 0; c < clusters.size(); ++c) score[c] += Cosine(piece.embedding, clusters[c]);
        }
        for (size_t c = 0; c < clusters.size(); ++c) {
          score[c] /= count;
          if (static_cast<int>(c) == main) continue;
          score[c] -= 0.05;
          for (size_t l = 0; l < 3; ++l) score[c] -= l != k && assigned.main[l] == static_cast<int>(c) ? 0.1 : 0;
        }
        ASSERT_EQ(assigned.cluster[k][static_cast<size_t>(f)],
                  std::max_element(score.begin(), score.end()) - score.begin())
            << round << ", frame " << f;
      }
    }
    EXPECT_EQ(mains.size(), std::min<size_t>(3, clusters.size()));
  }
}

TEST(AssignTracksTest, MoreTracksThanClusters) {
  DiarizationWindow window = Window(0, {{0, 60}, {60, 120}, {120, 200}});
  window.embedded = true;
  for (int k = 0; k < 3; ++k) {
    window.tracks.push_back(Track(k, {{{1, 0.1f * static_cast<float>(k), 0}, 60 * k, 60 * k + 59, 1.0}}));
  }
  const WindowAssignment assigned = AssignTracks({window}, {Axis(0)}, {})[0];
  EXPECT_THAT(assigned.main, ElementsAre(0, -1, -1));
  EXPECT_THAT(assigned.cluster[1], IsEmpty());
}

TEST(AssignTracksTest, WithoutClustersNobodyIsAssigned) {
  DiarizationWindow window = Window(0, {{0, 200}});
  window.embedded = true;
  window.tracks = {Track(0, {{Axis(0), 0, 199, 3}})};
  for (const WindowAssignment& assigned : AssignTracks({window, Window(kHop, {{0, 200}})}, {}, {})) {
    EXPECT_THAT(assigned.main, ElementsAre(-1, -1, -1));
  }
  EXPECT_THAT(AssignTracks({}, kAxes, {}), IsEmpty());
}

// Two people, whose local numbers change from window to window; window 1 has no embeddings.
std::vector<DiarizationWindow> ThreeWindows() {
  // In frames of the recording: 0-170 one, 170-600 the other; windows begin at 0, 100, 200.
  std::vector<DiarizationWindow> windows = {Window(0, {{0, 170}, {170, 200}}), Window(27000, {{70, 200}, {0, 70}}),
                                            Window(54000, {{200, 200}, {0, 200}})};
  windows[0].embedded = windows[2].embedded = true;
  windows[0].tracks = {Track(0, {{Axis(2), 0, 169, 2}}), Track(1, {{Axis(1), 170, 199, .5}})};
  windows[2].tracks = {Track(1, {{Axis(1), 0, 199, 3}})};
  return windows;
}

TEST(AssignTracksTest, WindowsWithoutEmbeddingsFollowThoseAround) {
  const std::vector<WindowAssignment> assigned = AssignTracks(ThreeWindows(), kAxes, {});
  EXPECT_TRUE(assigned[1].by_agreement);
  EXPECT_THAT(assigned[1].main, ElementsAre(1, 2, -1));
  EXPECT_THAT(assigned[1].cluster[0], SizeIs(kFrames));
  EXPECT_THAT(assigned[1].cluster[0], Each(1));
  EXPECT_THAT(assigned[1].cluster[1], Each(2));
}

TEST(AssignTracksTest, WindowsTooFarAwayOrWithTooLittleInCommonSayNothing) {
  std::vector<DiarizationWindow> windows = ThreeWindows();
  AssignOptions options;
  options.least_common_frames = 101;
  EXPECT_THAT(AssignTracks(windows, kAxes, options)[1].main, ElementsAre(-1, -1, -1));
  options.least_common_frames = 100;
  EXPECT_THAT(AssignTracks(windows, kAxes, options)[1].main, ElementsAre(1, 2, -1));
  options.agreement_reach = 27000;
  EXPECT_THAT(AssignTracks(windows, kAxes, options)[1].main, ElementsAre(-1, -1, -1));
  options.agreement_reach = 27001;
  EXPECT_THAT(AssignTracks(windows, kAxes, options)[1].main, ElementsAre(1, 2, -1));
  // Without the first one nobody knows who spoke before frame 70.
  windows[0].tracks.clear();
  EXPECT_THAT(AssignTracks(windows, kAxes, {})[1].main, ElementsAre(1, -1, -1));
  // Nobody is active.
  windows[1] = Window(27000, {});
  EXPECT_THAT(AssignTracks(windows, kAxes, {})[1].main, ElementsAre(-1, -1, -1));
}

TEST(AssignTracksTest, AgreementIsWhatADirectSumGives) {
  std::mt19937 random(22);
  std::uniform_real_distribution<float> uniform;
  for (int round = 0; round < 20; ++round) {
    std::vector<DiarizationWindow> windows;
    for (int w = 0; w < 9; ++w) {
      DiarizationWindow window = Window(w * int64_t{27000}, {});
      for (auto& frame : window.scores.speaker) {
        for (float& active : frame) active = uniform(random);
      }
      window.embedded = w % 2 == 0;
      for (int k = 0; window.embedded && k < 3; ++k) {
        window.tracks.push_back(Track(k, {{{uniform(random), uniform(random), uniform(random)}, 0, 199, 1.0}}));
      }
      windows.push_back(window);
    }
    const std::vector<WindowAssignment> assigned = AssignTracks(windows, kAxes, {});
    for (int w = 1; w < 9; w += 2) {
      double sums[3][3] = {};
      for (const int v : {w - 1, w + 1}) {
        for (int f = 0; f < kFrames; ++f) {
          const int g = f - 100 * (v - w);
          if (g < 0 || g >= kFrames) continue;
          for (size_t k = 0; k < 3; ++k) {
            for (size_t l = 0; l < 3; ++l) {
              sums[k][assigned[static_cast<size_t>(v)].main[l]] +=
                  static_cast<double>(windows[static_cast<size_t>(w)].scores.speaker[static_cast<size_t>(f)][k]) *
                  windows[static_cast<size_t>(v)].scores.speaker[static_cast<size_t>(g)][l];
            }
          }
        }
      }
      std::vector<size_t> order = {0, 1, 2}, best = order;
      const auto sum = [&](const std::vector<size_t>& of) { return sums[0][of[0]] + sums[1][of[1]] + sums[2][of[2]]; };
      do {
        if (sum(order) > sum(best)) best = order;
      } while (std::next_permutation(order.begin(), order.end()));
      for (size_t k = 0; k < 3; ++k) {
        EXPECT_EQ(assigned[static_cast<size_t>(w)].main[k], static_cast<int>(best[k])) << round << ", window " << w;
      }
    }
  }
}

}  // namespace
}  // namespace diarflow
