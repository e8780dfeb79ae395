#include "datasets/simulator/check_options.h"

#include <string>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

ConversationOptions Parse(const std::string& text) {
  ConversationOptions options;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &options));
  return options;
}

TEST(CheckOptionsTest, DefaultsAndLimitsPass) {
  EXPECT_OK(CheckConversationOptions({}));
  EXPECT_OK(CheckConversationOptions(Parse("num_speakers: 20 min_dominance: .05 overlap_variance: 0 mean_overlap: 0")));
  EXPECT_OK(CheckConversationOptions(Parse("mean_silence: 0 silence_variance: .5 num_speakers: 1")));
  EXPECT_OK(CheckConversationOptions(Parse("session_length: 10 min_single_silence: 10 min_single_overlap: 10")));
}

TEST(CheckOptionsTest, SaysWhatIsOutOfRange) {
  const struct {
    const char *options, *message;
  } kCases[] = {
      {"num_speakers: 0", "num_speakers is 0; it must lie between 1 and 1000"},
      {"session_length: -3", "session_length is -3"},
      {"session_length: nan", "session_length is nan"},
      {"session_length: 1e9", "session_length"},
      {"sample_rate: 0", "sample_rate"},
      {"mean_overlap: 1", "mean_overlap is 1; it must lie between 0 and 0.95"},
      {"sentence_length_p: 0", "sentence_length_p"},
      {"gap_variation: -1", "gap_variation"},
      {"num_speakers: 21", "21 speakers cannot all have; it must be at most 0.047619"},
      {"mean_overlap: .1 overlap_variance: .0901", "below mean (1 - mean) = 0.09"},
      {"mean_silence: .1 silence_variance: .5", "silence_variance is 0.5"},
      {"enforce_from: .8", "enforce_from lies behind enforce_to"},
      {"min_single_overlap: 2 max_single_overlap: 1", "min_single_overlap is greater than max_single_overlap"},
      {"session_length: 10 min_single_silence: 10.5", "min_single_silence is 10.5, more than the session_length 10"},
      {"session_length: 10 min_single_overlap: 11", "min_single_overlap is 11, more than the session_length 10"},
      {"window: -.05", "window is -0.05"},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(CheckConversationOptions(Parse(test.options)).message(), HasSubstr(test.message)) << test.options;
  }
}

TEST(CheckOptionsTest, Mixtures) {
  const auto check = [](const std::string& text) {
    MixtureOptions options;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &options));
    return CheckMixtureOptions(options);
  };
  EXPECT_OK(check(""));
  EXPECT_OK(check("min_overlap: 0 max_overlap: 0 min_utterance: 0"));
  EXPECT_OK(check("min_overlap: 1 max_overlap: 1 min_utterance: .5 max_utterance: .5"));
  const struct {
    const char *options, *message;
  } kCases[] = {
      {"min_overlap: -.1", "min_overlap is -0.1; it must lie between 0 and 1"},
      {"max_overlap: 1.5", "max_overlap is 1.5; it must lie between 0 and 1"},
      {"max_overlap: nan", "max_overlap is nan"},
      {"min_overlap: .6", "min_overlap is 0.6, greater than max_overlap, which is 0.5"},
      {"max_utterance: -1", "max_utterance is -1"},
      {"max_utterance: .4 min_utterance: 0", "max_utterance is 0.4; it must be 0 (none) or at least 0.5"},
      {"max_utterance: 2", "min_utterance is 3, more than max_utterance, which is 2"},
      {"min_utterance: -3", "min_utterance is -3"},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(check(test.options).message(), HasSubstr(test.message)) << test.options;
  }
}

TEST(CheckOptionsTest, AllQuirksAreAllOfThem) {
  EXPECT_FALSE(ExpandQuirks({}).quirks().half_snr());
  const ConversationOptions all = ExpandQuirks(Parse("quirks { all: true }"));
  const auto* descriptor = all.quirks().GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    EXPECT_TRUE(all.quirks().GetReflection()->GetBool(all.quirks(), descriptor->field(i)));
  }
  EXPECT_GE(descriptor->field_count(), 14);
}

}  // namespace
}  // namespace diarflow
