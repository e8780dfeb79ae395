// The table against the packages themselves.
#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/status_matchers.h"
#include "datasets/voices/voices.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::IsEmpty;

class RealVoicesTest : public testing::Test {
 protected:
  static absl::StatusOr<VoicesSet> List(const VoicesOptions& options) {
    const absl::StatusOr<std::string> table = ResolvePath("runfiles:datasets/voices/voices.csv");
    const absl::StatusOr<std::string> root = ResolvePath("runfiles:@voices/voices");
    if (!table.ok()) return table.status();
    if (!root.ok()) return root.status();
    const absl::StatusOr<std::vector<VoicesRow>> map = ReadVoicesMap(*table);
    if (!map.ok()) return map.status();
    return ListVoices(*map, *root, options);
  }

  // No person, no pair that may be one and no package may be in both.
  static void CheckSplits(const VoicesSet& set) {
    std::map<std::string, std::string> side_of;
    for (const VoicesSpeaker& speaker : set.speakers) side_of[speaker.name] = speaker.side;
    std::map<std::string, std::set<std::string>> splits_of;
    for (const ManifestEntry& entry : set.entries) {
      if (entry.split.empty()) continue;
      splits_of["side " + side_of[entry.speaker]].insert(entry.split);
      splits_of["package " + entry.session].insert(entry.split);
    }
    for (const auto& [what, splits] : splits_of) EXPECT_EQ(splits.size(), 1u) << what;
  }
};

TEST_F(RealVoicesTest, HoldsWhatItSays) {
  ASSERT_OK_AND_ASSIGN(const VoicesSet set, List({}));
  std::cout << DescribeVoices(set) << "\n";
  EXPECT_EQ(set.speakers.size(), 46u);
  EXPECT_EQ(set.entries.size(), 6376u);
  EXPECT_NEAR(static_cast<double>(set.duration) / 3600e6, 1.9446, .0005);
  EXPECT_EQ(set.left_out, 43);
  EXPECT_EQ(set.duplicates.size(), 9u);
  EXPECT_THAT(set.contradictions, IsEmpty());
  EXPECT_THAT(set.unreadable, IsEmpty());
  EXPECT_THAT(set.empty_globs, IsEmpty());
  for (const VoicesSpeaker& speaker : set.speakers) {
    EXPECT_GE(speaker.duration, 25000000) << speaker.name;
    EXPECT_EQ(speaker.packages.size(), speaker.name == "klettres-uk" ? 2u : 1u) << speaker.name;
  }
  CheckSplits(set);
  // Nobody is left without a split.
  for (const ManifestEntry& entry : set.entries) EXPECT_NE(entry.split, "") << entry.utterance;
}

TEST_F(RealVoicesTest, AnyPackagesCanValidate) {
  ASSERT_OK_AND_ASSIGN(const VoicesSet set, List({{"ktuberling-data", "gcin-voice"}}));
  CheckSplits(set);
  std::set<std::string> unsplit;
  for (const ManifestEntry& entry : set.entries) {
    if (entry.split.empty()) unsplit.insert(entry.speaker);
  }
  EXPECT_EQ(unsplit, (std::set<std::string>{"klettres-uk", "ktub-da-f"}));
}

}  // namespace
}  // namespace diarflow
