#include "diarization/name_speakers.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;

// In the plane, so that the cosine of two is that of the angle between them. Degrees.
std::vector<float> At(double angle, double length = 1) {
  return {static_cast<float>(length * std::cos(angle * M_PI / 180)),
          static_cast<float>(length * std::sin(angle * M_PI / 180))};
}

TEST(NameSpeakersTest, TurnsAndSpeakersGetNames) {
  Diarization diarization;
  diarization.speakers = {{"speaker1", At(0), 7}, {"speaker2", At(90), 2}, {"speaker3", At(200), 3}};
  diarization.turns = {
      {{0, 3, "speaker1"}, .5}, {{1, 2, "speaker2"}, .6}, {{1, 2, "speaker3"}, .7}, {{5, 4, "speaker1"}, .8}};
  const Diarization named = NameSpeakers(diarization, {{"Zoë", At(80, 5)}, {"Ann", At(210)}, {"Bob", At(270)}}, .5);
  ASSERT_EQ(named.speakers.size(), 3u);
  EXPECT_EQ(named.speakers[0].name, "speaker1");
  EXPECT_EQ(named.speakers[1].name, "Zoë");
  EXPECT_EQ(named.speakers[2].name, "Ann");
  EXPECT_EQ(named.speakers[2].direction, At(200));
  std::vector<Turn> turns;
  std::vector<double> confidences;
  for (const DiarizedTurn& turn : named.turns) {
    turns.push_back(turn.turn);
    confidences.push_back(turn.confidence);
  }
  EXPECT_THAT(turns, ElementsAre(Turn{0, 3, "speaker1"}, Turn{1, 2, "Ann"}, Turn{1, 2, "Zoë"}, Turn{5, 4, "speaker1"}));
  EXPECT_THAT(confidences, ElementsAre(.5, .7, .6, .8));
}

TEST(NameSpeakersTest, ANameIsGivenOnceToWhomItFitsBest) {
  const std::vector<DiarizedSpeaker> speakers = {{"a", At(0), 0}, {"b", At(20), 0}};
  EXPECT_THAT(MatchVoices(speakers, {{"x", At(15)}}, .5), ElementsAre(-1, 0));
  // x fits b best, but then a would be left without.
  EXPECT_THAT(MatchVoices(speakers, {{"x", At(15)}, {"y", At(75)}}, .5), ElementsAre(0, 1));
  EXPECT_THAT(MatchVoices(speakers, {{"x", At(15)}, {"y", At(75)}}, .6), ElementsAre(-1, 0));
  EXPECT_THAT(MatchVoices(speakers, {}, .5), ElementsAre(-1, -1));
  EXPECT_TRUE(MatchVoices({}, {{"x", At(15)}}, .5).empty());
  // Never by a threshold that is missed, and not over spaces of different sizes.
  EXPECT_THAT(MatchVoices(speakers, {{"x", At(90)}, {"y", {1, 0, 0}}}, .5), ElementsAre(-1, -1));
}

// Against all assignments there are.
TEST(NameSpeakersTest, NoAssignmentIsBetter) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> angle(0, 360);
  for (int round = 0; round < 200; ++round) {
    std::vector<DiarizedSpeaker> speakers(random() % 5);
    std::vector<KnownVoice> voices(random() % 5);
    for (auto& speaker : speakers) speaker.direction = At(angle(random));
    for (auto& voice : voices) voice.direction = At(angle(random));
    const double threshold = .3;
    const auto gain = [&](size_t speaker, size_t voice) {
      const auto &a = speakers[speaker].direction, &b = voices[voice].direction;
      const double cosine = a[0] * b[0] + a[1] * b[1];
      return cosine >= threshold ? cosine : 0;
    };
    double best = 0;
    std::vector<size_t> order(std::max(speakers.size(), voices.size()));
    std::iota(order.begin(), order.end(), 0);
    do {
      double sum = 0;
      for (size_t i = 0; i < speakers.size(); ++i) sum += order[i] < voices.size() ? gain(i, order[i]) : 0;
      best = std::max(best, sum);
    } while (std::next_permutation(order.begin(), order.end()));
    const std::vector<int> match = MatchVoices(speakers, voices, threshold);
    ASSERT_EQ(match.size(), speakers.size());
    double sum = 0;
    std::vector<int> used;
    for (size_t i = 0; i < match.size(); ++i) {
      if (match[i] < 0) continue;
      EXPECT_GT(gain(i, match[i]), 0);
      sum += gain(i, match[i]);
      EXPECT_EQ(std::count(used.begin(), used.end(), match[i]), 0);
      used.push_back(match[i]);
    }
    EXPECT_NEAR(sum, best, 1e-6);
  }
}

TEST(NameSpeakersTest, MeanDirection) {
  ASSERT_OK_AND_ASSIGN(const std::vector<float> mean, MeanDirection({At(10, 3), At(50, .1)}));
  EXPECT_THAT(mean, ElementsAre(FloatNear(At(30)[0], 1e-6), FloatNear(At(30)[1], 1e-6)));
  EXPECT_THAT(MeanDirection({}).status(), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(MeanDirection({{0, 0}}).status(), StatusIs(StatusCode::kInvalidArgument, HasSubstr("no direction")));
  EXPECT_THAT(MeanDirection({{1, NAN}}).status(), StatusIs(StatusCode::kInvalidArgument, HasSubstr("no direction")));
  EXPECT_THAT(MeanDirection({{1, 0}, {1}}).status(), StatusIs(StatusCode::kInvalidArgument, HasSubstr("2 and 1")));
  EXPECT_THAT(MeanDirection({{1, 0}, {-1, 0}}).status(), StatusIs(StatusCode::kInvalidArgument, HasSubstr("cancel")));
}

TEST(NameSpeakersTest, Names) {
  for (const std::string name : {"Ann", "Zoë_Müller", "speaker", "speakerX", "speaker1a", "NA"})
    EXPECT_OK(CheckVoiceName(name));
  for (const std::string name : {"", "Ann B", "Ann\t", "speaker1", "speaker007"}) {
    EXPECT_THAT(CheckVoiceName(name), StatusIs(StatusCode::kInvalidArgument)) << name;
  }
}

}  // namespace
}  // namespace diarflow
