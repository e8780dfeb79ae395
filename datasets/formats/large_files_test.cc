// Files of 100 MB are read line by line: mostly comments and other line types, which leave nothing behind, so that what
// remains is the readers' own memory.
#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "datasets/formats/ctm.h"
#include "datasets/formats/rttm.h"
#include "diarization/turns.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

constexpr int64_t kBytes = 100000000;
constexpr int64_t kMaxGrowth = 20000;  // kilobytes

int64_t PeakKilobytes() {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

void ExpectSmallGrowthSince([[maybe_unused]] int64_t before) {
#ifndef __SANITIZE_ADDRESS__  // which keeps freed memory for a while
  const int64_t growth = PeakKilobytes() - before;
  EXPECT_LT(growth, kMaxGrowth);
  testing::Test::RecordProperty("growth_kilobytes", absl::StrCat(growth));
#endif
}

// A file of kBytes, in which line(i) stands behind every repetition of `filler`. Returns how many there are.
template <typename Line>
int64_t WriteLargeFile(const std::string& path, const std::string& filler, const Line& line) {
  FILE* const file = std::fopen(path.c_str(), "w");
  EXPECT_NE(file, nullptr);
  if (file == nullptr) return 0;
  int64_t bytes = 0;
  int64_t lines = 0;
  while (bytes < kBytes) {
    const std::string text = absl::StrCat(filler, line(lines++), "\n");
    EXPECT_EQ(std::fwrite(text.data(), 1, text.size(), file), text.size());
    bytes += static_cast<int64_t>(text.size());
  }
  EXPECT_EQ(std::fclose(file), 0);
  return lines;
}

TEST(LargeFilesTest, RttmIsStreamed) {
  const std::string path = JoinPath(testing::TempDir(), "large.rttm");
  std::string filler;
  for (int i = 0; i < 1000; ++i) {
    absl::StrAppend(&filler, "LEXEME meeting 1 ", i, ".25 0.25 a-word-that-takes-some-space-in-the-file lex A 0.5\n");
  }
  const int64_t turns = WriteLargeFile(
      path, filler, [](int64_t i) { return absl::StrCat("SPEAKER meeting 1 ", i, ".5 1.25 <NA> <NA> A <NA> <NA>"); });
  const int64_t before = PeakKilobytes();
  ASSERT_OK_AND_ASSIGN(const std::vector<Recording> recordings, ReadRttm(path));
  ExpectSmallGrowthSince(before);
  ASSERT_EQ(recordings.size(), 1u);
  ASSERT_EQ(static_cast<int64_t>(recordings[0].turns.size()), turns);
  EXPECT_EQ(recordings[0].turns.back(), (Turn{(turns - 1) * kMicrosecondsPerSecond + 500000, 1250000, "A"}));
  std::remove(path.c_str());
}

TEST(LargeFilesTest, CtmIsStreamed) {
  const std::string path = JoinPath(testing::TempDir(), "large.ctm");
  // A long comment, and blanks in front of the line.
  const std::string filler = absl::StrCat(";;", std::string(50000, 'x'), "\r\n", std::string(50000, ' '));
  const int64_t words =
      WriteLargeFile(path, filler, [](int64_t i) { return absl::StrCat("meeting 1 ", i, ".5 0.25 mot\r"); });
  const int64_t before = PeakKilobytes();
  ASSERT_OK_AND_ASSIGN(const std::vector<Transcript> transcripts, ReadCtm(path));
  ExpectSmallGrowthSince(before);
  ASSERT_EQ(transcripts.size(), 1u);
  ASSERT_EQ(static_cast<int64_t>(transcripts[0].words.size()), words);
  EXPECT_EQ(transcripts[0].words.back().start, (words - 1) * kMicrosecondsPerSecond + 500000);
  EXPECT_EQ(transcripts[0].words.back().word, "mot");
  std::remove(path.c_str());
}

}  // namespace
}  // namespace diarflow
