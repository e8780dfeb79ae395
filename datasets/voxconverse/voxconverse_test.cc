#include "datasets/voxconverse/voxconverse.h"

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
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class VoxConverseTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = absl::StrCat(testing::TempDir(), "/é-", testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(root_);
  }

  void Sound(const std::string& path, double seconds) {
    ASSERT_OK(WriteWav(At(path), FloatArray::Zeros({static_cast<int64_t>(seconds * 16000)}), 16000));
  }
  void Text(const std::string& path, const std::string& text) { ASSERT_OK(WriteFileAtomically(At(path), text)); }
  // A second of two speakers each.
  void Labels(const std::string& path, const std::string& uri) {
    Text(path, absl::StrCat("SPEAKER ", uri, " 1 0.5 1 <NA> <NA> spk00 <NA> <NA>\r\nSPEAKER ", uri,
                            " 1 1.00 1.00 <NA> <NA> spk01 <NA> <NA>\r\n"));
  }
  std::string At(const std::string& path) const { return JoinPath(root_, path); }

  std::string root_;
};

TEST_F(VoxConverseTest, JoinsLabelsAndAudioOfAnyFolder) {
  Labels("dev/b.rttm", "b");
  Labels("dev/é.rttm", "é");
  Labels("test/a.rttm", "a");
  Labels("v0.0.2/dev/b.rttm", "old");
  Labels("dev/old/c.rttm", "c");
  Text("README.md", "x");
  Sound("audio/b.wav", 3);
  Sound("dev/é.wav", 2.5);
  Sound("voxconverse_test_wav/a.flac", 2);
  Text("__MACOSX/audio/._b.wav", "x");
  ASSERT_OK_AND_ASSIGN(const Corpus corpus, VoxConverseCorpus(root_));
  EXPECT_EQ(corpus.name, "VoxConverse");
  ASSERT_EQ(corpus.entries.size(), 3u);
  const ManifestEntry& first = corpus.entries[0];
  EXPECT_EQ(first.audio, At("audio/b.wav"));
  EXPECT_EQ(first.duration, 3000000);
  EXPECT_EQ(first.utterance, "b");
  EXPECT_EQ(first.session, "b");
  EXPECT_EQ(first.split, "dev");
  EXPECT_EQ(first.speaker, "");
  EXPECT_EQ(first.num_speakers, 2);
  EXPECT_EQ(first.rttm, At("dev/b.rttm"));
  EXPECT_EQ(corpus.entries[1].audio, At("dev/é.wav"));
  EXPECT_EQ(corpus.entries[2].split, "test");
  const std::vector<Turn> turns = {{500000, 1000000, "spk00"}, {1000000, 1000000, "spk01"}};
  EXPECT_THAT(corpus.labels, ElementsAre(Recording{"b", turns}, Recording{"é", turns}, Recording{"a", turns}));
  EXPECT_THAT(corpus.regions, ElementsAre(EvaluationRegion{"b", {{0, 3000000}}}, EvaluationRegion{"é", {{0, 2500000}}},
                                          EvaluationRegion{"a", {{0, 2000000}}}));
  EXPECT_THAT(corpus.problems,
              ElementsAre("dev: 2 files are here, 216 were published", "test: 1 files are here, 232 were published"));
}

TEST_F(VoxConverseTest, WhatIsWrongCostsItsRecordingOnly) {
  Labels("dev/good.rttm", "good");
  Sound("audio/good.wav", 2);
  Labels("dev/short.rttm", "short");
  Sound("audio/short.wav", 1.5);
  Labels("dev/missing.rttm", "missing");
  Labels("dev/corrupt.rttm", "corrupt");
  Sound("audio/corrupt.wav", 2);
  std::filesystem::resize_file(At("audio/corrupt.wav"), 1000);
  Labels("dev/named.rttm", "other");
  Sound("audio/named.wav", 2);
  Text("dev/bad.rttm", "SPEAKER bad 1 0 0 <NA> <NA> a <NA> <NA>\n");
  Sound("audio/bad.wav", 2);
  Text("dev/empty.rttm", "");
  Text("dev/two.rttm", "SPEAKER a 1 0 1 <NA> <NA> a <NA> <NA>\nSPEAKER two 1 0 1 <NA> <NA> a <NA> <NA>\n");
  Labels("test/good.rttm", "good");
  Sound("audio/nobody.wav", 2);
  Sound("more/good.wav", 2);
  ASSERT_OK_AND_ASSIGN(const Corpus corpus, VoxConverseCorpus(root_));
  const auto names = [](const auto& all, const auto& name_of) {
    std::vector<std::string> list;
    for (const auto& item : all) list.push_back(name_of(item));
    return list;
  };
  EXPECT_THAT(names(corpus.entries, [](const auto& entry) { return entry.utterance; }),
              ElementsAre("good", "named", "short"));
  EXPECT_THAT(names(corpus.labels, [](const auto& recording) { return recording.uri; }),
              ElementsAre("corrupt", "good", "missing", "named", "short"));
  EXPECT_THAT(names(corpus.regions, [](const auto& region) { return region.uri; }),
              ElementsAre("good", "named", "short"));
  EXPECT_THAT(
      corpus.problems,
      ElementsAre(
          "audio that is there twice, of which the first is taken: more/good.wav (as audio/good.wav)",
          AllOf(StartsWith("labels that cannot be read; their recordings are left out: " + At("dev/bad.rttm")),
                HasSubstr("bad.rttm:1: a turn of duration 0")),
          AllOf(StartsWith("audio that cannot be read and is left out; fetch it again: " + At("audio/corrupt.wav"))),
          "labels that are not of one recording; they are left out: dev/empty.rttm (0 recordings), dev/two.rttm (2 "
          "recordings)",
          "recordings whose audio is missing; fetch the audio archives and unpack them below the root: dev/missing",
          "labels that name another recording than their file, whose name is taken: dev/named.rttm (other)",
          "labels that end behind their audio, which may be cut: dev/short (2 s, audio 1.5 s)",
          "recordings that were there before, in the other split; they are left out: test/good.rttm",
          "audio without labels, which is left out: audio/nobody.wav", "dev: 3 files are here, 216 were published"));
}

TEST_F(VoxConverseTest, SaysWhatWasLookedFor) {
  Labels("labels/dev/a.rttm", "a");
  EXPECT_THAT(VoxConverseCorpus(root_),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(StartsWith("no VoxConverse in " + root_), HasSubstr("dev/*.rttm and test/*.rttm"))));
  EXPECT_THAT(VoxConverseCorpus("/nowhere"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere")));
  // Labels alone are something.
  Labels("dev/a.rttm", "a");
  ASSERT_OK_AND_ASSIGN(const Corpus corpus, VoxConverseCorpus(root_));
  EXPECT_THAT(corpus.entries, IsEmpty());
  EXPECT_EQ(corpus.labels.size(), 1u);
}

TEST(VoxConverseExpectedSplitsTest, NameTheirSource) {
  ASSERT_EQ(VoxConverseExpectedSplits().size(), 2u);
  for (const ExpectedSplit& split : VoxConverseExpectedSplits()) EXPECT_THAT(split.source, HasSubstr("0.3"));
}

}  // namespace
}  // namespace diarflow
