// The figures of many sessions, with all quirks on, against those of the published simulator on a corpus of the same
// kind. The reference is one sample of 40 to 300 sessions, so it is held against samples of the same size: each of its
// means, medians and tenth and ninetieth percentiles must lie within three standard deviations of theirs. What is
// measured in seconds depends on the word timings of the corpus: within 15 % is near enough there, and so is within
// 10 % for medians and percentiles of the rest.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "datasets/simulator/check_options.h"
#include "datasets/simulator/conversation.h"
#include "datasets/simulator/conversation_statistics.h"
#include "datasets/simulator/stub_corpus.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

struct Row {
  double n = 0, mean = 0, sd = 0, median = 0, p10 = 0, p90 = 0;
};

struct Block {
  std::string kind;  // "real": with pauses; "fake": without
  int speakers = 0;
  int sessions = 0;
  double length = 0;
  double overlap = 0;
  std::map<std::string, Row> rows;
};

std::vector<Block> ReadBlocks() {
  const char* given = std::getenv("GOLDEN_FILE");
  const std::string path = given != nullptr ? given : *ResolvePath("runfiles:testdata/golden/simulator_statistics.txt");
  std::vector<Block> blocks;
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(*ReadFile(path), '\n'))) {
    const std::vector<std::string> fields = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (fields.size() < 6) continue;
    if (fields[0] == "real" || fields[0] == "fake") {
      blocks.push_back(
          {fields[0], std::stoi(fields[1]), std::stoi(fields[2]), std::stod(fields[3]), std::stod(fields[4]), {}});
    } else if (fields.size() == 12 && absl::StartsWith(fields[1], "n=")) {
      blocks.back().rows[fields[0]] = {std::stod(fields[1].substr(2)), std::stod(fields[3]), std::stod(fields[5]),
                                       std::stod(fields[7]),           std::stod(fields[9]), std::stod(fields[11])};
    }
  }
  return blocks;
}

Row Summary(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  Row row;
  row.n = static_cast<double>(values.size());
  for (const double value : values) row.mean += value / row.n;
  for (const double value : values) row.sd += (value - row.mean) * (value - row.mean) / row.n;
  row.sd = std::sqrt(row.sd);
  const auto quantile = [&values](double q) {
    const double position = q * static_cast<double>(values.size() - 1);
    const auto below = static_cast<size_t>(position);
    const size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (position - static_cast<double>(below)) * (values[above] - values[below]);
  };
  row.median = quantile(0.5);
  row.p10 = quantile(0.1);
  row.p90 = quantile(0.9);
  return row;
}

using Figures = std::map<std::string, Row>;

void Append(const std::vector<double>& more, double sign, std::vector<double>* values) {
  for (const double value : more) values->push_back(sign * value);
}

// One sample of the block's size.
Figures Simulate(const Block& block, const SpeechSource& source, uint64_t seed) {
  ConversationOptions options;
  options.set_num_speakers(block.speakers);
  options.set_session_length(block.length);
  options.set_mean_overlap(block.overlap);
  options.mutable_quirks()->set_all(true);
  EXPECT_OK(CheckConversationOptions(options));
  options = ExpandQuirks(options);
  const auto speakers = DrawSpeakers(source, options, seed, block.sessions);
  std::map<std::string, std::vector<double>> values;
  for (int i = 0; i < block.sessions; ++i) {
    const auto plan = PlanConversation(source, options, seed, i, (*speakers)[static_cast<size_t>(i)]);
    EXPECT_OK(plan);
    const ConversationStatistics figures = StatisticsOf(*plan);
    values["T"].push_back(static_cast<double>(plan->num_samples) / plan->sample_rate);
    values["sil_ratio"].push_back(figures.silence);
    values["ov_of_speech"].push_back(figures.overlap);
    values["tgt_sil"].push_back(plan->target_silence);
    values["tgt_ov"].push_back(plan->target_overlap);
    values["nspk"].push_back(static_cast<double>(figures.num_speakers));
    values["switch"].push_back(figures.speaker_switch);
    values["dom_max"].push_back(figures.largest_share);
    values["dom_min"].push_back(figures.smallest_share);
    values["nsent"].push_back(static_cast<double>(figures.num_sentences));
    Append(figures.words_per_sentence, 1, &values["words_per_sentence"]);
    Append(figures.sentence_seconds, 1, &values["seglen"]);
    Append(figures.gap_seconds, 1, &values["gap_pos"]);
    Append(figures.overlap_seconds, -1, &values["gap_neg"]);
  }
  Figures rows;
  for (const auto& [name, list] : values) rows[name] = Summary(list);
  return rows;
}

// `error`: the standard error of the reference as far as it is known; `near`: what is enough whatever the samples say.
void Compare(const std::string& what, const std::vector<double>& ours, double reference, double error, double near) {
  const Row samples = Summary(ours);
  const double allowed = std::max(3 * std::max(samples.sd, error), near) + 5e-5;
  EXPECT_NEAR(samples.mean, reference, allowed) << what;
}

TEST(ReferenceStatisticsTest, WithAllQuirksTheFiguresAreThoseOfThePublishedSimulator) {
  constexpr int kSamples = 16;
  const struct {
    const char* name;
    double near_mean, near_quantile;
  } kRows[] = {
      {"T", 0, 0.1},         {"sil_ratio", 0, 0.1}, {"ov_of_speech", 0, 0.1}, {"tgt_sil", 0, 0.1},
      {"tgt_ov", 0, 0.1},    {"nspk", 0, 0},        {"switch", 0, 0.1},       {"dom_max", 0, 0.1},
      {"dom_min", 0, 0.1},   {"nsent", 0.15, .15},  {"seglen", .15, .15},     {"words_per_sentence", 0, 0.1},
      {"gap_pos", .15, .15}, {"gap_neg", .15, .15},
  };
  const std::vector<Block> blocks = ReadBlocks();
  ASSERT_EQ(blocks.size(), 6u);
  for (const Block& block : blocks) {
    StubCorpusOptions corpus;
    corpus.pauses = block.kind == "real";
    const SpeechSource source = StubCorpus(corpus);
    std::vector<Figures> samples;
    for (uint64_t seed = 0; seed < kSamples; ++seed) samples.push_back(Simulate(block, source, seed));
    for (const auto& row : kRows) {
      const Row& reference = block.rows.at(row.name);
      // Counts of words are whole, so one word is no difference to a median or percentile.
      const double whole = row.name == std::string("words_per_sentence") ? 1 : 0;
      const auto compare = [&](const char* figure, double Row::* member, double error, double near) {
        std::vector<double> ours;
        for (const Figures& sample : samples) ours.push_back(sample.at(row.name).*member);
        Compare(absl::StrCat(block.kind, " ", block.speakers, " speakers, ", block.length, " s, overlap ",
                             block.overlap, ": ", figure, " of ", row.name),
                ours, reference.*member, error, near * std::abs(reference.*member) + (error > 0 ? 0 : whole));
      };
      compare("mean", &Row::mean, reference.sd / std::sqrt(reference.n), row.near_mean);
      compare("median", &Row::median, 0, row.near_quantile);
      compare("10th percentile", &Row::p10, 0, row.near_quantile);
      compare("90th percentile", &Row::p90, 0, row.near_quantile);
    }
  }
}

}  // namespace
}  // namespace diarflow
