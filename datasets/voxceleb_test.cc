#include "datasets/voxceleb.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "datasets/trial_list.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kList[] =
    "1 id10270/a/00001.wav id10270/b/00001.wav\n"
    "0 id10270/a/00001.wav id10271/c/00002.wav\n";

class VoxCelebTest : public testing::Test {
 protected:
  void SetUp() override {
    base_ = absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(base_);
    ASSERT_OK(MakeDirectories(base_));
  }

  void Make(const std::string& path) { ASSERT_OK(WriteFileAtomically(JoinPath(base_, path), "x")); }
  std::string At(const std::string& path) const { return JoinPath(base_, path); }
  TrialList List(const std::string& text = kList) const { return *ParseTrialList(text, "list"); }

  // The files of the list, all of which must exist.
  void ExpectAllFound(const VoxCelebAudio& audio, const TrialList& list) {
    for (const ListedUtterance& utterance : list.utterances) {
      EXPECT_TRUE(FileExists(audio.PathOf(utterance))) << audio.PathOf(utterance);
    }
    EXPECT_THAT(audio.missing_speakers(), IsEmpty());
  }

  std::string base_;
};

TEST_F(VoxCelebTest, AnyLevelOfTheLayoutWillDo) {
  for (const char* file : {"id10270/a/00001.wav", "id10270/b/00001.wav", "id10271/c/00002.wav", "id10999/d/1.wav"}) {
    Make(absl::StrCat("corpora/voxceleb1/vox1_test/wav/", file));
  }
  Make("corpora/other/readme");
  for (const char* root : {"corpora", "corpora/voxceleb1", "corpora/voxceleb1/", "corpora/voxceleb1/vox1_test",
                           "corpora/voxceleb1/vox1_test/wav"}) {
    ASSERT_OK_AND_ASSIGN(const VoxCelebAudio audio, VoxCelebAudio::Find(At(root), List()));
    ExpectAllFound(audio, List());
    EXPECT_THAT(audio.roots(), ElementsAre(HasSubstr("corpora/voxceleb1/vox1_test/wav")));
  }
}

TEST_F(VoxCelebTest, ListsThatNeedDevelopmentAndTestAudio) {
  Make("vox1_dev/wav/id10271/c/00002.wav");
  Make("vox1_test/wav/id10270/a/00001.wav");
  Make("vox1_test/wav/id10270/b/00001.wav");
  ASSERT_OK_AND_ASSIGN(const VoxCelebAudio audio, VoxCelebAudio::Find(base_, List()));
  ExpectAllFound(audio, List());
  EXPECT_THAT(audio.roots(), ElementsAre(At("vox1_dev/wav"), At("vox1_test/wav")));
}

TEST_F(VoxCelebTest, MissingPartsAndPieces) {
  Make("wav/id10270/a/00001.wav");
  ASSERT_OK_AND_ASSIGN(const VoxCelebAudio audio, VoxCelebAudio::Find(base_, List()));
  EXPECT_THAT(audio.missing_speakers(), ElementsAre("id10271"));
  // For the decoder's error message.
  EXPECT_EQ(audio.PathOf(List().utterances[2]), At("wav/id10271/c/00002.wav"));
  const TrialList pieces = List("1 id10270/a/00001.wav#t=0,3 id10270/a/00001.wav#t=3,6\n");
  ASSERT_OK_AND_ASSIGN(const VoxCelebAudio again, VoxCelebAudio::Find(base_, pieces));
  ExpectAllFound(again, pieces);
}

TEST_F(VoxCelebTest, ErrorsSayWhatWasLookedForAndWhere) {
  EXPECT_THAT(VoxCelebAudio::Find(At("nowhere"), List()),
              StatusIs(absl::StatusCode::kNotFound, AllOf(HasSubstr(At("nowhere")), HasSubstr("does not exist"))));
  Make("a/b/c/d/id10270/a/00001.wav");  // too deep
  EXPECT_THAT(VoxCelebAudio::Find(base_, List()),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr(base_), HasSubstr("id10270, id10271"), HasSubstr("in 4 folders"))));
  std::string many;
  for (int i = 0; i < 40; ++i) absl::StrAppend(&many, "0 id", 100 + i, "/a/1.wav id", 101 + i, "/a/1.wav\n");
  EXPECT_THAT(VoxCelebAudio::Find(base_, List(many)),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("id104 and 36 more")));
  EXPECT_THAT(
      FindTrialListFile(At("a/b/c"), "no_such_list_anywhere.txt"),
      StatusIs(absl::StatusCode::kNotFound, AllOf(HasSubstr("no_such_list_anywhere.txt"), HasSubstr(At("a/b/c")))));
}

TEST_F(VoxCelebTest, FindsTheTrialListNearTheAudio) {
  Make("data/vox1_test/wav/id10270/a/00001.wav");
  for (const char* place : {"data/veri_test2.txt", "data/vox1_test/veri_test2.txt", "data/vox1_test/wav/veri_test2.txt",
                            "data/meta/veri_test2.txt", "data/vox1_test/meta/lists/veri_test2.txt"}) {
    Make(place);
    for (const char* root : {"data", "data/vox1_test", "data/vox1_test/wav"}) {
      const bool too_deep_for_it = absl::string_view(place) == "data/vox1_test/meta/lists/veri_test2.txt" &&
                                   absl::string_view(root) == "data/vox1_test/wav";
      if (too_deep_for_it) continue;
      ASSERT_OK_AND_ASSIGN(const std::string found, FindTrialListFile(At(root)));
      EXPECT_TRUE(std::filesystem::equivalent(found, At(place))) << found;
    }
    std::filesystem::remove(At(place));
  }
  // The nearest one.
  Make("data/veri_test2.txt");
  Make("data/vox1_test/veri_test2.txt");
  ASSERT_OK_AND_ASSIGN(const std::string found, FindTrialListFile(At("data")));
  EXPECT_EQ(found, At("data/veri_test2.txt"));
  Make("data/list_test_hard2.txt");
  ASSERT_OK_AND_ASSIGN(const std::string hard, FindTrialListFile(At("data"), "list_test_hard2.txt"));
  EXPECT_EQ(hard, At("data/list_test_hard2.txt"));
}

TEST(OfficialTrialListsTest, Counts) {
  std::set<absl::string_view> names;
  for (const OfficialTrialList& list : OfficialTrialLists()) {
    EXPECT_EQ(list.trials, list.targets + list.nontargets) << list.title;
    EXPECT_TRUE(names.insert(list.file_name).second);
  }
  EXPECT_EQ(names.size(), 6u);
  ASSERT_TRUE(ExpectedCounts("/data/veri_test2.txt").has_value());
  EXPECT_EQ(ExpectedCounts("/data/veri_test2.txt")->trials, 37611);
  EXPECT_EQ(ExpectedCounts("veri_test.txt")->targets, 18860);
  EXPECT_FALSE(ExpectedCounts("my_veri_test2.txt").has_value());
}

TEST(OfficialTrialListsTest, Description) {
  TrialList list;
  list.trials.assign(18802, Trial{true, 0, 0});
  list.trials.resize(37611);
  EXPECT_EQ(DescribeTrialList("/x/veri_test2.txt", list),
            "VoxCeleb1-O (cleaned), /x/veri_test2.txt: 37611 trials, 18802 target, 18809 non-target");
  EXPECT_EQ(DescribeTrialList("lists/mine.txt", list), "lists/mine.txt: 37611 trials, 18802 target, 18809 non-target");
  list.trials[0].target = false;
  EXPECT_EQ(DescribeTrialList("veri_test2.txt", list),
            "veri_test2.txt: 37611 trials, 18801 target, 18810 non-target (the published list of that name has 37611)");
}

}  // namespace
}  // namespace diarflow
