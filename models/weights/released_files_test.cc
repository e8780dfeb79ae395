// Archives that torch itself wrote.
#include <cstring>
#include <string>

#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/weights/nemo.h"
#include "models/weights/open_weights.h"
#include "models/weights/testing/gzip_writer.h"
#include "models/weights/testing/tar_writer.h"

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

// As the weights inside an archive of NeMo, plain and packed.
TEST(ReleasedFilesTest, CampplusInATar) {
  ASSERT_OK_AND_ASSIGN(const std::string path,
                       ResolvePath("runfiles:@speaker_models/campplus/campplus_cn_en_common.pt"));
  ASSERT_OK_AND_ASSIGN(const TensorTable plain, OpenWeights(path));
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(path));
  const std::string tar = MakeTar({{"./model_config.yaml", "a: 1\n"}, {"./model_weights.ckpt", bytes}});
  for (const std::string& archive : {tar, MakeGzip(tar, 1)}) {
    ASSERT_OK_AND_ASSIGN(const TensorTable table, ParseNemo(archive, "campplus.nemo"));
    ASSERT_EQ(table.Names(), plain.Names());
    for (const auto& [name, tensor] : plain.tensors()) {
      const TensorView& other = *table.Find(name);
      EXPECT_EQ(other.type, tensor.type);
      EXPECT_EQ(other.shape, tensor.shape);
      ASSERT_EQ(other.byte_size, tensor.byte_size);
      EXPECT_EQ(std::memcmp(other.data, tensor.data, tensor.byte_size), 0) << name;
    }
  }
}

}  // namespace
}  // namespace diarflow
