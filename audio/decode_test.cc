#include "audio/decode.h"

#include <sndfile.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "audio/test_files.h"
#include "audio/write_wav.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::vector<float> Values(const FloatArray& array) { return {array.begin(), array.end()}; }

// Channel c of [channels, N].
std::vector<float> Channel(const FloatArray& sound, int64_t c) {
  const int64_t length = sound.dim(1);
  return {sound.data() + c * length, sound.data() + (c + 1) * length};
}

double LargestDifference(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return INFINITY;
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) largest = std::max<double>(largest, std::abs(a[i] - b[i]));
  return largest;
}

struct Codec {
  std::string name;
  int format;
  int sample_rate;
  double tolerance;  // of a segment against that part of the whole
};

const std::vector<Codec>& AllCodecs() {
  static const auto* const codecs = new std::vector<Codec>{
      {"pcm16.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 0},
      {"pcm24.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 44100, 0},
      {"pcm32.rf64", SF_FORMAT_RF64 | SF_FORMAT_PCM_32, 96000, 0},
      {"float.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 22050, 0},
      {"double.wav", SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 8000, 0},
      {"float.w64", SF_FORMAT_W64 | SF_FORMAT_FLOAT, 16000, 0},
      {"pcm16.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 16000, 0},
      {"pcm16.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16000, 0},
      {"pcm24.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 96000, 0},
      {"vorbis.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, 0},
      {"opus.ogg", SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000, 1e-6},
      {"narrow.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, 8000, 1e-6},
      {"layer3.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 16000, 1e-6},
  };
  return *codecs;
}

bool IsLossless(const Codec& codec) {
  const int container = codec.format & SF_FORMAT_TYPEMASK;
  return container != SF_FORMAT_OGG && container != SF_FORMAT_MPEG;
}

TEST(DecodeTest, LosslessFormatsGiveTheSamplesBack) {
  const FloatArray sound = TestSound(2, 30000);
  for (const Codec& codec : AllCodecs()) {
    if (!IsLossless(codec)) continue;
    SCOPED_TRACE(codec.name);
    const std::string path = WriteEncoded("lossless_" + codec.name, codec.format, sound, codec.sample_rate);
    for (int channel = 0; channel < 2; ++channel) {
      DecodeOptions options;
      options.channel = channel;
      ASSERT_OK_AND_ASSIGN(const Waveform decoded, DecodeAudio(path, options));
      EXPECT_EQ(decoded.sample_rate, codec.sample_rate);
      EXPECT_EQ(decoded.start_sample, 0);
      EXPECT_EQ(decoded.samples.ShapeString(), "[30000]");
      EXPECT_EQ(Values(decoded.samples), Channel(sound, channel));
    }
  }
}

TEST(DecodeTest, MixIsTheMeanOfTheChannels) {
  const FloatArray sound = TestSound(3, 5000);
  const std::string path = WriteEncoded("mix.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, sound, 16000);
  ASSERT_OK_AND_ASSIGN(const Waveform decoded, DecodeAudio(path));
  for (int64_t n = 0; n < 5000; ++n) {
    const double mean = (double{sound[n]} + sound[5000 + n] + sound[10000 + n]) / 3;
    ASSERT_EQ(decoded.samples[n], static_cast<float>(mean));
  }
}

TEST(DecodeTest, LossyFormatsKeepLengthRateAndSound) {
  for (const Codec& codec : AllCodecs()) {
    if (IsLossless(codec)) continue;
    SCOPED_TRACE(codec.name);
    // A tone of 300 Hz: any codec keeps it.
    FloatArray tone = FloatArray::Zeros({1, codec.sample_rate});
    for (int n = 0; n < codec.sample_rate; ++n) {
      tone.mutable_data()[n] = 0.5f * static_cast<float>(std::sin(2 * M_PI * 300 * n / codec.sample_rate));
    }
    const std::string path = WriteEncoded("tone_" + codec.name, codec.format, tone, codec.sample_rate);
    ASSERT_OK_AND_ASSIGN(const Waveform decoded, DecodeAudio(path));
    EXPECT_EQ(decoded.sample_rate, codec.sample_rate);
    ASSERT_EQ(decoded.samples.size(), codec.sample_rate);
    // Nearest to the tone without a shift.
    const auto error = [&](int shift) {
      double sum = 0;
      for (int n = codec.sample_rate / 4; n < codec.sample_rate * 3 / 4; ++n) {
        sum += std::pow(decoded.samples[n + shift] - tone[n], 2);
      }
      return std::sqrt(2 * sum / codec.sample_rate);
    };
    EXPECT_LT(error(0), 0.06);
    EXPECT_LT(error(0), error(1));
    EXPECT_LT(error(0), error(-1));
  }
}

TEST(DecodeTest, SegmentIsThatPartOfTheWhole) {
  constexpr int64_t kLength = 60000;
  const FloatArray sound = TestSound(2, kLength, 7);
  for (const Codec& codec : AllCodecs()) {
    SCOPED_TRACE(codec.name);
    const std::string path = WriteEncoded("segment_" + codec.name, codec.format, sound, codec.sample_rate);
    ASSERT_OK_AND_ASSIGN(const Waveform whole, DecodeAudio(path));
    ASSERT_EQ(whole.samples.size(), kLength);
    for (const int64_t start : {0, 1, 577, 16383, 16385, 20000, 40961, 59000}) {
      DecodeOptions options;
      options.start_sample = start;
      options.num_samples = 1000;
      ASSERT_OK_AND_ASSIGN(const Waveform part, DecodeAudio(path, options));
      EXPECT_EQ(part.start_sample, start);
      const std::vector<float> expected(whole.samples.begin() + start, whole.samples.begin() + start + 1000);
      EXPECT_LE(LargestDifference(Values(part.samples), expected), codec.tolerance) << start;
    }
    DecodeOptions rest;
    rest.start_sample = kLength - 1;
    ASSERT_OK_AND_ASSIGN(const Waveform last, DecodeAudio(path, rest));
    EXPECT_EQ(last.samples.size(), 1);
  }
}

TEST(DecodeTest, SegmentsInSecondsAreAdjacent) {
  const FloatArray sound = TestSound(1, 22050 * 2);
  const std::string path = WriteEncoded("seconds.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, sound, 22050);
  std::vector<float> joined;
  // 22050 Hz: a seventh of a second is 3150 samples, an eleventh falls between two.
  for (int k = 0; k < 22; ++k) {
    DecodeOptions options;
    options.start_seconds = Rational(k, 11);
    options.num_seconds = Rational(1, 11);
    ASSERT_OK_AND_ASSIGN(const Waveform part, DecodeAudio(path, options));
    EXPECT_EQ(part.start_sample, static_cast<int64_t>(joined.size()));
    joined.insert(joined.end(), part.samples.begin(), part.samples.end());
  }
  EXPECT_EQ(joined, Channel(sound, 0));
  DecodeOptions options;
  options.start_seconds = Rational(3, 2);
  ASSERT_OK_AND_ASSIGN(const Waveform tail, DecodeAudio(path, options));
  EXPECT_EQ(tail.start_sample, 33075);
  EXPECT_EQ(tail.samples.size(), 22050 * 2 - 33075);
}

TEST(DecodeTest, SegmentOutsideTheFileNamesItsLength) {
  const std::string path =
      WriteEncoded("short.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, TestSound(1, 1000), 16000);
  const auto decode = [&path](std::optional<int64_t> start, std::optional<int64_t> count) {
    DecodeOptions options;
    options.start_sample = start;
    options.num_samples = count;
    return DecodeAudio(path, options).status();
  };
  EXPECT_OK(decode(0, 1000));
  EXPECT_THAT(decode(0, 1001), StatusIs(absl::StatusCode::kOutOfRange,
                                        AllOf(HasSubstr(path), HasSubstr("holds 1000 samples at 16000 Hz"))));
  EXPECT_THAT(decode(1000, std::nullopt), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("to the end")));
  EXPECT_THAT(decode(int64_t{1} << 62, 1), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(decode(5, INT64_MAX), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(decode(-1, 10), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(path)));
  EXPECT_THAT(decode(0, 0), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(DecodeTest, BadOptionsAreRefused) {
  const std::string path =
      WriteEncoded("options.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, TestSound(2, 1000), 16000);
  DecodeOptions channel;
  channel.channel = 2;
  EXPECT_THAT(DecodeAudio(path, channel), StatusIs(absl::StatusCode::kInvalidArgument,
                                                   AllOf(HasSubstr(path), HasSubstr("no channel 2"))));
  channel.channel = -1;
  EXPECT_THAT(DecodeAudio(path, channel), StatusIs(absl::StatusCode::kInvalidArgument));
  DecodeOptions both;
  both.start_sample = 3;
  both.num_seconds = Rational(1, 100);
  EXPECT_THAT(DecodeAudio(path, both), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not in both")));
  DecodeOptions negative;
  negative.start_seconds = Rational(-1, 2);
  EXPECT_THAT(DecodeAudio(path, negative), StatusIs(absl::StatusCode::kInvalidArgument));
  DecodeOptions tiny;
  tiny.num_seconds = Rational(1, 100000);
  EXPECT_THAT(DecodeAudio(path, tiny), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("holds no sample")));
}

TEST(DecodeTest, InfoWithoutDecoding) {
  for (const Codec& codec : AllCodecs()) {
    SCOPED_TRACE(codec.name);
    const std::string path = WriteEncoded("info_" + codec.name, codec.format, TestSound(2, 12345), codec.sample_rate);
    ASSERT_OK_AND_ASSIGN(const AudioInfo info, ReadAudioInfo(path));
    EXPECT_EQ(info.sample_rate, codec.sample_rate);
    EXPECT_EQ(info.channels, 2);
    EXPECT_EQ(info.num_samples, 12345);
  }
}

TEST(DecodeTest, ManyThreadsEachGetTheirOwnAnswer) {
  const FloatArray sound = TestSound(1, 4000);
  const std::string good = WriteEncoded("threads.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, sound, 16000);
  const std::string bad = WriteBytes("threads.txt", std::string(100, 'x'));
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const auto decoded = DecodeAudio(good);
        if (!decoded.ok() || Values(decoded->samples) != Channel(sound, 0)) ++wrong[t];
        const auto failed = DecodeAudio(bad);
        if (failed.status().message().find("Format not recognised") == absl::string_view::npos) ++wrong[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, testing::Each(0));
}

TEST(WriteWavTest, RoundTripIsExact) {
  const FloatArray sound = TestSound(2, 3000);
  for (const WavFormat format : {WavFormat::kPcm16, WavFormat::kFloat32}) {
    const std::string path = TestPath("round.wav");
    ASSERT_OK(WriteWav(path, sound, 22050, format));
    for (int c = 0; c < 2; ++c) {
      DecodeOptions options;
      options.channel = c;
      ASSERT_OK_AND_ASSIGN(const Waveform decoded, DecodeAudio(path, options));
      EXPECT_EQ(decoded.sample_rate, 22050);
      EXPECT_EQ(Values(decoded.samples), Channel(sound, c));
    }
  }
}

TEST(WriteWavTest, Pcm16RoundsAndClipsAndFloatDoesNot) {
  const FloatArray samples = FloatArray::Copy({6}, {-3.5f, -1.0f, 0.4f / 32768, 0.6f / 32768, 1.0f, 7.25f});
  const std::string path = TestPath("clip.wav");
  ASSERT_OK(WriteWav(path, samples, 16000));
  ASSERT_OK_AND_ASSIGN(const Waveform pcm, DecodeAudio(path));
  constexpr float kTop = 32767.0f / 32768;
  EXPECT_THAT(Values(pcm.samples), testing::ElementsAre(-1.0f, -1.0f, 0.0f, 1.0f / 32768, kTop, kTop));
  ASSERT_OK(WriteWav(path, samples, 16000, WavFormat::kFloat32));
  ASSERT_OK_AND_ASSIGN(const Waveform floats, DecodeAudio(path));
  EXPECT_EQ(Values(floats.samples), Values(samples));
}

TEST(WriteWavTest, BytesDependOnTheArgumentsOnly) {
  const FloatArray sound = TestSound(1, 100);
  ASSERT_OK(WriteWav(TestPath("once.wav"), sound, 16000, WavFormat::kFloat32));
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  ASSERT_OK(WriteWav(TestPath("again.wav"), sound, 16000, WavFormat::kFloat32));
  EXPECT_EQ(ReadBytes(TestPath("once.wav")), ReadBytes(TestPath("again.wav")));
}

TEST(WriteWavTest, BadInputIsNamed) {
  const std::string path = TestPath("never.wav");
  const auto is_refused = [&path](const std::string& reason) {
    return StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr(path), HasSubstr(reason)));
  };
  EXPECT_THAT(WriteWav(path, FloatArray::Copy({2, 2}, {0, 0, 0, NAN}), 16000), is_refused("sample 1 of channel 1"));
  EXPECT_THAT(WriteWav(path, FloatArray::Copy({2}, {0, INFINITY}), 16000), is_refused("infinite"));
  EXPECT_THAT(WriteWav(path, FloatArray::Zeros({0, 5}), 16000), is_refused("[0, 5]"));
  EXPECT_THAT(WriteWav(path, FloatArray::Zeros({1, 1, 5}), 16000), is_refused("[1, 1, 5]"));
  EXPECT_THAT(WriteWav(path, FloatArray::Zeros({5}), 0), is_refused("0 Hz"));
  EXPECT_THAT(WriteWav(path, FloatArray::Zeros({5}), 1000000), is_refused("1000000 Hz"));
  EXPECT_FALSE(FileExists(path));
}

}  // namespace
}  // namespace diarflow
