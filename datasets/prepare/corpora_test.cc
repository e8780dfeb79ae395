#include "datasets/prepare/corpora.h"

#include <algorithm>
#include <string>

#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const PreparableCorpus& Named(const std::string& name) {
  const absl::StatusOr<const PreparableCorpus*> corpus = FindPreparableCorpus(name);
  EXPECT_OK(corpus);
  return **corpus;
}

TEST(CorporaTest, EveryCorpusSaysWhatItIs) {
  const std::vector<PreparableCorpus>& corpora = PreparableCorpora();
  EXPECT_TRUE(std::is_sorted(corpora.begin(), corpora.end(),
                             [](const PreparableCorpus& a, const PreparableCorpus& b) { return a.name < b.name; }));
  for (const PreparableCorpus& corpus : corpora) {
    EXPECT_EQ(*FindPreparableCorpus(corpus.name), &corpus);
    EXPECT_THAT(corpus.summary, HasSubstr(": ")) << corpus.name;
    EXPECT_THAT(corpus.root_help, Not(IsEmpty())) << corpus.name;
    EXPECT_THAT(corpus.expected({}), Not(IsEmpty())) << corpus.name;
    for (const ExpectedSplit& split : corpus.expected({})) EXPECT_THAT(split.source, Not(IsEmpty())) << corpus.name;
    CorpusRequest nowhere;
    nowhere.root = "/nowhere";
    EXPECT_THAT(ReadCorpus(corpus, nowhere),
                StatusIs(absl::StatusCode::kNotFound, AllOf(HasSubstr("/nowhere"), HasSubstr(corpus.root_help))));
    if (!corpus.own_root.empty()) continue;
    EXPECT_THAT(ReadCorpus(corpus, {}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(corpus.name + " needs --root=DIR")));
    // A folder of something else.
    CorpusRequest empty;
    empty.root = JoinPath(testing::TempDir(), "empty");
    ASSERT_OK(MakeDirectories(empty.root));
    EXPECT_THAT(ReadCorpus(corpus, empty), StatusIs(absl::StatusCode::kNotFound, HasSubstr(empty.root)));
  }
}

TEST(CorporaTest, RefusesWhatACorpusDoesNotHave) {
  EXPECT_THAT(FindPreparableCorpus("counsil"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("did you mean \"council\"?")));
  CorpusRequest request;
  request.labels = "only_word";
  EXPECT_THAT(ReadCorpus(Named("ami"), request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("did you mean \"only_words\"?")));
  EXPECT_THAT(ReadCorpus(Named("council"), request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("council has no choice of labels")));
  request.labels = "";
  request.alignments = "/nowhere";
  EXPECT_THAT(ReadCorpus(Named("excerpts"), request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--alignments: excerpts takes none")));
}

TEST(CorporaTest, TheBuildsOwnCorporaNeedNoRoot) {
  for (const auto& [name, files] : {std::pair("council", 73u), std::pair("excerpts", 14u)}) {
    ASSERT_OK_AND_ASSIGN(const Corpus corpus, ReadCorpus(Named(name), {}));
    EXPECT_THAT(corpus.entries, SizeIs(files));
    EXPECT_THAT(corpus.problems, IsEmpty());
    for (const ManifestEntry& entry : corpus.entries) EXPECT_NE(entry.split, "");
  }
}

TEST(CorporaTest, LabelsChooseWhatIsExpected) {
  CorpusRequest request;
  EXPECT_TRUE(Named("ami").expected(request)[0].turns.has_value());
  request.labels = "only_words";
  EXPECT_TRUE(Named("ami").expected(request)[0].turns.has_value());
  request.labels = "segments";
  EXPECT_FALSE(Named("ami").expected(request)[0].turns.has_value());
}

}  // namespace
}  // namespace diarflow
