#include "datasets/assign_words.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::ElementsAre;

TimedWord Word(int64_t start, int64_t duration, const std::string& text = "w", const std::string& speaker = "") {
  TimedWord word;
  word.start = start;
  word.duration = duration;
  word.word = text;
  word.speaker = speaker;
  return word;
}

TEST(AssignWordsTest, MostTimeInCommonElseTheNearest) {
  const std::vector<Turn> turns = {{100, 100, "b"}, {0, 120, "a"}, {150, 100, "b"}, {400, 10, "c"}};
  const AssignWordsOptions options = {50};
  EXPECT_THAT(AssignWords({Word(10, 5), Word(90, 40), Word(110, 20), Word(260, 10), Word(299, 5), Word(301, 20),
                           Word(360, 0), Word(349, 1), Word(350, 0), Word(409, 0)},
                          turns, options),
              ElementsAre("a", "a", "b", "b", "b", "", "c", "c", "c", "c"));
  EXPECT_THAT(AssignWords({Word(0, 10)}, {}, options), ElementsAre(""));
  EXPECT_TRUE(AssignWords({}, turns, options).empty());
}

TEST(AssignWordsTest, OverlappingTurnsOfOneSpeakerCountOnce) {
  // a has 6 of 10, b twice the same 5.
  EXPECT_THAT(AssignWords({Word(0, 10)}, {{0, 6, "a"}, {5, 5, "b"}, {5, 5, "b"}}), ElementsAre("a"));
  EXPECT_THAT(AssignWords({Word(0, 10)}, {{0, 5, "b"}, {5, 5, "a"}}), ElementsAre("a"));
  // Where one turn ends and another begins, an instant is in the second.
  EXPECT_THAT(AssignWords({Word(5, 0)}, {{0, 5, "a"}, {5, 5, "b"}}), ElementsAre("b"));
}

// Instant by instant.
std::string Slowly(const TimedWord& word, const std::vector<Turn>& turns, int64_t reach) {
  std::map<std::string, std::set<int64_t>> spoken;
  for (const Turn& turn : turns) {
    for (int64_t t = turn.start; t < turn.end(); ++t) spoken[turn.speaker].insert(t);
  }
  const int64_t end = std::max(word.end(), word.start + 1);
  std::string best;
  int64_t most = 0, nearest = reach + 1;
  for (const auto& [name, instants] : spoken) {
    int64_t common = 0;
    for (int64_t t = word.start; t < end; ++t) common += static_cast<int64_t>(instants.count(t));
    int64_t distance = reach + 1;
    for (const int64_t t : instants)
      distance = std::min(distance, t < word.start ? word.start - t - 1 : std::max<int64_t>(0, t - end));
    if (common > most || (most == 0 && distance < nearest)) best = name;
    most = std::max(most, common);
    nearest = std::min(nearest, distance);
  }
  return best;
}

TEST(AssignWordsTest, AsInstantByInstant) {
  std::mt19937 random(1);
  int given = 0, none = 0;
  for (int round = 0; round < 500; ++round) {
    std::vector<Turn> turns(random() % 8);
    for (Turn& turn : turns)
      turn = {static_cast<int64_t>(random() % 100), static_cast<int64_t>(random() % 30),
              std::string(1, static_cast<char>('a' + random() % 3))};
    std::vector<TimedWord> words;
    for (int i = 0; i < 10; ++i)
      words.push_back(Word(static_cast<int64_t>(random() % 120), static_cast<int64_t>(random() % 12)));
    const auto reach = static_cast<int64_t>(random() % 12);
    const std::vector<std::string> speakers = AssignWords(words, turns, {reach});
    ASSERT_EQ(speakers.size(), words.size());
    for (size_t i = 0; i < words.size(); ++i) {
      EXPECT_EQ(speakers[i], Slowly(words[i], turns, reach)) << round << " " << i;
      ++(speakers[i].empty() ? none : given);
    }
  }
  EXPECT_GT(given, 500);
  EXPECT_GT(none, 500);
}

TEST(AssignWordsTest, TextToRead) {
  const int64_t s = kMicrosecondsPerSecond;
  EXPECT_EQ(FormatSpokenText({Word(4000 * s, 1, "later", "Zoë"), Word(0, 1, "hello", "Ann"), Word(s, 1, "there", "Ann"),
                              Word(2 * s, 1, "hm"), Word(61 * s, 1, "yes", "Ann")}),
            "[0:00:00] Ann: hello there\n[0:00:02] ?: hm\n[0:01:01] Ann: yes\n[1:06:40] Zoë: later\n");
  EXPECT_EQ(FormatSpokenText({}), "");
}

}  // namespace
}  // namespace diarflow
