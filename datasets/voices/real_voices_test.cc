// The table against the packages themselves, and how much of them is speech.
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "audio/decode.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "datasets/simulator/energy_tokens.h"
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

// Letters in klettres lie between seconds of silence, telephone prompts in little; most other words have been cut out.
TEST_F(RealVoicesTest, SharesOfSpeech) {
  ASSERT_OK_AND_ASSIGN(const VoicesSet set, List({}));
  std::map<std::string, int64_t> speech;
  std::map<std::string, int64_t> total;
  int silent = 0;
  for (const ManifestEntry& entry : set.entries) {
    ASSERT_OK_AND_ASSIGN(const Waveform waveform, DecodeAudio(entry.audio));
    ASSERT_OK_AND_ASSIGN(const std::vector<AlignedToken> tokens,
                         EnergyTokens(waveform.samples, waveform.sample_rate, {}));
    EXPECT_EQ(tokens.back().end, entry.duration) << entry.utterance;
    speech[entry.session] += SpeechDuration(tokens);
    total[entry.session] += *entry.duration;
    silent += SpeechDuration(tokens) == 0 ? 1 : 0;
  }
  const std::map<std::string, double> expected = {
      {"asterisk-prompt-es-co", .891},
      {"asterisk-prompt-fr-armelle", .788},
      {"gcin-voice", .994},
      {"kajongg", .930},
      {"klettres-data", .442},
      {"ktuberling-data", .816},
  };
  EXPECT_EQ(total.size(), expected.size());
  for (const auto& [package, share] : expected) {
    const double measured = static_cast<double>(speech[package]) / static_cast<double>(total[package]);
    std::cout << package << ": " << measured << " of " << static_cast<double>(total[package]) / 3600e6 << " hours\n";
    EXPECT_NEAR(measured, share, .01) << package;
  }
  EXPECT_EQ(silent, 0);
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
