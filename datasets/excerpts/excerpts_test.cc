#include "datasets/excerpts/excerpts.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/status_matchers.h"
#include "datasets/corpus_statistics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ExcerptsTest, HoldsWhatItSays) {
  ASSERT_OK_AND_ASSIGN(const std::string root, ResolvePath("runfiles:@excerpts/excerpts"));
  ASSERT_OK_AND_ASSIGN(const Corpus corpus, ExcerptsCorpus(root));
  EXPECT_THAT(corpus.problems, IsEmpty());
  EXPECT_THAT(corpus.notes, IsEmpty());
  EXPECT_THAT(corpus.labels, SizeIs(14));
  EXPECT_THAT(corpus.regions, SizeIs(14));
  ASSERT_OK_AND_ASSIGN(const std::vector<SplitStatistics> splits,
                       CorpusStatistics(corpus.entries, corpus.labels, corpus.regions));
  ASSERT_THAT(splits, SizeIs(3));
  const std::vector<ExpectedSplit> expected = ExcerptsExpectedSplits();
  SplitStatistics all;
  for (size_t i = 0; i < splits.size(); ++i) {
    EXPECT_EQ(splits[i].split, expected[i].split);
    EXPECT_EQ(splits[i].files, expected[i].files);
    EXPECT_EQ(splits[i].speakers, expected[i].speakers);
    EXPECT_EQ(splits[i].turns, expected[i].turns);
    EXPECT_EQ(splits[i].scored, splits[i].files * 30000000);
    all.files += splits[i].files;
    all.audio += splits[i].audio;
    all.speaker_time += splits[i].speaker_time;
    all.overlap += splits[i].overlap;
  }
  EXPECT_EQ(all.files, 14);
  EXPECT_NEAR(static_cast<double>(all.audio), 14 * 30e6, 14 * 1e3);
  EXPECT_NEAR(static_cast<double>(all.speaker_time), 337e6, .5e6);
  EXPECT_NEAR(static_cast<double>(all.overlap), 61e6, .5e6);
  std::set<std::string> speakers;
  for (const Recording& recording : corpus.labels) {
    for (const Turn& turn : recording.turns) speakers.insert(turn.speaker);
  }
  EXPECT_THAT(speakers, SizeIs(27));
  EXPECT_THAT(speakers, Contains("M\xc3\x89O069"));
}

TEST(ExcerptsTest, AFaultCostsOneClipOrOneSplit) {
  ASSERT_OK_AND_ASSIGN(const std::string source, ResolvePath("runfiles:@excerpts/excerpts"));
  const std::string root = JoinPath(testing::TempDir(), "broken_excerpts");
  std::filesystem::remove_all(root);
  std::filesystem::copy(source, root, std::filesystem::copy_options::recursive);
  std::filesystem::remove(JoinPath(root, "trn03.wav"));
  ASSERT_OK(WriteFileAtomically(JoinPath(root, "test.rttm"), "SPEAKER tst00 1 0.0 x <NA> <NA> A <NA> <NA>\n"));
  ASSERT_OK_AND_ASSIGN(const Corpus corpus, ExcerptsCorpus(root));
  EXPECT_THAT(corpus.entries, SizeIs(11));
  EXPECT_THAT(corpus.regions, SizeIs(11));
  EXPECT_THAT(corpus.labels, SizeIs(12));
  EXPECT_THAT(corpus.problems, Contains(HasSubstr("trn03.wav")));
  EXPECT_THAT(corpus.problems, Contains(HasSubstr("test.rttm:1: ")));
  EXPECT_THAT(corpus.problems, SizeIs(2));

  EXPECT_THAT(ExcerptsCorpus("/nowhere").status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere: the excerpts are not here")));
}

}  // namespace
}  // namespace diarflow
