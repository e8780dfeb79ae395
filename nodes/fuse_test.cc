// Fuse, alone and in a plan.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "graph/node_runner.h"
#include "graph/validator.h"
#include "gtest/gtest.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;

constexpr FrameGrid kMimi{24000, 1920, 1920, 0};
constexpr FrameGrid kSpeakers{16000, 1280, 1280, -640};  // the same rate, half a frame earlier
constexpr FrameGrid kWindows{16000, 3200, 24000, 0};

Frames Made(std::vector<int64_t> shape, const std::vector<float>& values, const FrameGrid& grid, const char* producer) {
  return {FloatArray::Copy(std::move(shape), values), grid, std::make_shared<const std::string>(producer)};
}

std::vector<float> Numbers(const Frames& frames) { return {frames.values.begin(), frames.values.end()}; }

TEST(FuseNodeTest, PutsThePartsSideBySideOnTheGridOfTheLatents) {
  NodeRunner runner("type: \"Fuse\"");
  runner.Push("LATENT", Made({2, 2}, {3, 4, 0, 0}, kMimi, "latent"));
  runner.Push("SPEAKER", Made({3, 1}, {-2, 2, 1}, kSpeakers, "speaker"));
  ASSERT_OK(runner.Run());
  const Frames* fused = runner.Output<Frames>("FRAMES", 0);
  ASSERT_NE(fused, nullptr);
  EXPECT_EQ(fused->values.ShapeString(), "[2, 3]");
  EXPECT_THAT(Numbers(*fused), ElementsAre(FloatEq(.6f), FloatEq(.8f), 0, 0, 0, 1));
  EXPECT_EQ(fused->grid.sample_rate, 24000);
  EXPECT_EQ(fused->grid.hop, 1920);
  EXPECT_EQ(*fused->producer, "latent beside speaker");
}

TEST(FuseNodeTest, OptionsAreObeyed) {
  NodeRunner runner(R"pb(
    type: "Fuse"
    options {
      [diarflow/Fuse] { interpolation: NEAREST normalise_latent: NONE normalise_speaker: LAYER_NORM resample: true }
    })pb");
  runner.Push("LATENT", Made({2, 1}, {3, 4}, kMimi, "latent"));
  runner.Push("SPEAKER", Made({2, 2}, {-100, 100, 7, 7}, kWindows, "speaker"));
  ASSERT_OK(runner.Run());
  const Frames* fused = runner.Output<Frames>("FRAMES", 0);
  ASSERT_NE(fused, nullptr);
  EXPECT_THAT(Numbers(*fused), ElementsAre(3, FloatEq(-1), FloatEq(1), 4, FloatEq(-1), FloatEq(1)));
}

TEST(FuseNodeTest, FailsItemsWithoutSpeakersOrOfAnotherRate) {
  NodeRunner runner("type: \"Fuse\"");
  for (int i = 0; i < 3; ++i) runner.Push("LATENT", Made({1, 1}, {3}, kMimi, "latent"));
  runner.Push("SPEAKER", Made({0, 1}, {}, kSpeakers, "speaker"));
  runner.Push("SPEAKER", Made({1, 1}, {1}, kWindows, "speaker"));
  runner.Push("SPEAKER", Made({1, 1}, {1}, kSpeakers, "speaker"));
  ASSERT_OK(runner.Run());
  ASSERT_EQ(runner.report().failure_size(), 2);
  EXPECT_THAT(runner.report().failure(0).message(), HasSubstr("there are no speaker frames"));
  EXPECT_THAT(runner.report().failure(1).message(),
              HasSubstr("LATENT has 25/2 frames a second and SPEAKER 5: where that is meant, set the option resample"));
  EXPECT_NE(runner.Output<Frames>("FRAMES", 2), nullptr);
}

absl::StatusOr<Plan> PlanOf(int hop, const std::string& fuse_options) {
  auto pipeline = Pipeline::Parse(absl::StrCat(R"(
resource { name: "trials" type: "TrialList" }
resource { name: "mimi" type: "MimiModel" }
node { type: "ReadTrials" resource: "trials" output: "utterances" }
node { type: "Decode" input: "utterances" output: "decoded" }
node { name: "up" type: "Resample" input: "decoded" output: "up"
  options { [diarflow/Resample] { sample_rate: 24000 } } }
node { type: "MimiEncode" input: "up" resource: "MODEL:mimi" output: "latents" }
node { name: "down" type: "Resample" input: "decoded" output: "down"
  options { [diarflow/Resample] { sample_rate: 16000 } } }
node { name: "a" type: "Fbank" input: "down" output: "a"
  options { [diarflow/Fbank] { num_bins: 40 hop_samples: 1280 } } }
node { name: "b" type: "Fbank" input: "down" output: "b"
  options { [diarflow/Fbank] { num_bins: 20 hop_samples: )",
                                               hop, R"( } } }
node { name: "wide" type: "Fuse" input: "LATENT:a" input: "SPEAKER:b" output: "wide" options { [diarflow/Fuse] { )",
                                               fuse_options, R"( } } }
node { type: "Fuse" input: "LATENT:latents" input: "SPEAKER:wide" output: "fused" }
node { type: "MeanPool" input: "fused" output: "embedding" })"),
                                  "p.textproto");
  if (!pipeline.ok()) return pipeline.status();
  return Validate(*pipeline);
}

TEST(FuseNodeTest, ARateThatWasNotAskedForFailsBeforeTheRun) {
  EXPECT_THAT(PlanOf(160, ""), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("node \"wide\": stream \"b\" has a frame rate of 100 Hz (from node "
                                                  "\"b\"), but SPEAKER takes 25/2 Hz")));
  EXPECT_OK(PlanOf(1280, ""));
}

TEST(FuseNodeTest, WidthsAndTheRateAreKnownBehindIt) {
  ASSERT_OK_AND_ASSIGN(const Plan plan, PlanOf(160, "resample: true"));
  for (const PlannedStream& stream : plan.streams) {
    if (stream.name != "wide") continue;
    EXPECT_EQ(stream.properties.frame_rate, FrameRate::Of(25, 2));
    EXPECT_EQ(stream.properties.width, 60);
    return;
  }
  ADD_FAILURE() << "no stream \"wide\"";
}

}  // namespace
}  // namespace diarflow
