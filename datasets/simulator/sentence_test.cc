#include "datasets/simulator/sentence.h"

#include <algorithm>
#include <string>
#include <vector>

#include "datasets/simulator/check_options.h"
#include "datasets/simulator/stub_corpus.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

// One utterance at 1000 Hz: silence to 400, "a" to 600, "b" to 900, silence to 1200, "c" to 1500, silence to 1600.
SourceSpeaker OneUtterance() {
  SourceSpeaker speaker;
  speaker.name = "s";
  speaker.utterances.push_back(
      {"/x.wav",
       0,
       1700000,
       "x",
       "",
       {{"", 400000}, {"a", 600000}, {"b", 900000}, {"", 1200000}, {"c", 1500000}, {"", 1600000}}});
  return speaker;
}

ConversationOptions Options(double r, double p) {
  ConversationOptions options;
  options.set_sample_rate(1000);
  options.set_sentence_length_r(r);
  options.set_sentence_length_p(p);
  return options;
}

// p = 1 draws 0 more words: one.
TEST(SentenceTest, OneWordWithItsSurroundings) {
  const ConversationOptions options = Options(1, 1);
  bool seen_a = false, seen_c = false;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    const Sentence sentence = BuildSentence(OneUtterance(), {0}, options, kNoBudget, &random);
    ASSERT_EQ(sentence.words.size(), 1u);
    const SentencePiece& piece = sentence.pieces[0];
    EXPECT_EQ(piece.fade_in, 50);
    EXPECT_EQ(sentence.words[0].begin, 150);
    if (sentence.words[0].word == "a") {
      seen_a = true;
      // Speech goes on behind it: a short fade, no release.
      EXPECT_EQ(piece.source_begin, 250);
      EXPECT_EQ(piece.fade_out, 5);
      EXPECT_EQ(sentence.length, 150 + 200 + 5);
    } else {
      seen_c = true;
      EXPECT_EQ(sentence.words[0].word, "c");
      EXPECT_EQ(piece.source_begin, 1050);
      // The silence behind it has 100 samples: release, and no room for a window.
      EXPECT_EQ(piece.fade_out, 0);
      EXPECT_EQ(sentence.length, 150 + 300 + 100);
    }
    EXPECT_EQ(sentence.turns, (std::vector<SampleSpan>{{sentence.words[0].begin, sentence.words[0].end}}));
  }
  EXPECT_TRUE(seen_a && seen_c);
}

TEST(SentenceTest, QuirksOfOnePiece) {
  ConversationOptions options = Options(1, 1);
  options.mutable_quirks()->set_all(true);
  options = ExpandQuirks(options);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    const Sentence sentence = BuildSentence(OneUtterance(), {0}, options, kNoBudget, &random);
    // Always the beginning, without lead; .1 s of the next word, then the window over it.
    ASSERT_EQ(sentence.words.size(), 1u);
    EXPECT_EQ(sentence.words[0].word, "a");
    EXPECT_EQ(sentence.words[0].begin, 0);
    EXPECT_EQ(sentence.pieces[0].source_begin, 400);
    EXPECT_EQ(sentence.pieces[0].fade_in, 0);
    EXPECT_EQ(sentence.pieces[0].fade_out, 50);
    EXPECT_EQ(sentence.length, 200 + 100 + 50);
    EXPECT_EQ(sentence.turns, (std::vector<SampleSpan>{{0, 350}}));
  }
}

TEST(SentenceTest, EndsWithinItsBudget) {
  StubCorpusOptions corpus;
  corpus.num_speakers = 1;
  const SpeechSource source = StubCorpus(corpus);
  const ConversationOptions options;
  std::vector<int> all(source.speakers()[0].utterances.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
  Random random(4);
  int empty = 0;
  for (int i = 0; i < 3000; ++i) {
    const int64_t budget = 1 + random.Below(80000);
    const Sentence sentence = BuildSentence(source.speakers()[0], all, options, budget, &random);
    EXPECT_LE(sentence.length, budget);
    int64_t sum = 0;
    for (const SentencePiece& piece : sentence.pieces) {
      EXPECT_GE(piece.source_begin, 0);
      const int64_t whole = source.speakers()[0].utterances[static_cast<size_t>(piece.utterance)].duration * 16 / 1000;
      EXPECT_LE(piece.source_begin + piece.length, whole);
      EXPECT_LE(piece.fade_in + piece.fade_out, piece.length);
      sum += piece.length;
    }
    EXPECT_EQ(sum, sentence.length);
    int64_t last = 0;
    for (const SentenceWord& word : sentence.words) {
      EXPECT_GE(word.begin, last);
      EXPECT_GT(word.end, word.begin);
      last = word.end;
    }
    EXPECT_LE(last, sentence.length);
    EXPECT_EQ(sentence.words.empty(), sentence.turns.empty());
    empty += sentence.words.empty();
  }
  EXPECT_GT(empty, 10);
  EXPECT_LT(empty, 1000);
}

TEST(SentenceTest, UnknownSpeechCountsThreeWordsASecond) {
  SourceSpeaker speaker = OneUtterance();
  speaker.utterances[0].tokens = {{"", 100000}, {"<speech>", 1100000}, {"", 1300000}, {"<speech>", 1600000}};
  // 1 + 2 r words on average.
  ConversationOptions options = Options(1000, 0.5);
  double seconds = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    for (const SentenceWord& word : BuildSentence(speaker, {0}, options, kNoBudget, &random).words) {
      seconds += 1e-3 * static_cast<double>(word.end - word.begin) / 20;
    }
  }
  EXPECT_NEAR(seconds, 1000.0 / 3, 15);
}

// The lead in front of it is no part of it.
TEST(SentenceTest, SilenceInFrontCountsNoUnknownWords) {
  SourceSpeaker unknown = OneUtterance();
  unknown.utterances[0].tokens = {{"", 400000}, {"<speech>", 800000}, {"", 1200000}};
  SourceSpeaker known = unknown;
  known.utterances[0].tokens[1].word = "one";
  size_t most = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed), again(seed);
    const size_t count = BuildSentence(unknown, {0}, Options(1, 0.5), kNoBudget, &random).words.size();
    EXPECT_EQ(count, BuildSentence(known, {0}, Options(1, 0.5), kNoBudget, &again).words.size());
    most = std::max(most, count);
  }
  EXPECT_GT(most, 2u);
}

TEST(SentenceTest, LongPausesSplitATurn) {
  SourceSpeaker speaker = OneUtterance();
  ConversationOptions options = Options(100, 0.5);
  // Words "a b" are 500 samples; 100 words or so out of pieces with 150 samples of lead and up to 150 of release.
  Random random(1);
  EXPECT_EQ(BuildSentence(speaker, {0}, options, kNoBudget, &random).turns.size(), 1u);
  options.set_bridged_pause(0.2);
  Random again(1);
  const Sentence split = BuildSentence(speaker, {0}, options, kNoBudget, &again);
  EXPECT_GT(split.turns.size(), 3u);
  for (size_t i = 1; i < split.turns.size(); ++i) EXPECT_GT(split.turns[i].begin, split.turns[i - 1].end + 200);
}

}  // namespace
}  // namespace diarflow
