#include "diarization/cluster_items.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr size_t kSize = 24;

// Speaker s lies along axis s.
std::vector<float> Voice(size_t speaker, float noise, std::mt19937* random) {
  std::normal_distribution<float> normal;
  std::vector<float> voice(kSize, 0);
  voice[speaker] = 1;
  double square = 0;
  for (float& value : voice) {
    value += noise * normal(*random);
    square += static_cast<double>(value) * value;
  }
  for (float& value : voice) value = static_cast<float>(value / std::sqrt(square));
  return voice;
}

// `each` items of every speaker, each in a window of its own, every second of length.
std::vector<ClusterItem> Planted(size_t speakers, int each, float noise, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<ClusterItem> items;
  for (int i = 0; i < each; ++i) {
    for (size_t s = 0; s < speakers; ++s) {
      items.push_back({Voice(s, noise, &random), static_cast<int64_t>(items.size()), 0, 1.0});
    }
  }
  return items;
}

// The axis that a direction lies along; checks that it does, and its length.
size_t AxisOf(const std::vector<float>& direction) {
  size_t axis = 0;
  double square = 0;
  for (size_t d = 0; d < direction.size(); ++d) {
    square += static_cast<double>(direction[d]) * direction[d];
    if (direction[d] > direction[axis]) axis = d;
  }
  EXPECT_NEAR(square, 1, 1e-5);
  EXPECT_GT(direction[axis], 0.9);
  return axis;
}

std::vector<size_t> AxesOf(const Vectors& directions) {
  std::vector<size_t> axes;
  for (const std::vector<float>& direction : directions) axes.push_back(AxisOf(direction));
  return axes;
}

std::set<size_t> Upto(size_t count) {
  std::set<size_t> numbers;
  for (size_t i = 0; i < count; ++i) numbers.insert(i);
  return numbers;
}

TEST(ClusterItemsTest, FindsThePlantedSpeakers) {
  for (size_t speakers = 1; speakers <= 12; ++speakers) {
    const Vectors found = ClusterItems(Planted(speakers, 12, 0.12f, static_cast<uint32_t>(speakers)), {});
    const std::vector<size_t> axes = AxesOf(found);
    ASSERT_THAT(axes, SizeIs(speakers));
    EXPECT_EQ(std::set<size_t>(axes.begin(), axes.end()), Upto(speakers));
  }
}

TEST(ClusterItemsTest, ThoseWithMoreSpeechComeFirst) {
  std::vector<ClusterItem> items = Planted(4, 10, 0.1f, 3);
  const double seconds[] = {1, 4, 2, 3};
  for (ClusterItem& item : items) item.seconds = seconds[item.window % 4];
  EXPECT_EQ(AxesOf(ClusterItems(items, {})), (std::vector<size_t>{1, 3, 2, 0}));
}

TEST(ClusterItemsTest, NoItemsGiveNone) {
  EXPECT_THAT(ClusterItems({}, {}), IsEmpty());
  ClusterOptions options;
  options.min_speakers = options.max_speakers = 3;
  EXPECT_THAT(ClusterItems({}, options), IsEmpty());
  EXPECT_THAT(ClusterItems(Planted(1, 1, 0.1f, 1), options), SizeIs(1));
}

TEST(ClusterItemsTest, TheNumberOfSpeakersIsHonoured) {
  const std::vector<ClusterItem> items = Planted(4, 30, 0.12f, 5);
  for (int number = 1; number <= 12; ++number) {
    ClusterOptions exact, least, most;
    exact.min_speakers = exact.max_speakers = least.min_speakers = most.max_speakers = number;
    EXPECT_THAT(ClusterItems(items, exact), SizeIs(static_cast<size_t>(number)));
    EXPECT_THAT(ClusterItems(items, least), SizeIs(static_cast<size_t>(std::max(number, 4))));
    EXPECT_THAT(ClusterItems(items, most), SizeIs(static_cast<size_t>(std::min(number, 4))));
  }
}

TEST(ClusterItemsTest, MoreSpeakersThanVoicesAreFoundAsLongAsThereAreItems) {
  // Voices that are all equal, and items that are all too small to be believed on their own.
  std::vector<ClusterItem> items(60, {{1, 0}, 0, 0, 0.5});
  for (size_t i = 0; i < items.size(); ++i) items[i].window = static_cast<int64_t>(i);
  for (const int number : {2, 5, 60}) {
    ClusterOptions options;
    options.min_speakers = options.max_speakers = number;
    EXPECT_THAT(ClusterItems(items, options), SizeIs(static_cast<size_t>(number)));
  }
  ClusterOptions options;
  options.min_speakers = options.max_speakers = 100;
  EXPECT_THAT(ClusterItems(items, options), SizeIs(60));
}

TEST(ClusterItemsTest, WithFewerTheMostAlikeGoTogether) {
  std::vector<ClusterItem> items = Planted(3, 20, 0.05f, 6);
  // Speakers 0 and 1 are a little alike.
  for (ClusterItem& item : items) {
    if (item.window % 3 == 0) item.embedding[1] += 0.3f;
    if (item.window % 3 == 1) item.embedding[0] += 0.3f;
  }
  ClusterOptions options;
  options.least_similarity = 0.8;
  ASSERT_THAT(ClusterItems(items, options), SizeIs(3));
  options.max_speakers = 2;
  const Vectors found = ClusterItems(items, options);
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_NEAR(found[0][0], std::sqrt(0.5), 0.05);
  EXPECT_NEAR(found[0][1], std::sqrt(0.5), 0.05);
  EXPECT_EQ(AxisOf(found[1]), 2u);
}

TEST(ClusterItemsTest, LocalSpeakersOfOneWindowStayApart) {
  // Two people whose voices have a cosine of .6, always in the same windows.
  std::vector<ClusterItem> items;
  for (int64_t w = 0; w < 10; ++w) {
    items.push_back({{1, 0}, w, 0, 1});
    items.push_back({{0.6f, 0.8f}, w, 1, 1});
  }
  EXPECT_THAT(ClusterItems(items, {}), SizeIs(2));
  ClusterOptions without;
  without.cannot_link_penalty = 0;
  EXPECT_THAT(ClusterItems(items, without), SizeIs(1));
  // The same local speaker twice in a window may be one voice.
  for (ClusterItem& item : items) item.speaker = 0;
  EXPECT_THAT(ClusterItems(items, {}), SizeIs(1));
  // In windows of their own too.
  for (size_t i = 0; i < items.size(); ++i)
    items[i] = {items[i].embedding, static_cast<int64_t>(i), items[i].speaker, 1};
  EXPECT_THAT(ClusterItems(items, {}), SizeIs(1));
}

TEST(ClusterItemsTest, WithFewerThoseOfOneWindowStillStayApart) {
  // Of three voices the first two are the most alike, but always in the same windows.
  std::vector<ClusterItem> items;
  for (int64_t w = 0; w < 10; ++w) {
    items.push_back({{1, 0, 0}, w, 0, 2});
    items.push_back({{0.6f, 0.8f, 0}, w, 1, 2});
    items.push_back({{0.4f, 0, 0.917f}, 100 + w, 0, 1});
  }
  ASSERT_THAT(ClusterItems(items, {}), SizeIs(3));
  ClusterOptions options;
  options.max_speakers = 2;
  options.cannot_link_penalty = 0.35;
  Vectors found = ClusterItems(items, options);
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_NEAR(found[1][1], 0.8, 1e-3);
  options.cannot_link_penalty = 0.1;
  options.least_similarity = 0.7;
  found = ClusterItems(items, options);
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_NEAR(found[1][2], 0.917, 1e-3);
}

TEST(ClusterItemsTest, ItemsOfClustersThatWentGoToTheNearest) {
  std::vector<ClusterItem> items;
  for (int64_t w = 0; w < 20; ++w)
    items.push_back({w < 10 ? std::vector<float>{1, 0, 0} : std::vector<float>{0, 1, 0}, w, 0, 1});
  // Nearer to the first one; too little to be a speaker.
  for (int64_t w = 20; w < 23; ++w) items.push_back({{0.4f, 0, 0.917f}, w, 0, 0.1});
  const Vectors found = ClusterItems(items, {});
  ASSERT_THAT(found, SizeIs(2));
  const double x = 10 + 3 * 0.4, z = 3 * 0.917;
  EXPECT_NEAR(found[0][0], x / std::sqrt(x * x + z * z), 1e-4);
  EXPECT_NEAR(found[0][2], z / std::sqrt(x * x + z * z), 1e-4);
  EXPECT_NEAR(found[1][1], 1, 1e-6);
}

TEST(ClusterItemsTest, SmallClustersGo) {
  std::vector<ClusterItem> items = Planted(2, 50, 0.05f, 7);  // 100 s
  std::mt19937 random(8);
  // The least is 2 s: min(2 s, 2 %).
  items.push_back({Voice(5, 0.05f, &random), 1000, 0, 1.9});
  EXPECT_THAT(ClusterItems(items, {}), SizeIs(2));
  items.back().seconds = 2.1;
  EXPECT_THAT(ClusterItems(items, {}), SizeIs(3));
  // Of a short recording less is enough.
  std::vector<ClusterItem> few = Planted(2, 5, 0.05f, 9);  // 10 s
  few.push_back({Voice(5, 0.05f, &random), 1000, 0, 0.3});
  EXPECT_THAT(ClusterItems(few, {}), SizeIs(3));
  few.back().seconds = 0.1;
  EXPECT_THAT(ClusterItems(few, {}), SizeIs(2));
}

TEST(ClusterItemsTest, TheLargestClusterStaysHoweverSmallItIs) {
  std::vector<ClusterItem> items = Planted(10, 1, 0.05f, 10);
  items[6].seconds = 1.5;
  ClusterOptions options;
  options.least_seconds = 1000;
  options.least_share = 1;
  const Vectors found = ClusterItems(items, options);
  ASSERT_THAT(found, SizeIs(1));
  for (ClusterItem& item : items) item.seconds = 0;
  EXPECT_FALSE(ClusterItems(items, options).empty());
}

TEST(ClusterItemsTest, ManyItemsAreJoinedBlockByBlock) {
  for (const int most : {20, 50, 120}) {
    ClusterOptions options;
    options.max_items = most;
    const std::vector<size_t> axes = AxesOf(ClusterItems(Planted(5, 40, 0.06f, 11), options));
    EXPECT_THAT(axes, SizeIs(5)) << most;
    EXPECT_EQ(std::set<size_t>(axes.begin(), axes.end()), Upto(5)) << most;
  }
  // Voices none of which is like another come to an end too.
  std::vector<ClusterItem> items;
  for (size_t i = 0; i < 20; ++i) {
    std::vector<float> voice(20, 0);
    voice[i] = 1;
    items.push_back({voice, static_cast<int64_t>(i), 0, 1});
  }
  ClusterOptions options;
  options.max_items = 4;
  EXPECT_FALSE(ClusterItems(items, options).empty());
}

// A day of meetings: nearly as many voices as a block holds, and each comes back in all blocks.
TEST(ClusterItemsTest, BlocksFindManyVoices) {
  const size_t voices = kSize;
  const std::vector<ClusterItem> items = Planted(voices, 60, 0.06f, 21);
  ClusterOptions options;
  options.least_share = 0;
  options.max_items = 1 << 20;
  const std::vector<size_t> whole = AxesOf(ClusterItems(items, options));
  EXPECT_EQ(std::set<size_t>(whole.begin(), whole.end()), Upto(voices));
  for (const int most : {30, 100, 250}) {
    options.max_items = most;
    const std::vector<size_t> axes = AxesOf(ClusterItems(items, options));
    EXPECT_THAT(axes, SizeIs(voices)) << most;
    EXPECT_EQ(std::set<size_t>(axes.begin(), axes.end()), Upto(voices)) << most;
  }
}

TEST(ClusterItemsTest, SilentEmbeddingsDoNoHarm) {
  std::vector<ClusterItem> items = Planted(2, 10, 0.05f, 12);
  items.push_back({std::vector<float>(kSize, 0), 1000, 0, 0.1});
  EXPECT_THAT(ClusterItems(items, {}), SizeIs(2));
  const std::vector<ClusterItem> zeros(3, {std::vector<float>(kSize, 0), 0, 0, 1});
  for (const std::vector<float>& direction : ClusterItems(zeros, {})) {
    for (const float value : direction) EXPECT_EQ(value, 0);
  }
}

}  // namespace
}  // namespace diarflow
