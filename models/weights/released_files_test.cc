// Archives that torch itself wrote.
#include <string>

#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/weights/open_weights.h"

namespace diarflow {
namespace {

using testing::ElementsAre;

TEST(ReleasedFilesTest, Campplus) {
  ASSERT_OK_AND_ASSIGN(const std::string path,
                       ResolvePath("runfiles:@speaker_models/campplus/campplus_cn_en_common.pt"));
  ASSERT_OK_AND_ASSIGN(const TensorTable table, OpenWeights(path));
  EXPECT_EQ(table.tensors().size(), 937u);
  ASSERT_NE(table.Find("xvector.tdnn.linear.weight"), nullptr);
  EXPECT_THAT(table.Find("xvector.tdnn.linear.weight")->shape, ElementsAre(128, 320, 5));
  EXPECT_EQ(table.Find("head.bn1.num_batches_tracked")->type, TensorType::kI64);
}

TEST(ReleasedFilesTest, Segmentation) {
  ASSERT_OK_AND_ASSIGN(const std::string path,
                       ResolvePath("runfiles:@speaker_models/segmentation/pyannote_segmentation.pt"));
  ASSERT_OK_AND_ASSIGN(const TensorTable table, OpenWeights(path));
  EXPECT_EQ(table.tensors().size(), 54u);
  ASSERT_NE(table.Find("state_dict.classifier.weight"), nullptr);
  EXPECT_THAT(table.Find("state_dict.classifier.weight")->shape, ElementsAre(7, 128));
  EXPECT_EQ(table.metadata().at("format_version"), "1");
}

}  // namespace
}  // namespace diarflow
