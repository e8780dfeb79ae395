#include "datasets/council/council_manifest.h"

#include <set>
#include <string>

#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

TEST(CouncilManifestTest, HoldsTheWholeSet) {
  const auto root = ResolvePath("runfiles:@council/council");
  ASSERT_OK(root);
  const auto entries = CouncilManifest(*root);
  ASSERT_OK(entries);
  EXPECT_EQ(entries->size(), 73u);
  std::set<std::string> speakers, sessions;
  int64_t duration = 0;
  for (const ManifestEntry& entry : *entries) {
    speakers.insert(entry.speaker);
    sessions.insert(entry.session);
    duration += *entry.duration;
    EXPECT_EQ(entry.audio, JoinPath(*root, entry.utterance));
  }
  EXPECT_EQ(speakers.size(), 9u);
  EXPECT_EQ(*speakers.begin(), "spk01");
  EXPECT_EQ(sessions.size(), 5u);
  EXPECT_NEAR(1e-6 * static_cast<double>(duration), 1158, 1);
}

TEST(CouncilManifestTest, SaysWhereNothingIs) {
  EXPECT_THAT(CouncilManifest("/nowhere").status().message(),
              HasSubstr("/nowhere: no SPEAKER/MEETING/RECORDING.wav below this folder (No such file"));
}

}  // namespace
}  // namespace diarflow
