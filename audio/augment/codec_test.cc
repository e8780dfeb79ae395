#include "audio/augment/codec.h"

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "audio/augment/convolve.h"
#include "audio/augment/sndfile_round_trip.h"
#include "audio/time_grid.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

// Broadband, louder where it is low, rising and falling four times a second: noise as broad as speech.
FloatArray Speechlike(int64_t length, int rate, uint64_t seed = 1) {
  Random random(seed);
  FloatArray sound = FloatArray::Zeros({length});
  float* const out = sound.mutable_data();
  // The same spectrum in Hz at every rate.
  const double keep = std::exp(-2 * 3.14159265358979 * 600 / rate);
  double low = 0;
  for (int64_t n = 0; n < length; ++n) {
    low = keep * low + (1 - keep) * random.Normal() / std::sqrt((1 - keep) / (1 + keep));
    const double loudness = 0.55 + 0.45 * std::sin(2 * 3.14159265358979 * 4 * static_cast<double>(n) / rate);
    out[n] = static_cast<float>(std::clamp(0.15 * low * loudness, -0.99, 0.99));
  }
  return sound;
}

// Samples by which b lags behind a: the top of their cross-correlation, between samples by a parabola.
double Delay(const FloatArray& a, const FloatArray& b) {
  FloatArray reversed = FloatArray::Zeros({a.size()});
  std::reverse_copy(a.begin(), a.end(), reversed.mutable_data());
  const absl::StatusOr<FloatArray> correlation = Convolve(reversed, b);
  if (!correlation.ok()) {
    ADD_FAILURE() << correlation.status();
    return 0;
  }
  const int64_t best = std::max_element(correlation->begin(), correlation->end()) - correlation->begin();
  const double before = (*correlation)[best - 1], top = (*correlation)[best], behind = (*correlation)[best + 1];
  return static_cast<double>(best - a.size() + 1) + 0.5 * (before - behind) / (before - 2 * top + behind);
}

double SnrDb(const FloatArray& a, const FloatArray& b) {
  double signal = 0, noise = 0;
  for (int64_t n = 0; n < a.size(); ++n) {
    signal += static_cast<double>(a[n]) * a[n];
    noise += std::pow(static_cast<double>(a[n]) - b[n], 2);
  }
  return 10 * std::log10(signal / noise);
}

CodecOptions Options(Codec codec, int coding_rate = 0, double quality = 0.5) {
  CodecOptions options;
  options.codec = codec;
  options.coding_rate = coding_rate;
  options.quality = quality;
  return options;
}

// dB of the round trip of Speechlike() at 16 kHz.
double Floor(Codec codec) {
  switch (codec) {
    case Codec::kMuLaw:
    case Codec::kALaw: return 34;
    case Codec::kImaAdpcm: return 20;
    case Codec::kGsm610: return 4;
    default: return 8;
  }
}

class CodecTest : public testing::TestWithParam<Codec> {};

TEST_P(CodecTest, KeepsTimeAndMostOfTheSound) {
  const FloatArray sound = Speechlike(32000, 16000);
  const absl::StatusOr<FloatArray> result = CodecRoundTrip(sound, 16000, Options(GetParam()));
  if (absl::IsUnimplemented(result.status())) GTEST_SKIP() << result.status();
  ASSERT_OK(result);
  ASSERT_EQ(result->size(), sound.size());
  const double delay = Delay(sound, *result), snr = SnrDb(sound, *result);
  RecordProperty("delay_samples", std::to_string(delay));
  RecordProperty("snr_db", std::to_string(snr));
  EXPECT_NEAR(delay, 0, 0.5);
  EXPECT_GT(snr, Floor(GetParam()));
  EXPECT_LT(snr, 60) << "nothing was lost: was it encoded?";
}

TEST_P(CodecTest, KeepsTimeAtEveryRate) {
  for (const int rate : {8000, 11025, 16000, 22050, 44100, 48000}) {
    const FloatArray sound = Speechlike(rate / 2, rate);
    for (const int coding_rate : {0, 8000}) {
      const absl::StatusOr<FloatArray> result = CodecRoundTrip(sound, rate, Options(GetParam(), coding_rate));
      if (absl::IsUnimplemented(result.status())) GTEST_SKIP() << result.status();
      ASSERT_OK(result);
      ASSERT_EQ(result->size(), sound.size());
      // Within half a sample at 16 kHz.
      EXPECT_NEAR(Delay(sound, *result) / rate, 0, 0.5 / 16000) << rate << " Hz, coded at " << coding_rate;
    }
  }
}

TEST_P(CodecTest, TakesEveryLength) {
  const FloatArray sound = Speechlike(5000, 16000);
  for (const int64_t length : {1, 2, 7, 100, 319, 320, 321, 1000, 4095, 4096, 4097}) {
    FloatArray part = FloatArray::Zeros({length});
    std::copy_n(sound.begin(), length, part.mutable_data());
    for (const int rate : {8000, 16000, 12345}) {
      const absl::StatusOr<FloatArray> result = CodecRoundTrip(part, rate, Options(GetParam()));
      if (absl::IsUnimplemented(result.status())) GTEST_SKIP() << result.status();
      ASSERT_OK(result) << length << " samples at " << rate;
      EXPECT_EQ(result->size(), length);
      EXPECT_EQ(result->FirstNotFinite(), -1);
      if (length >= 319) {
        EXPECT_GT(SnrDb(part, *result), 1.5) << length << " samples at " << rate;
      }
    }
  }
  ASSERT_OK_AND_ASSIGN(const FloatArray empty, CodecRoundTrip(FloatArray(), 16000, Options(GetParam())));
  EXPECT_EQ(empty.size(), 0);
}

// libsndfile fills the last block with zeros, not with what was in its memory.
TEST(CodecPaddingTest, ZerosBehindTheEndChangeNothing) {
  const FloatArray sound = Speechlike(1000, 8000);
  for (const int64_t length : {100, 319, 321, 500, 1000}) {
    FloatArray part = FloatArray::Zeros({length}), padded = FloatArray::Zeros({1280});
    std::copy_n(sound.begin(), length, part.mutable_data());
    std::copy_n(sound.begin(), length, padded.mutable_data());
    ASSERT_OK_AND_ASSIGN(const FloatArray one, CodecRoundTrip(part, 8000, Options(Codec::kGsm610)));
    ASSERT_OK_AND_ASSIGN(const FloatArray other, CodecRoundTrip(padded, 8000, Options(Codec::kGsm610)));
    EXPECT_TRUE(std::equal(one.begin(), one.end(), other.begin())) << length;
  }
}

TEST_P(CodecTest, ThreadsGiveTheSameNumbers) {
  const FloatArray sound = Speechlike(8000, 16000);
  std::vector<std::vector<float>> results(4);
  std::vector<std::thread> threads;
  for (std::vector<float>& result : results) {
    threads.emplace_back([&] {
      const absl::StatusOr<FloatArray> made = CodecRoundTrip(sound, 16000, Options(GetParam()));
      if (made.ok()) result.assign(made->begin(), made->end());
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<float>& result : results) EXPECT_EQ(result, results[0]);
}

TEST_P(CodecTest, ClipsWhatIsTooLoud) {
  FloatArray loud = FloatArray::Zeros({4000});
  std::fill_n(loud.mutable_data(), 4000, 50.0f);
  const absl::StatusOr<FloatArray> result = CodecRoundTrip(loud, 16000, Options(GetParam()));
  if (absl::IsUnimplemented(result.status())) GTEST_SKIP() << result.status();
  ASSERT_OK(result);
  for (const float x : *result) ASSERT_LT(std::abs(x), 3);
}

INSTANTIATE_TEST_SUITE_P(All, CodecTest, testing::ValuesIn(kCodecs), [](const testing::TestParamInfo<Codec>& info) {
  std::string name(CodecName(info.param));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(CodecQualityTest, MoreIsBetter) {
  const FloatArray sound = Speechlike(32000, 16000);
  for (const Codec codec : {Codec::kVorbis, Codec::kOpus, Codec::kMp3}) {
    double last = -100;
    for (const double quality : {0.0, 0.5, 1.0}) {
      const absl::StatusOr<FloatArray> result = CodecRoundTrip(sound, 16000, Options(codec, 0, quality));
      if (absl::IsUnimplemented(result.status())) continue;
      ASSERT_OK(result);
      const double snr = SnrDb(sound, *result);
      // Opus has all that it can use of its rate at a half.
      EXPECT_GT(snr, last - 0.5) << CodecName(codec) << " " << quality;
      if (quality == 0.5) {
        EXPECT_GT(snr, last + 2) << CodecName(codec);
      }
      last = snr;
    }
  }
}

TEST(CodecRateTest, IsTheNextThatTheCodecHas) {
  EXPECT_EQ(CodingRate(Codec::kMuLaw, 16000), 16000);
  EXPECT_EQ(CodingRate(Codec::kGsm610, 16000), 8000);
  EXPECT_EQ(CodingRate(Codec::kOpus, 22050), 24000);
  EXPECT_EQ(CodingRate(Codec::kOpus, 96000), 48000);
  EXPECT_EQ(CodingRate(Codec::kMp3, 22050), 22050);
  EXPECT_EQ(CodingRate(Codec::kMp3, 1000), 8000);
  EXPECT_EQ(CodingRate(Codec::kVorbis, 4000), 8000);
}

TEST(CodecErrorsTest, BadArgumentsAreNamed) {
  const auto invalid = [](const char* part) { return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(part)); };
  const FloatArray sound = Speechlike(100, 16000);
  EXPECT_THAT(CodecRoundTrip(FloatArray::Zeros({2, 2}), 16000, {}), invalid("[2, 2]"));
  EXPECT_THAT(CodecRoundTrip(sound, 0, {}), invalid("the sample rate is 0 Hz"));
  EXPECT_THAT(CodecRoundTrip(sound, kMaxSampleRate + 1, {}), invalid("768001 Hz"));
  EXPECT_THAT(CodecRoundTrip(sound, 16000, Options(Codec::kGsm610, 16000)), invalid("gsm cannot encode at 16000 Hz"));
  EXPECT_THAT(CodecRoundTrip(sound, 16000, Options(Codec::kOpus, 44100)), invalid("8000, 12000, 16000"));
  EXPECT_THAT(CodecRoundTrip(sound, 16000, Options(Codec::kVorbis, 7999)), invalid("8000 to 192000 Hz"));
  EXPECT_THAT(CodecRoundTrip(sound, 16000, Options(Codec::kMp3, 0, 1.5)), invalid("the quality is 1.5"));
  EXPECT_THAT(CodecRoundTrip(sound, 16000, Options(Codec::kMp3, 0, std::nan(""))), invalid("the quality is nan"));
  const FloatArray bad = FloatArray::Copy({2}, {0, std::numeric_limits<float>::infinity()});
  EXPECT_THAT(CodecRoundTrip(bad, 16000, {}), invalid("sample 1 is not finite"));
}

TEST(CodecErrorsTest, WhatLibsndfileHasNotIsUnimplemented) {
  SndfileFormat layer_one;
  layer_one.name = "MPEG layer I";
  layer_one.format = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_I;
  EXPECT_THAT(SndfileRoundTrip(Speechlike(100, 16000), 16000, layer_one),
              StatusIs(absl::StatusCode::kUnimplemented,
                       HasSubstr("MPEG layer I cannot be encoded by the installed libsndfile")));
}

}  // namespace
}  // namespace diarflow
