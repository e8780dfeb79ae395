// What the nodes say about rates and widths, seen through a plan.
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "graph/validator.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<Plan> PlanOf(int mimi_rate, int fbank_rate, const std::string& tap) {
  auto pipeline = Pipeline::Parse(absl::StrCat(R"(
resource { name: "trials" type: "TrialList" }
resource { name: "mimi" type: "MimiModel" }
node { type: "ReadTrials" resource: "trials" output: "utterances" }
node { type: "Decode" input: "utterances" output: "decoded" }
node { name: "up" type: "Resample" input: "decoded" output: "up" options { [diarflow/Resample] { sample_rate: )",
                                               mimi_rate, R"( } } }
node { type: "MimiEncode" input: "up" resource: "MODEL:mimi" output: "latents"
  options { [diarflow/MimiEncode] { tap: )",
                                               tap, R"( } } }
node { name: "down" type: "Resample" input: "decoded" output: "down" options { [diarflow/Resample] { sample_rate: )",
                                               fbank_rate, R"( } } }
node { type: "Fbank" input: "down" output: "frames" options { [diarflow/Fbank] { num_bins: 40 hop_samples: 320 } } }
node { type: "MeanPool" input: "frames" output: "embedding" })"),
                                  "p.textproto");
  if (!pipeline.ok()) return pipeline.status();
  return Validate(*pipeline);
}

std::map<std::string, StreamProperties> PropertiesOf(const Plan& plan) {
  std::map<std::string, StreamProperties> properties;
  for (const PlannedStream& stream : plan.streams) properties[stream.name] = stream.properties;
  return properties;
}

TEST(StreamRatesTest, AreCarriedAlongTheStreams) {
  ASSERT_OK_AND_ASSIGN(const Plan plan, PlanOf(24000, 16000, "LATENT"));
  auto properties = PropertiesOf(plan);
  EXPECT_FALSE(properties["decoded"].sample_rate.has_value());
  EXPECT_EQ(properties["up"].sample_rate, 24000);
  EXPECT_EQ(properties["latents"].frame_rate, FrameRate::Of(25, 2));
  EXPECT_FALSE(properties["latents"].sample_rate.has_value());
  EXPECT_EQ(properties["down"].sample_rate, 16000);
  EXPECT_EQ(properties["frames"].frame_rate, FrameRate::Of(50, 1));
  EXPECT_EQ(properties["frames"].width, 40);
  EXPECT_EQ(properties["embedding"].width, 40);
  EXPECT_FALSE(properties["embedding"].frame_rate.has_value());
  ASSERT_OK_AND_ASSIGN(const Plan seanet, PlanOf(24000, 16000, "SEANET"));
  EXPECT_EQ(PropertiesOf(seanet)["latents"].frame_rate, FrameRate::Of(25, 1));
}

TEST(StreamRatesTest, AWrongRateIsNamedBeforeAnythingIsLoaded) {
  EXPECT_THAT(
      PlanOf(24000, 8000, "LATENT"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "p.textproto:10: node \"Fbank\": stream \"down\" has a sample rate of 8000 Hz (from node \"down\"), "
               "but AUDIO takes 16000 Hz"));
  EXPECT_THAT(
      PlanOf(16000, 16000, "LATENT"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("node \"MimiEncode\": stream \"up\" has a sample rate of 16000 Hz (from node \"up\"), but "
                         "AUDIO takes 24000 Hz")));
}

}  // namespace
}  // namespace diarflow
