#include "diarization/vote.h"

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "diarization/window_scores.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

// Frame by frame of the recording: everything that any window says of it at once.
class SlowVote {
 public:
  SlowVote(const std::vector<DiarizationWindow>& windows, const std::vector<WindowAssignment>& assignments,
           int clusters, const VoteOptions& options)
      : windows_(windows), assignments_(assignments), clusters_(static_cast<size_t>(clusters)), options_(options) {
    for (const DiarizationWindow& window : windows) {
      end_ = std::max(end_, FirstFrameOf(window.start) + window.scores.frames());
    }
    activity_.assign(clusters_, std::vector<double>(static_cast<size_t>(end_), -1));
    for (int64_t g = 0; g < end_; ++g) DecideFrame(g);
  }

  std::vector<VotedTurn> Turns() const {
    std::vector<VotedTurn> turns;
    const auto most = static_cast<int64_t>(options_.least_turn * 16000 / 270 + 0.5);
    const auto gap = static_cast<int64_t>(options_.least_gap * 16000 / 270 + 0.5);
    for (size_t c = 0; c < clusters_; ++c) {
      std::vector<int64_t> frames;
      for (int64_t g = 0; g < end_; ++g) {
        if (activity_[c][static_cast<size_t>(g)] >= 0) frames.push_back(g);
      }
      for (size_t i = 0; i < frames.size();) {
        size_t j = i;
        double sum = activity_[c][static_cast<size_t>(frames[i])];
        while (j + 1 < frames.size() && frames[j + 1] - frames[j] - 1 <= gap) {
          ++j;
          sum += activity_[c][static_cast<size_t>(frames[j])];
        }
        if (frames[j] - frames[i] + 1 > most) {
          turns.push_back({static_cast<int>(c), frames[i], frames[j], sum / static_cast<double>(j - i + 1)});
        }
        i = j + 1;
      }
    }
    std::sort(turns.begin(), turns.end(), [](const VotedTurn& a, const VotedTurn& b) {
      return std::make_pair(a.first_frame, a.cluster) < std::make_pair(b.first_frame, b.cluster);
    });
    return turns;
  }

 private:
  void DecideFrame(int64_t g) {
    double weights = 0, somebody = 0, two = 0;
    std::vector<double> votes(clusters_, 0);
    for (size_t w = 0; w < windows_.size(); ++w) {
      const WindowScores& scores = windows_[w].scores;
      const int64_t f = g - FirstFrameOf(windows_[w].start);
      if (f < 0 || f >= scores.frames()) continue;
      const auto i = static_cast<size_t>(f);
      const double weight = std::min(
          1.0, options_.edge_weight + static_cast<double>(std::min(f, scores.frames() - 1 - f)) / options_.edge_frames);
      weights += weight;
      somebody += weight * scores.somebody[i];
      two += weight * scores.two[i];
      std::map<int, double> active;
      for (size_t k = 0; k < kLocalSpeakers; ++k) {
        if (assignments_[w].main[k] < 0) continue;
        double& most = active[assignments_[w].cluster[k][i]];
        most = std::max<double>(most, scores.speaker[i][k]);
      }
      for (const auto& [cluster, most] : active) {
        votes[static_cast<size_t>(cluster)] +=
            weight * most * (assignments_[w].by_agreement ? options_.agreement_weight : 1);
      }
    }
    if (weights <= 0 || somebody / weights <= options_.speech_threshold) return;
    std::vector<size_t> order;
    for (size_t c = 0; c < clusters_; ++c) order.push_back(c);
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return votes[a] > votes[b]; });
    order.resize(std::min<size_t>(order.size(), two / weights > options_.overlap_threshold ? 2 : 1));
    for (const size_t c : order) {
      if (votes[c] > 0) activity_[c][static_cast<size_t>(g)] = votes[c] / weights;
    }
  }

  const std::vector<DiarizationWindow>& windows_;
  const std::vector<WindowAssignment>& assignments_;
  size_t clusters_;
  VoteOptions options_;
  int64_t end_ = 0;
  std::vector<std::vector<double>> activity_;
};

struct Made {
  std::vector<DiarizationWindow> windows;
  std::vector<WindowAssignment> assignments;
};

// Random windows whose scores change slowly, so that turns have lengths.
Made Random(uint32_t seed, int clusters) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform;
  Made made;
  int64_t start = 0;
  const size_t count = 1 + random() % 12;
  for (size_t w = 0; w < count; ++w) {
    DiarizationWindow window;
    window.start = start;
    // At times a hole, at times two windows in one place.
    start += random() % 8 == 0 ? 90000 : random() % 8 == 0 ? 0 : static_cast<int64_t>(random() % 30000);
    WindowAssignment assignment;
    const size_t frames = random() % 20 == 0 ? random() % 3 : 100 + random() % 60;
    for (size_t k = 0; k < kLocalSpeakers; ++k) {
      if (clusters == 0 || random() % 4 == 0) continue;
      assignment.main[k] = static_cast<int>(random() % static_cast<uint32_t>(clusters));
      assignment.cluster[k].assign(frames, static_cast<int16_t>(assignment.main[k]));
      if (random() % 2 == 0) {
        // The rest of the track is somebody else.
        const auto other = static_cast<int16_t>(random() % static_cast<uint32_t>(clusters));
        std::fill(assignment.cluster[k].begin() + static_cast<std::ptrdiff_t>(frames / 2), assignment.cluster[k].end(),
                  other);
      }
    }
    assignment.by_agreement = random() % 3 == 0;
    std::array<float, kLocalSpeakers> speaker = {0, 0, 0};
    float somebody = 0, two = 0;
    for (size_t f = 0; f < frames; ++f) {
      if (random() % 12 == 0 || f == 0) {
        for (float& active : speaker) active = random() % 3 == 0 ? 0 : uniform(random);
        somebody = std::min(1.0f, 1.4f * uniform(random));
        two = uniform(random);
      }
      window.scores.speaker.push_back(speaker);
      window.scores.somebody.push_back(somebody);
      window.scores.two.push_back(two);
      window.scores.likeliest.push_back(0);
    }
    made.windows.push_back(std::move(window));
    made.assignments.push_back(std::move(assignment));
  }
  return made;
}

TEST(VoteTest, IsWhatAllWindowsSayOfEachFrame) {
  std::mt19937 random(31);
  size_t turns = 0;
  for (uint32_t round = 0; round < 400; ++round) {
    const auto clusters = static_cast<int>(random() % 6);
    const Made made = Random(round, clusters);
    VoteOptions options;
    options.edge_weight = 0.05 + static_cast<double>(random() % 90) / 100;
    options.edge_frames = 1 + static_cast<int>(random() % 100);
    options.agreement_weight = static_cast<double>(random() % 11) / 10;
    options.speech_threshold = static_cast<double>(random() % 8) / 10;
    options.overlap_threshold = static_cast<double>(random() % 11) / 10;
    options.least_turn = static_cast<double>(random() % 4) * 0.1;
    options.least_gap = static_cast<double>(random() % 4) * 0.15;
    const std::vector<VotedTurn> fast = Vote(made.windows, made.assignments, clusters, options);
    const std::vector<VotedTurn> slow = SlowVote(made.windows, made.assignments, clusters, options).Turns();
    ASSERT_EQ(fast.size(), slow.size()) << round;
    for (size_t i = 0; i < fast.size(); ++i) {
      ASSERT_EQ(fast[i].cluster, slow[i].cluster) << round;
      ASSERT_EQ(fast[i].first_frame, slow[i].first_frame) << round;
      ASSERT_EQ(fast[i].last_frame, slow[i].last_frame) << round;
      ASSERT_NEAR(fast[i].confidence, slow[i].confidence, 1e-9) << round;
    }
    turns += fast.size();
  }
  EXPECT_GT(turns, 1000u);
}

// One window in which cluster 0 is active in these runs of frames, first to last.
std::vector<std::pair<int64_t, int64_t>> Runs(const std::vector<std::pair<size_t, size_t>>& runs,
                                              const VoteOptions& options) {
  Made made;
  made.windows.resize(1);
  made.assignments.resize(1);
  made.assignments[0].main[1] = 0;
  made.assignments[0].cluster[1].assign(300, 0);
  WindowScores& scores = made.windows[0].scores;
  scores.speaker.resize(300, {0, 0, 0});
  scores.somebody.resize(300, 0);
  scores.two.resize(300, 0);
  for (const auto& [first, last] : runs) {
    for (size_t f = first; f <= last; ++f) {
      scores.speaker[f][1] = 1;
      scores.somebody[f] = 1;
    }
  }
  std::vector<std::pair<int64_t, int64_t>> found;
  for (const VotedTurn& turn : Vote(made.windows, made.assignments, 1, options)) {
    EXPECT_NEAR(turn.confidence, 1, 1e-9);
    found.push_back({turn.first_frame, turn.last_frame});
  }
  return found;
}

TEST(VoteTest, ShortTurnsGoAndShortGapsAreFilled) {
  using Pairs = std::vector<std::pair<int64_t, int64_t>>;
  const VoteOptions options;
  // .15 s are 9 frames.
  EXPECT_EQ(Runs({{10, 18}, {50, 59}, {299, 299}}, options), (Pairs{{50, 59}}));
  VoteOptions all = options;
  all.least_turn = 0;
  EXPECT_EQ(Runs({{10, 18}, {20, 20}, {299, 299}}, all), (Pairs{{10, 18}, {20, 20}, {299, 299}}));
  // A gap of 12 frames, .2 s, is filled; then what is left is judged by its length.
  VoteOptions filled = options;
  filled.least_gap = 0.2;
  EXPECT_EQ(Runs({{10, 14}, {27, 31}, {45, 49}, {200, 204}}, filled), (Pairs{{10, 31}}));
  EXPECT_EQ(Runs({{10, 30}, {43, 60}, {74, 90}}, filled), (Pairs{{10, 60}, {74, 90}}));
  EXPECT_THAT(Runs({}, filled), IsEmpty());
}

TEST(VoteTest, NothingGivesNothing) {
  EXPECT_THAT(Vote({}, {}, 0, {}), IsEmpty());
  EXPECT_THAT(Vote({}, {}, 3, {}), IsEmpty());
  Made made = Random(1, 3);
  for (WindowAssignment& assignment : made.assignments) assignment = WindowAssignment();
  EXPECT_THAT(Vote(made.windows, made.assignments, 3, {}), IsEmpty());
}

TEST(SpanOfFramesTest, FramesStandForTheirSamples) {
  // 16 samples are 1 ms.
  EXPECT_EQ(SpanOfFrames(1, 1, 1000000), (TimeSpan{39375, 56250}));    // samples 630 to 900
  EXPECT_EQ(SpanOfFrames(0, 0, 1000000), (TimeSpan{0, 39375}));        // also what lies before
  EXPECT_EQ(SpanOfFrames(2, 10, 1000000), (TimeSpan{56250, 208125}));  // 900 to 3330
  // Never past the end.
  EXPECT_EQ(SpanOfFrames(2, 10, 1600), (TimeSpan{56250, 100000}));
  EXPECT_EQ(SpanOfFrames(2, 10, 800), (TimeSpan{50000, 50000}));
  EXPECT_EQ(SpanOfFrames(0, 588, 100), (TimeSpan{0, 6250}));
  // Turns that touch do so in microseconds too.
  for (int64_t g = 1; g < 500; ++g) {
    ASSERT_EQ(SpanOfFrames(0, g - 1, 1000000).end, SpanOfFrames(g, g, 1000000).start) << g;
  }
}

}  // namespace
}  // namespace diarflow
