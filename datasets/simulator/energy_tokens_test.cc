#include "datasets/simulator/energy_tokens.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kMs = 1000;
const std::string kSpeech(kSpeechToken);

// Sound that is at `dbfs`, for so many milliseconds; -inf is digital silence.
struct Stretch {
  int64_t ms;
  double dbfs;
};
constexpr double kNothing = -std::numeric_limits<double>::infinity();

// White noise: the level of a frame of 80 samples is within 1 dB.
std::vector<float> Sound(const std::vector<Stretch>& stretches, int sample_rate, uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  std::vector<float> sound;
  int64_t ms = 0;
  for (const Stretch& stretch : stretches) {
    ms += stretch.ms;
    // Uniform in +-a has the mean square a^2 / 3.
    const double amplitude = std::sqrt(3.0) * std::pow(10, stretch.dbfs / 20);
    while (static_cast<int64_t>(sound.size()) < ms * sample_rate / 1000) {
      const double value = 2 * static_cast<double>(random() >> 11) / 9007199254740992.0 - 1;
      sound.push_back(static_cast<float>(amplitude * value));
    }
  }
  return sound;
}

FloatArray Array(const std::vector<float>& samples) {
  return FloatArray::Copy({static_cast<int64_t>(samples.size())}, samples);
}

std::vector<AlignedToken> Tokens(const std::vector<Stretch>& stretches, int sample_rate = 8000,
                                 const EnergyTokensOptions& options = {}) {
  const auto tokens = EnergyTokens(Array(Sound(stretches, sample_rate)), sample_rate, options);
  EXPECT_OK(tokens);
  return tokens.value_or(std::vector<AlignedToken>{});
}

TEST(EnergyTokensTest, FindsPausesAtAnyLevel) {
  for (const double level : {-50., -35., -20., -3., 9.}) {
    for (const double pause : {level - 26, level - 40, kNothing}) {
      for (const int sample_rate : {8000, 16000, 44100, 128000}) {
        SCOPED_TRACE(testing::Message() << level << " dBFS, pauses at " << pause << ", " << sample_rate << " Hz");
        EXPECT_THAT(
            Tokens({{300, pause}, {500, level}, {150, pause}, {400, level - 5}, {700, pause}}, sample_rate),
            ElementsAre(AlignedToken{"", 300 * kMs}, AlignedToken{kSpeech, 800 * kMs}, AlignedToken{"", 950 * kMs},
                        AlignedToken{kSpeech, 1350 * kMs}, AlignedToken{"", 2050 * kMs}));
      }
    }
  }
}

TEST(EnergyTokensTest, ShortPausesBelongToSpeechAndClicksDoNot) {
  EXPECT_THAT(Tokens({{200, kNothing}, {100, -20}, {90, kNothing}, {100, -20}, {200, kNothing}}),
              ElementsAre(AlignedToken{"", 200 * kMs}, AlignedToken{kSpeech, 490 * kMs}, AlignedToken{"", 690 * kMs}));
  EXPECT_THAT(Tokens({{200, kNothing}, {40, -20}, {200, kNothing}, {300, -20}, {90, kNothing}}),
              ElementsAre(AlignedToken{"", 440 * kMs}, AlignedToken{kSpeech, 830 * kMs}));
  EXPECT_THAT(
      Tokens({{90, kNothing}, {300, -20}, {100, kNothing}, {50, -20}}),
      ElementsAre(AlignedToken{kSpeech, 390 * kMs}, AlignedToken{"", 490 * kMs}, AlignedToken{kSpeech, 540 * kMs}));
  // Two clicks with a short pause between them are one sound of 80 ms.
  EXPECT_THAT(Tokens({{200, kNothing}, {20, -20}, {40, kNothing}, {20, -20}, {200, kNothing}}),
              ElementsAre(AlignedToken{"", 200 * kMs}, AlignedToken{kSpeech, 280 * kMs}, AlignedToken{"", 480 * kMs}));
  EnergyTokensOptions options;
  options.min_silence = 200 * kMs;
  options.min_speech = 300 * kMs;
  EXPECT_THAT(
      Tokens({{400, kNothing}, {250, -20}, {400, kNothing}, {300, -20}, {190, kNothing}, {10, -20}}, 8000, options),
      ElementsAre(AlignedToken{"", 1050 * kMs}, AlignedToken{kSpeech, 1550 * kMs}));
}

TEST(EnergyTokensTest, FramesLieWhereTheirTimesAre) {
  // 110.25 samples a frame: edges at the samples 3307, 8820 and 12127.
  EXPECT_THAT(Tokens({{300, kNothing}, {500, -20}, {300, kNothing}}, 11025),
              ElementsAre(AlignedToken{"", 299955}, AlignedToken{kSpeech, 800000}, AlignedToken{"", 1099955}));
}

TEST(EnergyTokensTest, SoftWordsOverLowNoiseAreFound) {
  // Little noise in much speech; the soft word lies 8 dB and more above it, and 16 dB below the loud level.
  EXPECT_THAT(Tokens({{200, -46}, {300, -36}, {200, -46}, {1500, -20}}),
              ElementsAre(AlignedToken{"", 200 * kMs}, AlignedToken{kSpeech, 500 * kMs}, AlignedToken{"", 700 * kMs},
                          AlignedToken{kSpeech, 2200 * kMs}));
}

TEST(EnergyTokensTest, AWordInALongNoiseIsFound) {
  EXPECT_THAT(
      Tokens({{20000, -60}, {300, -20}, {10000, -60}}),
      ElementsAre(AlignedToken{"", 20000 * kMs}, AlignedToken{kSpeech, 20300 * kMs}, AlignedToken{"", 30300 * kMs}));
}

TEST(EnergyTokensTest, WithoutPausesAllIsSpeech) {
  EXPECT_THAT(Tokens({{3000, -20}}), ElementsAre(AlignedToken{kSpeech, 3000 * kMs}));
  // Soft ends of words, 12 dB down.
  EXPECT_THAT(Tokens({{300, -20}, {150, -32}, {300, -20}, {150, -32}}), ElementsAre(AlignedToken{kSpeech, 900 * kMs}));
}

TEST(EnergyTokensTest, SoundGoesOnBelowWhereItBegins) {
  // Noise at -50 dBFS: sound begins at -42 and ends below -45.
  const auto tokens = Tokens({{1000, -50}, {200, -43.5}, {300, -20}, {200, -43.5}, {1000, -50}});
  EXPECT_THAT(tokens, ElementsAre(AlignedToken{"", 1200 * kMs}, AlignedToken{kSpeech, 1700 * kMs},
                                  AlignedToken{"", 2700 * kMs}));
}

TEST(EnergyTokensTest, AllSilentStaysSilent) {
  for (const int64_t ms : {1, 9, 10, 50, 99, 100, 5000}) {
    EXPECT_THAT(Tokens({{ms, kNothing}}), ElementsAre(AlignedToken{"", ms * kMs})) << ms;
    EXPECT_THAT(Tokens({{ms, -90}}), ElementsAre(AlignedToken{"", ms * kMs})) << ms;
  }
  EXPECT_THAT(Tokens({{500, kNothing}, {40, -20}, {500, kNothing}}), ElementsAre(AlignedToken{"", 1040 * kMs}));
}

TEST(EnergyTokensTest, TinyInput) {
  EXPECT_THAT(EnergyTokens(Array({0.5f}), 8000, {}), IsOkAndHolds(ElementsAre(AlignedToken{"", 125})));
  EnergyTokensOptions options;
  options.min_speech = 0;
  EXPECT_THAT(EnergyTokens(Array({0.5f}), 8000, options), IsOkAndHolds(ElementsAre(AlignedToken{kSpeech, 125})));
  EXPECT_THAT(EnergyTokens(Array({0}), 768000, options), IsOkAndHolds(ElementsAre(AlignedToken{"", 1})));
  EXPECT_THAT(EnergyTokens(Array({1, 1, 1}), 100, options), IsOkAndHolds(ElementsAre(AlignedToken{kSpeech, 30 * kMs})));
}

TEST(EnergyTokensTest, InvariantsOnRandomSound) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<Stretch> stretches;
    for (int i = static_cast<int>(random() % 30); i >= 0; --i) {
      stretches.push_back({1 + static_cast<int64_t>(random() % 400),
                           random() % 4 == 0 ? kNothing : -60 + static_cast<double>(random() % 60)});
    }
    const int sample_rate = round % 2 == 0 ? 8000 : 11025;
    std::vector<float> sound = Sound(stretches, sample_rate, random());
    if (sound.empty()) continue;
    ASSERT_OK_AND_ASSIGN(const auto tokens, EnergyTokens(Array(sound), sample_rate, {}));
    int64_t begin = 0;
    int64_t speech = 0;
    for (size_t i = 0; i < tokens.size(); ++i) {
      EXPECT_THAT(tokens[i].word, ::testing::AnyOf("", kSpeech));
      EXPECT_TRUE(i == 0 || tokens[i].word != tokens[i - 1].word);
      const int64_t length = tokens[i].end - begin;
      // The last frame may be short.
      EXPECT_TRUE(tokens.size() == 1 || length > (tokens[i].word.empty() ? 100 : 50) * kMs - 10 * kMs);
      if (!tokens[i].word.empty()) speech += length;
      begin = tokens[i].end;
    }
    EXPECT_EQ(begin, (static_cast<int64_t>(sound.size()) * 2000000 + sample_rate) / (2 * sample_rate));
    EXPECT_EQ(SpeechDuration(tokens), speech);
    // Twice as loud and an eighth as loud: levels alone do not matter while the floor does not.
    EnergyTokensOptions no_floor;
    no_floor.floor_dbfs = -300;
    ASSERT_OK_AND_ASSIGN(const auto plain, EnergyTokens(Array(sound), sample_rate, no_floor));
    for (const float factor : {2.f, .125f}) {
      std::vector<float> scaled = sound;
      for (float& sample : scaled) sample *= factor;
      EXPECT_THAT(EnergyTokens(Array(scaled), sample_rate, no_floor), IsOkAndHolds(plain));
    }
  }
}

TEST(EnergyTokensTest, SpeechDurationCountsWords) {
  EXPECT_EQ(SpeechDuration({}), 0);
  EXPECT_EQ(SpeechDuration({{"", 10}, {"a", 30}, {"b", 35}, {"", 100}}), 25);
}

TEST(EnergyTokensTest, BadInput) {
  const auto refused = [](const FloatArray& samples, int rate, const EnergyTokensOptions& options,
                          const std::string& message) {
    EXPECT_THAT(EnergyTokens(samples, rate, options), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  };
  refused({}, 8000, {}, "[0]");
  refused(FloatArray::Zeros({2, 80}), 8000, {}, "[2, 80]");
  refused(Array({0, std::numeric_limits<float>::quiet_NaN()}), 8000, {}, "sample 1 is not a finite");
  refused(Array({std::numeric_limits<float>::infinity()}), 8000, {}, "sample 0 is not a finite");
  const FloatArray sound = Array({1, 2, 3});
  for (const int rate : {-1, 0, 99, 768001}) refused(sound, rate, {}, "sample rate");
  EXPECT_OK(EnergyTokens(Array(std::vector<float>(1000, std::numeric_limits<float>::max())), 8000, {}));

  double EnergyTokensOptions::* const kDecibels[] = {
      &EnergyTokensOptions::loud_range_db, &EnergyTokensOptions::least_range_db, &EnergyTokensOptions::above_noise_db,
      &EnergyTokensOptions::hysteresis_db, &EnergyTokensOptions::floor_dbfs};
  for (const auto option : kDecibels) {
    for (const double value : {std::nan(""), 401., -401., option == &EnergyTokensOptions::floor_dbfs ? 1. : -1.}) {
      EnergyTokensOptions options;
      options.*option = value;
      refused(sound, 8000, options, "it must be 0 to 400");
    }
  }
  EnergyTokensOptions options;
  options.least_range_db = 36;
  refused(sound, 8000, options, "least_range_db is 36");
  options = {};
  options.min_silence = -1;
  refused(sound, 8000, options, "min_silence");
  options = {};
  options.min_speech = -1;
  refused(sound, 8000, options, "min_speech");
}

}  // namespace
}  // namespace diarflow
