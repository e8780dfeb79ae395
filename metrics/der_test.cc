#include "metrics/der.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "diarization/turns.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/random_turns.h"
#include "metrics/slow_der.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr DerConvention kBoth[] = {DerConvention::kPyannote, DerConvention::kMdEval};

std::vector<DerOptions> AllOptions(int64_t collar) {
  std::vector<DerOptions> all;
  for (const DerConvention convention : kBoth) {
    for (const int64_t c : {int64_t{0}, collar}) {
      for (const bool skip_overlap : {false, true}) all.push_back({convention, c, skip_overlap});
    }
  }
  return all;
}

Recording Renamed(Recording recording, const std::string& prefix) {
  for (Turn& turn : recording.turns) turn.speaker = prefix + turn.speaker;
  return recording;
}

DerComponents Components(const Recording& reference, const Recording& hypothesis,
                         const std::optional<std::vector<TimeSpan>>& region, const DerOptions& options) {
  const auto file = ScoreDer(reference, hypothesis, region, options);
  EXPECT_OK(file);
  return file.ok() ? file->components : DerComponents();
}

TEST(DerTest, HandMade) {
  // ref  A [0, 10) B [8, 12);  hyp  x [1, 9)  y [9, 12)  x [20, 21): all in microseconds.
  const Recording reference = {"m", {{0, 10, "A"}, {8, 4, "B"}}};
  const Recording hypothesis = {"m", {{1, 8, "x"}, {9, 3, "y"}, {20, 1, "x"}}};
  ASSERT_OK_AND_ASSIGN(const FileDer file, ScoreDer(reference, hypothesis));
  EXPECT_EQ(file.uri, "m");
  EXPECT_EQ(file.components, (DerComponents{14, 3, 1, 0}));
  EXPECT_DOUBLE_EQ(file.components.rate(), 4.0 / 14);
  EXPECT_THAT(file.reference_speakers, ElementsAre("A", "B"));
  EXPECT_THAT(file.hypothesis_speakers, ElementsAre("x", "y"));
  EXPECT_THAT(file.mapping, ElementsAre(0, 1));
  EXPECT_THAT(file.confusion_matrix, ElementsAre(8, 1, 1, 3));
  // Up to the end of the reference.
  EXPECT_EQ(Components(reference, hypothesis, std::nullopt, {DerConvention::kMdEval, 0, false}),
            (DerComponents{14, 3, 0, 0}));
  // [2, 6) and [14, 30) remain.
  EXPECT_EQ(Components(reference, hypothesis, std::vector<TimeSpan>{{0, 30}}, {DerConvention::kPyannote, 2, false}),
            (DerComponents{4, 0, 1, 0}));
  EXPECT_EQ(Components(reference, hypothesis, std::nullopt, {DerConvention::kPyannote, 0, true}),
            (DerComponents{10, 1, 1, 0}));
}

TEST(DerTest, SecondsOfSpeakersWhoRepeatThemselves) {
  const Recording reference = {"m", {{0, 10, "A"}, {5, 10, "A"}}};
  const Recording hypothesis = {"m", {{0, 15, "x"}}};
  EXPECT_EQ(Components(reference, hypothesis, std::nullopt, {DerConvention::kPyannote, 0, false}),
            (DerComponents{20, 5, 0, 0}));
  EXPECT_EQ(Components(reference, hypothesis, std::nullopt, {DerConvention::kMdEval, 0, false}),
            (DerComponents{15, 0, 0, 0}));
  // Both exclude what the turns as given overlap.
  for (const DerConvention convention : kBoth) {
    EXPECT_EQ(Components(reference, hypothesis, std::nullopt, {convention, 0, true}), (DerComponents{10, 0, 0, 0}));
  }
}

TEST(DerTest, NothingToFind) {
  EXPECT_EQ(DerComponents().rate(), 0);
  EXPECT_EQ((DerComponents{0, 0, 1, 0}.rate()), 1);
  const Recording empty = {"m", {}};
  const Recording some = {"m", {{0, 5, "A"}}};
  for (const DerOptions& options : AllOptions(2)) {
    EXPECT_EQ(Components(empty, empty, std::nullopt, options), DerComponents());
    EXPECT_EQ(Components(empty, empty, std::vector<TimeSpan>{{0, 10}}, options), DerComponents());
    EXPECT_EQ(Components(empty, some, std::vector<TimeSpan>{{0, 10}}, options), (DerComponents{0, 0, 5, 0}));
    EXPECT_EQ(Components(some, some, std::vector<TimeSpan>{}, options), DerComponents());
    EXPECT_EQ(Components(some, some, std::vector<TimeSpan>{{5, 10}}, options), DerComponents());
  }
}

struct Generated {
  Recording reference;
  Recording hypothesis;
  std::optional<std::vector<TimeSpan>> region;
};

// A cell is 1000 us, the recording 60 cells.
Generated Generate(int round, bool own_overlap, std::mt19937_64* random) {
  RandomTurnsOptions options;
  options.own_overlap = own_overlap;
  options.num_speakers = 1 + round % 4;
  options.num_turns = round % 25;
  Generated made;
  made.reference = RandomTurns(options, random);
  options.speaker_prefix = round % 5 == 0 ? "s" : "cluster";  // names that look alike mean nothing
  options.num_speakers = 1 + round / 4 % 4;
  options.num_turns = 12;
  made.hypothesis = RandomTurns(options, random);
  if (round % 3 == 0) return made;
  made.region.emplace();
  for (int i = 0; i < round % 3; ++i) {
    const auto start = static_cast<int64_t>((*random)() % 50);
    made.region->push_back({1000 * start, 1000 * (start + 1 + static_cast<int64_t>((*random)() % 40))});
  }
  return made;
}

TEST(DerTest, AgainstEveryMappingCellByCell) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 120; ++round) {
    const bool own_overlap = round % 2 == 1;
    const Generated made = Generate(round, own_overlap, &random);
    const std::vector<SpeakerMap> mappings = AllMappings(made.reference, made.hypothesis);
    for (const DerOptions& options : AllOptions(2000)) {
      SCOPED_TRACE(absl::StrCat("round ", round, ", collar ", options.collar, ", skip_overlap ", options.skip_overlap));
      ASSERT_OK_AND_ASSIGN(const FileDer file, ScoreDer(made.reference, made.hypothesis, made.region, options));
      const SlowDer slow(made.reference, made.hypothesis, made.region, options, 1000);
      const SpeakerMap mapping = NamedMapping(file);
      EXPECT_EQ(file.components, slow.Count(mapping));
      int64_t most_common = 0;
      int64_t fewest_errors = std::numeric_limits<int64_t>::max();
      for (const SpeakerMap& other : mappings) {
        most_common = std::max(most_common, slow.CommonTime(other));
        fewest_errors = std::min(fewest_errors, slow.Count(other).errors());
      }
      EXPECT_EQ(slow.CommonTime(mapping), most_common);
      // What is mapped is what is scored, and each label counts once: then no other mapping has fewer errors.
      const bool mapped_as_scored =
          options.convention == DerConvention::kPyannote ? !own_overlap : options.collar == 0 && !options.skip_overlap;
      EXPECT_TRUE(!mapped_as_scored || file.components.errors() == fewest_errors)
          << file.components << "; fewest errors " << fewest_errors;
      for (size_t r = 0; r < file.reference_speakers.size(); ++r) {
        if (options.convention == DerConvention::kMdEval) break;  // its common time is not of what is scored
        for (size_t h = 0; h < file.hypothesis_speakers.size(); ++h) {
          EXPECT_EQ(file.confusion_matrix[r * file.hypothesis_speakers.size() + h],
                    slow.CommonTime({{file.reference_speakers[r], file.hypothesis_speakers[h]}}));
        }
      }
    }
  }
}

// Times that share no grid: fine enough that no two mappings are equally good.
Generated GenerateFine(std::mt19937_64* random) {
  RandomTurnsOptions options;
  options.grid = 1;
  options.length = 100000000;
  options.longest = 9000000;
  options.num_turns = 60;
  Generated made;
  made.reference = RandomTurns(options, random);
  options.speaker_prefix = "cluster";
  options.num_speakers = 5;
  made.hypothesis = RandomTurns(options, random);
  made.region = {{{1234567, 60000000}, {70000001, 99999999}}};
  return made;
}

TEST(DerTest, PerfectIsZero) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 50; ++round) {
    Generated made = GenerateFine(&random);
    for (const DerOptions& options : AllOptions(250000)) {
      // Under any names and in any order.
      Recording same = Renamed(made.reference, "zzz");
      std::shuffle(same.turns.begin(), same.turns.end(), random);
      const DerComponents components = Components(made.reference, same, made.region, options);
      EXPECT_GT(components.total, 0);
      EXPECT_EQ(components.errors(), 0);
      EXPECT_EQ(components.rate(), 0);
      const DerComponents silent = Components(made.reference, {"generated", {}}, made.region, options);
      EXPECT_EQ(silent, (DerComponents{components.total, components.total, 0, 0}));
    }
  }
}

TEST(DerTest, NamesOrderAndCutsOfTurnsDoNotMatter) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 50; ++round) {
    const Generated made = GenerateFine(&random);
    for (const DerOptions& options : AllOptions(250000)) {
      const DerComponents components = Components(made.reference, made.hypothesis, made.region, options);
      // s0 becomes s3, s1 becomes s0, ...: an order of names that is not the old one.
      Recording permuted = made.hypothesis;
      for (Turn& turn : permuted.turns)
        turn.speaker.back() = static_cast<char>('0' + ('9' - turn.speaker.back() + 3) % 7);
      std::shuffle(permuted.turns.begin(), permuted.turns.end(), random);
      EXPECT_EQ(Components(made.reference, permuted, made.region, options), components);
      // Hypothesis turns cut in two; the region cut and given twice.
      Recording cut = {made.hypothesis.uri, {}};
      for (const Turn& turn : made.hypothesis.turns) {
        const int64_t first = turn.duration / 3;
        if (first > 0) cut.turns.push_back({turn.start, first, turn.speaker});
        cut.turns.push_back({turn.start + first, turn.duration - first, turn.speaker});
      }
      const std::vector<TimeSpan> spans = {
          {1234567, 2000000}, {70000001, 99999999}, {1500000, 60000000}, {80000000, 80000001}};
      EXPECT_EQ(Components(made.reference, cut, spans, options), components);
    }
  }
}

TEST(DerTest, PartsAddUp) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 50; ++round) {
    const Generated made = GenerateFine(&random);
    // Without a hypothesis, so that no mapping depends on the part.
    const DerOptions options = {DerConvention::kPyannote, 250000, round % 2 == 0};
    DerComponents sum;
    for (const TimeSpan& span : *made.region) {
      sum += Components(made.reference, {"generated", {}}, std::vector<TimeSpan>{span}, options);
    }
    EXPECT_EQ(sum, Components(made.reference, {"generated", {}}, made.region, options));
  }
}

TEST(DerTest, ConventionsAgreeWithoutCollarAndOwnOverlap) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 50; ++round) {
    const Generated made = GenerateFine(&random);
    EXPECT_EQ(Components(made.reference, made.hypothesis, made.region, {DerConvention::kPyannote, 0, false}),
              Components(made.reference, made.hypothesis, made.region, {DerConvention::kMdEval, 0, false}));
  }
}

TEST(DerTest, BadInput) {
  const Recording good = {"m", {{0, 5, "A"}}};
  const Recording bad = {"m", {{0, 0, "A"}}};
  EXPECT_THAT(ScoreDer(bad, good), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"m\"")));
  EXPECT_THAT(ScoreDer(good, bad), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"m\"")));
  EXPECT_THAT(ScoreDer(good, good, std::vector<TimeSpan>{{5, 5}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("region")));
  EXPECT_THAT(ScoreDer(good, good, std::nullopt, {DerConvention::kPyannote, -1, false}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("collar")));
  Recording crowd = {"m", {}};
  for (int i = 0; i <= 4096; ++i) crowd.turns.push_back({i, 1, absl::StrCat(i)});
  EXPECT_THAT(ScoreDer(good, crowd), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("4097 speakers")));
  Recording choir = {"m", {}};
  for (int i = 0; i < 100; ++i) choir.turns.push_back({0, kMaxMicroseconds, absl::StrCat(i)});
  EXPECT_THAT(ScoreDer(choir, choir), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("overlap")));
  choir.turns.resize(90);
  EXPECT_OK(ScoreDer(choir, choir));
}

}  // namespace
}  // namespace diarflow
