#include "cli/results_text.h"

#include <string>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/session_scores.pb.h"
#include "nodes/probe_report.pb.h"
#include "nodes/score_report.pb.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ResultsInput Input() {
  ResultsInput input;
  input.published.set_source("a paper");
  for (const char* name : {"baseline", "probe", "fusion", "never"}) {
    PublishedFigures::Row* row = input.published.add_row();
    row->set_pipeline(name);
    row->set_title(std::string("Title of ") + name);
    row->set_figure("12.34 %");
    row->set_conclusion("it works");
  }
  input.published.mutable_row(2)->set_remark("it does not");
  input.published.mutable_row(0)->mutable_claim()->set_eer_above(0.3);
  input.published.mutable_row(2)->mutable_claim()->set_system("both");
  input.published.mutable_row(2)->mutable_claim()->set_other("one speaker");
  input.published.mutable_row(2)->mutable_claim()->set_better(false);

  ScoreReport baseline;
  baseline.set_trials("trials");
  baseline.mutable_system()->set_name("a | b");
  baseline.mutable_system()->set_eer(0.3296);
  baseline.mutable_system()->mutable_eer_interval()->set_low(0.25);
  baseline.mutable_system()->mutable_eer_interval()->set_high(0.4);
  baseline.mutable_floor()->set_eer(0.2745);
  input.runs["baseline"].add_result()->PackFrom(baseline);

  ProbeReport probe;
  ProbeScores* scores = probe.add_probe();
  scores->set_protocol(ProbeScores::HONEST);
  scores->set_training_accuracy(0.5);
  scores->mutable_scores()->set_eer(0.3478);
  input.runs["probe"].add_result()->PackFrom(probe);

  SessionScores sessions;
  for (const bool trivial : {false, true}) {
    SessionScores::Row* row = sessions.add_row();
    row->set_set("simulated");
    row->set_protocol(SessionScores::HONEST);
    row->set_system(trivial ? "one speaker" : "both");
    row->set_trivial(trivial);
    row->set_sessions(21);
    row->set_rate(trivial ? 0.6 : 0.4);
  }
  SessionScores::Difference* difference = sessions.mutable_row(0)->add_difference();
  difference->set_other("one speaker");
  difference->set_value(-0.2);
  difference->set_low(-0.3);
  difference->set_high(-0.1);
  difference = sessions.mutable_row(0)->add_difference();
  difference->set_other("Mimi alone");
  difference->set_value(-0.01);
  difference->set_low(-0.03);
  difference->set_high(0.01);
  input.runs["fusion"].add_result()->PackFrom(sessions);
  input.runs["fusion"].set_items(30);
  input.runs["fusion"].set_items_failed(1);
  input.commit = "0123abc";
  input.weights["small.safetensors"] = "feed";
  return input;
}

TEST(ResultsText, SaysWhatTheRunsFound) {
  ASSERT_OK_AND_ASSIGN(const std::string text, ResultsText(Input()));
  EXPECT_THAT(text, HasSubstr("at commit 0123abc"));
  // The bar would end the cell.
  EXPECT_THAT(text, HasSubstr("| both | a / b | 32.96 (25.00 to 40.00) |"));
  EXPECT_THAT(text, HasSubstr("34.78"));
  EXPECT_THAT(text, HasSubstr("| simulated, 21 sessions | honest | **both** | 40.00 |"));
  EXPECT_THAT(text, HasSubstr("| simulated | honest | both | one speaker | -20.00 (-30.00 to -10.00) | better |"));
  EXPECT_THAT(text, HasSubstr("**both** is better than one speaker; not told apart from Mimi alone."));
  EXPECT_THAT(text, HasSubstr("DER 40.00 % for both, one speaker 60.00 %"));
  EXPECT_THAT(text, HasSubstr("1 of 30 items failed"));
  EXPECT_THAT(text, HasSubstr("The conclusion **holds** here: the equal error rate is 32.96 %"));
  EXPECT_THAT(text, HasSubstr("The conclusion **falls** here, honest, simulated: both less one speaker is -20.00"));
  EXPECT_THAT(text, HasSubstr("But: it does not."));
  EXPECT_THAT(text, HasSubstr("| `small.safetensors` | `feed` |"));
  // What did not run is not left out.
  EXPECT_THAT(text, HasSubstr("## Title of never"));
  EXPECT_THAT(text, HasSubstr("Not run."));
}

TEST(ResultsText, AFailedRunIsNoResult) {
  ResultsInput input = Input();
  input.runs["baseline"].set_outcome(RunReport::RUN_FAILED);
  input.runs["baseline"].set_error("no such file");
  ASSERT_OK_AND_ASSIGN(const std::string text, ResultsText(input));
  EXPECT_THAT(text, HasSubstr("The run failed: no such file"));
  EXPECT_THAT(text, Not(HasSubstr("32.96")));
}

TEST(ResultsText, ADamagedReportIsNamed) {
  ResultsInput input = Input();
  input.runs["fusion"].mutable_result(0)->set_value("\x0a\xff");
  EXPECT_THAT(ResultsText(input), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("fusion")));
}

}  // namespace
}  // namespace diarflow
