#include "cli/verb_flags.h"

#include <string>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<VerbFlag> kFlags = {{"reference", "PATH", "What is true."},
                                      {"node", "N", "A value whose name begins with no."},
                                      {"skip", "", "A switch."}};

absl::StatusOr<VerbArguments> Parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "diarflow");
  return ParseVerbFlags(kFlags, arguments);
}

TEST(VerbFlagsTest, TakesEveryWayToWriteThem) {
  ASSERT_OK_AND_ASSIGN(const VerbArguments parsed,
                       Parse({"--reference=a b", "-reference", "c", "x", "--skip", "-", "--", "--reference=d"}));
  EXPECT_THAT(parsed.values.at("reference"), ElementsAre("a b", "c"));
  EXPECT_EQ(parsed.Get("reference", ""), "c");
  EXPECT_TRUE(parsed.IsOn("skip"));
  EXPECT_FALSE(parsed.Has("node"));
  EXPECT_EQ(parsed.Get("node", "7"), "7");
  EXPECT_THAT(parsed.positional, ElementsAre("x", "-", "--reference=d"));
  EXPECT_FALSE(parsed.help);
}

TEST(VerbFlagsTest, Switches) {
  for (const auto& [written, on] : {std::pair<const char*, bool>{"--skip", true},
                                    {"--noskip", false},
                                    {"--skip=true", true},
                                    {"--skip=0", false}}) {
    ASSERT_OK_AND_ASSIGN(const VerbArguments parsed, Parse({written}));
    EXPECT_EQ(parsed.IsOn("skip"), on) << written;
    EXPECT_TRUE(parsed.Has("skip"));
  }
}

TEST(VerbFlagsTest, HelpIsFoundAnywhere) {
  for (const char* written : {"--help", "-h"}) {
    ASSERT_OK_AND_ASSIGN(const VerbArguments parsed, Parse({"--node=3", written}));
    EXPECT_TRUE(parsed.help);
  }
}

TEST(VerbFlagsTest, ErrorsSayWhatToDo) {
  const auto is = [](const std::string& what) { return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(what)); };
  EXPECT_THAT(Parse({"--refrence=a"}), is("--refrence; did you mean \"reference\"?"));
  EXPECT_THAT(Parse({"--noreference"}), is("there is no flag --noreference"));
  EXPECT_THAT(Parse({"--noskip=true"}), is("there is no flag --noskip"));
  EXPECT_THAT(Parse({"--reference"}), is("--reference needs a value"));
  EXPECT_THAT(Parse({"--reference="}), is("--reference needs a value"));
  EXPECT_THAT(Parse({"--skip=maybe"}), is("true or false"));
}

TEST(VerbFlagsTest, HelpIsBrokenIntoLines) {
  std::string words;
  for (int i = 0; i < 40; ++i) words += "word ";
  const std::string help = VerbFlagsHelp({{"reference", "PATH", words}, {"skip", "", "A switch."}});
  EXPECT_THAT(help, HasSubstr("  --reference=PATH\n      word"));
  EXPECT_THAT(help, HasSubstr("\n  --skip\n      A switch.\n"));
  size_t start = 0;
  for (size_t end = help.find('\n'); end != std::string::npos; start = end + 1, end = help.find('\n', start)) {
    EXPECT_LE(end - start, 100u);
  }
}

}  // namespace
}  // namespace diarflow
