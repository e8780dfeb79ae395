#include "datasets/prepare/write_corpus.h"

#include <filesystem>
#include <string>

#include "base/files.h"
#include "base/status_matchers.h"
#include "datasets/formats/rttm.h"
#include "datasets/formats/uem.h"
#include "datasets/manifest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

ManifestEntry Entry(const std::string& uri, const std::string& split) {
  ManifestEntry entry;
  entry.audio = "/audio/" + uri + ".wav";
  entry.utterance = uri;
  entry.session = uri;
  entry.split = split;
  entry.duration = 9000000;
  return entry;
}

std::string Fresh(const std::string& name) {
  const std::string folder = JoinPath(testing::TempDir(), name);
  std::filesystem::remove_all(folder);
  return folder;
}

TEST(WriteCorpusTest, WritesTheWholeAndEachSplit) {
  Corpus corpus;
  corpus.name = "x";
  corpus.entries = {Entry("b", "train"), Entry("a", "dev"), Entry("c", "")};
  corpus.labels = {{"b", {{0, 1000000, "B"}}}, {"a", {{5000, 2000000, "A"}}}, {"lost", {{0, 1000, "L"}}}};
  corpus.regions = {{"b", {{0, 9000000}}}, {"a", {{0, 9000000}}}};
  const std::string out = Fresh("labelled");
  ASSERT_OK_AND_ASSIGN(const std::vector<std::string> written, WriteCorpus(out, &corpus));
  const auto in = [&](const std::string& name) { return JoinPath(out, name); };
  EXPECT_THAT(written,
              UnorderedElementsAre(in("labels.rttm"), in("regions.uem"), in("manifest.jsonl"), in("dev/labels.rttm"),
                                   in("dev/regions.uem"), in("dev/manifest.jsonl"), in("train/labels.rttm"),
                                   in("train/regions.uem"), in("train/manifest.jsonl")));
  for (const std::string& path : written) EXPECT_TRUE(FileExists(path)) << path;
  ASSERT_OK_AND_ASSIGN(const std::vector<ManifestEntry> all, ReadManifest(in("manifest.jsonl")));
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all[0].audio, "/audio/b.wav");
  EXPECT_EQ(all[0].rttm, in("labels.rttm"));
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(in("dev/manifest.jsonl")));
  EXPECT_THAT(text, HasSubstr("\"rttm_filepath\":\"labels.rttm\""));  // the folder can be moved
  ASSERT_OK_AND_ASSIGN(const std::vector<ManifestEntry> dev, ReadManifest(in("dev/manifest.jsonl")));
  ASSERT_THAT(dev, SizeIs(1));
  EXPECT_EQ(dev[0].uem, in("dev/regions.uem"));
  EXPECT_THAT(ReadRttm(in("labels.rttm")), IsOkAndHolds(SizeIs(3)));
  EXPECT_THAT(ReadRttm(in("dev/labels.rttm")), IsOkAndHolds(ElementsAre(Recording{"a", {{5000, 2000000, "A"}}})));
  EXPECT_THAT(ReadUem(in("train/regions.uem")), IsOkAndHolds(ElementsAre(EvaluationRegion{"b", {{0, 9000000}}})));
}

TEST(WriteCorpusTest, WithoutLabelsThereIsAManifestOnly) {
  Corpus corpus;
  corpus.entries = {Entry("a", "test")};
  corpus.entries[0].speaker = "s";
  const std::string out = Fresh("plain");
  EXPECT_THAT(WriteCorpus(out, &corpus),
              IsOkAndHolds(ElementsAre(JoinPath(out, "manifest.jsonl"), JoinPath(out, "test/manifest.jsonl"))));
  EXPECT_FALSE(FileExists(JoinPath(out, "labels.rttm")));
}

TEST(WriteCorpusTest, OneBadNameLosesNothingElse) {
  Corpus corpus;
  corpus.entries = {Entry("a", "test"), Entry("\xff", "test")};
  ASSERT_OK(WriteCorpus(Fresh("bad_name"), &corpus));
  EXPECT_THAT(corpus.entries, SizeIs(1));
  EXPECT_THAT(corpus.problems, ElementsAre(HasSubstr("UTF-8")));
}

TEST(WriteCorpusTest, NothingIsAnError) {
  Corpus corpus;
  corpus.name = "AMI";
  corpus.problems = {"no audio: a"};
  const std::string out = Fresh("nothing");
  EXPECT_THAT(WriteCorpus(out, &corpus), StatusIs(absl::StatusCode::kFailedPrecondition,
                                                  AllOf(HasSubstr("nothing of AMI"), HasSubstr("no audio: a"))));
  EXPECT_FALSE(FileExists(out));
}

}  // namespace
}  // namespace diarflow
