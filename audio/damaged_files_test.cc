// Files that are damaged, cut, empty or odd: each gives a right answer or a status that names the file and the reason.
#include <sndfile.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>

#include "audio/decode.h"
#include "audio/test_files.h"
#include "audio/write_wav.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

// For the address sanitizer: libsndfile 1.2 loses this object for every Vorbis file whose header is damaged. The caller
// never sees it.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:vorbis_info_init\n"; }

namespace diarflow {
namespace {

using absl::StatusCode;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr int kWav = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
constexpr int kFlac = SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
constexpr int kVorbis = SF_FORMAT_OGG | SF_FORMAT_VORBIS;
constexpr int kOpus = SF_FORMAT_OGG | SF_FORMAT_OPUS;
constexpr int kMp3 = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;

void ExpectError(const std::string& path, StatusCode code, const std::string& reason) {
  EXPECT_THAT(DecodeAudio(path), StatusIs(code, AllOf(HasSubstr(path), HasSubstr(reason))));
}

std::string Little32(uint32_t value) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
  return bytes;
}

// The bytes of a canonical WAV file: RIFF size at 4, channels at 22, rate at 24, "data" at 36, its size at 40.
std::string WavBytes(int64_t length) {
  return ReadBytes(WriteEncoded("bytes.wav", kWav, TestSound(1, length), 16000));
}

TEST(DamagedFilesTest, NoFileFolderPipeEmptyFileAndText) {
  ExpectError(TestPath("absent.wav"), StatusCode::kNotFound, "No such file");
  ExpectError(testing::TempDir(), StatusCode::kInvalidArgument, "not a regular file");
  const std::string pipe = TestPath("pipe.wav");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  ExpectError(pipe, StatusCode::kInvalidArgument, "not a regular file");
  ExpectError(WriteBytes("empty.wav", ""), StatusCode::kDataLoss, "empty (0 bytes)");
  ExpectError(WriteBytes("text.wav", "This is no audio, but a line of text."), StatusCode::kInvalidArgument,
              "Format not recognised");
  ExpectError(WriteBytes("one.wav", "R"), StatusCode::kInvalidArgument, "Format not recognised");
}

TEST(DamagedFilesTest, NoSamples) {
  const std::string path = TestPath("none.wav");
  ASSERT_OK(WriteWav(path, FloatArray::Zeros({0}), 16000));
  ExpectError(path, StatusCode::kInvalidArgument, "holds no samples");
  ASSERT_OK_AND_ASSIGN(const AudioInfo info, ReadAudioInfo(path));
  EXPECT_EQ(info.num_samples, 0);
}

TEST(DamagedFilesTest, ZeroChannelsAndImpossibleRates) {
  std::string bytes = WavBytes(100);
  bytes.replace(22, 2, std::string(2, '\0'));
  ExpectError(WriteBytes("zero_channels.wav", bytes), StatusCode::kDataLoss, "Channel count is zero");
  bytes = WavBytes(100);
  ExpectError(WriteBytes("zero_rate.wav", bytes.replace(24, 4, Little32(0))), StatusCode::kDataLoss, "rate of 0 Hz");
  ExpectError(WriteBytes("high_rate.wav", bytes.replace(24, 4, Little32(2000000))), StatusCode::kDataLoss,
              "rate of 2000000 Hz");
}

TEST(DamagedFilesTest, LowAndHighRatesAreRight) {
  for (const int rate : {8000, 96000, 1, 768000}) {
    const FloatArray sound = TestSound(1, 500);
    const std::string path = WriteEncoded("rate.wav", kWav, sound, rate);
    ASSERT_OK_AND_ASSIGN(const Waveform decoded, DecodeAudio(path));
    EXPECT_EQ(decoded.sample_rate, rate);
    EXPECT_TRUE(std::equal(sound.begin(), sound.end(), decoded.samples.begin(), decoded.samples.end()));
  }
}

TEST(DamagedFilesTest, NotFiniteSamplesAreNamed) {
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    const std::string reason = std::isnan(bad) ? "not a number" : "infinite";
    FloatArray sound = TestSound(2, 50000);
    sound.mutable_data()[50000 + 43210] = static_cast<float>(bad);
    sound.mutable_data()[50000 + 43999] = static_cast<float>(bad);
    const std::string path = WriteEncoded("nan.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, sound, 16000);
    ExpectError(path, StatusCode::kDataLoss, "sample 43210 of channel 1 is " + reason);
    DecodeOptions options;
    options.channel = 0;
    EXPECT_OK(DecodeAudio(path, options));
    options.channel = 1;
    options.num_samples = 43210;
    EXPECT_OK(DecodeAudio(path, options));
    options.start_sample = 40000;
    EXPECT_THAT(DecodeAudio(path, options), StatusIs(StatusCode::kOutOfRange));
    options.num_samples = 10000;
    EXPECT_THAT(DecodeAudio(path, options), StatusIs(StatusCode::kDataLoss, HasSubstr("sample 43210 of channel 1")));
  }
}

TEST(DamagedFilesTest, CutWavSaysHowMuchIsThere) {
  const std::string bytes = WavBytes(1000);
  const std::string path = WriteBytes("cut.wav", bytes.substr(0, 44 + 2 * 600));
  ExpectError(path, StatusCode::kDataLoss, "it holds 600 of the 1000 samples");
  EXPECT_THAT(ReadAudioInfo(path), StatusIs(StatusCode::kDataLoss, HasSubstr("600 of the 1000")));
  ExpectError(WriteBytes("cut_inside.wav", bytes.substr(0, bytes.size() - 1)), StatusCode::kDataLoss,
              "it holds 999 of the 1000 samples");
  ExpectError(WriteBytes("cut_header.wav", bytes.substr(0, 30)), StatusCode::kDataLoss, "");
  const std::string rf64 =
      ReadBytes(WriteEncoded("whole.rf64", SF_FORMAT_RF64 | SF_FORMAT_PCM_16, TestSound(1, 1000), 16000));
  ExpectError(WriteBytes("cut.rf64", rf64.substr(0, rf64.size() - 800)), StatusCode::kDataLoss, "of the 1000 samples");
}

TEST(DamagedFilesTest, WavOfAProgramThatCouldNotGoBackToTheHeader) {
  const FloatArray sound = TestSound(1, 1000);
  const std::string bytes = WavBytes(1000);
  for (const uint32_t data_size : {0u, 0x7FFFF000u, 0x80000000u, 0xFFFFFFFFu}) {
    for (const uint32_t riff_size : {0u, 8u, 36u, 0x7FFFF024u, 0xFFFFFFFFu}) {
      std::string streamed = bytes;
      streamed.replace(4, 4, Little32(riff_size)).replace(40, 4, Little32(data_size));
      const std::string path = WriteBytes("streamed.wav", streamed);
      ASSERT_OK_AND_ASSIGN(const Waveform decoded, DecodeAudio(path));
      EXPECT_TRUE(std::equal(sound.begin(), sound.end(), decoded.samples.begin(), decoded.samples.end()));
    }
  }
  // Really nothing, and a list of remarks behind it.
  std::string remarks = bytes.substr(0, 44) + "LIST" + Little32(4) + "INFO";
  remarks.replace(40, 4, Little32(0)).replace(4, 4, Little32(static_cast<uint32_t>(remarks.size() - 8)));
  ExpectError(WriteBytes("remarks.wav", remarks), StatusCode::kInvalidArgument, "holds no samples");
}

TEST(DamagedFilesTest, ChunksBesideTheSamplesDoNotMatter) {
  const FloatArray sound = TestSound(1, 999);
  const std::string bytes = WavBytes(999);
  // An odd chunk before, with its byte of padding, and one behind.
  const std::string odd = "note" + Little32(3) + std::string("abc\0", 4);
  std::string path = WriteBytes("chunks.wav", bytes.substr(0, 36) + odd + bytes.substr(36) + odd);
  ASSERT_OK_AND_ASSIGN(const Waveform decoded, DecodeAudio(path));
  EXPECT_TRUE(std::equal(sound.begin(), sound.end(), decoded.samples.begin(), decoded.samples.end()));
  path = WriteBytes("chunks_cut.wav", bytes.substr(0, 36) + odd + bytes.substr(36, 8 + 2 * 500));
  ExpectError(path, StatusCode::kDataLoss, "it holds 500 of the 999 samples");
}

TEST(DamagedFilesTest, CutFlacMp3AndOggAreNoticed) {
  const FloatArray sound = TestSound(1, 60000);
  for (const int format : {kFlac, kMp3, kVorbis, kOpus}) {
    const std::string bytes = ReadBytes(WriteEncoded("whole", format, sound, 16000));
    for (const size_t keep : {bytes.size() * 3 / 10, bytes.size() * 6 / 10, bytes.size() - bytes.size() / 20}) {
      const std::string path = WriteBytes("cut", bytes.substr(0, keep));
      ExpectError(path, StatusCode::kDataLoss, "cut");
    }
  }
}

TEST(DamagedFilesTest, CutOggIsNoticedAtEveryByteOfTheLastPage) {
  const std::string bytes = ReadBytes(WriteEncoded("pages.opus", kOpus, TestSound(1, 40000), 16000));
  const size_t last_page = bytes.rfind("OggS");
  for (size_t keep = last_page + 1; keep < bytes.size(); keep += keep < last_page + 40 ? 1 : 37) {
    ExpectError(WriteBytes("cut.opus", bytes.substr(0, keep)), StatusCode::kDataLoss, "the file was cut");
  }
  // Between two pages it is a stream that ended.
  ASSERT_OK_AND_ASSIGN(const Waveform shorter, DecodeAudio(WriteBytes("cut.opus", bytes.substr(0, last_page))));
  EXPECT_GT(shorter.samples.size(), 0);
  EXPECT_LT(shorter.samples.size(), 40000);
}

TEST(DamagedFilesTest, ChangedByteInFlacIsNoticed) {
  std::string bytes = ReadBytes(WriteEncoded("sound.flac", kFlac, TestSound(1, 30000), 16000));
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x10);
  EXPECT_THAT(DecodeAudio(WriteBytes("changed.flac", bytes)), StatusIs(StatusCode::kDataLoss));
}

TEST(DamagedFilesTest, FlacWithoutALengthIsReadToItsEnd) {
  const FloatArray sound = TestSound(1, 30000);
  std::string bytes = ReadBytes(WriteEncoded("sound.flac", kFlac, sound, 16000));
  // The 36 bits of the sample count end with byte 17 of the first block of metadata, which begins at byte 8.
  bytes[21] = static_cast<char>(bytes[21] & 0xF0);
  bytes.replace(22, 4, std::string(4, '\0'));
  const std::string path = WriteBytes("endless.flac", bytes);
  ASSERT_OK_AND_ASSIGN(const Waveform decoded, DecodeAudio(path));
  EXPECT_TRUE(std::equal(sound.begin(), sound.end(), decoded.samples.begin(), decoded.samples.end()));
  ASSERT_OK_AND_ASSIGN(const AudioInfo info, ReadAudioInfo(path));
  EXPECT_EQ(info.num_samples, 30000);
  DecodeOptions options;
  options.start_sample = 29000;
  options.num_samples = 1000;
  ASSERT_OK_AND_ASSIGN(const Waveform part, DecodeAudio(path, options));
  EXPECT_TRUE(std::equal(part.samples.begin(), part.samples.end(), sound.begin() + 29000, sound.end()));
  options.num_samples = 1001;
  EXPECT_THAT(DecodeAudio(path, options), StatusIs(StatusCode::kOutOfRange, HasSubstr("holds 30000 samples")));
}

// Whatever the bytes are: a status with the file's name, or finite samples in the promised shape.
void ExpectSaneAnswer(const std::string& path) {
  const absl::StatusOr<AudioInfo> info = ReadAudioInfo(path);
  const absl::StatusOr<Waveform> decoded = DecodeAudio(path);
  if (!info.ok()) {
    EXPECT_THAT(std::string(info.status().message()), StartsWith(path));
  }
  if (!decoded.ok()) {
    EXPECT_THAT(std::string(decoded.status().message()), StartsWith(path));
    EXPECT_NE(decoded.status().code(), StatusCode::kUnknown);
    return;
  }
  ASSERT_OK(info);
  EXPECT_EQ(decoded->samples.size(), info->num_samples);
  EXPECT_EQ(decoded->sample_rate, info->sample_rate);
  for (const float x : decoded->samples) ASSERT_TRUE(std::isfinite(x));
  DecodeOptions options;
  options.start_sample = info->num_samples / 2;
  const absl::StatusOr<Waveform> half = DecodeAudio(path, options);
  if (half.ok()) {
    EXPECT_EQ(half->samples.size(), info->num_samples - info->num_samples / 2);
  }
}

class MutationTest : public testing::TestWithParam<int> {};

TEST_P(MutationTest, AnyBytesGiveAnAnswer) {
  const std::string bytes = ReadBytes(WriteEncoded("seed", GetParam(), TestSound(2, 3000), 16000));
  std::mt19937 random(static_cast<uint32_t>(GetParam()));
  for (int i = 0; i < 200; ++i) {
    std::string mutated = bytes;
    const int num_changes = 1 + static_cast<int>(random() % 4);
    for (int k = 0; k < num_changes; ++k) {
      // Half of the changes hit the header.
      const size_t at = random() % (random() % 2 == 0 ? std::min<size_t>(64, mutated.size()) : mutated.size());
      switch (random() % 5) {
        case 0: mutated[at] = static_cast<char>(random()); break;
        case 1: mutated[at] = static_cast<char>(mutated[at] ^ (1 << random() % 8)); break;
        case 2:
          mutated.replace(at, std::min<size_t>(4, mutated.size() - at), Little32(static_cast<uint32_t>(random())));
          break;
        case 3: mutated.insert(at, mutated.substr(at, random() % 50)); break;
        default: mutated.erase(at, random() % 50); break;
      }
      if (mutated.size() < 2) break;
    }
    if (random() % 4 == 0) mutated.resize(random() % (mutated.size() + 1));
    ExpectSaneAnswer(WriteBytes("mutated", mutated));
    ASSERT_FALSE(HasFailure()) << "mutation " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, MutationTest,
                         testing::Values(kWav, SF_FORMAT_WAV | SF_FORMAT_FLOAT, kFlac, kVorbis, kOpus, kMp3));

}  // namespace
}  // namespace diarflow
