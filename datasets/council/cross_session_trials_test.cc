#include "datasets/council/cross_session_trials.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "audio/decode.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "datasets/trial_list.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

TEST(CrossSessionTrialsTest, CutsPiecesAndPairsThemAcrossSessions) {
  const std::vector<Recording> recordings = {
      {"b/y/1.wav", 47999, 16000},  // a sample too short
      {"b/x/1.wav", 48000, 16000},
      {"a/y/1.wav", 95999, 16000},
      {"a/x/2.wav", 8000 * 7, 8000},
  };
  const std::string expected =
      "1 a/x/2.wav#t=0,3 a/y/1.wav#t=0,3\n"
      "1 a/x/2.wav#t=3,6 a/y/1.wav#t=0,3\n"
      "0 a/y/1.wav#t=0,3 b/x/1.wav#t=0,3\n";
  ASSERT_OK_AND_ASSIGN(const TrialList list, CrossSessionTrials(recordings, 3));
  EXPECT_EQ(FormatTrialList(list), expected);
  ASSERT_OK_AND_ASSIGN(const TrialList reversed, CrossSessionTrials({recordings.rbegin(), recordings.rend()}, 3));
  EXPECT_EQ(FormatTrialList(reversed), expected);
  ASSERT_OK_AND_ASSIGN(const TrialList whole, CrossSessionTrials(recordings, 0));
  EXPECT_EQ(FormatTrialList(whole),
            "1 a/x/2.wav a/y/1.wav\n0 a/x/2.wav b/y/1.wav\n0 a/y/1.wav b/x/1.wav\n1 b/x/1.wav b/y/1.wav\n");
}

TEST(CrossSessionTrialsTest, BadInput) {
  const auto invalid = [](const std::string& words) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(words));
  };
  EXPECT_THAT(CrossSessionTrials({{"a/1.wav", 1, 1}}, 0), invalid("a/1.wav: a recording is named"));
  EXPECT_THAT(CrossSessionTrials({{"a/x/1.wav", 1, 1}, {"a/x/1.wav", 1, 1}}, 0), invalid("twice"));
  EXPECT_THAT(CrossSessionTrials({{"a/x/1.wav", 1, 0}}, 0), invalid("0 Hz"));
  EXPECT_THAT(CrossSessionTrials({{"a/x/1.wav", 1, 1}}, -1), invalid("-1 s"));
  EXPECT_THAT(CrossSessionTrials({}, 3), invalid("0 target"));
  EXPECT_THAT(CrossSessionTrials({{"a/x/1.wav", 1, 1}, {"a/y/1.wav", 1, 1}}, 0), invalid("0 non-target"));
}

absl::StatusOr<TrialList> ReadBuiltList(const std::string& name) {
  const absl::StatusOr<std::string> path = ResolvePath(absl::StrCat("runfiles:datasets/council/", name));
  if (!path.ok()) return path.status();
  return ReadTrialList(*path);
}

// What a list of the council set must hold, whatever wrote it.
void CheckList(const TrialList& list, const std::set<std::string>& all_speakers) {
  std::set<std::string> speakers;
  for (const ListedUtterance& utterance : list.utterances) speakers.insert(utterance.speaker);
  EXPECT_EQ(speakers, all_speakers);
  std::set<std::pair<int, int>> pairs;
  for (const Trial& trial : list.trials) {
    const ListedUtterance& enrol = list.utterances[trial.enrol];
    const ListedUtterance& test = list.utterances[trial.test];
    EXPECT_EQ(trial.target, enrol.speaker == test.speaker);
    EXPECT_NE(enrol.session.substr(enrol.speaker.size()), test.session.substr(test.speaker.size()));
    EXPECT_TRUE(pairs.insert(std::minmax(trial.enrol, trial.test)).second);
  }
}

const std::set<std::string>& NineSpeakers() {
  static const auto* const speakers =
      new std::set<std::string>{"spk01", "spk02", "spk03", "spk04", "spk05", "spk06", "spk07", "spk08", "spk09"};
  return *speakers;
}

TEST(CouncilTest, PiecesOfThreeSeconds) {
  ASSERT_OK_AND_ASSIGN(const TrialList list, ReadBuiltList("trials.txt"));
  EXPECT_EQ(list.utterances.size(), 351u);
  EXPECT_EQ(list.num_target(), 4478);
  EXPECT_EQ(list.num_nontarget(), 44474);
  CheckList(list, NineSpeakers());
  // Every piece lies inside its recording, which the build brings along.
  for (const ListedUtterance& utterance : list.utterances) {
    ASSERT_EQ(utterance.length, Rational(3)) << utterance.id;
    ASSERT_OK_AND_ASSIGN(const std::string path,
                         ResolvePath(absl::StrCat("runfiles:@council/council/", utterance.path)));
    ASSERT_OK_AND_ASSIGN(const AudioInfo info, ReadAudioInfo(path));
    EXPECT_EQ(info.sample_rate, 16000);
    EXPECT_EQ(info.channels, 1);
    EXPECT_LE((utterance.start.num() + 3) * 16000, info.num_samples) << utterance.id;
  }
}

TEST(CouncilTest, WholeRecordings) {
  ASSERT_OK_AND_ASSIGN(const TrialList list, ReadBuiltList("whole_trials.txt"));
  EXPECT_EQ(list.utterances.size(), 73u);
  EXPECT_EQ(list.num_target(), 226);
  EXPECT_EQ(list.num_nontarget(), 1872);
  CheckList(list, NineSpeakers());
  std::set<std::string> meetings;
  for (const ListedUtterance& utterance : list.utterances) {
    EXPECT_EQ(utterance.id, utterance.path);
    meetings.insert(utterance.session.substr(utterance.speaker.size()));
  }
  EXPECT_EQ(meetings.size(), 5u);
}

}  // namespace
}  // namespace diarflow
