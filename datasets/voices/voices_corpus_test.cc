#include "datasets/voices/voices_corpus.h"

#include <filesystem>
#include <string>

#include "audio/write_wav.h"
#include "base/files.h"
#include "base/float_array.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Half a second of a square wave, then half a second of silence; `level` makes files differ.
void WriteVoice(const std::string& path, float level) {
  FloatArray sound = FloatArray::Zeros({8000});
  for (int i = 0; i < 4000; ++i) sound.mutable_data()[i] = i / 10 % 2 == 0 ? level : -level;
  ASSERT_OK(WriteWav(path, sound, 8000));
}

TEST(VoicesCorpusTest, EntriesHaveTheirPauses) {
  const std::string root = JoinPath(testing::TempDir(), "voices");
  std::filesystem::remove_all(root);
  WriteVoice(JoinPath(root, "a/1.wav"), .5f);
  WriteVoice(JoinPath(root, "a/2.wav"), .25f);
  WriteVoice(JoinPath(root, "b/1.wav"), .125f);
  WriteVoice(JoinPath(root, "b/twice.wav"), .125f);
  ASSERT_OK(WriteFileAtomically(JoinPath(root, "b/torn.wav"), "RIFF"));
  ASSERT_OK_AND_ASSIGN(const std::vector<VoicesRow> map,
                       ParseVoicesMap("glob,exclude,speaker,language,sex,package,licence,use,side\n"
                                      "a/*.wav,,A,en,F,p,GPL,all,\nb/*.wav,,B,de,M,q,GPL,all,\n"
                                      "c/*.wav,,C,de,M,q,GPL,all,\n",
                                      "map"));
  VoicesOptions options;
  options.validation_packages = {"q"};
  ASSERT_OK_AND_ASSIGN(const Corpus corpus, VoicesCorpus(map, root, options));
  ASSERT_THAT(corpus.entries, SizeIs(3));
  for (const ManifestEntry& entry : corpus.entries) {
    EXPECT_EQ(entry.duration, 1000000);
    EXPECT_EQ(entry.split, entry.speaker == "A" ? "train" : "validation");
    ASSERT_THAT(entry.tokens, SizeIs(2));
    EXPECT_EQ(entry.tokens[0].word, "<speech>");
    EXPECT_NEAR(static_cast<double>(entry.tokens[0].end), 5e5, 1e4);
    EXPECT_EQ(entry.tokens[1], (AlignedToken{"", 1000000}));
  }
  EXPECT_THAT(corpus.problems, Contains(HasSubstr("b/torn.wav")));
  EXPECT_THAT(corpus.problems, Contains(HasSubstr("missing (a package is not there, or not this version of it): c/*")));
  EXPECT_THAT(corpus.problems, SizeIs(2));
  EXPECT_THAT(corpus.notes, ElementsAre(HasSubstr("b/twice.wav")));
  EXPECT_THAT(VoicesCorpus(map, "/nowhere", options), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere")));
}

}  // namespace
}  // namespace diarflow
