#include "datasets/simulator/mixture.h"

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "datasets/simulator/check_options.h"
#include "datasets/simulator/render.h"
#include "datasets/simulator/stub_corpus.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

constexpr int kSessions = 200;

const SpeechSource& Source() {
  static const SpeechSource* const source = new SpeechSource(StubCorpus({}));
  return *source;
}

// Of `count` entries for each of `speakers`, all one stretch of sound between silences of .2 s.
SpeechSource Sounds(int speakers, int count, int64_t sound) {
  std::vector<ManifestEntry> entries;
  for (int i = 0; i < speakers * count; ++i) {
    ManifestEntry entry;
    entry.audio = absl::StrCat("/stub/", i, ".wav");
    entry.speaker = absl::StrCat("s", i % speakers);
    entry.duration = sound + 400000;
    entry.tokens = {{"", 200000}, {"<speech>", 200000 + sound}, {"", 400000 + sound}};
    entries.push_back(entry);
  }
  return *SpeechSource::FromManifest(entries);
}

MixtureOptions Options(double min_utterance, double max_utterance) {
  MixtureOptions options;
  options.set_min_utterance(min_utterance);
  options.set_max_utterance(max_utterance);
  EXPECT_OK(CheckMixtureOptions(options));
  return options;
}

std::vector<ConversationPlan> Plans(const SpeechSource& source, const MixtureOptions& mixture) {
  std::vector<ConversationPlan> plans;
  for (int i = 0; i < kSessions; ++i) {
    const auto plan = PlanMixture(source, {}, mixture, 7, i);
    EXPECT_OK(plan);
    plans.push_back(*plan);
  }
  return plans;
}

// From the first word to the last, in the session.
SampleSpan Extent(const PlannedSentence& planned) {
  return {planned.start + planned.sentence.words.front().begin, planned.start + planned.sentence.words.back().end};
}

int64_t Length(const SampleSpan& span) { return span.end - span.begin; }

bool IsSame(const ConversationPlan& a, const ConversationPlan& b) {
  return TurnsOf(a, "") == TurnsOf(b, "") && a.num_samples == b.num_samples && a.volumes == b.volumes &&
         std::equal(a.sentences.begin(), a.sentences.end(), b.sentences.begin(), b.sentences.end(),
                    [](const PlannedSentence& x, const PlannedSentence& y) {
                      return x.sentence.pieces[0].utterance == y.sentence.pieces[0].utterance && x.start == y.start;
                    });
}

TEST(MixtureTest, TwoSpeakersOverlapAsDrawn) {
  double sum = 0, lowest = 1, highest = 0;
  int in_order = 0;
  std::set<std::string> speakers, entries;
  for (const ConversationPlan& plan : Plans(Source(), Options(0, 0))) {
    ASSERT_EQ(plan.sentences.size(), 2u);
    ASSERT_EQ(plan.speakers.size(), 2u);
    EXPECT_NE(plan.speakers[0].speaker, plan.speakers[1].speaker);
    EXPECT_EQ(plan.volumes, (std::vector<double>{1, 1}));
    EXPECT_EQ(plan.sentences[0].start, 0);
    EXPECT_EQ(plan.num_samples, std::max(plan.sentences[0].end(), plan.sentences[1].end()));
    const SampleSpan first = Extent(plan.sentences[0]);
    const SampleSpan second = Extent(plan.sentences[1]);
    const auto lengths = static_cast<double>(Length(first) + Length(second));
    const double drawn = plan.target_overlap * lengths / (1 + plan.target_overlap);
    EXPECT_NEAR(static_cast<double>(first.end - second.begin), drawn, 0.51);
    EXPECT_GT(second.end, first.end);
    const double ratio = drawn / static_cast<double>(std::min(Length(first), Length(second)));
    lowest = std::min(lowest, ratio);
    highest = std::max(highest, ratio);
    sum += ratio;
    in_order += plan.speaker_names[0] < plan.speaker_names[1];
    for (const PlannedSentence& planned : plan.sentences) {
      const std::string& name = plan.speaker_names[static_cast<size_t>(planned.speaker)];
      ASSERT_EQ(planned.sentence.pieces.size(), 1u);
      speakers.insert(name);
      entries.insert(absl::StrCat(name, " ", planned.sentence.pieces[0].utterance));
    }
  }
  EXPECT_NEAR(sum / kSessions, 0.3, 0.025);
  EXPECT_GE(lowest, 0.1 - 1e-9);
  EXPECT_LT(lowest, 0.12);
  EXPECT_GT(highest, 0.48);
  EXPECT_LE(highest, 0.5 + 1e-9);
  EXPECT_NEAR(in_order, kSessions / 2, 30);
  // Of 40 speakers and their 1200 entries.
  EXPECT_EQ(speakers.size(), 40u);
  EXPECT_GT(entries.size(), 300u);
}

TEST(MixtureTest, LabelsAreTheWordsBridgedOverShortPauses) {
  ConversationOptions options;
  for (const double bridged : {0.0, 0.3, 10.0}) {
    options.set_bridged_pause(bridged);
    const auto plan = PlanMixture(Source(), options, {}, 3, 0);
    ASSERT_OK(plan);
    for (const PlannedSentence& planned : plan->sentences) {
      const Sentence& sentence = planned.sentence;
      EXPECT_EQ(sentence.turns, TurnsOfWords(sentence.words, static_cast<int64_t>(16000 * bridged)));
      EXPECT_EQ(sentence.turns.front().begin, sentence.words.front().begin);
      EXPECT_EQ(sentence.turns.back().end, sentence.words.back().end);
      EXPECT_EQ(sentence.turns.size() == 1, bridged == 10);
    }
  }
}

TEST(MixtureTest, DependsOnSeedAndNumberOnly) {
  const std::vector<ConversationPlan> plans = Plans(Source(), {});
  std::vector<ConversationPlan> again(kSessions);
  const auto plan = [&again](int from) {
    for (int i = kSessions - 1 - from; i >= 0; i -= 2) {
      again[static_cast<size_t>(i)] = *PlanMixture(Source(), {}, {}, 7, i);
    }
  };
  std::thread odd(plan, 0), even(plan, 1);
  odd.join();
  even.join();
  for (size_t i = 0; i < plans.size(); ++i) EXPECT_TRUE(IsSame(plans[i], again[i])) << i;
  EXPECT_FALSE(IsSame(plans[0], plans[1]));
  EXPECT_FALSE(IsSame(plans[0], *PlanMixture(Source(), {}, {}, 8, 0)));
}

TEST(MixtureTest, ShortEntriesFollowOneAnother) {
  const SpeechSource letters = Sounds(4, 20, 300000);
  for (const ConversationPlan& plan : Plans(letters, {})) {
    for (const PlannedSentence& planned : plan.sentences) {
      // .3 s each, with .2 s of lead and release between two and half windows of .05 s: 3 s are 5 x .6 + .3.
      EXPECT_EQ(planned.sentence.pieces.size(), 6u);
      EXPECT_GE(Length(Extent(planned)), 3 * 16000);
      std::set<int> used;
      for (const SentencePiece& piece : planned.sentence.pieces) used.insert(piece.utterance);
      EXPECT_EQ(used.size(), planned.sentence.pieces.size());
      EXPECT_EQ(plan.speakers[static_cast<size_t>(planned.speaker)].utterances.size(), used.size());
    }
  }
  EXPECT_EQ(PlanMixture(letters, {}, Options(0, 0), 7, 0)->sentences[0].sentence.pieces.size(), 1u);
  // All there are.
  EXPECT_EQ(PlanMixture(Sounds(2, 3, 300000), {}, {}, 7, 0)->sentences[0].sentence.pieces.size(), 3u);
}

TEST(MixtureTest, LongEntriesAreCut) {
  const SpeechSource sounds = Sounds(3, 4, 9000000);
  std::set<int64_t> places;
  for (const ConversationPlan& plan : Plans(sounds, Options(0, 2))) {
    for (const PlannedSentence& planned : plan.sentences) {
      EXPECT_EQ(Length(Extent(planned)), 2 * 16000);
      const SentencePiece& piece = planned.sentence.pieces[0];
      EXPECT_GE(piece.source_begin, 0);
      EXPECT_LE(piece.source_begin + piece.length, static_cast<int64_t>(9.4 * 16000));
      EXPECT_GT(piece.fade_in, 0);
      EXPECT_GT(piece.fade_out, 0);
      places.insert(piece.source_begin / 16000);
    }
  }
  EXPECT_GE(places.size(), 7u);
  // Words stay whole.
  for (const ConversationPlan& plan : Plans(Source(), Options(1, 2))) {
    for (const PlannedSentence& planned : plan.sentences) {
      EXPECT_LE(Length(Extent(planned)), 2 * 16000);
      EXPECT_GE(Length(Extent(planned)), 16000 / 2);
      const SourceSpeaker& voice =
          Source().speakers()[static_cast<size_t>(plan.speakers[static_cast<size_t>(planned.speaker)].speaker)];
      const SentencePiece& piece = planned.sentence.pieces[0];
      const SentenceWord& word = planned.sentence.words[0];
      const SourceUtterance& utterance = voice.utterances[static_cast<size_t>(piece.utterance)];
      const auto token = std::find_if(utterance.tokens.begin(), utterance.tokens.end(),
                                      [&word](const AlignedToken& t) { return t.word == word.word; });
      ASSERT_NE(token, utterance.tokens.end());
      EXPECT_EQ(piece.source_begin + word.end, token->end * 16 / 1000);
      EXPECT_EQ(piece.source_begin + word.begin, (token - 1)->end * 16 / 1000);
    }
  }
}

TEST(MixtureTest, WordsWithoutASampleAreNoUtterance) {
  std::vector<ManifestEntry> entries = StubManifest({2, 3});
  // The first speaker's second entry, and all of another one.
  entries[1].tokens = {{"", 100000}, {"a", 100001}, {"", 200000}};
  ManifestEntry nobody = entries[1];
  nobody.speaker = "nobody";
  entries.push_back(nobody);
  const SpeechSource source = *SpeechSource::FromManifest(entries);
  ASSERT_EQ(source.speakers().size(), 3u);
  for (const ConversationPlan& plan : Plans(source, Options(0, 0))) {
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_NE(plan.speaker_names[i], "nobody");
      EXPECT_FALSE(plan.speaker_names[i] == "spk00" && plan.speakers[i].utterances[0] == 1);
    }
  }
}

TEST(MixtureTest, OneSpeakerIsTooFew) {
  const auto plan = PlanMixture(Sounds(1, 5, 4000000), {}, {}, 1, 0);
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(plan.status().message(), HasSubstr("utterances of 2 speakers, but those with words in the source are 1"));
}

// The whole shorter utterance: no sound may begin before the session.
TEST(MixtureTest, AllOfTheShorterOneOverlaps) {
  MixtureOptions all = Options(0, 0);
  all.set_min_overlap(1);
  all.set_max_overlap(1);
  std::vector<ManifestEntry> entries = StubManifest({2, 2});
  for (ManifestEntry& entry : entries) {
    const int64_t begin = entry.speaker == "spk00" ? 20000 : 500000;
    entry.tokens = {{"", begin}, {"a", begin + 1000000}};
  }
  const SpeechSource source = *SpeechSource::FromManifest(entries);
  for (const ConversationPlan& plan : Plans(source, all)) {
    EXPECT_EQ(Extent(plan.sentences[0]), Extent(plan.sentences[1]));
    EXPECT_EQ(std::min(plan.sentences[0].start, plan.sentences[1].start), 0);
    EXPECT_NEAR(plan.target_overlap, 1, 1e-12);
  }
}

// 1 within words and 0 between them.
absl::StatusOr<FloatArray> WordsOnly(const SourceUtterance& utterance, int64_t begin, int64_t length, int rate) {
  FloatArray piece = FloatArray::Zeros({length});
  int64_t start = 0;
  for (const AlignedToken& token : utterance.tokens) {
    const int64_t end = token.end * rate / 1000000;
    for (int64_t i = std::max(start, begin); !token.word.empty() && i < std::min(end, begin + length); ++i) {
      piece.mutable_data()[i - begin] = 1;
    }
    start = end;
  }
  return piece;
}

TEST(MixtureTest, SoundsWhereItsLabelsAre) {
  const ConversationOptions options;
  for (int session = 0; session < 10; ++session) {
    const auto plan = PlanMixture(Source(), options, {}, 5, session);
    ASSERT_OK(plan);
    const auto sound = MixConversation(*plan, Source(), options, &WordsOnly);
    ASSERT_OK(sound);
    ASSERT_EQ(sound->size(), plan->num_samples);
    std::vector<int> turns(static_cast<size_t>(plan->num_samples)), words = turns;
    for (const PlannedSentence& planned : plan->sentences) {
      for (const SampleSpan& turn : planned.sentence.turns) {
        for (int64_t t = turn.begin; t < turn.end; ++t) ++turns[static_cast<size_t>(planned.start + t)];
      }
      for (const SentenceWord& word : planned.sentence.words) {
        for (int64_t t = word.begin; t < word.end; ++t) ++words[static_cast<size_t>(planned.start + t)];
      }
    }
    for (int64_t t = 0; t < plan->num_samples; ++t) {
      const int speakers = words[static_cast<size_t>(t)];
      ASSERT_EQ((*sound)[t] > 0, speakers > 0) << t;
      // A root mean square of 1 over turns that have pauses: no word is softer.
      ASSERT_GT((*sound)[t], speakers - 0.01) << t;
      ASSERT_LE(speakers, turns[static_cast<size_t>(t)]) << t;
    }
  }
}

}  // namespace
}  // namespace diarflow
