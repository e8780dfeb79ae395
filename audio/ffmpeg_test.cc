#include "audio/ffmpeg.h"

#include <fcntl.h>
#include <sndfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audio/decode.h"
#include "audio/test_files.h"
#include "base/float_array.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using absl::StatusCode;
using testing::AllOf;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::Not;

constexpr int kAu = SF_FORMAT_AU | SF_FORMAT_FLOAT;

// A program of this name in a folder of its own that does what the shell's `script` says, in the place of ffmpeg.
std::string Program(const std::string& folder, const std::string& script) {
  mkdir(TestPath(folder).c_str(), 0700);
  const std::string path = WriteBytes(folder + "/ffmpeg", absl::StrCat("#!/bin/sh\n", script, "\n"));
  EXPECT_EQ(chmod(path.c_str(), 0700), 0);
  return path;
}

absl::StatusOr<std::string> Decode(const std::string& path, const FfmpegOptions& options) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  absl::StatusOr<Descriptor> decoded = DecodeWithFfmpeg(file.get(), options);
  if (!decoded.ok()) return decoded.status();
  std::string bytes(static_cast<size_t>(lseek(decoded->get(), 0, SEEK_END)), '\0');
  EXPECT_EQ(pread(decoded->get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  return bytes;
}

absl::StatusOr<std::string> DecodeBy(const std::string& script, int64_t patience = 60000) {
  FfmpegOptions options;
  options.program = Program("by", script);
  options.patience_milliseconds = patience;
  options.most_bytes = 1 << 20;
  return Decode(WriteBytes("input", "what it reads"), options);
}

TEST(FfmpegTest, TheFileIsItsInputAndItsOutputIsKept) {
  EXPECT_THAT(DecodeBy("cat /dev/stdin; printf ' and more'"), IsOkAndHolds("what it reads and more"));
  // Without a shell in between, arguments arrive as they are.
  EXPECT_THAT(DecodeBy("printf '%s|' \"$@\""),
              IsOkAndHolds(AllOf(HasSubstr("-i|file:/dev/stdin|"), HasSubstr("|pipe:1|"),
                                 HasSubstr("|-protocol_whitelist|file|"))));
  // Messages of more than a pipe holds.
  EXPECT_THAT(DecodeBy("head -c 300000 /dev/zero | tr '\\0' x >&2; printf done"), IsOkAndHolds("done"));
}

TEST(FfmpegTest, CtrlCDoesNotReachIt) {
  // It leads a process group of its own.
  EXPECT_THAT(DecodeBy("read -r pid name state parent group rest < /proc/$$/stat; test $group = $$ && printf own"),
              IsOkAndHolds("own"));
}

TEST(FfmpegTest, ErrorsAreItsOwnWords) {
  EXPECT_THAT(
      DecodeBy("echo '[in#0 @ 0x5581] moov atom not found' >&2; echo 'Error opening input files: bad' >&2; exit 183"),
      StatusIs(StatusCode::kInvalidArgument, "ffmpeg: moov atom not found"));
  EXPECT_THAT(DecodeBy("exit 3"), StatusIs(StatusCode::kInvalidArgument, "ffmpeg: exit code 3"));
  EXPECT_THAT(DecodeBy("printf samples; echo broken >&2; exit 1"), StatusIs(StatusCode::kDataLoss, "ffmpeg: broken"));
  EXPECT_THAT(DecodeBy("printf samples; echo '[x] File ended prematurely' >&2"),
              StatusIs(StatusCode::kDataLoss, HasSubstr("was cut")));
  EXPECT_THAT(DecodeBy("kill -9 $$"), StatusIs(StatusCode::kDataLoss, HasSubstr("-9")));
  EXPECT_THAT(DecodeBy("exit 0"), StatusIs(StatusCode::kInvalidArgument, HasSubstr("no samples")));
}

TEST(FfmpegTest, WhatHangsOrNeverEndsIsStopped) {
  EXPECT_THAT(DecodeBy("exec sleep 1000", 200), StatusIs(StatusCode::kDeadlineExceeded, HasSubstr("0.2 s")));
  EXPECT_THAT(DecodeBy("printf some; exec sleep 1000", 200),
              StatusIs(StatusCode::kDeadlineExceeded, HasSubstr("0.2 s")));
  EXPECT_THAT(DecodeBy("exec yes"), StatusIs(StatusCode::kResourceExhausted, HasSubstr("1048576 bytes")));
}

TEST(FfmpegTest, WithoutItTheMessageSaysWhatToInstall) {
  FfmpegOptions options;
  options.program = TestPath("nowhere/ffmpeg");
  EXPECT_THAT(Decode(WriteBytes("input", "x"), options).status(),
              StatusIs(StatusCode::kUnimplemented, HasSubstr("apt-get install ffmpeg")));
}

TEST(FfmpegTest, AFileIsDecodedOnceUntilItChanges) {
  const std::string log = TestPath("calls");
  FfmpegOptions options;
  options.program =
      Program("counted", absl::StrCat("echo x >> '", log, "'; cat; echo; test ! -e '", TestPath("fail"), "'"));
  const auto decode = [&options](const std::string& path) -> absl::StatusOr<std::string> {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    absl::StatusOr<Descriptor> decoded = DecodeOnceWithFfmpeg(file.get(), options);
    if (!decoded.ok()) return decoded.status();
    char bytes[100];
    return std::string(bytes, static_cast<size_t>(pread(decoded->get(), bytes, sizeof(bytes), 0)));
  };
  const auto calls = [&log] { return ReadBytes(log).size() / 2; };
  const std::string path = WriteBytes("once", "first");
  std::vector<std::thread> threads;
  for (int i = 0; i < 5; ++i) threads.emplace_back([&] { EXPECT_THAT(decode(path), IsOkAndHolds("first\n")); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(calls(), 1u);
  WriteBytes("once", "second");
  EXPECT_THAT(decode(path), IsOkAndHolds("second\n"));
  EXPECT_EQ(calls(), 2u);
  // Four others push it out.
  for (const std::string name : {"a", "b", "c", "d"}) EXPECT_OK(decode(WriteBytes("other" + name, name)));
  EXPECT_THAT(decode(path), IsOkAndHolds("second\n"));
  EXPECT_EQ(calls(), 7u);
  EXPECT_THAT(decode(TestPath("otherd")), IsOkAndHolds("d\n"));
  EXPECT_EQ(calls(), 7u);
  // What failed is not kept.
  WriteBytes("fail", "");
  const std::string failing = WriteBytes("tried again", "x");
  EXPECT_THAT(decode(failing), StatusIs(StatusCode::kDataLoss));
  ASSERT_EQ(unlink(TestPath("fail").c_str()), 0);
  EXPECT_THAT(decode(failing), IsOkAndHolds("x\n"));
}

// PATH while it lives.
class Path {
 public:
  explicit Path(const std::string& path) : before_(getenv("PATH")) { setenv("PATH", path.c_str(), 1); }
  ~Path() { setenv("PATH", before_.c_str(), 1); }

 private:
  std::string before_;
};

TEST(FfmpegTest, DecodeAudioTakesItForWhatLibsndfileDoesNotKnow) {
  const FloatArray sound = TestSound(2, 20000);
  const std::string au = WriteEncoded("stereo.au", kAu, sound, 44100);
  const std::string unknown = WriteBytes("some.m4a", "no kind that libsndfile knows");
  Program("path", absl::StrCat("exec /bin/cat '", au, "'"));
  const Path path(TestPath("path"));
  DecodeOptions options;
  options.channel = 1;
  ASSERT_OK_AND_ASSIGN(const Waveform wanted, DecodeAudio(au, options));
  ASSERT_OK_AND_ASSIGN(const Waveform got, DecodeAudio(unknown, options));
  EXPECT_EQ(got.sample_rate, 44100);
  EXPECT_THAT(std::vector<float>(got.samples.begin(), got.samples.end()),
              ElementsAreArray(wanted.samples.begin(), wanted.samples.end()));
  options.start_sample = 100;
  options.num_samples = 10;
  ASSERT_OK_AND_ASSIGN(const Waveform piece, DecodeAudio(unknown, options));
  EXPECT_THAT(std::vector<float>(piece.samples.begin(), piece.samples.end()),
              ElementsAreArray(wanted.samples.begin() + 100, wanted.samples.begin() + 110));
  ASSERT_OK_AND_ASSIGN(const AudioInfo info, ReadAudioInfo(unknown));
  EXPECT_EQ(info.channels, 2);
  EXPECT_EQ(info.num_samples, 20000);
  options.ffmpeg = false;
  EXPECT_THAT(
      DecodeAudio(unknown, options).status(),
      StatusIs(StatusCode::kInvalidArgument, AllOf(HasSubstr("some.m4a: not an audio"), Not(HasSubstr("ffmpeg")))));
  // A damaged file of a kind that libsndfile knows is its business.
  const std::string whole = ReadBytes(WriteEncoded("whole.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, sound, 16000));
  EXPECT_THAT(DecodeAudio(WriteBytes("cut.wav", whole.substr(0, 1000))).status(), StatusIs(StatusCode::kDataLoss));
}

// Three hours of stereo at 48 kHz are more bytes than 32 bits count: why it is asked for AU.
TEST(FfmpegTest, ItsOutputMayBeLong) {
  const int64_t frames = (int64_t{5} << 30) / 8;
  // As ffmpeg writes it into a pipe: without a size. Float, 48 kHz, two channels; silence but for the end.
  const std::string header("\0\0\0\x06\0\0\xbb\x80\0\0\0\x02", 12);
  const std::string path = WriteBytes("long.au", ".snd" + std::string("\0\0\0\x18\xff\xff\xff\xff", 8) + header);
  const Descriptor file(open(path.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(ftruncate(file.get(), 24 + 8 * frames), 0);
  const std::string half("\x3f\0\0\0\x3f\0\0\0", 8);
  ASSERT_EQ(pwrite(file.get(), half.data(), half.size(), 24 + 8 * (frames - 1)), 8);
  ASSERT_OK_AND_ASSIGN(const AudioInfo info, ReadAudioInfo(path));
  EXPECT_EQ(info.num_samples, frames);
  EXPECT_EQ(info.sample_rate, 48000);
  DecodeOptions options;
  options.start_sample = frames - 2;
  ASSERT_OK_AND_ASSIGN(const Waveform end, DecodeAudio(path, options));
  ASSERT_EQ(end.samples.size(), 2);
  EXPECT_EQ(end.samples[0], 0);
  EXPECT_EQ(end.samples[1], .5f);
  unlink(path.c_str());
}

TEST(FfmpegTest, DecodeAudioSaysBothReasons) {
  const std::string text = WriteBytes("text.wav", "This is no audio.");
  {
    const Path path(TestPath("nowhere"));
    EXPECT_THAT(DecodeAudio(text).status(),
                StatusIs(StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("text.wav: not an audio"), HasSubstr("apt-get install ffmpeg"))));
  }
  Program("failing", "echo moov atom not found >&2; exit 1");
  const Path path(TestPath("failing"));
  EXPECT_THAT(
      DecodeAudio(text).status(),
      StatusIs(StatusCode::kInvalidArgument, AllOf(HasSubstr("text.wav: not"), HasSubstr("moov atom not found"))));
}

TEST(FfmpegTest, RealFilesOfManyKinds) {
  if (std::system("ffmpeg -version >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "ffmpeg is not installed: apt-get install ffmpeg";
  // Its folder name must not be taken for an option, an address or a command.
  mkdir(TestPath("-i $(x) http:").c_str(), 0700);
  const FloatArray sound = TestSound(2, 48000);
  const std::string wav = WriteEncoded("source.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, sound, 48000);
  ASSERT_OK_AND_ASSIGN(const Waveform original, DecodeAudio(wav));
  for (const std::string kind : {"m4a", "mp4", "mov", "mkv", "webm", "wma", "aac", "ts"}) {
    const std::string path = TestPath("-i $(x) http:/a b." + kind);
    ASSERT_EQ(std::system(absl::StrCat("ffmpeg -loglevel error -y -i '", wav, "' '", path, "'").c_str()), 0) << kind;
    ASSERT_OK_AND_ASSIGN(const Waveform decoded, DecodeAudio(path));
    EXPECT_EQ(decoded.sample_rate, 48000) << kind;
    // Encoders add silence in front and behind.
    EXPECT_NEAR(static_cast<double>(decoded.samples.size()), 48000, 4000) << kind;
    double power = 0, wanted = 0;
    for (const float x : decoded.samples) power += x * x;
    for (const float x : original.samples) wanted += x * x;
    EXPECT_NEAR(power / wanted, 1, .3) << kind;
    const std::string bytes = ReadBytes(path);
    const absl::Status cut = DecodeAudio(WriteBytes("cut." + kind, bytes.substr(0, bytes.size() / 2 + 7))).status();
    // Streams that promise no length give what they hold.
    if (kind != "aac" && kind != "ts" && kind != "wma") {
      EXPECT_FALSE(cut.ok()) << kind;
    }
  }
  EXPECT_THAT(DecodeAudio(WriteBytes("words.m4a", "This is no audio.")).status(),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("ffmpeg: ")));
}

}  // namespace
}  // namespace diarflow
