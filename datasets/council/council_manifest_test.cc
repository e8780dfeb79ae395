#include "datasets/council/council_manifest.h"

#include <set>
#include <string>

#include "audio/write_wav.h"
#include "base/files.h"
#include "base/float_array.h"
#include "base/status_matchers.h"
#include "datasets/unreadable_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

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
              HasSubstr("/nowhere: no SPEAKER/MEETING/RECORDING.wav below this folder (/nowhere: No such file"));
}

TEST(CouncilManifestTest, WhatCannotBeReadIsNotLeftOut) {
  const std::string root = JoinPath(testing::TempDir(), "council");
  for (const char* path : {"a/x/1.wav", "b/x/1.wav"}) {
    ASSERT_OK(WriteWav(JoinPath(root, path), FloatArray::Zeros({1600}), 16000));
  }
  EXPECT_THAT(CouncilManifest(root), IsOkAndHolds(SizeIs(2)));
  const UnreadableFolder unreadable(JoinPath(root, "b/x"));
  EXPECT_THAT(CouncilManifest(root), StatusIs(absl::StatusCode::kDataLoss, HasSubstr(JoinPath(root, "b/x: "))));
}

}  // namespace
}  // namespace diarflow
