#include "audio/memory_descriptor.h"

#include <fcntl.h>
#include <sndfile.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "audio/decode.h"
#include "audio/test_files.h"
#include "base/float_array.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using absl::StatusCode;
using testing::ElementsAreArray;
using testing::HasSubstr;

std::string BytesOf(int fd) {
  std::string bytes(static_cast<size_t>(lseek(fd, 0, SEEK_END)), '\0');
  EXPECT_EQ(pread(fd, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  return bytes;
}

// Writes `bytes` into a pipe from a thread of its own.
class Writer {
 public:
  explicit Writer(std::string bytes) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    read_end_ = Descriptor(ends[0]);
    thread_ = std::thread([to = ends[1], bytes = std::move(bytes)] {
      EXPECT_OK(AppendTo(to, bytes));
      close(to);
    });
  }
  ~Writer() { thread_.join(); }
  int read_end() const { return read_end_.get(); }

 private:
  Descriptor read_end_;
  std::thread thread_;
};

TEST(MemoryDescriptorTest, AStreamIsKeptWhole) {
  std::string bytes(1000003, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i >> 7);
  const Writer writer(bytes);
  ASSERT_OK_AND_ASSIGN(const Descriptor file, ReadIntoMemory(writer.read_end(), "pipe", 1 << 30));
  EXPECT_TRUE(BytesOf(file.get()) == bytes);
  EXPECT_TRUE(BytesOf(file.Duplicate().get()) == bytes);
}

TEST(MemoryDescriptorTest, TooMuchIsRefused) {
  const Writer writer(std::string(1001, 'x'));
  EXPECT_THAT(ReadIntoMemory(writer.read_end(), "pipe", 1000).status(),
              StatusIs(StatusCode::kResourceExhausted, HasSubstr("pipe: more than 1000 bytes")));
  EXPECT_THAT(ReadIntoMemory(-1, "pipe", 1000).status(), StatusIs(StatusCode::kDataLoss, HasSubstr("pipe")));
  EXPECT_GT(MostBytesInMemory(), 1 << 28);
}

// Standard input is read once in a process, so this is the only test of it; cli/diarize_test.py has more.
TEST(MemoryDescriptorTest, StandardInputIsReadOnceAndByEveryone) {
  const FloatArray sound = TestSound(2, 30000);
  const std::string path = WriteEncoded("piped.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, sound, 8000);
  const Writer writer(ReadBytes(path));
  ASSERT_EQ(dup2(writer.read_end(), STDIN_FILENO), STDIN_FILENO);
  std::vector<std::thread> readers;
  for (int channel = 0; channel < 2; ++channel) {
    readers.emplace_back([channel, path] {
      DecodeOptions options;
      options.channel = channel;
      ASSERT_OK_AND_ASSIGN(const Waveform piped, DecodeAudio("-", options));
      ASSERT_OK_AND_ASSIGN(const Waveform stored, DecodeAudio(path, options));
      EXPECT_EQ(piped.sample_rate, 8000);
      EXPECT_THAT(std::vector<float>(piped.samples.begin(), piped.samples.end()),
                  ElementsAreArray(stored.samples.begin(), stored.samples.end()));
    });
  }
  for (std::thread& reader : readers) reader.join();
  DecodeOptions absent;
  absent.channel = 2;
  EXPECT_THAT(DecodeAudio("-", absent).status(), StatusIs(StatusCode::kInvalidArgument, HasSubstr("standard input: ")));
}

}  // namespace
}  // namespace diarflow
