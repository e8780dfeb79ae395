#include "datasets/simulator/session_speakers.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/status_matchers.h"
#include "datasets/simulator/stub_corpus.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

SpeechSource Source(int speakers, int sessions = 1) {
  StubCorpusOptions options;
  options.num_speakers = speakers;
  options.utterances_per_speaker = 6;
  options.num_sessions = sessions;
  return StubCorpus(options);
}

TEST(SessionSpeakersTest, EverySpeakerOnceASessionAndAllEquallyOften) {
  const SpeechSource source = Source(7);
  ConversationOptions options;
  options.set_num_speakers(3);
  const auto sessions = DrawSpeakers(source, options, 5, 70);
  ASSERT_OK(sessions);
  std::map<int, int> used;
  for (const auto& session : *sessions) {
    std::set<int> distinct;
    for (const SessionSpeaker& speaker : session) {
      distinct.insert(speaker.speaker);
      ++used[speaker.speaker];
      EXPECT_EQ(speaker.utterances.size(), 6u);
    }
    EXPECT_EQ(distinct.size(), 3u);
  }
  for (const auto& [speaker, count] : used) EXPECT_EQ(count, 30) << speaker;
}

TEST(SessionSpeakersTest, TheQuirkNamesASpeakerTwice) {
  const SpeechSource source = Source(5);
  ConversationOptions options;
  options.set_num_speakers(3);
  options.mutable_quirks()->set_repeat_speaker(true);
  int repeated = 0;
  const auto sessions = DrawSpeakers(source, options, 5, 200);
  ASSERT_OK(sessions);
  for (const auto& session : *sessions) {
    std::set<int> distinct;
    for (const SessionSpeaker& speaker : session) distinct.insert(speaker.speaker);
    repeated += distinct.size() < 3;
  }
  EXPECT_GT(repeated, 0);
}

TEST(SessionSpeakersTest, OneSessionKeepsToIt) {
  const SpeechSource source = Source(6, 3);
  ConversationOptions options;
  options.set_num_speakers(4);
  options.set_grouping(ConversationOptions::ONE_SESSION);
  std::set<std::string> names;
  const auto sessions = DrawSpeakers(source, options, 1, 30);
  ASSERT_OK(sessions);
  for (const auto& session : *sessions) {
    std::set<std::string> here;
    for (const SessionSpeaker& speaker : session) {
      EXPECT_EQ(speaker.utterances.size(), 2u);
      for (const int utterance : speaker.utterances) {
        here.insert(
            source.speakers()[static_cast<size_t>(speaker.speaker)].utterances[static_cast<size_t>(utterance)].session);
      }
    }
    EXPECT_EQ(here.size(), 1u);
    names.insert(here.begin(), here.end());
  }
  EXPECT_EQ(names.size(), 3u);
}

TEST(SessionSpeakersTest, SaysWhenThereAreTooFew) {
  ConversationOptions options;
  EXPECT_THAT(DrawSpeakers(Source(3), options, 1, 1).status().message(),
              HasSubstr("a conversation of 4 speakers was asked for, but the source has 3"));
  options.set_grouping(ConversationOptions::ONE_SESSION);
  EXPECT_THAT(DrawSpeakers(Source(3), options, 1, 1).status().message(),
              HasSubstr("no session of the source has more than 3"));
}

TEST(SessionSpeakersTest, TheFirstSessionsDoNotDependOnHowManyThereAre) {
  const SpeechSource source = Source(9);
  const auto few = DrawSpeakers(source, {}, 8, 3);
  const auto many = DrawSpeakers(source, {}, 8, 100);
  const auto others = DrawSpeakers(source, {}, 9, 3);
  ASSERT_OK(few);
  ASSERT_OK(many);
  ASSERT_OK(others);
  bool same = true;
  for (size_t i = 0; i < 3; ++i) {
    for (size_t k = 0; k < 4; ++k) {
      EXPECT_EQ((*few)[i][k].speaker, (*many)[i][k].speaker);
      same &= (*few)[i][k].speaker == (*others)[i][k].speaker;
    }
  }
  EXPECT_FALSE(same);
}

}  // namespace
}  // namespace diarflow
