#include "datasets/simulator/render.h"

#include <cmath>
#include <string>
#include <vector>

#include "audio/resample.h"
#include "audio/write_wav.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "datasets/simulator/stub_corpus.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

// A sound that tells utterance and place: never silent.
absl::StatusOr<FloatArray> StubPiece(const SourceUtterance& utterance, int64_t begin, int64_t length, int rate) {
  FloatArray piece = FloatArray::Zeros({length});
  const auto seed = static_cast<double>(utterance.name.back());
  for (int64_t i = 0; i < length; ++i) {
    piece.mutable_data()[i] = static_cast<float>(0.01 * std::sin(0.05 * seed * static_cast<double>(begin + i)) + 0.02);
  }
  return piece;
}

double MeanSquare(const FloatArray& sound, const std::vector<SampleSpan>& spans) {
  double sum = 0;
  int64_t count = 0;
  for (const SampleSpan& span : spans) {
    for (int64_t i = span.begin; i < span.end; ++i) sum += static_cast<double>(sound[i]) * sound[i];
    count += span.end - span.begin;
  }
  return sum / static_cast<double>(count);
}

class RenderTest : public testing::Test {
 protected:
  RenderTest() {
    options_.set_session_length(40);
    options_.set_num_speakers(3);
    plan_ = *PlanConversation(source_, options_, 3, 0, (*DrawSpeakers(source_, options_, 3, 1))[0]);
  }

  SpeechSource source_ = StubCorpus({});
  ConversationOptions options_;
  ConversationPlan plan_;
};

TEST_F(RenderTest, SentencesHaveOneLevelAndFadedEdges) {
  for (const PlannedSentence& planned : plan_.sentences) {
    const SourceSpeaker& voice =
        source_.speakers()[static_cast<size_t>(plan_.speakers[static_cast<size_t>(planned.speaker)].speaker)];
    const auto sound = RenderSentence(voice, planned.sentence, options_, StubPiece);
    ASSERT_OK(sound);
    ASSERT_EQ(sound->size(), planned.sentence.length);
    EXPECT_NEAR(MeanSquare(*sound, planned.sentence.turns), 1, 1e-4);
    const SentencePiece& first = planned.sentence.pieces[0];
    if (first.fade_in > 0) {
      // A Hamming window begins at .08 of the sound.
      const FloatArray whole =
          *StubPiece(voice.utterances[static_cast<size_t>(first.utterance)], first.source_begin, first.length, 16000);
      const double scale = (*sound)[first.fade_in] / whole[first.fade_in];
      EXPECT_NEAR((*sound)[0], 0.08 * scale * whole[0], 1e-4);
    }
  }
}

// The slow twin: every sample of the session is asked which sentences sound there.
TEST_F(RenderTest, TheSessionIsTheSumOfItsSentences) {
  plan_.volumes = {0.8, 1, 1.2};
  const auto session = MixConversation(plan_, source_, options_, StubPiece);
  ASSERT_OK(session);
  ASSERT_EQ(session->size(), plan_.num_samples);
  std::vector<FloatArray> sounds;
  for (const PlannedSentence& planned : plan_.sentences) {
    const auto speaker = static_cast<size_t>(planned.speaker);
    sounds.push_back(*RenderSentence(source_.speakers()[static_cast<size_t>(plan_.speakers[speaker].speaker)],
                                     planned.sentence, options_, StubPiece));
  }
  for (int64_t t = 0; t < plan_.num_samples; t += 97) {
    double sum = 0;
    for (size_t i = 0; i < sounds.size(); ++i) {
      const PlannedSentence& planned = plan_.sentences[i];
      if (t < planned.start || t >= planned.end()) continue;
      sum += plan_.volumes[static_cast<size_t>(planned.speaker)] * sounds[i][t - planned.start];
    }
    ASSERT_NEAR((*session)[t], sum, 1e-4) << t;
  }
}

TEST_F(RenderTest, AnEffectSeesEverySentenceAndMayRingOn) {
  size_t calls = 0;
  const auto plain = MixConversation(plan_, source_, options_, StubPiece);
  const auto session =
      MixConversation(plan_, source_, options_, StubPiece, [&](const PlannedSentence& planned, FloatArray sound) {
        ++calls;
        EXPECT_EQ(sound.size(), planned.sentence.length);
        FloatArray longer = FloatArray::Zeros({sound.size() + 1000000});
        for (int64_t i = 0; i < sound.size(); ++i) longer.mutable_data()[i] = 2 * sound[i];
        return longer;
      });
  ASSERT_OK(session);
  EXPECT_EQ(calls, plan_.sentences.size());
  for (int64_t t = 0; t < plan_.num_samples; t += 97) ASSERT_NEAR((*session)[t], 2 * (*plain)[t], 1e-4);
  const auto failed = MixConversation(
      plan_, source_, options_, [](auto&&...) -> absl::StatusOr<FloatArray> { return absl::DataLossError("torn"); });
  EXPECT_THAT(failed.status().message(), HasSubstr("torn"));
}

class ReadPieceTest : public testing::Test {
 protected:
  void SetUp() override {
    samples_ = FloatArray::Zeros({8000});
    for (int64_t i = 0; i < 8000; ++i) {
      samples_.mutable_data()[i] =
          static_cast<float>(std::round(9000 * std::sin(0.01 * static_cast<double>(i))) / 32768);
    }
    path_ = JoinPath(testing::TempDir(), "piece.wav");
    ASSERT_OK(WriteWav(path_, samples_, 8000));
  }

  FloatArray samples_;  // 1 s
  std::string path_;
};

TEST_F(ReadPieceTest, IsThePartOfTheFile) {
  const SourceUtterance utterance = {path_, 250000, 500000, "u", "", {}};
  const auto piece = ReadPiece(utterance, 100, 300, 8000);
  ASSERT_OK(piece);
  ASSERT_EQ(piece->size(), 300);
  for (int64_t i = 0; i < 300; ++i) ASSERT_EQ((*piece)[i], samples_[2000 + 100 + i]);
}

TEST_F(ReadPieceTest, IsThePartOfTheResampledUtterance) {
  const SourceUtterance utterance = {path_, 250000, 500000, "u", "", {}};
  FloatArray part = FloatArray::Zeros({4000});
  for (int64_t i = 0; i < 4000; ++i) part.mutable_data()[i] = samples_[2000 + i];
  const FloatArray whole = *Resample(part, 8000, 16000);
  const auto piece = ReadPiece(utterance, 1000, 6000, 16000);
  ASSERT_OK(piece);
  for (int64_t i = 0; i < 6000; ++i) ASSERT_EQ((*piece)[i], whole[1000 + i]);
}

TEST_F(ReadPieceTest, ALittleMayBeMissingAtTheEndAndNoMore) {
  const auto piece = ReadPiece({path_, 0, 1050000, "u", "", {}}, 7900, 500, 8000);
  ASSERT_OK(piece);
  EXPECT_EQ((*piece)[99], samples_[7999]);
  EXPECT_EQ((*piece)[100], 0);
  EXPECT_THAT(ReadPiece({path_, 0, 2000000, "u", "", {}}, 7900, 2000, 8000).status().message(),
              HasSubstr("piece.wav: the file ends 0.2375 s before what the manifest says of it (utterance u)"));
  EXPECT_THAT(ReadPiece({path_, 5000000, 1000000, "u", "", {}}, 0, 8000, 16000).status().message(),
              HasSubstr("the file ends"));
  EXPECT_THAT(ReadPiece({path_ + "x", 0, 1, "u", "", {}}, 0, 1, 8000).status().message(), HasSubstr("piece.wavx"));
}

}  // namespace
}  // namespace diarflow
