#include "datasets/simulator/sound.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "audio/augment/level.h"
#include "audio/write_wav.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "datasets/simulator/stub_corpus.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kSeed = 11;

// Noise of its own for every utterance: broadband, and the same at every reading.
absl::StatusOr<FloatArray> StubPiece(const SourceUtterance& utterance, int64_t begin, int64_t length, int rate) {
  FloatArray piece = FloatArray::Zeros({length});
  uint64_t name = 0;
  for (const char c : utterance.name) name = 31 * name + static_cast<uint64_t>(c);
  for (int64_t i = 0; i < length; ++i) {
    piece.mutable_data()[i] = static_cast<float>(Random(name, static_cast<uint64_t>(begin + i)).Uniform() - 0.5);
  }
  return piece;
}

class SoundTest : public testing::Test {
 protected:
  SoundTest() {
    options_.set_session_length(12);
    options_.set_num_speakers(2);
    options_.set_mean_silence(0.3);
    plan_ = *PlanConversation(source_, options_, kSeed, 0, (*DrawSpeakers(source_, options_, kSeed, 1))[0]);
    for (const PlannedSentence& planned : plan_.sentences) {
      for (const SampleSpan& turn : planned.sentence.turns) {
        speech_.push_back({planned.start + turn.begin, planned.start + turn.end});
      }
    }
    speech_ = *MergeSpans(speech_, plan_.num_samples);
  }

  absl::StatusOr<FloatArray> Render(const std::string& text, const PieceReader& read = StubPiece) {
    SoundOptions sound;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &sound)) << text;
    const auto conversation = ConversationSound::Create(sound);
    if (!conversation.ok()) return conversation.status();
    return (*conversation)->Render(plan_, source_, options_, kSeed, read);
  }
  // Where no sentence sounds.
  double SilentEnergy(const FloatArray& sound) const {
    double energy = 0;
    for (int64_t t = 0; t < sound.size(); ++t) {
      const bool sounds = std::any_of(plan_.sentences.begin(), plan_.sentences.end(),
                                      [t](const PlannedSentence& s) { return t >= s.start && t < s.end(); });
      if (!sounds) energy += static_cast<double>(sound[t]) * sound[t];
    }
    return energy;
  }

  SpeechSource source_ = StubCorpus({});
  ConversationOptions options_;
  ConversationPlan plan_;
  std::vector<ActiveSpan> speech_;
};

double Peak(const FloatArray& sound) {
  double peak = 0;
  for (const float value : sound) peak = std::max(peak, std::abs(static_cast<double>(value)));
  return peak;
}

TEST_F(SoundTest, WithoutEffectsItIsTheMixAtItsPeak) {
  FloatArray mix = *MixConversation(plan_, source_, options_, StubPiece);
  ASSERT_OK(NormalizePeak(0.5, absl::MakeSpan(mix.mutable_data(), static_cast<size_t>(mix.size()))));
  const auto sound = Render("peak: .5");
  ASSERT_OK(sound);
  for (int64_t t = 0; t < mix.size(); ++t) ASSERT_EQ((*sound)[t], mix[t]);
  EXPECT_EQ(SilentEnergy(*sound), 0);
}

TEST_F(SoundTest, SilenceStaysSilent) {
  const auto sound = Render(
      "peak: .5", [](const SourceUtterance&, int64_t, int64_t length, int) { return FloatArray::Zeros({length}); });
  ASSERT_OK(sound);
  EXPECT_EQ(Peak(*sound), 0);
}

TEST_F(SoundTest, NoiseHasTheRatioAskedFor) {
  const FloatArray plain = *Render("");
  for (const char* colour : {"WHITE", "PINK"}) {
    const auto noisy = Render(absl::StrCat("noise { snr_db { low: 12 } colour: ", colour, " }"));
    ASSERT_OK(noisy);
    // Both are scaled: the plain sound's part in the noisy one is found by regression.
    double product = 0, energy = 0;
    for (const ActiveSpan& span : speech_) {
      for (int64_t t = span.begin; t < span.end; ++t) {
        product += static_cast<double>(plain[t]) * (*noisy)[t];
        energy += static_cast<double>(plain[t]) * plain[t];
      }
    }
    const double scale = product / energy;
    double noise = 0, signal = 0;
    for (const ActiveSpan& span : speech_) {
      for (int64_t t = span.begin; t < span.end; ++t) {
        noise += std::pow((*noisy)[t] - scale * plain[t], 2);
        signal += std::pow(scale * plain[t], 2);
      }
    }
    EXPECT_NEAR(10 * std::log10(signal / noise), 12, 0.1) << colour;
    EXPECT_NEAR(Peak(*noisy), 0.9, 1e-6);
  }
  ConversationOptions quirk = options_;
  quirk.mutable_quirks()->set_half_snr(true);
  SoundOptions sound;
  sound.mutable_noise()->mutable_snr_db()->set_low(24);
  const auto half = (*ConversationSound::Create(sound))->Render(plan_, source_, quirk, kSeed, StubPiece);
  sound.mutable_noise()->mutable_snr_db()->set_low(12);
  const auto whole = (*ConversationSound::Create(sound))->Render(plan_, source_, options_, kSeed, StubPiece);
  for (int64_t t = 0; t < whole->size(); t += 100) ASSERT_EQ((*half)[t], (*whole)[t]);
}

TEST_F(SoundTest, RecordedNoiseComesFromItsManifest) {
  const std::string folder = JoinPath(testing::TempDir(), "noise");
  FloatArray hum = FloatArray::Zeros({4000});
  for (int64_t i = 0; i < hum.size(); ++i) hum.mutable_data()[i] = i % 8 < 4 ? 0.25f : -0.25f;
  ASSERT_OK(WriteWav(JoinPath(folder, "hum.wav"), hum, 8000));
  ManifestEntry entry;
  entry.audio = JoinPath(folder, "hum.wav");
  ASSERT_OK(WriteManifest(JoinPath(folder, "noise.jsonl"), {entry}));
  const auto sound =
      Render(absl::StrCat("noise { snr_db { low: 5 } manifest: \"", JoinPath(folder, "noise.jsonl"), "\" }"));
  ASSERT_OK(sound);
  EXPECT_GT(SilentEnergy(*sound), 0);
  EXPECT_THAT(Render("noise { snr_db { low: 5 } manifest: \"/nowhere.jsonl\" }").status().message(),
              HasSubstr("/nowhere.jsonl"));
}

TEST_F(SoundTest, ARoomRingsOnAndDelaysNothing) {
  const FloatArray plain = *Render("");
  const auto echo = Render("room { t60 { low: .4 } }");
  ASSERT_OK(echo);
  EXPECT_GT(SilentEnergy(*echo), 0);
  // The direct sound is the strongest part, at its own time: correlation at lag 0 beats all others.
  double best = 0;
  int64_t best_lag = 0;
  for (int64_t lag = -200; lag <= 200; ++lag) {
    double product = 0;
    for (int64_t t = 1000; t < plain.size() - 1000; ++t) product += static_cast<double>(plain[t]) * (*echo)[t + lag];
    if (product > best) best_lag = lag;
    best = std::max(best, product);
  }
  EXPECT_EQ(best_lag, 0);
  const auto again = Render("room { t60 { low: .4 } }");
  for (int64_t t = 0; t < plain.size(); t += 10) ASSERT_EQ((*again)[t], (*echo)[t]);
}

TEST_F(SoundTest, ATelephoneTakesTheHighsAway) {
  const FloatArray plain = *Render("");
  const auto phone = Render("lowest_hz: 300 highest_hz: 3400 codec: MU_LAW");
  ASSERT_OK(phone);
  // The mean square of differences is all but the highs' power.
  const auto roughness = [](const FloatArray& sound) {
    double rough = 0, power = 0;
    for (int64_t t = 1; t < sound.size(); ++t) {
      rough += std::pow(sound[t] - sound[t - 1], 2);
      power += std::pow(sound[t], 2);
    }
    return rough / power;
  };
  EXPECT_LT(roughness(*phone), 0.5 * roughness(plain));
}

TEST_F(SoundTest, GainsAreDrawnForSentences) {
  const FloatArray plain = *Render("");
  const auto gained = Render("sentence_gain_db { low: -10 high: 10 } sentence_gain_probability: 1");
  ASSERT_OK(gained);
  std::vector<double> gains;
  for (const ActiveSpan& span : speech_) {
    const int64_t middle = (span.begin + span.end) / 2;
    gains.push_back(std::log((*gained)[middle] / plain[middle]));
  }
  EXPECT_GT(*std::max_element(gains.begin(), gains.end()) - *std::min_element(gains.begin(), gains.end()), 0.1);
}

TEST_F(SoundTest, SaysWhatIsOutOfRange) {
  const struct {
    const char *options, *message;
  } kCases[] = {
      {"peak: 0", "peak is 0"},
      {"peak: 1.5", "peak is 1.5"},
      {"noise { colour: PINK }", "noise needs snr_db"},
      {"noise { snr_db { low: 20 high: 10 } }", "noise.snr_db goes from 20 to 10"},
      {"noise { snr_db { high: 10 } }", "noise.snr_db has a high end, but no low one"},
      {"room { t60 { low: -1 } }", "room.t60 goes from -1 to -1"},
      {"sentence_gain_db { low: nan }", "sentence_gain_db"},
      {"lowest_hz: -1", "must not be negative"},
      {"sentence_gain_probability: 2", "sentence_gain_probability"},
      {"highest_hz: 9000", "9000"},
      {"room { width { low: .2 } }", "room"},
  };
  for (const auto& test : kCases) EXPECT_THAT(Render(test.options).status().message(), HasSubstr(test.message));
}

}  // namespace
}  // namespace diarflow
