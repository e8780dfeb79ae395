#include "datasets/voices/voices.h"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audio/write_wav.h"
#include "base/files.h"
#include "base/float_array.h"
#include "base/status_matchers.h"
#include "datasets/unreadable_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

constexpr char kHead[] = "glob,exclude,speaker,language,sex,package,licence,use,side\n";

// A fresh folder.
std::string Root(const std::string& name) {
  const std::string root = JoinPath(testing::TempDir(), name);
  std::filesystem::remove_all(root);
  return root;
}

// A tenth of a second a step; other steps, other bytes.
void WriteSound(const std::string& path, int steps, int sample_rate = 8000) {
  FloatArray sound = FloatArray::Zeros({steps * sample_rate / 10});
  sound.mutable_data()[0] = .5f;
  ASSERT_OK(WriteWav(path, sound, sample_rate));
}

std::vector<VoicesRow> Map(const std::string& lines) {
  const absl::StatusOr<std::vector<VoicesRow>> map = ParseVoicesMap(absl::StrCat(kHead, lines), "map");
  EXPECT_OK(map);
  return map.value_or(std::vector<VoicesRow>{});
}

std::vector<std::string> Lines(const VoicesSet& set) {
  std::vector<std::string> lines;
  for (const ManifestEntry& entry : set.entries) {
    lines.push_back(absl::StrCat(entry.utterance, " ", entry.speaker, " ", entry.session, " ", entry.split, " ",
                                 entry.duration.value_or(-1)));
  }
  return lines;
}

TEST(VoicesMapTest, ReadsEveryField) {
  ASSERT_OK_AND_ASSIGN(const std::vector<VoicesRow> map,
                       ParseVoicesMap(absl::StrCat("# a table\n\n", kHead,
                                                   "a/*.wav,*beep* a/x.wav,s1,de+en,F,p1,GPL-2 or so,train,pair\r\n"
                                                   "b/?.ogg,,s2,,M,p2,,all,\n"),
                                      "map"));
  ASSERT_EQ(map.size(), 2u);
  EXPECT_EQ(map[0].glob, "a/*.wav");
  EXPECT_THAT(map[0].exclude, ElementsAre("*beep*", "a/x.wav"));
  EXPECT_EQ(map[0].speaker, "s1");
  EXPECT_EQ(map[0].language, "de+en");
  EXPECT_EQ(map[0].sex, "F");
  EXPECT_EQ(map[0].package, "p1");
  EXPECT_EQ(map[0].licence, "GPL-2 or so");
  EXPECT_EQ(map[0].use, VoicesUse::kTrain);
  EXPECT_EQ(map[0].side, "pair");
  EXPECT_THAT(map[1].exclude, IsEmpty());
  EXPECT_EQ(map[1].use, VoicesUse::kAll);
}

TEST(VoicesMapTest, SaysWhatIsWrongAndWhere) {
  const struct {
    std::string lines, message;
  } kCases[] = {
      {"a,,s,de,F,p,l,all", "here are 8 fields"},
      {"a,,s,de,F,p,l,all,,", "here are 10 fields"},
      {",,s,de,F,p,l,all,", "the glob \"\""},
      {"/etc/*,,s,de,F,p,l,all,", "the glob \"/etc/*\""},
      {"a/../*,,s,de,F,p,l,all,", "the glob \"a/../*\""},
      {"a,,,de,F,p,l,all,", "one of them is empty"},
      {"a,,s,de,F,,l,all,", "one of them is empty"},
      {"a,,s,de,f,p,l,all,", "the sex is \"f\""},
      {"a,,s,de,F,p,l,some,", "the use is \"some\""},
      {"a,,s,de,F,p,l,all,\nb,,s,de,M,p,l,all,", "map:3: the speaker s"},
      {"a,,s,de,F,p,l,all,\nb,,s,de,F,p,l,train,", "map:3: the speaker s"},
      {"a,,s,de,F,p,l,all,\nb,,s,de,F,p,l,all,x", "map:3: the speaker s"},
  };
  for (const auto& bad : kCases) {
    EXPECT_THAT(ParseVoicesMap(absl::StrCat(kHead, bad.lines), "map"),
                StatusIs(absl::StatusCode::kInvalidArgument, AllOf(StartsWith("map:"), HasSubstr(bad.message))))
        << bad.lines;
  }
  EXPECT_THAT(ParseVoicesMap("glob,speaker\n", "map"),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("map:1: the head")));
  EXPECT_THAT(ParseVoicesMap(kHead, "map"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no line")));
  EXPECT_THAT(ReadVoicesMap("/nowhere/voices.csv"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere")));
}

TEST(VoicesTest, ListsWhatTheTableNames) {
  const std::string root = Root("lists");
  WriteSound(root + "/usr/a/1.wav", 1);
  WriteSound(root + "/usr/a/deep/2.wav", 2, 128000);
  WriteSound(root + "/usr/a/beep.wav", 3);
  WriteSound(root + "/usr/a/other.wav", 4);
  WriteSound(root + "/usr/b/1.wav", 5);
  WriteSound(root + "/usr/c/1.wav", 6);
  ASSERT_OK(WriteFileAtomically(root + "/usr/a/text.txt", "hello"));
  const auto map =
      Map("usr/a/[0-9].wav,,ann,de,F,p1,,all,\n"
          "usr/a/*.wav,*beep* usr/a/other.wav,ann,en,F,p1,,all,\n"
          "usr/b/*,,bob,en,M,p2,,all,\n"
          "usr/c/*,,cat,en,F,p2,,none,\n"
          "usr/d/*,,dan,en,M,p2,,all,\n");
  ASSERT_OK_AND_ASSIGN(const VoicesSet set, ListVoices(map, root, {{"p2"}}));
  EXPECT_THAT(Lines(set), ElementsAre("usr/a/1.wav ann p1 train 100000", "usr/a/deep/2.wav ann p1 train 200000",
                                      "usr/b/1.wav bob p2 validation 500000"));
  EXPECT_EQ(set.entries[0].audio, root + "/usr/a/1.wav");
  EXPECT_EQ(set.entries[0].text, "");
  EXPECT_EQ(set.duration, 800000);
  EXPECT_EQ(set.left_out, 1);
  EXPECT_THAT(set.empty_globs, ElementsAre("usr/d/*"));
  EXPECT_THAT(set.unreadable, IsEmpty());
  ASSERT_EQ(set.speakers.size(), 2u);
  EXPECT_EQ(set.speakers[0].name, "ann");
  EXPECT_EQ(set.speakers[0].language, "de");
  EXPECT_EQ(set.speakers[0].side, "ann");
  EXPECT_EQ(set.speakers[0].files, 2);
  EXPECT_EQ(set.speakers[0].duration, 300000);
  EXPECT_THAT(set.speakers[1].packages, ElementsAre("p2"));
  EXPECT_EQ(DescribeVoices(set),
            "2 speakers (1 F, 1 M), 3 files, 0.00 hours; train: 1 speakers (1 F, 0 M), 2 files, 0.00 hours; "
            "validation: 1 speakers (0 F, 1 M), 1 files, 0.00 hours");
}

TEST(VoicesTest, EqualFilesCountOnce) {
  const std::string root = Root("equal");
  for (const std::string name : {"a/1", "a/2", "b/1", "b/2", "b/3", "c/1"}) {
    WriteSound(absl::StrCat(root, "/", name, ".wav"), name == "b/1" || name == "c/1" ? 2 : name == "b/2" ? 3 : 1);
  }
  // 1 step: a/1, a/2 and b/3, of two speakers. 2 steps: b/1, c/1, of one.
  ASSERT_OK_AND_ASSIGN(VoicesSet set, ListVoices(Map("a/*,,ann,,F,p1,,all,\n"
                                                     "b/*,,bob,,M,p1,,all,\n"
                                                     "c/*,,bob,,M,p2,,all,\n"),
                                                 root, {{}}));
  EXPECT_THAT(Lines(set), ElementsAre("b/1.wav bob p1 train 200000", "b/2.wav bob p1 train 300000"));
  EXPECT_THAT(set.duplicates, ElementsAre("c/1.wav"));
  EXPECT_THAT(set.contradictions, ElementsAre("a/1.wav", "a/2.wav", "b/3.wav"));
  // A copy among what is left out does no harm.
  ASSERT_OK_AND_ASSIGN(set, ListVoices(Map("a/*,,ann,,F,p1,,none,\n"
                                           "b/*,,bob,,M,p1,,all,\n"),
                                       root, {{}}));
  EXPECT_EQ(set.entries.size(), 3u);
  EXPECT_EQ(set.left_out, 2);
}

TEST(VoicesTest, NoPersonAndNoPackageIsOnBothSides) {
  const std::string root = Root("sides");
  int steps = 0;
  for (const std::string name : {"ann1", "ann2", "bob2", "cat1", "dan2", "eve2", "fay2"}) {
    WriteSound(absl::StrCat(root, "/", name, ".wav"), ++steps);
  }
  // ann is in both packages; cat and dan may be one; eve is for training only; fay is free.
  ASSERT_OK_AND_ASSIGN(const VoicesSet set, ListVoices(Map("ann1*,,ann,,F,p1,,all,\n"
                                                           "ann2*,,ann,,F,p2,,all,\n"
                                                           "bob2*,,bob,,M,p2,,all,\n"
                                                           "cat1*,,cat,,F,p1,,all,pair\n"
                                                           "dan2*,,dan,,M,p2,,all,pair\n"
                                                           "eve2*,,eve,,F,p2,,train,\n"
                                                           "fay2*,,fay,,F,p2,,all,\n"),
                                                       root, {{"p2"}}));
  std::map<std::string, std::string> split;
  for (const ManifestEntry& entry : set.entries) split[entry.utterance.substr(0, 4)] = entry.split;
  EXPECT_THAT(split, ElementsAre(std::pair("ann1", "train"), std::pair("ann2", ""), std::pair("bob2", "validation"),
                                 std::pair("cat1", "train"), std::pair("dan2", ""), std::pair("eve2", ""),
                                 std::pair("fay2", "validation")));
  EXPECT_THAT(set.speakers[0].packages, ElementsAre("p1", "p2"));
}

TEST(VoicesTest, WhatCannotBeReadIsNamedAndLosesNothingElse) {
  const std::string root = Root("unreadable");
  WriteSound(root + "/a/1.wav", 1);
  ASSERT_OK(WriteFileAtomically(root + "/a/2.wav", "no audio at all"));
  ASSERT_OK(WriteFileAtomically(root + "/a/3.gsm", std::string(34, '\xd0')));
  ASSERT_OK(WriteFileAtomically(root + "/a/4.wav", ""));
  ASSERT_OK_AND_ASSIGN(const VoicesSet set, ListVoices(Map("a/*,,ann,,F,p1,,all,\n"), root, {{}}));
  EXPECT_EQ(set.entries.size(), 1u);
  EXPECT_THAT(set.unreadable, ElementsAre(HasSubstr("2.wav"), HasSubstr("3.gsm"), HasSubstr("4.wav")));
  WriteSound(root + "/a/deep/1.wav", 2);
  const UnreadableFolder unreadable(root + "/a/deep");
  ASSERT_OK_AND_ASSIGN(const VoicesSet part,
                       ListVoices(Map("a/*,,ann,,F,p1,,all,\na/deep/*,,ann,,F,p1,,all,\n"), root, {{}}));
  EXPECT_EQ(part.entries.size(), 1u);
  EXPECT_THAT(part.unreadable,
              ElementsAre(HasSubstr("a/deep: "), HasSubstr("2.wav"), HasSubstr("3.gsm"), HasSubstr("4.wav")));
}

TEST(VoicesTest, BadInput) {
  const std::string root = Root("bad");
  WriteSound(root + "/a/1.wav", 1);
  const auto map = Map("a/*,,ann,,F,kajongg,,all,\n");
  EXPECT_THAT(ListVoices(map, root + "/elsewhere", {{}}),
              StatusIs(absl::StatusCode::kNotFound, AllOf(HasSubstr("elsewhere"), HasSubstr("usr/share"))));
  EXPECT_THAT(ListVoices({}, root, {{}}), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(ListVoices(map, root, {{"kajong"}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("did you mean \"kajongg\"?")));
  EXPECT_THAT(
      ListVoices(Map("a/*,,ann,,F,p,,all,\na/1*,,bob,,M,p,,all,\n"), root, {{}}),
      StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("a/1.wav"), HasSubstr("ann"), HasSubstr("bob"))));
  EXPECT_THAT(ListVoices(Map("a/*,,ann,,F,p,,all,\na/1*,,ann,,F,q,,all,\n"), root, {{}}),
              StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr(" p "), HasSubstr(" q"))));
}

TEST(VoicesTest, OurTable) {
  ASSERT_OK_AND_ASSIGN(const std::string path, ResolvePath("runfiles:datasets/voices/voices.csv"));
  ASSERT_OK_AND_ASSIGN(const std::vector<VoicesRow> map, ReadVoicesMap(path));
  std::set<std::string> speakers;
  std::set<std::string> packages;
  std::map<std::string, std::set<std::string>> sides;
  for (const VoicesRow& row : map) {
    speakers.insert(row.speaker);
    packages.insert(row.package);
    EXPECT_THAT(row.glob, StartsWith("usr/share/"));
    EXPECT_FALSE(row.language.empty() || row.licence.empty());
    if (!row.side.empty()) sides[row.side].insert(row.speaker);
    EXPECT_EQ(row.use, row.speaker == "klettres-ml"   ? VoicesUse::kTrain
                       : row.speaker == "klettres-tn" ? VoicesUse::kNone
                                                      : VoicesUse::kAll);
  }
  EXPECT_EQ(speakers.size(), 47u);  // with klettres-tn
  EXPECT_EQ(speakers.count("ktub-uk-2"), 0u);
  EXPECT_EQ(packages.size(), 6u);
  EXPECT_EQ(sides.size(), 2u);
  EXPECT_THAT(sides["ca"], UnorderedElementsAre("ktub-ca-f1", "ktub-ca-f2"));
  EXPECT_THAT(sides["nb-da"], UnorderedElementsAre("klettres-nb", "ktub-da-f"));
  for (const std::string& package : VoicesOptions().validation_packages) EXPECT_EQ(packages.count(package), 1u);
}

}  // namespace
}  // namespace diarflow
