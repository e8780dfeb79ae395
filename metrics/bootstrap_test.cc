#include "metrics/bootstrap.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/eer.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

// The generator of the header's promise, written once more.
struct Generator {
  uint64_t state;
  uint64_t Next() {
    state += 0x9e3779b97f4a7c15;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  int Below(int n) {
    // The high word, by halves.
    const uint64_t x = Next();
    const auto m = static_cast<uint64_t>(n);
    return static_cast<int>((((x & 0xffffffff) * m >> 32) + (x >> 32) * m) >> 32);
  }
};

// Draws speakers one by one and writes every trial of every pair of drawn copies into a list of its own.
VerificationIntervals SlowBootstrap(const std::vector<SpeakerTrial>& trials, const BootstrapOptions& options) {
  int num_speakers = 0;
  for (const SpeakerTrial& trial : trials) {
    num_speakers = std::max({num_speakers, trial.enrol_speaker + 1, trial.test_speaker + 1});
  }
  Generator random = {options.seed};
  std::vector<double> eers;
  std::vector<std::vector<double>> costs(options.cost_models.size());
  while (static_cast<int>(eers.size()) < options.replicates) {
    std::vector<int> copies;
    for (int i = 0; i < num_speakers; ++i) copies.push_back(random.Below(num_speakers));
    VerificationScores scores;
    for (const SpeakerTrial& trial : trials) {
      for (size_t a = 0; a < copies.size(); ++a) {
        for (size_t b = 0; b < copies.size(); ++b) {
          if (copies[a] != trial.enrol_speaker || copies[b] != trial.test_speaker) continue;
          if (trial.target && a == b) scores.target.push_back(trial.score);
          if (!trial.target) scores.nontarget.push_back(trial.score);
        }
      }
    }
    if (!CheckScores(scores).ok()) continue;
    eers.push_back(*EqualErrorRate(scores));
    for (size_t i = 0; i < costs.size(); ++i) costs[i].push_back(*MinDcf(scores, options.cost_models[i]));
  }
  const auto interval = [&options](std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const auto quantile = [&values](double q) {
      const double position = q * static_cast<double>(values.size() - 1);
      const double low = values[static_cast<size_t>(std::floor(position))];
      const double high = values[static_cast<size_t>(std::ceil(position))];
      return low + (high - low) * (position - std::floor(position));
    };
    return Interval{quantile((1 - options.confidence) / 2), quantile((1 + options.confidence) / 2)};
  };
  VerificationIntervals intervals;
  intervals.eer = interval(eers);
  for (const auto& values : costs) intervals.min_dcf.push_back(interval(values));
  return intervals;
}

// Utterances of speakers whose voices differ; scores of all pairs. Rounded scores give ties.
std::vector<SpeakerTrial> MakeTrials(int num_speakers, int utterances, uint64_t seed, double rounding = 0) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<std::pair<int, std::vector<double>>> voices;
  for (int s = 0; s < num_speakers; ++s) {
    std::vector<double> voice(6);
    for (double& x : voice) x = normal(random);
    for (int u = 0; u < utterances; ++u) {
      std::vector<double> heard = voice;
      for (double& x : heard) x += normal(random);
      voices.emplace_back(s, heard);
    }
  }
  std::vector<SpeakerTrial> trials;
  for (size_t i = 0; i < voices.size(); ++i) {
    for (size_t j = i + 1; j < voices.size(); ++j) {
      double score = 0;
      for (size_t k = 0; k < 6; ++k) score += voices[i].second[k] * voices[j].second[k];
      if (rounding > 0) score = std::round(score / rounding) * rounding;
      trials.push_back({score, voices[i].first == voices[j].first, voices[i].first, voices[j].first});
    }
  }
  return trials;
}

VerificationScores Scores(const std::vector<SpeakerTrial>& trials) {
  VerificationScores scores;
  for (const SpeakerTrial& trial : trials) (trial.target ? scores.target : scores.nontarget).push_back(trial.score);
  return scores;
}

double Width(const Interval& interval) { return interval.high - interval.low; }

TEST(BootstrapTest, EqualsTheSlowOne) {
  for (const double rounding : {0.0, 2.0}) {
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      const auto trials = MakeTrials(2 + static_cast<int>(seed), 4, seed, rounding);
      BootstrapOptions options;
      options.replicates = 60;
      options.confidence = 0.9;
      options.seed = seed + 100;
      options.cost_models = {{0.01, 1, 1}, {0.3, 2, 5}};
      ASSERT_OK_AND_ASSIGN(const VerificationIntervals fast, BootstrapOverSpeakers(trials, options));
      const VerificationIntervals slow = SlowBootstrap(trials, options);
      EXPECT_NEAR(fast.eer.low, slow.eer.low, 1e-12);
      EXPECT_NEAR(fast.eer.high, slow.eer.high, 1e-12);
      ASSERT_EQ(fast.min_dcf.size(), 2u);
      for (size_t i = 0; i < 2; ++i) {
        EXPECT_NEAR(fast.min_dcf[i].low, slow.min_dcf[i].low, 1e-12);
        EXPECT_NEAR(fast.min_dcf[i].high, slow.min_dcf[i].high, 1e-12);
      }
      EXPECT_EQ(fast.num_speakers, 2 + static_cast<int>(seed));
    }
  }
}

TEST(BootstrapTest, SameSeedSameNumbersInAnyOrder) {
  auto trials = MakeTrials(6, 5, 11, 0.5);
  ASSERT_OK_AND_ASSIGN(const auto first, BootstrapOverSpeakers(trials));
  std::mt19937_64 random(1);
  std::shuffle(trials.begin(), trials.end(), random);
  // Numbers of speakers are names: only their order counts.
  for (SpeakerTrial& trial : trials) {
    trial.enrol_speaker = 1000 + 7 * trial.enrol_speaker;
    trial.test_speaker = 1000 + 7 * trial.test_speaker;
  }
  ASSERT_OK_AND_ASSIGN(const auto second, BootstrapOverSpeakers(trials));
  EXPECT_EQ(first.eer.low, second.eer.low);
  EXPECT_EQ(first.eer.high, second.eer.high);
  EXPECT_EQ(first.min_dcf[0].low, second.min_dcf[0].low);
  EXPECT_EQ(first.min_dcf[1].high, second.min_dcf[1].high);
  EXPECT_EQ(second.num_speakers, 6);
  BootstrapOptions other;
  other.seed = 2;
  ASSERT_OK_AND_ASSIGN(const auto third, BootstrapOverSpeakers(trials, other));
  EXPECT_NE(first.eer.low, third.eer.low);
}

TEST(BootstrapTest, IntervalsBehave) {
  const auto few = MakeTrials(8, 8, 5);
  const auto many = MakeTrials(40, 8, 5);
  ASSERT_OK_AND_ASSIGN(const auto wide, BootstrapOverSpeakers(few));
  ASSERT_OK_AND_ASSIGN(const auto narrow, BootstrapOverSpeakers(many));
  ASSERT_OK_AND_ASSIGN(const double eer, EqualErrorRate(Scores(many)));
  EXPECT_LT(narrow.eer.low, eer);
  EXPECT_GT(narrow.eer.high, eer);
  EXPECT_LT(Width(narrow.eer), Width(wide.eer));
  BootstrapOptions half;
  half.confidence = 0.5;
  ASSERT_OK_AND_ASSIGN(const auto inner, BootstrapOverSpeakers(many, half));
  EXPECT_LT(narrow.eer.low, inner.eer.low);
  EXPECT_GT(narrow.eer.high, inner.eer.high);
}

// The interval of 95 % should hold the true rate nearly as often: known here from a very large sample.
TEST(BootstrapTest, CoversTheTrueRate) {
  double truth = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) truth += *EqualErrorRate(Scores(MakeTrials(150, 4, 9000 + seed))) / 20;
  BootstrapOptions options;
  options.replicates = 200;
  int covered = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    ASSERT_OK_AND_ASSIGN(const auto intervals, BootstrapOverSpeakers(MakeTrials(30, 4, 500 + seed), options));
    covered += intervals.eer.low <= truth && truth <= intervals.eer.high;
  }
  std::cout << "true rate " << truth << " covered by " << covered << " of 100 intervals\n";
  EXPECT_GE(covered, 85);
}

TEST(BootstrapTest, BadInput) {
  const auto invalid = [](const std::string& words) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(words));
  };
  const std::vector<SpeakerTrial> good = MakeTrials(4, 3, 1);
  const auto with = [&good](const SpeakerTrial& trial) {
    std::vector<SpeakerTrial> trials = good;
    trials[2] = trial;
    return BootstrapOverSpeakers(trials);
  };
  EXPECT_OK(BootstrapOverSpeakers(good));
  EXPECT_THAT(with({0, true, 1, 2}), invalid("trial 2 (counted from 0) is a target trial of two"));
  EXPECT_THAT(with({0, false, 1, 1}), invalid("trial 2 (counted from 0) is a non-target trial of one"));
  EXPECT_THAT(with({0, true, -1, -1}), invalid("negative speaker"));
  EXPECT_THAT(with({std::numeric_limits<double>::quiet_NaN(), true, 1, 1}), invalid("NaN"));
  EXPECT_THAT(BootstrapOverSpeakers({}), invalid("no target trial"));
  EXPECT_THAT(BootstrapOverSpeakers({{1, true, 0, 0}}), invalid("no non-target trial"));

  BootstrapOptions options;
  options.replicates = 0;
  EXPECT_THAT(BootstrapOverSpeakers(good, options), invalid("0 replicates"));
  options = {};
  options.confidence = 1;
  EXPECT_THAT(BootstrapOverSpeakers(good, options), invalid("confidence"));
  options = {};
  options.cost_models = {{2, 1, 1}};
  EXPECT_THAT(BootstrapOverSpeakers(good, options), invalid("prior"));
}

TEST(BootstrapTest, DrawsWithoutAClassAreDrawnAgain) {
  // The fewest trials there can be: two draws in nine hold both.
  BootstrapOptions options;
  options.replicates = 50;
  const std::vector<SpeakerTrial> trials = {{1, true, 0, 0}, {0, false, 1, 2}};
  ASSERT_OK_AND_ASSIGN(const auto intervals, BootstrapOverSpeakers(trials, options));
  EXPECT_EQ(intervals.num_speakers, 3);
  EXPECT_EQ(intervals.eer.high, 0);
}

TEST(BootstrapTest, ThousandReplicatesOfVoxCelebSize) {
  // 40 speakers, 37,611 trials.
  std::vector<SpeakerTrial> trials = MakeTrials(40, 8, 3);
  std::mt19937_64 random(4);
  while (trials.size() < 37611) {
    SpeakerTrial copy = trials[random() % trials.size()];
    copy.score += 1e-3 * static_cast<double>(random() % 1000);
    trials.push_back(copy);
  }
  trials.resize(37611);
  const auto start = std::chrono::steady_clock::now();
  ASSERT_OK(BootstrapOverSpeakers(trials));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::cout << "37611 trials, 1000 replicates: " << seconds.count() << " s\n";
#if defined(NDEBUG)
  EXPECT_LT(seconds.count(), 5);
#endif
}

}  // namespace
}  // namespace diarflow
