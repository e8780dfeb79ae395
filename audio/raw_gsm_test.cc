#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "audio/decode.h"
#include "audio/test_files.h"
#include "audio/write_wav.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int64_t kFrame = 160;

// A tone of 400 Hz that grows, `frames` GSM frames long.
FloatArray Tone(int64_t frames) {
  FloatArray tone = FloatArray::Zeros({1, frames * kFrame});
  for (int64_t n = 0; n < tone.size(); ++n) {
    const double level = .1 + .3 * static_cast<double>(n) / static_cast<double>(tone.size());
    tone.mutable_data()[n] = static_cast<float>(level * std::sin(2 * M_PI * 400 / 8000 * static_cast<double>(n)));
  }
  return tone;
}

std::string WriteGsm(const std::string& name, int64_t frames, int container = SF_FORMAT_RAW) {
  return WriteEncoded(name, container | SF_FORMAT_GSM610, Tone(frames), 8000);
}

TEST(RawGsmTest, IsToldByItsName) {
  for (const std::string name : {"tone.gsm", "TONE.GSM", "a.wav.Gsm"}) {
    const std::string path = WriteGsm(name, 50);
    ASSERT_EQ(ReadBytes(path).size(), 50u * 33);
    ASSERT_OK_AND_ASSIGN(const AudioInfo info, ReadAudioInfo(path));
    EXPECT_EQ(info.sample_rate, 8000);
    EXPECT_EQ(info.channels, 1);
    EXPECT_EQ(info.num_samples, 50 * kFrame);
    ASSERT_OK_AND_ASSIGN(const Waveform decoded, DecodeAudio(path));
    EXPECT_EQ(decoded.sample_rate, 8000);
    ASSERT_EQ(decoded.samples.size(), 50 * kFrame);
    const FloatArray tone = Tone(50);
    double signal = 0;
    double noise = 0;
    for (int64_t n = 0; n < tone.size(); ++n) {
      signal += tone[n] * tone[n];
      noise += (tone[n] - decoded.samples[n]) * (tone[n] - decoded.samples[n]);
    }
    EXPECT_LT(noise, .1 * signal);
  }
  EXPECT_THAT(DecodeAudio(WriteGsm("tone.raw", 50)), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RawGsmTest, WavFileOfThatNameIsAWavFile) {
  const std::string path = TestPath("really_wav.gsm");
  ASSERT_OK(WriteWav(path, Tone(3), 16000));
  ASSERT_OK_AND_ASSIGN(const AudioInfo info, ReadAudioInfo(path));
  EXPECT_EQ(info.sample_rate, 16000);
  EXPECT_EQ(info.num_samples, 3 * kFrame);
}

TEST(RawGsmTest, SegmentIsThatPartOfTheWhole) {
  for (const std::string& path : {WriteGsm("segments.gsm", 100), WriteGsm("segments.wav", 100, SF_FORMAT_WAV)}) {
    ASSERT_OK_AND_ASSIGN(const Waveform whole, DecodeAudio(path));
    for (const int64_t start : {0, 1, 159, 160, 161, 320, 4000, 15000}) {
      DecodeOptions options;
      options.start_sample = start;
      options.num_samples = 900;
      ASSERT_OK_AND_ASSIGN(const Waveform part, DecodeAudio(path, options));
      ASSERT_EQ(part.samples.size(), 900);
      EXPECT_TRUE(std::equal(part.samples.begin(), part.samples.end(), whole.samples.begin() + start))
          << path << " from sample " << start;
    }
  }
}

TEST(RawGsmTest, NoWholeNumberOfFramesIsDamage) {
  const std::string bytes = ReadBytes(WriteGsm("whole.gsm", 4));
  for (size_t size = 1; size < bytes.size(); ++size) {
    const std::string path = WriteBytes("cut.gsm", bytes.substr(0, size));
    if (size % 33 == 0) {
      ASSERT_OK_AND_ASSIGN(const Waveform decoded, DecodeAudio(path));
      EXPECT_EQ(decoded.samples.size(), static_cast<int64_t>(size) / 33 * kFrame);
    } else {
      const auto expected = StatusIs(absl::StatusCode::kDataLoss, AllOf(HasSubstr("cut.gsm"), HasSubstr("33 bytes")));
      EXPECT_THAT(DecodeAudio(path), expected) << size;
      EXPECT_THAT(ReadAudioInfo(path), expected) << size;
    }
  }
  EXPECT_THAT(DecodeAudio(WriteBytes("empty.gsm", "")), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(RawGsmTest, OtherBytesAreRefused) {
  EXPECT_THAT(DecodeAudio(WriteBytes("text.gsm", std::string(66, 'a'))),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("text.gsm")));
  const std::string bytes = ReadBytes(WriteGsm("damaged.gsm", 3000));
  for (const int64_t frame : {1, 5, 999, 1000, 1001, 2000, 2999}) {
    std::string damaged = bytes;
    damaged[static_cast<size_t>(33 * frame)] ^= 0x10;
    EXPECT_THAT(DecodeAudio(WriteBytes("damaged.gsm", damaged)),
                StatusIs(absl::StatusCode::kDataLoss,
                         AllOf(HasSubstr("damaged.gsm"), HasSubstr(" byte " + std::to_string(33 * frame)))));
  }
}

}  // namespace
}  // namespace diarflow
