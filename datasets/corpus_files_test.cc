#include "datasets/corpus_files.h"

#include <filesystem>
#include <string>
#include <vector>

#include "audio/write_wav.h"
#include "base/files.h"
#include "base/float_array.h"
#include "base/status_matchers.h"
#include "datasets/corpus.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string Root(const std::string& name) {
  const std::string root = JoinPath(testing::TempDir(), name);
  std::filesystem::remove_all(root);
  return root;
}

TEST(CorpusFilesTest, FindsFilesInOrder) {
  const std::string root = Root("finds");
  for (const char* file : {"b", "a/2", "a/1", "a/é/x", "a/é/deep/y", ".hidden", "a/.hidden/x", "__MACOSX/x", "a.b"}) {
    ASSERT_OK(WriteFileAtomically(JoinPath(root, file), "x"));
  }
  EXPECT_THAT(FilesBelow(root, 9).paths, ElementsAre("a.b", "a/1", "a/2", "a/é/deep/y", "a/é/x", "b"));
  EXPECT_THAT(FilesBelow(root, 2).paths, ElementsAre("a.b", "a/1", "a/2", "a/é/x", "b"));
  EXPECT_THAT(FilesBelow(root, 0).paths, ElementsAre("a.b", "b"));
  EXPECT_THAT(FilesBelow(root, 9).unreadable, IsEmpty());
  const FolderFiles nothing = FilesBelow(JoinPath(root, "nowhere"), 9);
  EXPECT_THAT(nothing.paths, IsEmpty());
  EXPECT_THAT(nothing.unreadable, ElementsAre(StartsWith(JoinPath(root, "nowhere"))));
}

TEST(CorpusFilesTest, FollowsLinksButNotInCircles) {
  const std::string root = Root("links");
  ASSERT_OK(WriteFileAtomically(JoinPath(root, "in/a/x"), "x"));
  ASSERT_OK(WriteFileAtomically(JoinPath(root, "out/y"), "x"));
  std::filesystem::create_directory_symlink("../../out", JoinPath(root, "in/a/link"));
  std::filesystem::create_directory_symlink("..", JoinPath(root, "in/a/circle"));
  std::filesystem::create_symlink("x", JoinPath(root, "in/a/file"));
  std::filesystem::create_symlink("nowhere", JoinPath(root, "in/a/broken"));
  EXPECT_THAT(FilesBelow(JoinPath(root, "in"), 20).paths, ElementsAre("a/file", "a/link/y", "a/x"));
}

TEST(CorpusFilesTest, NamesOfPaths) {
  EXPECT_EQ(FileName("a/b.c"), "b.c");
  EXPECT_EQ(FileName("b.c"), "b.c");
  EXPECT_EQ(FileName("a/"), "");
  EXPECT_EQ(StemOf("a/b.Trans.TXT", ".trans.txt"), "b");
  EXPECT_EQ(StemOf("b.txt", ".trans.txt"), "");
  EXPECT_EQ(StemOf("a/.wav", ".wav"), "");
}

TEST(CorpusFilesTest, DurationOfAudio) {
  const std::string root = Root("durations");
  ASSERT_OK(WriteWav(JoinPath(root, "a.wav"), FloatArray::Zeros({12345}), 16000));
  EXPECT_THAT(AudioDuration(JoinPath(root, "a.wav")), IsOkAndHolds(771563));
  ASSERT_OK(WriteWav(JoinPath(root, "empty.wav"), FloatArray::Zeros({0}), 16000));
  EXPECT_THAT(AudioDuration(JoinPath(root, "empty.wav")),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("empty.wav: the file says that it holds 0 samples")));
  ASSERT_OK(WriteFileAtomically(JoinPath(root, "bad.wav"), "no audio"));
  EXPECT_THAT(AudioDuration(JoinPath(root, "bad.wav")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("bad.wav")));
  EXPECT_THAT(AudioDuration(JoinPath(root, "nowhere.wav")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nowhere.wav")));
  EXPECT_TRUE(IsFolder(root));
  EXPECT_FALSE(IsFolder(JoinPath(root, "a.wav")));
}

TEST(CorpusFilesTest, SplitsThatAreNotWhole) {
  std::vector<ManifestEntry> entries(5);
  for (ManifestEntry& entry : entries) entry.split = "dev";
  entries.back().split = "test";
  std::vector<ExpectedSplit> expected(4);
  expected[0].split = "train";
  expected[0].files = 7;
  expected[1].split = "dev";
  expected[1].files = 5;
  expected[2].split = "test";
  EXPECT_THAT(IncompleteSplits(entries, expected), ElementsAre("dev: 4 files are here, 5 were published"));
  expected[1].files = 4;
  EXPECT_THAT(IncompleteSplits(entries, expected), IsEmpty());
  expected[1].files = 3;
  EXPECT_THAT(IncompleteSplits(entries, expected), ElementsAre("dev: 4 files are here, 3 were published"));
}

}  // namespace
}  // namespace diarflow
