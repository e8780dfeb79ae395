// ReadProbe and ScoreProbes, each by itself.
#include "nodes/probe.h"

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "datasets/manifest.h"
#include "datasets/simulator/speech_source.h"
#include "datasets/trial_list.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "graph/node_runner.h"
#include "graph/runtime.h"
#include "graph/validator.h"
#include "gtest/gtest.h"
#include "nodes/payloads.h"
#include "nodes/probe_report.pb.h"
#include "nodes/speech_source.h"
#include "nodes/trial_list.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// ---- ReadProbe ----

// What the source made: "ITEM | PATH | START + LENGTH | ROLE of SPEAKER".
class LinesNode : public CollectNode {
 public:
  static constexpr In<Utterance> kUtterance{"UTTERANCE"};
  static constexpr In<ProbeRole> kRole{"ROLE"};
  static void Contract(ContractBuilder& contract) { contract.Summary("Keeps them.").Input(kUtterance).Input(kRole); }

  explicit LinesNode(std::vector<std::string>* lines) : lines_(lines) {}
  absl::Status Add(ItemContext& item) override {
    const Utterance& utterance = item.Get(kUtterance);
    const std::string length = utterance.length.has_value() ? utterance.length->ToString() : "all";
    lines_->push_back(absl::StrCat(item.item(), " | ", utterance.path, " | ", utterance.start.ToString(), " + ", length,
                                   " | ", item.Get(kRole).in_trials ? "trial of " : "training of ",
                                   item.Get(kRole).speaker));
    return absl::OkStatus();
  }
  absl::Status Finish(FinishContext&) override { return absl::OkStatus(); }

 private:
  std::vector<std::string>* lines_;
};

TrialListResource TwoSpeakers() {
  TrialListResource trials;
  const auto list = ParseTrialList("1 ann/a/1.wav ann/b/2.wav#t=3,6\n0 ann/a/1.wav bob/c/3.wav\n", "list");
  EXPECT_OK(list);
  trials.list = *list;
  for (const ListedUtterance& utterance : trials.list.utterances) trials.audio_paths.push_back("/" + utterance.path);
  trials.description = "made for a test";
  return trials;
}

ManifestEntry Entry(const std::string& speaker, const std::string& name, int64_t offset, int64_t duration) {
  ManifestEntry entry;
  entry.audio = absl::StrCat("/", name, ".flac");
  entry.utterance = name;
  entry.speaker = speaker;
  entry.offset = offset;
  entry.duration = duration;
  return entry;
}

// The lines of a source with these options; the entries are those of OTHERS.
absl::StatusOr<std::vector<std::string>> ReadLines(const std::vector<ManifestEntry>& entries,
                                                   const std::string& options) {
  Registry registry(&Registry::Global());
  const auto add = [&registry](const char* type, std::shared_ptr<const void> object) {
    registry.AddResource(
        {type, [] { return Contract(); },
         [object](const ResourceContext&) -> absl::StatusOr<std::shared_ptr<const void>> { return object; }},
        __FILE__, __LINE__);
  };
  ASSIGN_OR_RETURN(SpeechSource source, SpeechSource::FromManifest(entries));
  auto others = std::make_shared<SpeechSourceResource>();
  others->source = std::make_shared<const SpeechSource>(std::move(source));
  add(SpeechSourceResource::kResourceName, others);
  add(TrialListResource::kResourceName, std::make_shared<TrialListResource>(TwoSpeakers()));
  std::vector<std::string> lines;
  registry.AddNode(
      {"Lines", NodeKind::kCollect, &ContractOf<LinesNode>, [&lines] { return std::make_unique<LinesNode>(&lines); }},
      __FILE__, __LINE__);
  ASSIGN_OR_RETURN(const Pipeline pipeline, Pipeline::Parse(absl::StrCat(R"(
    resource { name: "trials" type: "TrialList" }
    resource { name: "others" type: "SpeechSource" }
    node {
      type: "ReadProbe" resource: "TRIALS:trials" resource: "OTHERS:others"
      output: "UTTERANCE:utterances" output: "ROLE:roles"
      options { [diarflow/ReadProbe] { )",
                                                                         options, R"( } }
    }
    node { type: "Lines" input: "UTTERANCE:utterances" input: "ROLE:roles" })"),
                                                            "probe", registry));
  ASSIGN_OR_RETURN(const Plan plan, Validate(pipeline, registry));
  RETURN_IF_ERROR(RunPlan(plan, {}).status());
  return lines;
}

TEST(ReadProbeTest, TheTrialsComeFirstThenTheOthersInPieces) {
  const std::vector<ManifestEntry> entries = {
      Entry("eve", "long", 500000, 7250000),  // two pieces and 1.25 s
      Entry("eve", "rest", 0, 3999999),       // one piece; the rest is too short
      Entry("dan", "whole", 0, 3000000),
      Entry("dan", "short", 0, 999999),
  };
  EXPECT_THAT(ReadLines(entries, "least_seconds: 1 piece_seconds: 3"),
              IsOkAndHolds(ElementsAre("ann/a/1.wav | /ann/a/1.wav | 0 + all | trial of ann",
                                       "ann/b/2.wav#t=3,6 | /ann/b/2.wav | 3 + 3 | trial of ann",
                                       "bob/c/3.wav | /bob/c/3.wav | 0 + all | trial of bob",
                                       "to train on: whole | /whole.flac | 0 + 3 | training of dan",
                                       "to train on: long#t=0,3 | /long.flac | 1/2 + 3 | training of eve",
                                       "to train on: long#t=3,6 | /long.flac | 7/2 + 3 | training of eve",
                                       "to train on: long#t=6,7.25 | /long.flac | 13/2 + 5/4 | training of eve",
                                       "to train on: rest#t=0,3 | /rest.flac | 0 + 3 | training of eve")));
  // Whole, and all of them.
  EXPECT_THAT(ReadLines(entries, ""),
              IsOkAndHolds(AllOf(testing::SizeIs(7),
                                 testing::Contains("to train on: long | /long.flac | 1/2 + 29/4 | training of eve"))));
  EXPECT_THAT(ReadLines(entries, "others: false"), IsOkAndHolds(testing::SizeIs(3)));
}

TEST(ReadProbeTest, NobodyIsAmongBoth) {
  const std::vector<ManifestEntry> entries = {Entry("bob", "one", 0, 3000000), Entry("eve", "two", 0, 3000000)};
  EXPECT_THAT(ReadLines(entries, ""), StatusIs(absl::StatusCode::kInvalidArgument,
                                               AllOf(HasSubstr("OTHERS has speakers of the trials (made for a test): "
                                                               "bob;"),
                                                     HasSubstr("without_speaker"))));
  EXPECT_OK(ReadLines(entries, "others: false"));
}

TEST(ReadProbeTest, OptionsThatLeaveNothingAreNamed) {
  const std::vector<ManifestEntry> entries = {Entry("eve", "two", 0, 3000000)};
  for (const auto& [options, words] : {std::pair("least_seconds: 4", "no utterance of OTHERS is as long"),
                                       std::pair("least_seconds: 2 piece_seconds: 1", "every piece would be left out"),
                                       std::pair("least_seconds: -1", "least_seconds is -1"),
                                       std::pair("piece_seconds: nan", "piece_seconds is not a finite number")}) {
    EXPECT_THAT(ReadLines(entries, options), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(words)));
  }
}

// ---- ScoreProbes ----

constexpr int kTrialUtterances = 72, kOtherUtterances = 200;

// Speakers differ in the first two numbers alone; the others are greater and say nothing.
FloatArray Voice(int speaker, int number) {
  Random random(static_cast<uint64_t>(speaker), static_cast<uint64_t>(number));
  const double angle = 2 * M_PI * speaker / 4;
  std::vector<float> values = {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
  for (int i = 0; i < 6; ++i) values.push_back(static_cast<float>(3 * random.Normal()));
  return FloatArray::Copy({8}, values);
}

std::shared_ptr<const TrialListResource> MakeTrials() {
  std::string text;
  const auto name = [](int i) { return absl::StrCat("p", i % 4, "/s/", i); };
  for (int i = 0; i < kTrialUtterances; ++i) {
    for (int j = 0; j < i; ++j) absl::StrAppend(&text, i % 4 == j % 4 ? 1 : 0, " ", name(j), " ", name(i), "\n");
  }
  auto trials = std::make_shared<TrialListResource>();
  auto list = ParseTrialList(text, "list");
  EXPECT_OK(list);
  trials->list = *std::move(list);
  // As the items of a NodeRunner are called.
  for (size_t i = 0; i < trials->list.utterances.size(); ++i) trials->list.utterances[i].id = absl::StrCat("item ", i);
  trials->description = "made for a test";
  return trials;
}

NodeRunner Prepare(const std::string& options, int other_speakers = 4) {
  NodeRunner runner(absl::StrCat("type: \"ScoreProbes\" options { [diarflow/ScoreProbes] { ", options, " } }"));
  const auto trials = MakeTrials();
  runner.SetResource("TRIALS", trials);
  const auto producer = std::make_shared<const std::string>("made for a test");
  for (int i = 0; i < kTrialUtterances; ++i) {
    const std::string& speaker = trials->list.utterances[static_cast<size_t>(i)].speaker;
    runner.Push("EMBEDDING", Embedding{Voice(speaker[1] - '0', i), producer});
    runner.Push("ROLE", ProbeRole{true, speaker});
  }
  for (int i = 0; i < kOtherUtterances; ++i) {
    const int speaker = i % other_speakers;
    runner.Push("EMBEDDING", Embedding{Voice(speaker, 1000 + i), producer});
    runner.Push("ROLE", ProbeRole{false, absl::StrCat("other", speaker)});
  }
  return runner;
}

ProbeReport Report(const NodeRunner& runner) {
  ProbeReport report;
  EXPECT_EQ(runner.report().result_size(), 1);
  EXPECT_TRUE(runner.report().result(0).UnpackTo(&report));
  return report;
}

TEST(ScoreProbesTest, BothProbesFindWhatTheCosineDoesNot) {
  NodeRunner runner = Prepare("epochs: 300 rate: 0.03");
  ASSERT_OK(runner.Run());
  const ProbeReport report = Report(runner);
  ASSERT_EQ(report.probe_size(), 2);
  EXPECT_EQ(report.probe(0).protocol(), ProbeScores::ORIGINAL);
  EXPECT_EQ(report.probe(0).training_utterances(), kTrialUtterances);
  EXPECT_EQ(report.probe(1).protocol(), ProbeScores::HONEST);
  EXPECT_EQ(report.probe(1).training_utterances(), kOtherUtterances);
  EXPECT_GT(report.without_probe().eer(), 0.35);
  for (const ProbeScores& probe : report.probe()) {
    EXPECT_EQ(probe.training_speakers(), 4);
    EXPECT_EQ(probe.training_accuracy(), 1);
    // The others have voices as the speakers of the trials do, so what is learned from them serves here.
    EXPECT_LT(probe.scores().eer(), 0.1);
    EXPECT_EQ(probe.scores().pairs(), report.without_probe().pairs());
    EXPECT_EQ(probe.scores().speakers(), 4);
    EXPECT_GE(probe.scores().eer_interval().high(), probe.scores().eer());
  }
}

TEST(ScoreProbesTest, OneProtocolIsTheSameAlone) {
  NodeRunner both = Prepare("");
  ASSERT_OK(both.Run());
  for (int i = 0; i < 2; ++i) {
    NodeRunner one = Prepare(i == 0 ? "honest: false" : "original: false");
    ASSERT_OK(one.Run());
    const ProbeReport report = Report(one);
    ASSERT_EQ(report.probe_size(), 1);
    EXPECT_EQ(report.probe(0).DebugString(), Report(both).probe(i).DebugString());
    EXPECT_EQ(report.without_probe().DebugString(), Report(both).without_probe().DebugString());
  }
}

TEST(ScoreProbesTest, AnUtteranceThatFailedCostsItsTrials) {
  NodeRunner runner("type: \"ScoreProbes\" options { [diarflow/ScoreProbes] { honest: false } }");
  const auto trials = MakeTrials();
  runner.SetResource("TRIALS", trials);
  for (int i = 0; i < kTrialUtterances; ++i) {
    if (i == 5)
      runner.PushError("EMBEDDING", absl::DataLossError("broken"));
    else
      runner.Push("EMBEDDING", Embedding{Voice(i % 4, i), std::make_shared<const std::string>("made")});
    runner.Push("ROLE", ProbeRole{true, trials->list.utterances[static_cast<size_t>(i)].speaker});
  }
  ASSERT_OK(runner.Run());
  EXPECT_EQ(Report(runner).utterances_missing(), 1);
  EXPECT_EQ(Report(runner).trials_left_out(), kTrialUtterances - 1);
  EXPECT_EQ(Report(runner).probe(0).training_utterances(), kTrialUtterances - 1);
}

TEST(ScoreProbesTest, WhatCannotBeTrainedIsSaid) {
  EXPECT_THAT(Prepare("", /*other_speakers=*/1).Run(),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("the honest probe: all examples are of one speaker")));
  for (const auto& [options, words] :
       {std::pair("original: false honest: false", "neither original nor honest"),
        std::pair("epochs: -1", "epochs is -1"), std::pair("batch: 0", "batch is 0"),
        std::pair("rate: -1", "rate is -1"), std::pair("bootstrap_replicates: -1", "is negative")}) {
    EXPECT_THAT(Prepare(options).Run(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(words)));
  }
  // A label against the paths.
  auto trials = std::make_shared<TrialListResource>(TwoSpeakers());
  trials->list.trials[0].target = false;
  trials->list.trials[1].target = true;
  NodeRunner runner("type: \"ScoreProbes\"");
  runner.SetResource("TRIALS", std::shared_ptr<const TrialListResource>(trials));
  runner.Push("EMBEDDING", Embedding{Voice(0, 0), std::make_shared<const std::string>("made")});
  runner.Push("ROLE", ProbeRole{true, "ann"});
  EXPECT_THAT(runner.Run(), StatusIs(absl::StatusCode::kInvalidArgument,
                                     HasSubstr("says two speakers, their paths say ann and ann")));
}

}  // namespace
}  // namespace diarflow
