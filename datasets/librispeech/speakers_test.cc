#include "datasets/librispeech/speakers.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(LibriSpeechSpeakersTest, Reads) {
  const std::string text =
      ";ID  |SEX| SUBSET           |MINUTES| NAME\r\n;\r\n\r\n"
      "14   | F | train-clean-360  | 25.03 | Kristin LeMoine\r\n"
      "60 |M|dev-clean|8|Zoë | the second|\n";
  const auto speakers = ElementsAre(LibriSpeechSpeaker{"14", "F", "train-clean-360", 1501800000, "Kristin LeMoine"},
                                    LibriSpeechSpeaker{"60", "M", "dev-clean", 480000000, "Zoë | the second|"});
  EXPECT_THAT(ParseLibriSpeechSpeakers(text, "x"), IsOkAndHolds(speakers));
  const std::string path = JoinPath(testing::TempDir(), "SPEAKERS.TXT");
  ASSERT_OK(WriteFileAtomically(path, text));
  EXPECT_THAT(ReadLibriSpeechSpeakers(path), IsOkAndHolds(speakers));
  EXPECT_THAT(ParseLibriSpeechSpeakers("", "x"), IsOkAndHolds(IsEmpty()));
}

TEST(LibriSpeechSpeakersTest, ErrorsNameFileAndLine) {
  const auto error = [](const std::string& line) {
    return ParseLibriSpeechSpeakers(absl::StrCat("; x\n1|F|a|1|A\n", line, "\ntoo late"), "S.TXT").status();
  };
  const auto is = [](const std::string& what) {
    return StatusIs(absl::StatusCode::kInvalidArgument, "S.TXT:3: " + what);
  };
  EXPECT_THAT(error("2|F|a|1"), is("a speaker is `number | sex | subset | minutes | name`; here are 4 fields"));
  EXPECT_THAT(
      error(" |F|a|1|B"),
      is("a speaker is `number | sex | subset | minutes | name`; here are 5 fields, but no number or no subset"));
  EXPECT_THAT(error("2|x|a|1|B"), is("the sex is \"x\"; it must be F or M"));
  EXPECT_THAT(error("1|F|a|1|B"), is("the speaker 1 is there already, in line 2"));
  EXPECT_THAT(error("2|F|a|-1|B"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("S.TXT:3: \"-1\"")));
  EXPECT_THAT(ReadLibriSpeechSpeakers("/nowhere/S"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/S")));
}

}  // namespace
}  // namespace diarflow
