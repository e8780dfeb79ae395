#include "datasets/simulator/speech_source.h"

#include <string>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;
using Tokens = std::vector<AlignedToken>;

ManifestEntry Entry(const std::string& speaker, int64_t duration, Tokens tokens) {
  ManifestEntry entry;
  entry.audio = "/a/" + speaker + ".wav";
  entry.speaker = speaker;
  entry.duration = duration;
  entry.tokens = std::move(tokens);
  return entry;
}

TEST(SpeechSourceTest, GroupsBySpeakerAndPutsTokensIntoOneForm) {
  const auto source = SpeechSource::FromManifest({
      Entry("b", 900, {{"", 100}, {"", 200}, {"one", 300}, {"two", 400}, {"", 500}, {"", 600}, {"three", 800}}),
      Entry("NA", 50, {{"first", 20}, {"empty", 20}, {"", 50}}),
      Entry("b", 70, {}),
      Entry("b", 70, {{"", 70}}),
  });
  ASSERT_OK(source);
  ASSERT_EQ(source->speakers().size(), 2u);
  EXPECT_EQ(source->without_words(), 1);
  EXPECT_EQ(source->speakers()[0].name, "NA");
  EXPECT_EQ(source->speakers()[0].utterances[0].tokens, (Tokens{{"", 0}, {"first", 20}, {"", 50}}));
  const SourceSpeaker& b = source->speakers()[1];
  ASSERT_EQ(b.utterances.size(), 2u);
  EXPECT_EQ(b.utterances[0].tokens, (Tokens{{"", 200}, {"one", 300}, {"two", 400}, {"", 600}, {"three", 800}}));
  EXPECT_EQ(b.utterances[1].tokens, (Tokens{{"", 0}, {"<speech>", 70}}));
}

TEST(SpeechSourceTest, RefusesWhatNobodySaid) {
  EXPECT_THAT(SpeechSource::FromManifest({Entry("", 5, {})}).status().message(),
              HasSubstr("/a/.wav: the entry has no"));
  ManifestEntry endless = Entry("a", 5, {});
  endless.duration.reset();
  EXPECT_THAT(SpeechSource::FromManifest({endless}).status().message(), HasSubstr("no duration"));
  EXPECT_THAT(SpeechSource::FromManifest({}).status().message(), HasSubstr("nothing to simulate with"));
}

TEST(SpeechSourceTest, EvenlySpacedTokensEndWithTheUtterance) {
  EXPECT_EQ(EvenlySpacedTokens(" a  bc\td ", 10), (Tokens{{"a", 3}, {"bc", 6}, {"d", 10}}));
  EXPECT_TRUE(EvenlySpacedTokens(" ", 10).empty());
}

}  // namespace
}  // namespace diarflow
