// Damages the pipelines of the tree, by bytes and by words, and reads them: whatever comes of it is a status.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "graph/overrides.h"
#include "graph/validator.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

constexpr int kRounds = 100000;

// What the bad pipelines are derived from: the later checks are met from here.
constexpr char kGood[] = R"(
name: "good"
include: "lib/plus.textproto"
param { name: "amount" target: "twice/first/add.amount" }
subgraph {
  name: "Twice" input: "IN:in" output: "OUT:out" resource: "BY:by"
  node { name: "first" type: "Plus" input: "in" output: "between" }
  node { name: "second" type: "OffsetBy" input: "between" output: "out" resource: "by" }
}
resource { name: "ten" type: "Offset" options { [diarflow/Offset] { offset: 10 } } }
node { type: "Count" output: "numbers" options { [diarflow/Count] { count: 3 } } }
node { name: "twice" type: "Twice" input: "numbers" output: "more" resource: "ten" enabled: true }
node { name: "rate" type: "Rated" input: "more" output: "rated"
  options { [diarflow/Rated] { gives_sample_rate: 8000 } } }
node { name: "batches" type: "Pairwise" input: "rated" output: "paired" batch { size: 4 } concurrency: 2 }
node { type: "Sum2" input: "A:more" input: "B:paired" input: "C:numbers" output: "sums" }
node { type: "ToList" input: "sums" output: "list" on_error: FAIL_RUN }
node { type: "ListLength" input: "list" }
run { threads: 2 max_in_flight: 50 max_failed_fraction: 0.5 }
)";

struct Source {
  std::string path;
  std::string text;
};

std::vector<Source> ReadSources() {
  std::vector<Source> sources = {{"testdata/bad/good.textproto", kGood}};
  for (const char* folder : {"experiments", "testdata/bad", "testdata/bad/lib"}) {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".textproto") paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) {
      auto text = ReadFile(path);
      EXPECT_OK(text);
      sources.push_back({path, *std::move(text)});
    }
  }
  return sources;
}

// Words, strings and single other characters; comments and spaces are left out.
std::vector<std::string> Tokens(const std::string& text) {
  std::vector<std::string> tokens;
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    if (std::isspace(static_cast<unsigned char>(text[i]))) {
      i = end;
      continue;
    }
    if (text[i] == '#') {
      i = std::min(text.size(), text.find('\n', i));
      continue;
    }
    if (text[i] == '"') {
      end = std::min(text.size() - 1, text.find('"', end)) + 1;
    } else {
      while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[i])) != 0 &&
             (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_' || text[end] == '.')) {
        ++end;
      }
    }
    tokens.push_back(text.substr(i, end - i));
    i = end;
  }
  return tokens;
}

class Mutator {
 public:
  Mutator(const std::vector<Source>& sources, uint32_t seed) : sources_(sources), random_(seed) {
    for (const Source& source : sources) {
      const std::vector<std::string> tokens = Tokens(source.text);
      words_.insert(words_.end(), tokens.begin(), tokens.end());
    }
    for (const char* odd : {"nan",     "-inf",     "1e400",          "-1",       "2147483647", "99999999999999999999",
                            "\"\"",    "\":\"",    "\"/\"",          "\"a/b\"",  "\"\\000\"",  "\"\\377\"",
                            "include", "subgraph", "enabled",        "expanded", "true",       "false",
                            "{",       "}",        "\"runfiles:x\"", "\"..\"",   "\".\""}) {
      // Often enough to meet.
      for (int i = 0; i < 20; ++i) words_.push_back(odd);
    }
  }

  // The first one, the good one, as often as all others.
  const Source& Pick() { return sources_[Below(2) == 0 ? 0 : Below(sources_.size())]; }
  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }

  std::string MutateBytes(std::string text) {
    for (size_t i = 1 + Below(4); i > 0 && !text.empty(); --i) {
      const size_t at = Below(text.size());
      const char byte = static_cast<char>(Below(256));
      switch (Below(4)) {
        case 0: text[at] = byte; break;
        case 1: text.insert(at, 1, byte); break;
        case 2: text.erase(at, 1 + Below(10)); break;
        default: text.insert(Below(text.size()), text.substr(at, Below(200))); break;
      }
    }
    return text;
  }

  // Keeps the text proto well formed more often.
  std::string MutateTokens(const std::string& text) {
    std::vector<std::string> tokens = Tokens(text);
    for (size_t i = 1 + Below(3); i > 0 && !tokens.empty(); --i) {
      const size_t at = Below(tokens.size());
      switch (Below(10)) {
        case 0: tokens.erase(tokens.begin() + static_cast<int64_t>(at)); break;
        case 1: tokens.insert(tokens.begin() + static_cast<int64_t>(at), Word()); break;
        case 2: std::swap(tokens[at], tokens[Below(tokens.size())]); break;
        case 3: RepeatBlock(&tokens, at); break;
        default: ReplaceValue(&tokens, at); break;
      }
    }
    std::string joined;
    for (const std::string& token : tokens) absl::StrAppend(&joined, token, " ");
    return joined;
  }

 private:
  const std::string& Word() { return words_[Below(words_.size())]; }

  static int Kind(const std::string& token) {
    if (token[0] == '"') return 1;
    return std::isdigit(static_cast<unsigned char>(token[0])) != 0 ? 2 : 0;
  }

  // The next string or number by another one, of this text or any.
  void ReplaceValue(std::vector<std::string>* tokens, size_t at) {
    while (at < tokens->size() && Kind((*tokens)[at]) == 0) ++at;
    if (at == tokens->size()) return;
    for (int tries = 0; tries < 50; ++tries) {
      const std::string& word = Below(2) == 0 ? Word() : (*tokens)[Below(tokens->size())];
      if (Kind(word) != Kind((*tokens)[at])) continue;
      (*tokens)[at] = std::string(word);
      return;
    }
  }

  // Copies `name { ... }` behind itself.
  void RepeatBlock(std::vector<std::string>* tokens, size_t at) {
    while (at < tokens->size() && (*tokens)[at] != "{") ++at;
    if (at == 0 || at == tokens->size()) return;
    int depth = 0;
    size_t end = at;
    do {
      depth += (*tokens)[end] == "{" ? 1 : (*tokens)[end] == "}" ? -1 : 0;
      ++end;
    } while (end < tokens->size() && depth > 0);
    const std::vector<std::string> block(tokens->begin() + static_cast<int64_t>(at) - 1,
                                         tokens->begin() + static_cast<int64_t>(end));
    tokens->insert(tokens->begin() + static_cast<int64_t>(end), block.begin(), block.end());
  }

  const std::vector<Source>& sources_;
  std::mt19937 random_;
  std::vector<std::string> words_;
};

struct Counts {
  int parsed = 0;
  int valid = 0;
};

void Read(const std::string& text, const std::string& file_name, Counts* counts) {
  absl::StatusOr<Pipeline> pipeline = Pipeline::Parse(text, file_name);
  if (!pipeline.ok()) {
    EXPECT_FALSE(pipeline.status().message().empty());
    return;
  }
  ++counts->parsed;
  const absl::StatusOr<Plan> plan = Validate(*pipeline);
  if (!plan.ok()) {
    EXPECT_EQ(plan.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_FALSE(plan.status().message().empty());
    return;
  }
  ++counts->valid;
  // What is valid survives being written.
  const std::string written = pipeline->ToText();
  ASSERT_OK_AND_ASSIGN(const Pipeline again, Pipeline::Parse(written, "again.textproto"));
  ASSERT_OK_AND_ASSIGN(const Plan plan_again, Validate(again));
  EXPECT_EQ(plan_again.nodes.size(), plan->nodes.size());
  EXPECT_EQ(plan_again.resources.size(), plan->resources.size());
  EXPECT_EQ(plan_again.warnings.size(), plan->warnings.size());
  EXPECT_EQ(again.ToText(), written);
}

TEST(PipelineFuzzTest, DamagedPipelinesGiveAStatus) {
  const std::vector<Source> sources = ReadSources();
  ASSERT_GE(sources.size(), 30u);
  Mutator mutator(sources, 20260101);
  Counts bytes, tokens;
  for (int round = 0; round < kRounds && !::testing::Test::HasFailure(); ++round) {
    const Source& source = mutator.Pick();
    const bool by_bytes = round % 3 == 0;
    const std::string text = by_bytes ? mutator.MutateBytes(source.text) : mutator.MutateTokens(source.text);
    SCOPED_TRACE(absl::StrCat("round ", round, ", from ", source.path, ":\n", text));
    Read(text, source.path, by_bytes ? &bytes : &tokens);
  }
  // Else the damage is too coarse to reach the later checks.
  EXPECT_GE(bytes.parsed, kRounds / 100);
  EXPECT_GE(tokens.parsed, kRounds / 20);
  EXPECT_GE(bytes.valid + tokens.valid, kRounds / 100);
  std::printf("%d of %d texts were read, %d were valid\n", bytes.parsed + tokens.parsed, kRounds,
              bytes.valid + tokens.valid);
}

// Assignments, as --set takes them, to a pipeline that stays the same.
TEST(PipelineFuzzTest, DamagedAssignmentsGiveAStatus) {
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile("testdata/bad/subgraph_inner_options.textproto"));
  const std::vector<Source> assignments = {{"", "outer/add.amount=1"},  {"", "outer.enabled=false"},
                                           {"", "outer/add.tag=x,y"},   {"", "outer/add.nested.nested.weight=0.5"},
                                           {"", "run.max_in_flight=7"}, {"", "ToList.on_error=FAIL_RUN"},
                                           {"", "Count.batch.size=3"},  {"", "outer/add.unit=TENS"}};
  Mutator mutator(assignments, 20260102);
  for (int round = 0; round < 2000; ++round) {
    const std::string assignment = mutator.MutateBytes(mutator.Pick().text);
    SCOPED_TRACE(assignment);
    ASSERT_OK_AND_ASSIGN(Pipeline pipeline, Pipeline::Parse(text, "p.textproto"));
    if (!SetFromAssignment(assignment, pipeline).ok()) continue;
    const absl::StatusOr<Plan> plan = Validate(pipeline);
    if (plan.ok()) continue;
    EXPECT_EQ(plan.status().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace diarflow
