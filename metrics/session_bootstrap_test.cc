#include "metrics/session_bootstrap.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/resampling.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

// `groups` of `size` sessions; what a group's sessions have in common outweighs the rest.
std::vector<SessionErrors> Generate(int groups, int size, bool named_groups, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<SessionErrors> sessions;
  for (int g = 0; g < groups; ++g) {
    const auto common = static_cast<int64_t>(random() % 400000);
    for (int s = 0; s < size; ++s) {
      const std::string group = std::to_string(g);
      sessions.push_back({group + "/" + std::to_string(s), named_groups ? group : "",
                          common + static_cast<int64_t>(random() % 50000), 1000000});
    }
  }
  return sessions;
}

TEST(SessionBootstrapTest, AgainstDrawingGroupsOneByOne) {
  std::vector<SessionErrors> sessions = Generate(4, 4, true, 1);
  sessions.push_back({"alone", "", 5, 700});
  sessions.push_back({"alone too", "", 0, 0});
  SessionBootstrapOptions options;
  options.replicates = 500;
  options.confidence = 0.9;
  ASSERT_OK_AND_ASSIGN(const RateInterval fast, BootstrapOverGroups(sessions, options));
  EXPECT_EQ(fast.num_sessions, 18);
  EXPECT_EQ(fast.num_groups, 6);

  // Sessions without a group sort before those with one: their group is "".
  std::vector<std::vector<SessionErrors>> groups = {{sessions[16]}, {sessions[17]}};
  for (int g = 0; g < 4; ++g) groups.emplace_back(sessions.begin() + 4 * g, sessions.begin() + 4 * (g + 1));
  SplitMix64 random(options.seed);
  std::vector<double> rates;
  while (rates.size() < 500) {
    int64_t errors = 0;
    int64_t total = 0;
    for (size_t i = 0; i < groups.size(); ++i) {
      for (const SessionErrors& session : groups[random.Below(6)]) {
        errors += session.errors;
        total += session.total;
      }
    }
    if (total > 0) rates.push_back(static_cast<double>(errors) / static_cast<double>(total));
  }
  std::sort(rates.begin(), rates.end());
  // Positions 24.95 and 474.05 of 0 .. 499.
  EXPECT_NEAR(fast.interval.low, 0.05 * rates[24] + 0.95 * rates[25], 1e-12);
  EXPECT_NEAR(fast.interval.high, 0.95 * rates[474] + 0.05 * rates[475], 1e-12);
}

TEST(SessionBootstrapTest, PoolsAndIgnoresOrder) {
  std::vector<SessionErrors> sessions = {{"x", "", 1, 10}, {"y", "", 30, 90}, {"z", "", 0, 0}};
  ASSERT_OK_AND_ASSIGN(const RateInterval rate, BootstrapOverGroups(sessions));
  EXPECT_DOUBLE_EQ(rate.rate, 0.31);
  sessions = Generate(5, 3, true, 2);
  ASSERT_OK_AND_ASSIGN(const RateInterval before, BootstrapOverGroups(sessions));
  std::reverse(sessions.begin(), sessions.end());
  ASSERT_OK_AND_ASSIGN(const RateInterval after, BootstrapOverGroups(sessions));
  EXPECT_EQ(before.interval.low, after.interval.low);
  EXPECT_EQ(before.interval.high, after.interval.high);
  EXPECT_LT(before.interval.low, before.rate);
  EXPECT_GT(before.interval.high, before.rate);
  SessionBootstrapOptions other;
  other.seed = 2;
  ASSERT_OK_AND_ASSIGN(const RateInterval other_seed, BootstrapOverGroups(sessions, other));
  EXPECT_NE(before.interval.low, other_seed.interval.low);
}

// Sessions that go together tell less than as many that do not.
TEST(SessionBootstrapTest, GroupsWidenTheInterval) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    ASSERT_OK_AND_ASSIGN(const RateInterval grouped, BootstrapOverGroups(Generate(8, 4, true, seed)));
    ASSERT_OK_AND_ASSIGN(const RateInterval alone, BootstrapOverGroups(Generate(8, 4, false, seed)));
    EXPECT_DOUBLE_EQ(grouped.rate, alone.rate);
    EXPECT_GT(grouped.interval.high - grouped.interval.low, 1.4 * (alone.interval.high - alone.interval.low));
  }
}

// Of n groups of equal totals the mean's standard error is that of the groups' rates / sqrt(n).
TEST(SessionBootstrapTest, WidthIsThatOfAMean) {
  const std::vector<SessionErrors> sessions = Generate(400, 1, false, 3);
  double mean = 0;
  for (const SessionErrors& session : sessions) mean += static_cast<double>(session.errors) * 1e-6 / 400;
  double variance = 0;
  for (const SessionErrors& session : sessions) {
    variance += std::pow(static_cast<double>(session.errors) * 1e-6 - mean, 2) / 400;
  }
  SessionBootstrapOptions options;
  options.replicates = 4000;
  ASSERT_OK_AND_ASSIGN(const RateInterval rate, BootstrapOverGroups(sessions, options));
  EXPECT_NEAR(rate.rate, mean, 1e-12);
  EXPECT_NEAR((rate.interval.high - rate.interval.low) / (2 * 1.96 * std::sqrt(variance / 400)), 1, 0.06);
}

TEST(SessionBootstrapTest, PairsAreMuchSurerThanFigures) {
  const std::vector<SessionErrors> a = Generate(16, 1, false, 4);
  std::vector<SessionErrors> b = a;
  std::mt19937_64 random(5);
  for (SessionErrors& session : b) session.errors += 5000 + static_cast<int64_t>(random() % 10000);
  std::shuffle(b.begin(), b.end(), random);
  ASSERT_OK_AND_ASSIGN(const PairedDifference pair, BootstrapPairedDifference(a, b));
  ASSERT_OK_AND_ASSIGN(const RateInterval rate_a, BootstrapOverGroups(a));
  ASSERT_OK_AND_ASSIGN(const RateInterval rate_b, BootstrapOverGroups(b));
  EXPECT_EQ(pair.rate_a, rate_a.rate);
  EXPECT_EQ(pair.rate_b, rate_b.rate);
  EXPECT_DOUBLE_EQ(pair.difference, rate_a.rate - rate_b.rate);
  EXPECT_LT(pair.interval.high, 0);
  EXPECT_GT(pair.interval.low, -0.015);
  EXPECT_EQ(pair.share_a_better, 1);
  EXPECT_GT(rate_a.interval.high, rate_b.interval.low);  // the intervals of the figures overlap
  ASSERT_EQ(pair.sessions.size(), 16u);
  std::map<std::string, int64_t> errors_of_b;
  for (const SessionErrors& session : b) errors_of_b[session.session] = session.errors;
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(pair.sessions[i].session, a[i].session);
    const auto more = static_cast<double>(errors_of_b[a[i].session] - a[i].errors);
    EXPECT_NEAR(pair.sessions[i].difference, -more * 1e-6, 1e-12);
  }
  // Seen from the other side.
  ASSERT_OK_AND_ASSIGN(const PairedDifference turned, BootstrapPairedDifference(b, a));
  EXPECT_DOUBLE_EQ(turned.interval.low, -pair.interval.high);
  EXPECT_EQ(turned.share_a_better, 0);
  ASSERT_OK_AND_ASSIGN(const PairedDifference same, BootstrapPairedDifference(a, a));
  EXPECT_EQ(same.difference, 0);
  EXPECT_EQ(same.interval.low, 0);
  EXPECT_EQ(same.interval.high, 0);
  EXPECT_EQ(same.share_a_better, 0.5);
}

TEST(SessionBootstrapTest, BadInput) {
  const auto bad = [](const std::string& what) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(what));
  };
  const std::vector<SessionErrors> good = {{"x", "g", 1, 10}, {"y", "g", 2, 10}};
  EXPECT_THAT(BootstrapOverGroups({}), bad("no session has a total"));
  EXPECT_THAT(BootstrapOverGroups({{"x", "", 1, 0}}), bad("no session has a total"));
  EXPECT_THAT(BootstrapOverGroups({{"x", "", -1, 10}}), bad("\"x\" has negative"));
  EXPECT_THAT(BootstrapOverGroups({good[0], good[0]}), bad("\"x\" is given twice"));
  EXPECT_THAT(BootstrapOverGroups(good, {0, 0.95, 1}), bad("replicates"));
  EXPECT_THAT(BootstrapOverGroups(good, {10, 1, 1}), bad("confidence"));
  EXPECT_THAT(BootstrapPairedDifference(good, {good[0]}), bad("\"y\" is missing from the second"));
  EXPECT_THAT(BootstrapPairedDifference({good[0]}, good), bad("\"y\" is missing from the first"));
  EXPECT_THAT(BootstrapPairedDifference(good, {good[0], {"y", "h", 2, 10}}), bad("\"y\" is in another group"));
  EXPECT_THAT(BootstrapPairedDifference(good, {good[0], {"y", "g", 2, 11}}), bad("total 10 in the first system"));
}

}  // namespace
}  // namespace diarflow
