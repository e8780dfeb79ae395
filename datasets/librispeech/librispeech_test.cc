#include "datasets/librispeech/librispeech.h"

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audio/write_wav.h"
#include "base/files.h"
#include "base/float_array.h"
#include "base/status_matchers.h"
#include "datasets/corpus.h"
#include "datasets/manifest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class LibriSpeechTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = absl::StrCat(testing::TempDir(), "/é-", testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(root_);
    Text("SPEAKERS.TXT", ";ID|SEX\r\n84 | F | dev-clean | 8.02 | Zoë | B\r\n7 | M | train-clean-5 | 25 | A\r\n");
  }

  void Text(const std::string& path, const std::string& text) { ASSERT_OK(WriteFileAtomically(At(path), text)); }
  // Seconds of silence; ".wav" stands in for FLAC, which ReadAudioInfo() knows by content.
  void Sound(const std::string& path, double seconds) {
    ASSERT_OK(WriteWav(At(path), FloatArray::Zeros({static_cast<int64_t>(seconds * 16000)}), 16000));
  }
  std::string At(const std::string& path) const { return absl::StrCat(root_, "/LibriSpeech/", path); }
  Corpus Make(const std::string& alignments = "") {
    const absl::StatusOr<Corpus> corpus = LibriSpeechCorpus(root_, {alignments});
    EXPECT_OK(corpus);
    return corpus.value_or(Corpus());
  }

  std::string root_;
};

TEST_F(LibriSpeechTest, MakesEntries) {
  Sound("dev-clean/84/121/84-121-0000.flac", 1);
  Sound("dev-clean/84/121/84-121-0001.flac", 0.5);
  Text("dev-clean/84/121/84-121.trans.txt",
       "\xef\xbb\xbf"
       "84-121-0000 GO  ON\r\n84-121-0001\tÉTÉ \r\n\r\n");
  Sound("train-clean-5/7/9/7-9-0003.wav", 2);
  Text("train-clean-5/7/9/7-9.trans.txt", "7-9-0003 DON'T");
  Text("LICENSE.TXT", "x");
  Text("dev-clean/README", "x");
  const Corpus corpus = Make();
  EXPECT_EQ(corpus.name, "LibriSpeech");
  ASSERT_EQ(corpus.entries.size(), 3u);
  const ManifestEntry& first = corpus.entries[0];
  EXPECT_EQ(first.audio, At("dev-clean/84/121/84-121-0000.flac"));
  EXPECT_EQ(first.duration, 1000000);
  EXPECT_EQ(first.utterance, "84-121-0000");
  EXPECT_EQ(first.speaker, "84");
  EXPECT_EQ(first.session, "84-121");
  EXPECT_EQ(first.split, "dev-clean");
  EXPECT_EQ(first.text, "go  on");
  EXPECT_THAT(first.tokens, IsEmpty());
  EXPECT_EQ(corpus.entries[1].text, "ÉtÉ");
  EXPECT_EQ(corpus.entries[1].duration, 500000);
  EXPECT_EQ(corpus.entries[2].split, "train-clean-5");
  EXPECT_EQ(corpus.entries[2].text, "don't");
  EXPECT_THAT(corpus.problems, ElementsAre("dev-clean: 2 files are here, 2703 were published"));
  // The folder itself will do as well.
  ASSERT_OK_AND_ASSIGN(const Corpus inner, LibriSpeechCorpus(root_ + "/LibriSpeech", {}));
  EXPECT_EQ(inner.entries, corpus.entries);
}

TEST_F(LibriSpeechTest, WhatIsWrongCostsItsFileOnly) {
  Sound("dev-clean/84/121/84-121-0000.flac", 1);
  Text("dev-clean/84/121/84-121-0001.flac", "fLaC and then nothing of worth");
  Sound("dev-clean/84/121/84-121-0002.flac", 1);
  Sound("dev-clean/84/121/84-121-0002.wav", 1);
  Sound("dev-clean/84/121/84-999-0003.flac", 1);
  Sound("dev-clean/84/121/84-121-0004.flac", 1);
  Text("dev-clean/84/121/84-121.trans.txt",
       "84-121-0000 A\n84-121-0000 B\n84-121-0001 C\n84-121-0002 D\n84-121-0005 F\n84-121-0004\n");
  Sound("dev-other/84/122/84-122-0000.flac", 1);
  Text("dev-other/84/122/84-122.trans.txt", "84-122-0000 A\n");
  Sound("dev-other/85/122/85-122-0000.flac", 1);
  const Corpus corpus = Make();
  std::vector<std::string> names;
  for (const ManifestEntry& entry : corpus.entries) names.push_back(absl::StrCat(entry.utterance, ":", entry.text));
  EXPECT_THAT(names, ElementsAre("84-121-0000:a", "84-121-0002:d", "84-121-0004:", "84-122-0000:a", "85-122-0000:"));
  const std::string chapter = "dev-clean/84/121/";
  EXPECT_THAT(
      corpus.problems,
      ElementsAre("utterances with several transcripts, of which the first is taken: 84-121-0000 in " +
                      At(chapter + "84-121.trans.txt"),
                  "transcripts without text: 84-121-0004 in " + At(chapter + "84-121.trans.txt"),
                  AllOf(StartsWith("audio that cannot be read and is left out; fetch it again: "),
                        HasSubstr(At(chapter + "84-121-0001.flac"))),
                  "utterances that were there before; they are left out: " + chapter + "84-121-0002.wav",
                  "utterances without transcript: " + chapter + "84-121-0004.flac, dev-other/85/122/85-122-0000.flac",
                  "audio that is not named <speaker>-<chapter>-<number> like its folders; it is left out: " + chapter +
                      "84-999-0003.flac",
                  "utterances whose audio is missing: dev-clean/84-121-0005",
                  "speakers who are in another subset than SPEAKERS.TXT says, so that subsets may share them: "
                  "dev-other/84 (dev-clean)",
                  "speakers who are not in SPEAKERS.TXT: dev-other/85",
                  "dev-clean: 3 files are here, 2703 were published",
                  "dev-other: 2 files are here, 2864 were published"));
}

TEST_F(LibriSpeechTest, TakesAlignments) {
  for (int i = 0; i < 5; ++i) Sound(absl::StrCat("x/84/1/84-1-000", i, ".flac"), 1);
  Text("x/84/1/84-1.trans.txt", "84-1-0000 A\n84-1-0001 A\n84-1-0002 A\n84-1-0003 A\n84-1-0004 A\n");
  const std::string folder = root_ + "/alignments é";
  const auto write = [&](const std::string& path, const std::string& text) {
    ASSERT_OK(WriteFileAtomically(JoinPath(folder, path), text));
  };
  write("x/84/1/84-1.alignment.txt",
        "84-1-0000 \",A,\" \"0.5,0.75,1.0005\"\r\n84-1-0001 \"A\" \"1.5\"\r\n84-9-0000 \"A\" \"1\"\r\n");
  write("y/bad.alignment.txt", "84-1-0003 A\n");
  write("y/again.alignment.txt", "84-1-0000 \"B\" \"1\"\n");
  write("z/84-1-0002.TextGrid",
        "\"ooTextFile\" \"TextGrid\" 0 1 <exists> 1 \"IntervalTier\" \"words\" 0 1 1 0.25 0.5 \"Été A\"");
  write("z/84-1-0003.TextGrid", "\"ooTextFile\" \"TextGrid\" 0 1 <absent>");
  write("z/README.txt", "x");
  const Corpus corpus = Make(folder);
  ASSERT_EQ(corpus.entries.size(), 5u);
  EXPECT_THAT(corpus.entries[0].tokens,
              ElementsAre(AlignedToken{"", 500000}, AlignedToken{"a", 750000}, AlignedToken{"", 1000000}));
  EXPECT_THAT(corpus.entries[1].tokens, IsEmpty());
  EXPECT_THAT(corpus.entries[2].tokens,
              ElementsAre(AlignedToken{"", 250000}, AlignedToken{"Été a", 500000}, AlignedToken{"", 1000000}));
  EXPECT_THAT(corpus.problems,
              ElementsAre("utterances with several alignments, of which the first is taken: 84-1-0000 in " + folder +
                              "/y/again.alignment.txt",
                          AllOf(StartsWith("alignments that cannot be read; their files are left out: " + folder +
                                           "/y/bad.alignment.txt:1: an alignment is "),
                                HasSubstr(folder + "/z/84-1-0003.TextGrid: the TextGrid has no tier \"words\"")),
                          "speakers who are in another subset than SPEAKERS.TXT says, so that subsets may share them: "
                          "x/84 (dev-clean)",
                          "utterances shorter than their alignment, which is left out: x/84/1/84-1-0001.flac",
                          "utterances without alignment: x/84/1/84-1-0003.flac, x/84/1/84-1-0004.flac",
                          "alignments of utterances that are not here: 84-9-0000"));
  // Whatever is made can be written and read as a manifest.
  const std::string manifest = root_ + "/manifest.jsonl";
  ASSERT_OK(WriteManifest(manifest, corpus.entries));
  EXPECT_THAT(ReadManifest(manifest), IsOkAndHolds(corpus.entries));
}

TEST_F(LibriSpeechTest, SaysWhatIsMissing) {
  EXPECT_THAT(LibriSpeechCorpus(root_, {}),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(StartsWith("no LibriSpeech below " + root_), HasSubstr("SPEAKERS.TXT"))));
  EXPECT_THAT(LibriSpeechCorpus("/nowhere", {}), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere")));
  Sound("dev-clean/84/121/84-121-0000.flac", 1);
  EXPECT_THAT(LibriSpeechCorpus(root_, {"/nowhere"}),
              StatusIs(absl::StatusCode::kNotFound, "the folder of alignments /nowhere does not exist"));
  ASSERT_OK(MakeDirectories(root_ + "/none"));
  const Corpus corpus = Make(root_ + "/none");
  EXPECT_THAT(corpus.problems, Contains(StartsWith("no alignments: ")));
  EXPECT_THAT(corpus.problems, Not(Contains(StartsWith("utterances without alignment"))));
  Text("SPEAKERS.TXT", "84 | F\n");
  EXPECT_THAT(Make().problems, Contains(HasSubstr("SPEAKERS.TXT:1: a speaker is ")));
  std::filesystem::remove(At("SPEAKERS.TXT"));
  EXPECT_THAT(Make().problems, Contains(StartsWith("the list of speakers cannot be read")));
}

TEST(LibriSpeechExpectedSplitsTest, AddUp) {
  double hours = 0;
  int64_t speakers = 0;
  int64_t files = 0;
  for (const ExpectedSplit& split : LibriSpeechExpectedSplits()) {
    hours += *split.hours;
    speakers += *split.speakers;
    files += *split.files;
    EXPECT_THAT(split.source, Not(IsEmpty())) << split.split;
  }
  // What the paper says of all: 2,484 speakers; 292,367 utterances are known of the whole.
  EXPECT_EQ(speakers, 2484);
  EXPECT_EQ(files, 292367);
  EXPECT_NEAR(hours, 982.1, 0.05);
}

}  // namespace
}  // namespace diarflow
