#include "datasets/voxceleb_corpus.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audio/write_wav.h"
#include "base/files.h"
#include "base/float_array.h"
#include "base/status_matchers.h"
#include "datasets/corpus.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class VoxCelebCorpusTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = absl::StrCat(testing::TempDir(), "/x/y/z/", testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(root_);
  }

  void Sound(const std::string& path, int64_t samples = 16000) {
    ASSERT_OK(WriteWav(At(path), FloatArray::Zeros({samples}), 16000));
  }
  void Text(const std::string& path) { ASSERT_OK(WriteFileAtomically(At(path), "no audio")); }
  std::string At(const std::string& path) const { return JoinPath(root_, path); }

  std::string root_;
};

// "split utterance speaker session" of all entries.
std::vector<std::string> Lines(const Corpus& corpus) {
  std::vector<std::string> lines;
  for (const ManifestEntry& entry : corpus.entries) {
    lines.push_back(absl::StrCat(entry.split, " ", entry.utterance, " ", entry.speaker, " ", entry.session));
  }
  return lines;
}

TEST_F(VoxCelebCorpusTest, FindsBothSplitsByTheirFolders) {
  Sound("vox1_dev_wav/wav/id10001/-é_x/00001.wav", 24000);
  Sound("vox1_test_wav/wav/id10270/b/00002.wav");
  Sound("vox1_dev_wav/wav/id10001/-é_x/00003.flac");
  Text("vox1_dev_wav/wav/id10001/-é_x/00004.txt");
  Text("vox1_dev_wav/wav/person/b/00001.wav");
  Text("vox1_dev_wav/wav/id10001/00001.wav");
  ASSERT_OK_AND_ASSIGN(const Corpus corpus, VoxCeleb1Corpus(root_));
  EXPECT_EQ(corpus.name, "VoxCeleb1");
  EXPECT_THAT(Lines(corpus),
              ElementsAre("dev id10001/-é_x/00001.wav id10001 -é_x", "dev id10001/-é_x/00003.flac id10001 -é_x",
                          "test id10270/b/00002.wav id10270 b"));
  EXPECT_EQ(corpus.entries[0].duration, 1500000);
  EXPECT_EQ(corpus.entries[0].audio, At("vox1_dev_wav/wav/id10001/-é_x/00001.wav"));
  EXPECT_THAT(corpus.problems, ElementsAre("dev: 2 files are here, 148642 were published",
                                           "test: 1 files are here, 4874 were published"));
  // Deeper roots: folders above them tell the split.
  for (const char* inner : {"vox1_dev_wav", "vox1_dev_wav/wav", "vox1_dev_wav/wav/", "vox1_dev_wav/wav/id10001"}) {
    // That of VoxCeleb2 has no other way to tell.
    ASSERT_OK_AND_ASSIGN(const Corpus part, VoxCeleb2Corpus(At(inner)));
    EXPECT_THAT(Lines(part),
                ElementsAre("dev id10001/-é_x/00001.wav id10001 -é_x", "dev id10001/-é_x/00003.flac id10001 -é_x"))
        << inner;
  }
}

TEST_F(VoxCelebCorpusTest, WithoutFoldersTheSpeakersOfVoxCeleb1Tell) {
  for (const char* speaker : {"id10001", "id10269", "id10270", "id10309", "id10310", "id11251"}) {
    Sound(absl::StrCat("wav/", speaker, "/v/1.wav"));
  }
  ASSERT_OK_AND_ASSIGN(const Corpus corpus, VoxCeleb1Corpus(root_));
  std::vector<std::string> splits;
  for (const ManifestEntry& entry : corpus.entries) splits.push_back(entry.split);
  EXPECT_THAT(splits, ElementsAre("dev", "dev", "test", "test", "dev", "dev"));
  // Nobody knows that of VoxCeleb2.
  ASSERT_OK_AND_ASSIGN(const Corpus second, VoxCeleb2Corpus(root_));
  EXPECT_THAT(second.entries, IsEmpty());
  EXPECT_THAT(second.problems, ElementsAre(AllOf(StartsWith("audio below no folder that is named dev or test"),
                                                 HasSubstr("wav/id10001/v/1.wav"), HasSubstr("(6 in all)"))));
}

TEST_F(VoxCelebCorpusTest, NamesWhatMustBeConverted) {
  Text("dev/aac/id00012/v/00001.m4a");
  Sound("dev/aac/id00012/v/00001.wav");
  Text("dev/aac/id00012/v/00002.m4a");
  Text("test/aac/id00017/v/00001.m4a");
  Sound("test/wav/id00017/v/00001.WAV");
  ASSERT_OK_AND_ASSIGN(const Corpus corpus, VoxCeleb2Corpus(root_));
  EXPECT_EQ(corpus.name, "VoxCeleb2");
  EXPECT_THAT(Lines(corpus), ElementsAre("dev id00012/v/00001.wav id00012 v", "test id00017/v/00001.WAV id00017 v"));
  EXPECT_THAT(
      corpus.problems,
      ElementsAre(
          "audio in AAC (.m4a), which is left out since every reading would start ffmpeg; convert each file "
          "to a WAV file beside it, with `ffmpeg -i NNNNN.m4a -ac 1 -ar 16000 NNNNN.wav`: dev/aac/id00012/v/00002.m4a",
          "dev: 1 files are here, 1092009 were published", "test: 1 files are here, 36237 were published"));
}

TEST_F(VoxCelebCorpusTest, OnlyM4aIsNoErrorButAProblem) {
  for (int i = 0; i < 5; ++i) Text(absl::StrCat("vox2_dev/id00012/v/", i, ".m4a"));
  ASSERT_OK_AND_ASSIGN(const Corpus corpus, VoxCeleb2Corpus(root_));
  EXPECT_THAT(corpus.entries, IsEmpty());
  EXPECT_THAT(corpus.problems, ElementsAre(HasSubstr("(5 in all)")));
}

TEST_F(VoxCelebCorpusTest, WhatIsWrongCostsItsFileOnly) {
  Sound("dev/id10001/v/1.wav");
  Text("dev/id10001/v/2.wav");
  Sound("dev/id10001/v/3.wav");
  std::filesystem::resize_file(At("dev/id10001/v/3.wav"), 20000);
  Sound("dev/more/id10001/v/1.wav");
  Sound("dev/id10001/v/1.flac");
  ASSERT_OK_AND_ASSIGN(const Corpus corpus, VoxCeleb1Corpus(root_));
  EXPECT_THAT(Lines(corpus), ElementsAre("dev id10001/v/1.flac id10001 v"));
  EXPECT_THAT(corpus.problems,
              ElementsAre("utterances that were there before; they are left out: dev/id10001/v/1.wav, "
                          "dev/more/id10001/v/1.wav",
                          AllOf(StartsWith("audio that cannot be read and is left out; fetch it again: "),
                                HasSubstr(At("dev/id10001/v/2.wav")), HasSubstr(At("dev/id10001/v/3.wav"))),
                          "dev: 1 files are here, 148642 were published"));
}

TEST_F(VoxCelebCorpusTest, SaysWhatWasLookedFor) {
  Text("dev/person/v/1.wav");
  EXPECT_THAT(VoxCeleb1Corpus(root_),
              StatusIs(absl::StatusCode::kNotFound, AllOf(StartsWith(absl::StrCat("no VoxCeleb1 below ", root_)),
                                                          HasSubstr("idXXXXX/<video>/NNNNN.wav"))));
  EXPECT_THAT(VoxCeleb2Corpus("/nowhere"), StatusIs(absl::StatusCode::kNotFound, StartsWith("no VoxCeleb2 below")));
}

TEST(VoxCelebExpectedSplitsTest, AddUp) {
  // What the papers say of both splits together.
  const auto files = [](const std::vector<ExpectedSplit>& splits) { return *splits[0].files + *splits[1].files; };
  const auto speakers = [](const auto& splits) { return *splits[0].speakers + *splits[1].speakers; };
  EXPECT_EQ(files(VoxCeleb1ExpectedSplits()), 153516);
  EXPECT_EQ(speakers(VoxCeleb1ExpectedSplits()), 1251);
  EXPECT_EQ(files(VoxCeleb2ExpectedSplits()), 1128246);
  EXPECT_EQ(speakers(VoxCeleb2ExpectedSplits()), 6112);
}

}  // namespace
}  // namespace diarflow
