#include "datasets/simulator/conversation.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/status_matchers.h"
#include "datasets/simulator/check_options.h"
#include "datasets/simulator/conversation_statistics.h"
#include "datasets/simulator/stub_corpus.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

const SpeechSource& Source() {
  static const SpeechSource* const source = new SpeechSource(StubCorpus({}));
  return *source;
}

ConversationOptions Parse(const std::string& text) {
  ConversationOptions options;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &options));
  EXPECT_OK(CheckConversationOptions(options));
  return ExpandQuirks(options);
}

std::vector<ConversationPlan> Plans(const ConversationOptions& options, int count, uint64_t seed = 1) {
  const auto speakers = DrawSpeakers(Source(), options, seed, count);
  EXPECT_OK(speakers);
  std::vector<ConversationPlan> plans;
  for (int i = 0; i < count; ++i) {
    const auto plan = PlanConversation(Source(), options, seed, i, (*speakers)[static_cast<size_t>(i)]);
    EXPECT_OK(plan);
    plans.push_back(*plan);
  }
  return plans;
}

// What holds for every plan, quirks or not.
void CheckPlan(const ConversationPlan& plan) {
  std::map<std::string, std::vector<std::pair<int64_t, int64_t>>> sounds;
  for (const PlannedSentence& planned : plan.sentences) {
    EXPECT_GE(planned.start, 0);
    EXPECT_LE(planned.end(), plan.num_samples);
    sounds[plan.speaker_names[static_cast<size_t>(planned.speaker)]].push_back({planned.start, planned.end()});
  }
  for (auto& [speaker, spans] : sounds) {
    std::sort(spans.begin(), spans.end());
    for (size_t i = 1; i < spans.size(); ++i) EXPECT_GE(spans[i].first, spans[i - 1].second) << speaker;
  }
}

TEST(ConversationTest, WhatWasAskedForIsReached) {
  for (const char* asked : {
           "num_speakers: 2 session_length: 300 mean_overlap: .12",
           "num_speakers: 4 session_length: 300 mean_overlap: .25",
           "num_speakers: 3 session_length: 600 mean_overlap: .18 mean_silence: .05",
           "num_speakers: 4 session_length: 90 mean_overlap: 0",
           "num_speakers: 8 session_length: 300 mean_overlap: .4 mean_silence: .3",
       }) {
    ConversationOptions options = Parse(asked);
    options.set_overlap_variance(0);
    options.set_silence_variance(0);
    double silence = 0, overlap = 0;
    for (const ConversationPlan& plan : Plans(options, 60)) {
      CheckPlan(plan);
      const ConversationStatistics figures = StatisticsOf(plan);
      EXPECT_EQ(figures.num_speakers, options.num_speakers()) << asked;
      EXPECT_EQ(plan.num_samples, static_cast<int64_t>(options.session_length() * 16000));
      EXPECT_EQ(plan.target_overlap, options.mean_overlap());
      EXPECT_NEAR(figures.overlap, options.mean_overlap(), 0.01) << asked;
      EXPECT_NEAR(figures.silence, options.mean_silence(), 0.01) << asked;
      overlap += figures.overlap / 60;
      silence += figures.silence / 60;
    }
    EXPECT_NEAR(overlap, options.mean_overlap(), 0.004) << asked;
    EXPECT_NEAR(silence, options.mean_silence(), 0.004) << asked;
  }
}

TEST(ConversationTest, SharesVaryBetweenSessionsAsAskedAndSessionsFollow) {
  const ConversationOptions options = Parse("num_speakers: 4 session_length: 300 mean_overlap: .15");
  double mean = 0, squares = 0, error = 0;
  const int count = 300;
  for (const ConversationPlan& plan : Plans(options, count)) {
    mean += plan.target_overlap / count;
    squares += plan.target_overlap * plan.target_overlap / count;
    error += std::abs(StatisticsOf(plan).overlap - plan.target_overlap) / count;
  }
  EXPECT_NEAR(mean, 0.15, 0.02);
  EXPECT_NEAR(squares - mean * mean, 0.01, 0.003);
  EXPECT_LT(error, 0.01);
}

TEST(ConversationTest, EveryQuirkAlonePlansSoundly) {
  const ConversationOptions none = Parse("num_speakers: 3 session_length: 60");
  const auto* quirks = ConversationOptions::Quirks::descriptor();
  for (int i = 0; i < quirks->field_count(); ++i) {
    ConversationOptions options = none;
    options.mutable_quirks()->GetReflection()->SetBool(options.mutable_quirks(), quirks->field(i), true);
    for (const ConversationPlan& plan : Plans(ExpandQuirks(options), 20)) CheckPlan(plan);
  }
}

TEST(ConversationTest, SessionsCanBeMadeInAnyOrder) {
  const ConversationOptions options = Parse("session_length: 60");
  const auto speakers = DrawSpeakers(Source(), options, 3, 5);
  const auto later = PlanConversation(Source(), options, 3, 4, (*speakers)[4]);
  const std::vector<ConversationPlan> all = Plans(options, 5, 3);
  EXPECT_EQ(TurnsOf(*later, "x"), TurnsOf(all[4], "x"));
  EXPECT_FALSE(TurnsOf(all[3], "x") == TurnsOf(all[4], "x"));
  EXPECT_FALSE(TurnsOf(Plans(options, 1, 4)[0], "x") == TurnsOf(all[0], "x"));
}

TEST(ConversationTest, ShortSessionsHaveAllSpeakersOrSaySo) {
  for (const ConversationPlan& plan : Plans(Parse("num_speakers: 4 session_length: 12"), 50)) {
    EXPECT_EQ(StatisticsOf(plan).num_speakers, 4);
  }
  const ConversationOptions options = Parse("num_speakers: 4 session_length: 1");
  const auto speakers = DrawSpeakers(Source(), options, 1, 1);
  EXPECT_THAT(PlanConversation(Source(), options, 1, 0, (*speakers)[0]).status().message(),
              HasSubstr("session 0: 1 s are too short for 4 speakers"));
}

TEST(ConversationTest, OneSpeakerAlone) {
  for (const ConversationPlan& plan : Plans(Parse("num_speakers: 1 session_length: 30"), 10)) {
    CheckPlan(plan);
    EXPECT_EQ(StatisticsOf(plan).overlap, 0);
    EXPECT_EQ(StatisticsOf(plan).largest_share, 1);
  }
}

TEST(ConversationTest, TurnsAreTheLabels) {
  const ConversationPlan plan = Plans(Parse("num_speakers: 2 session_length: 60"), 1)[0];
  const Recording turns = TurnsOf(plan, "conversation");
  EXPECT_OK(CheckTurns(turns));
  EXPECT_TRUE(std::is_sorted(turns.turns.begin(), turns.turns.end()));
  const PlannedSentence& first = plan.sentences[0];
  EXPECT_EQ(turns.turns[0].start,
            MicrosecondsFromSamples(first.start + first.sentence.words.front().begin, plan.sample_rate));
  const Transcript words = WordsOf(plan, "conversation");
  EXPECT_EQ(words.words[0].start, turns.turns[0].start);
  for (const TimedWord& word : words.words) {
    const bool in_turn = std::any_of(turns.turns.begin(), turns.turns.end(), [&word](const Turn& turn) {
      return turn.speaker == word.speaker && turn.start <= word.start && word.end() <= turn.end();
    });
    EXPECT_TRUE(in_turn) << word.word << " " << word.start;
  }
  EXPECT_EQ(turns.turns[0].speaker, plan.speaker_names[static_cast<size_t>(first.speaker)]);
}

}  // namespace
}  // namespace diarflow
