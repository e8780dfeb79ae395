#include "models/mimi/mimi_config.h"

#include <functional>
#include <limits>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/weights/tensor_table.h"

namespace diarflow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(MimiConfigTest, TheReleasedSizeIsTheDefault) {
  const MimiConfig config = ReleasedMimiConfig();
  EXPECT_THAT(config.ratios(), ElementsAre(4, 5, 6, 8));
  EXPECT_TRUE(config.has_num_codebooks());
  EXPECT_EQ(config.num_codebooks(), 32);
  EXPECT_EQ(FillMimiConfig(MimiConfig()).SerializeAsString(), config.SerializeAsString());
  EXPECT_OK(CheckMimiConfig(MimiConfig()));
  EXPECT_OK(CheckMimiConfig(SmallMimiConfig()));
  EXPECT_EQ(MimiSizeName(MimiConfig()), "released size");
  EXPECT_EQ(MimiSizeName(SmallMimiConfig()), "small");
  MimiConfig other = SmallMimiConfig();
  other.set_num_layers(3);
  EXPECT_EQ(MimiSizeName(other), "16 filters, width 128, 3 layers");
}

TEST(MimiConfigTest, WeightsSayTheirSize) {
  TensorTable weights("made.safetensors");
  ASSERT_OK_AND_ASSIGN(MimiConfig config, MimiConfigOf(weights));
  EXPECT_EQ(config.SerializeAsString(), ReleasedMimiConfig().SerializeAsString());
  weights.mutable_metadata()[kMimiConfigKey] = SmallMimiConfig().ShortDebugString();
  ASSERT_OK_AND_ASSIGN(config, MimiConfigOf(weights));
  EXPECT_EQ(config.SerializeAsString(), SmallMimiConfig().SerializeAsString());
  weights.mutable_metadata()[kMimiConfigKey] = "small";
  EXPECT_THAT(MimiConfigOf(weights), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("made.safetensors")));
}

TEST(MimiConfigTest, NamesTheFieldThatCannotBe) {
  const struct {
    std::function<void(MimiConfig&)> change;
    const char* message;
  } kCases[] = {
      {[](MimiConfig& c) { c.set_n_filters(0); }, "n_filters is 0"},
      {[](MimiConfig& c) { c.set_context(-1); }, "context is -1"},
      {[](MimiConfig& c) { c.set_feed_forward(1 << 30); }, "feed_forward is 1073741824"},
      {[](MimiConfig& c) { c.set_norm_epsilon(std::numeric_limits<double>::quiet_NaN()); }, "norm_epsilon is nan"},
      {[](MimiConfig& c) { c.set_ratios(0, 5); }, "product of the ratios must be 960"},
      {[](MimiConfig& c) { c.set_ratios(0, 0); }, "a ratio is 0"},
      {[](MimiConfig& c) { c.set_compress(3); }, "n_filters (16) must be a multiple of compress (3)"},
      {[](MimiConfig& c) { c.set_num_heads(3); }, "dimension (128) must be a multiple of 2 * num_heads (6)"},
      {[](MimiConfig& c) { c.set_num_heads(128); }, "dimension (128) must be a multiple of 2 * num_heads (256)"},
      {[](MimiConfig& c) { c.set_num_codebooks(1); }, "num_codebooks must be at least 2"},
  };
  for (const auto& c : kCases) {
    MimiConfig config = SmallMimiConfig();
    c.change(config);
    EXPECT_THAT(CheckMimiConfig(config), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(c.message)));
  }
}

}  // namespace
}  // namespace diarflow
