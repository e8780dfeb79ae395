#include "metrics/session_scores.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "diarization/frame_labels.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/der.h"
#include "metrics/slow_der.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kFrame = 80000;  // microseconds

FrameGrid Grid() { return {24000, 1920, 1920, 0}; }

// Turns on the edges of frames, of `speakers` who take turns of 5 to 24 frames, some of them together; nobody with
// themselves.
Recording RandomSession(const std::string& uri, int speakers, int64_t frames, Random* random) {
  Recording recording{uri, {}};
  int64_t at = random->Below(10);
  int speaker = 0;
  for (int turn = 0; at < frames - 30; ++turn) {
    const int64_t length = 5 + random->Below(20);
    speaker = static_cast<int>(turn < speakers ? turn : (speaker + 1 + random->Below(speakers - 1)) % speakers);
    recording.turns.push_back({at * kFrame, length * kFrame, absl::StrCat(uri, "_", speaker)});
    // Sometimes the next one begins before the end.
    at += length + random->Below(8) - 2;
  }
  std::sort(recording.turns.begin(), recording.turns.end());
  return recording;
}

// What a perfect system says, with `columns` for the speakers in the order of arrival.
FloatArray PerfectActivity(const Recording& reference, int64_t frames, const std::vector<int>& columns) {
  const absl::StatusOr<FrameLabels> labels = LabelFrames(reference, {0, frames * kFrame}, frames, {});
  FloatArray activity = FloatArray::Zeros({frames, 4});
  for (int64_t t = 0; t < frames; ++t) {
    for (size_t k = 0; k < 4; ++k) {
      activity.mutable_data()[t * 4 + columns[k]] =
          labels->values[t * 4 + static_cast<int64_t>(k)] > 0.5f ? 0.9f : 0.1f;
    }
  }
  return activity;
}

FloatArray Noisy(const FloatArray& activity, double noise, Random* random) {
  FloatArray noisy = FloatArray::Zeros(activity.shape());
  for (int64_t i = 0; i < activity.size(); ++i) {
    const double value = activity[i] + noise * random->Normal();
    noisy.mutable_data()[i] = static_cast<float>(std::min(1.0, std::max(0.0, value)));
  }
  return noisy;
}

std::vector<ScoredSession> RandomSessions(double noise) {
  Random random(7);
  std::vector<ScoredSession> sessions;
  for (int i = 0; i < 9; ++i) {
    ScoredSession session;
    session.set = i < 3 ? "validation" : i < 7 ? "easy" : "hard";
    session.validation = i < 3;
    session.reference = RandomSession(absl::StrCat("session", i), 2 + i % 3, 400, &random);
    session.grid = Grid();
    const FloatArray perfect = PerfectActivity(session.reference, 400, {2, 0, 3, 1});
    session.activity = {Noisy(perfect, noise, &random), Noisy(perfect, 2 * noise, &random), perfect};
    sessions.push_back(std::move(session));
  }
  return sessions;
}

const std::vector<ActivitySystem> kSystems = {{"good", SessionScores::HONEST, "made for a test"},
                                              {"worse", SessionScores::HONEST, ""},
                                              {"perfect", SessionScores::ORIGINAL, ""}};

const SessionScores::Row* FindRow(const SessionScores& scores, const std::string& set, SessionScores::Protocol protocol,
                                  const std::string& system) {
  for (const SessionScores::Row& row : scores.row()) {
    if (row.set() == set && row.protocol() == protocol && row.system() == system) return &row;
  }
  return nullptr;
}

TEST(ScoreSessions, WhatIsPerfectHasNoErrorInTheHonestProtocol) {
  ASSERT_OK_AND_ASSIGN(const ScoredSystems scored, ScoreSessions(kSystems, RandomSessions(0), {}));
  const SessionScores::Row* row = FindRow(scored.scores, "easy", SessionScores::HONEST, "good");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->rate(), 0);
  EXPECT_EQ(row->jaccard(), 0);
  EXPECT_EQ(row->sessions(), 4);
  // The same activities, and columns that are not the session's: wrong in the original's.
  const SessionScores::Row* original = FindRow(scored.scores, "easy", SessionScores::ORIGINAL, "perfect");
  ASSERT_NE(original, nullptr);
  EXPECT_GT(original->confusion(), 0.3);
}

// The pooled rate is that of the slow scorer on the turns that are handed out, with what was chosen on the validation.
TEST(ScoreSessions, RatesAreThoseOfASlowScorer) {
  const std::vector<ScoredSession> sessions = RandomSessions(0.35);
  ASSERT_OK_AND_ASSIGN(const ScoredSystems scored, ScoreSessions(kSystems, sessions, {}));
  for (const SetTurns& turns : scored.turns) {
    DerComponents sum;
    for (const Recording& hypothesis : turns.recordings) {
      for (const ScoredSession& session : sessions) {
        if (session.reference.uri != hypothesis.uri) continue;
        EXPECT_EQ(session.set, turns.set);
        const std::optional<std::vector<TimeSpan>> region = std::vector<TimeSpan>{{0, 400 * kFrame}};
        ASSERT_OK_AND_ASSIGN(const FileDer fast, ScoreDer(session.reference, hypothesis, region));
        sum += SlowDer(session.reference, hypothesis, region, {}, kFrame).Count(NamedMapping(fast));
      }
    }
    const SessionScores::Row* row = FindRow(scored.scores, turns.set, SessionScores::HONEST, turns.system);
    ASSERT_NE(row, nullptr) << turns.set << " " << turns.system;
    EXPECT_NEAR(row->rate(), sum.rate(), 1e-9) << turns.set << " " << turns.system;
    EXPECT_GT(row->rate(), 0);
  }
}

TEST(ScoreSessions, ChoosesTheBestOnTheValidationAndNowhereElse) {
  std::vector<ScoredSession> sessions = RandomSessions(0.35);
  ASSERT_OK_AND_ASSIGN(const ScoredSystems scored, ScoreSessions(kSystems, sessions, {}));
  const SessionScores::System& chosen = scored.scores.system(0);
  for (const double threshold : SessionScoresOptions().thresholds) {
    for (const int median_frames : SessionScoresOptions().median_frames) {
      SessionScoresOptions one;
      one.thresholds = {threshold};
      one.median_frames = {median_frames};
      ASSERT_OK_AND_ASSIGN(const ScoredSystems other, ScoreSessions(kSystems, sessions, one));
      EXPECT_GE(other.scores.system(0).validation_rate(), chosen.validation_rate());
      if (threshold == chosen.threshold() && median_frames == chosen.median_frames()) {
        EXPECT_EQ(other.scores.system(0).validation_rate(), chosen.validation_rate());
      }
    }
  }
  // Other test sessions choose nothing else.
  sessions.erase(sessions.begin() + 4, sessions.end());
  ASSERT_OK_AND_ASSIGN(const ScoredSystems fewer, ScoreSessions(kSystems, sessions, {}));
  EXPECT_EQ(fewer.scores.system(0).SerializeAsString(), chosen.SerializeAsString());
}

TEST(ScoreSessions, SaysWhatIsBetterAndByHowMuch) {
  ASSERT_OK_AND_ASSIGN(const ScoredSystems scored, ScoreSessions(kSystems, RandomSessions(0.3), {}));
  const SessionScores::Row* good = FindRow(scored.scores, "easy", SessionScores::HONEST, "good");
  const SessionScores::Row* worse = FindRow(scored.scores, "easy", SessionScores::HONEST, "worse");
  const SessionScores::Row* one = FindRow(scored.scores, "easy", SessionScores::HONEST, "one speaker");
  ASSERT_TRUE(good != nullptr && worse != nullptr && one != nullptr);
  EXPECT_TRUE(one->trivial());
  // Where it hears speech itself, one speaker is as often wrong about when, and more often about who.
  const SessionScores::Row* own =
      FindRow(scored.scores, "easy", SessionScores::HONEST, "one speaker in the speech of good");
  ASSERT_NE(own, nullptr);
  EXPECT_TRUE(own->trivial());
  EXPECT_GT(own->confusion(), good->confusion());
  EXPECT_LT(good->low(), good->rate());
  EXPECT_GT(good->high(), good->rate());
  bool found = false;
  for (const SessionScores::Difference& difference : good->difference()) {
    if (difference.other() != "worse") continue;
    found = true;
    EXPECT_NEAR(difference.value(), good->rate() - worse->rate(), 1e-9);
    EXPECT_LT(difference.high(), 0);
  }
  EXPECT_TRUE(found);
  const std::string table = SessionScoresTable(scored.scores);
  EXPECT_THAT(table, HasSubstr("good less worse"));
  EXPECT_THAT(table, HasSubstr("trivial: one speaker"));
  const std::string svg = SessionScoresSvg(scored.scores);
  EXPECT_THAT(svg, HasSubstr("easy, 4 sessions, diarization error rate"));
  EXPECT_THAT(svg, HasSubstr(">oracle without overlap<"));
  EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
}

// By the original's rule a perfect system that cannot see the session is as bad as the audit of the experiments says:
// only where the window's order is the session's is it right.
TEST(ScoreSessions, ThePerfectSystemOfAWindowIsRightWhereItsOrderIsTheSessions) {
  ScoredSession validation;
  validation.set = "validation";
  validation.validation = true;
  validation.reference = {"v", {{0, 50 * kFrame, "a"}}};
  validation.grid = Grid();
  validation.activity = {FloatArray::Zeros({100, 2})};
  // a speaks first in the session, but b first in its second half.
  ScoredSession test = validation;
  test.set = "test";
  test.validation = false;
  test.reference = {"t",
                    {{0, 20 * kFrame - 1, "a"},
                     {20 * kFrame, 30 * kFrame - 1, "b"},
                     {50 * kFrame, 20 * kFrame - 1, "b"},
                     {70 * kFrame, 30 * kFrame - 1, "a"}}};
  SessionScoresOptions options;
  options.window_frames = 50;
  ASSERT_OK_AND_ASSIGN(const ScoredSystems scored,
                       ScoreSessions({{"silent", SessionScores::ORIGINAL, ""}}, {validation, test}, options));
  const SessionScores::Row* silent = FindRow(scored.scores, "test", SessionScores::ORIGINAL, "silent");
  const SessionScores::Row* perfect =
      FindRow(scored.scores, "test", SessionScores::ORIGINAL, "perfect, in the window's order");
  const SessionScores::Row* one = FindRow(scored.scores, "test", SessionScores::ORIGINAL, "one speaker");
  ASSERT_TRUE(silent != nullptr && perfect != nullptr && one != nullptr);
  EXPECT_EQ(silent->rate(), 1);
  EXPECT_EQ(silent->missed(), 1);
  // Right in the first window, wrong in the whole of the second.
  EXPECT_NEAR(perfect->rate(), 0.5, 0.02);
  EXPECT_NEAR(perfect->mean_of_windows(), 0.5, 0.02);
  // a's half.
  EXPECT_NEAR(one->rate(), 0.5, 0.02);
}

TEST(ScoreSessions, Refuses) {
  const std::vector<ScoredSession> good = RandomSessions(0.1);
  const auto refused = [&](std::vector<ScoredSession> sessions) {
    return ScoreSessions(kSystems, sessions, {}).status();
  };
  std::vector<ScoredSession> sessions = good;
  sessions[4].activity.pop_back();
  EXPECT_THAT(refused(sessions), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("session4")));
  sessions = good;
  sessions[4].activity[1] = FloatArray::Zeros({399, 4});
  EXPECT_THAT(refused(sessions), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("[399, 4]")));
  sessions = good;
  sessions[4].reference.uri = sessions[5].reference.uri;
  EXPECT_THAT(refused(sessions), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("two sessions")));
  sessions = good;
  sessions.erase(sessions.begin(), sessions.begin() + 3);
  EXPECT_THAT(refused(sessions), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("validation")));
  sessions = good;
  sessions.resize(3);
  EXPECT_THAT(refused(sessions), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no session")));
  EXPECT_THAT(ScoreSessions({kSystems[0], kSystems[0], kSystems[2]}, good, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("two systems")));
  SessionScoresOptions options;
  options.median_frames = {4};
  EXPECT_THAT(ScoreSessions(kSystems, good, options), StatusIs(absl::StatusCode::kInvalidArgument));
  options = {};
  options.window_frames = 0;
  EXPECT_THAT(ScoreSessions(kSystems, good, options), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace diarflow
