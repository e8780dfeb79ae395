#include "diarization/linkage.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::NanSensitiveFloatEq;
using testing::Pointwise;

Vectors RandomVectors(size_t count, size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Vectors vectors(count, std::vector<float>(size));
  // Around a few directions, so that there is something to join.
  Vectors middles(1 + count / 4, std::vector<float>(size));
  for (auto& middle : middles) std::generate(middle.begin(), middle.end(), [&] { return normal(random); });
  for (auto& vector : vectors) {
    const std::vector<float>& middle = middles[random() % middles.size()];
    const float length = 0.2f + static_cast<float>(random() % 100) / 20;
    for (size_t d = 0; d < size; ++d) vector[d] = length * (middle[d] + 0.8f * normal(random));
  }
  return vectors;
}

using Groups = std::vector<std::vector<size_t>>;

// By first members.
std::vector<int> Labels(Groups groups, size_t count) {
  std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
    return *std::min_element(a.begin(), a.end()) < *std::min_element(b.begin(), b.end());
  });
  std::vector<int> labels(count, -1);
  for (size_t g = 0; g < groups.size(); ++g) {
    for (const size_t i : groups[g]) labels[i] = static_cast<int>(g);
  }
  return labels;
}

// All pairs of groups are looked at again before every step.
template <typename Similarity>
std::vector<int> SlowLinkage(size_t count, double least, const Similarity& similarity) {
  Groups groups;
  for (size_t i = 0; i < count; ++i) groups.push_back({i});
  while (groups.size() > 1) {
    double best = -100;
    size_t a = 0, b = 0;
    for (size_t i = 0; i < groups.size(); ++i) {
      for (size_t j = i + 1; j < groups.size(); ++j) {
        const double here = similarity(groups[i], groups[j]);
        if (here <= best) continue;
        best = here;
        a = i;
        b = j;
      }
    }
    if (best < least) break;
    groups[a].insert(groups[a].end(), groups[b].begin(), groups[b].end());
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(b));
  }
  return Labels(groups, count);
}

std::vector<int> SlowAverage(const Vectors& vectors, double least) {
  std::vector<std::vector<double>> cosines(vectors.size(), std::vector<double>(vectors.size()));
  for (size_t i = 0; i < vectors.size(); ++i) {
    for (size_t j = 0; j < vectors.size(); ++j) cosines[i][j] = Cosine(vectors[i], vectors[j]);
  }
  return SlowLinkage(vectors.size(), least, [&](const std::vector<size_t>& a, const std::vector<size_t>& b) {
    double sum = 0;
    for (const size_t i : a) {
      for (const size_t j : b) sum += cosines[i][j];
    }
    return sum / static_cast<double>(a.size() * b.size());
  });
}

std::vector<int> SlowDirection(const Vectors& vectors, const CannotLink& cannot_link, double penalty, double least) {
  return SlowLinkage(vectors.size(), least, [&](const std::vector<size_t>& a, const std::vector<size_t>& b) {
    const size_t size = vectors[0].size();
    std::vector<float> sum_a(size, 0), sum_b(size, 0);
    for (size_t d = 0; d < size; ++d) {
      for (const size_t i : a) sum_a[d] += vectors[i][d];
      for (const size_t j : b) sum_b[d] += vectors[j][d];
    }
    bool apart = false;
    for (const size_t i : a) {
      for (const size_t j : b) apart = apart || (cannot_link != nullptr && cannot_link(i, j));
    }
    return Cosine(sum_a, sum_b) - (apart ? penalty : 0);
  });
}

CannotLink RandomPairs(size_t count, uint32_t seed, int percent) {
  std::mt19937 random(seed);
  std::set<std::pair<size_t, size_t>> pairs;
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (static_cast<int>(random() % 100) < percent) pairs.insert({j, i});
    }
  }
  return [pairs](size_t i, size_t j) { return pairs.count({std::min(i, j), std::max(i, j)}) > 0; };
}

int Count(const std::vector<int>& labels) { return *std::max_element(labels.begin(), labels.end()) + 1; }

TEST(NormalizeTest, GivesLengthOneWhereThereIsADirection) {
  std::vector<float> vector = {3, 0, -4};
  EXPECT_TRUE(Normalize(&vector));
  EXPECT_THAT(vector, ElementsAre(0.6f, 0, -0.8f));
  // The largest and the smallest numbers too.
  for (const float length : {std::numeric_limits<float>::max(), std::numeric_limits<float>::denorm_min()}) {
    vector = {length, length};
    EXPECT_TRUE(Normalize(&vector));
    EXPECT_FLOAT_EQ(vector[0], std::sqrt(0.5f));
  }
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (const std::vector<float>& given : Vectors{{}, {0, 0}, {nan, 1}, {1, infinity}}) {
    vector = given;
    EXPECT_FALSE(Normalize(&vector));
    EXPECT_THAT(vector, Pointwise(NanSensitiveFloatEq(), given));
  }
}

TEST(CosineTest, OfPlainVectors) {
  EXPECT_NEAR(Cosine({3, 4}, {4, 3}), 0.96, 1e-12);
  EXPECT_NEAR(Cosine({3, 4}, {30, 40}), 1, 1e-12);
  EXPECT_NEAR(Cosine({1, 0}, {-2, 0}), -1, 1e-12);
  EXPECT_EQ(Cosine({0, 0}, {1, 1}), 0);
  EXPECT_EQ(Cosine({0, 0}, {0, 0}), 0);
}

TEST(AverageLinkageTest, IsWhatTheDefinitionGives) {
  std::mt19937 random(11);
  std::set<int> seen;
  for (uint32_t round = 0; round < 200; ++round) {
    const size_t count = 1 + random() % 20;
    const Vectors vectors = RandomVectors(count, 2 + random() % 5, round);
    const double least = -0.5 + static_cast<double>(random() % 140) / 100;
    const std::vector<int> groups = AverageLinkage(vectors, least);
    ASSERT_EQ(groups, SlowAverage(vectors, least)) << round;
    seen.insert(Count(groups));
  }
  // The rounds are not all alike.
  EXPECT_GT(seen.size(), 6u);
}

TEST(DirectionLinkageTest, IsWhatTheDefinitionGives) {
  std::mt19937 random(12);
  std::set<int> seen;
  for (uint32_t round = 0; round < 300; ++round) {
    const size_t count = 1 + random() % 20;
    const Vectors vectors = RandomVectors(count, 2 + random() % 5, 1000 + round);
    const double least = -0.5 + static_cast<double>(random() % 140) / 100;
    const CannotLink apart = round % 3 == 0 ? CannotLink() : RandomPairs(count, round, static_cast<int>(random() % 50));
    const double penalty = static_cast<double>(random() % 100) / 100;
    const std::vector<int> groups = DirectionLinkage(vectors, apart, penalty, least);
    ASSERT_EQ(groups, SlowDirection(vectors, apart, penalty, least)) << round;
    seen.insert(Count(groups));
  }
  EXPECT_GT(seen.size(), 6u);
}

TEST(LinkageTest, ManyVectorsTooAreWhatTheDefinitionGives) {
  const Vectors vectors = RandomVectors(300, 8, 77);
  const CannotLink apart = RandomPairs(300, 78, 2);
  const std::vector<int> average = AverageLinkage(vectors, 0.5);
  EXPECT_EQ(average, SlowAverage(vectors, 0.5));
  const std::vector<int> direction = DirectionLinkage(vectors, apart, 0.35, 0.46);
  EXPECT_EQ(direction, SlowDirection(vectors, apart, 0.35, 0.46));
  for (const int groups : {Count(average), Count(direction)}) {
    EXPECT_GT(groups, 10);
    EXPECT_LT(groups, 250);
  }
}

TEST(DirectionLinkageTest, GroupsInheritWhatKeepsTheirMembersApart) {
  // 0 and 1 are nearly one, 2 is near both, and apart from 1 only.
  const Vectors vectors = {{1, 0}, {1, 0.01f}, {1, 0.3f}};
  const auto apart = [](size_t i, size_t j) { return std::min(i, j) == 1 && std::max(i, j) == 2; };
  EXPECT_THAT(DirectionLinkage(vectors, nullptr, 0.35, 0.9), ElementsAre(0, 0, 0));
  EXPECT_THAT(DirectionLinkage(vectors, apart, 0.35, 0.9), ElementsAre(0, 0, 1));
  // Not joined first: then 2 goes with 0.
  EXPECT_THAT(DirectionLinkage({{1, 0}, {1, 0.9f}, {1, 0.3f}}, apart, 2, 0.9), ElementsAre(0, 1, 0));
  // What is alike enough in spite of it is joined.
  EXPECT_THAT(DirectionLinkage(vectors, apart, 0.05, 0.9), ElementsAre(0, 0, 0));
}

TEST(LinkageTest, FewAndDegenerateVectors) {
  const auto both = [](const Vectors& vectors, double least) {
    const std::vector<int> average = AverageLinkage(vectors, least);
    EXPECT_EQ(average, DirectionLinkage(vectors, nullptr, 0.35, least));
    return average;
  };
  EXPECT_THAT(both({}, 0.5), IsEmpty());
  EXPECT_THAT(both({{1, 2}}, 0.5), ElementsAre(0));
  EXPECT_THAT(both({{0, 0}}, 0.5), ElementsAre(0));
  // Of length 0: like no other, whatever it is.
  EXPECT_THAT(both({{0, 0}, {1, 2}, {0, 0}, {2, 4}}, 0.5), ElementsAre(0, 1, 2, 1));
  EXPECT_THAT(both({{0, 0}, {1, 2}, {0, 0}}, -0.1), Each(0));
  // Equal ones, also by direction only.
  EXPECT_THAT(both(Vectors(40, {1, 2, 3}), 0.99), Each(0));
  EXPECT_THAT(both({{1, 2}, {10, 20}, {-1, -2}}, 0.99), ElementsAre(0, 0, 1));
  // Everything, and nothing.
  EXPECT_THAT(both(RandomVectors(15, 3, 1), -1.01), Each(0));
  EXPECT_EQ(Count(both(RandomVectors(15, 3, 1), 1.01)), 15);
}

}  // namespace
}  // namespace diarflow
