#include "datasets/formats/session_groups.h"

#include <map>
#include <string>

#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(SessionGroupsTest, ReadsLines) {
  ASSERT_OK_AND_ASSIGN(const auto groups,
                       ParseSessionGroups("\xef\xbb\xbf;; AMI\r\nb  G1\r\n\r\na\tG1\nc G2\na G1", "groups"));
  EXPECT_THAT(groups, ElementsAre(Pair("a", "G1"), Pair("b", "G1"), Pair("c", "G2")));
  ASSERT_OK_AND_ASSIGN(const auto none, ParseSessionGroups("", "groups"));
  EXPECT_TRUE(none.empty());
}

TEST(SessionGroupsTest, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(ParseSessionGroups("a G\nb\n", "groups"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("groups:2: ")));
  EXPECT_THAT(ParseSessionGroups("a b c", "groups"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("two fields; here are 3")));
  EXPECT_THAT(ParseSessionGroups("a G\na H\n", "groups"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("groups:2: the recording \"a\" is in two groups, \"G\" and \"H\"")));
}

TEST(SessionGroupsTest, ReadsFiles) {
  const std::string path = ::testing::TempDir() + "/groups.txt";
  ASSERT_OK(WriteFileAtomically(path, "a G\n"));
  ASSERT_OK_AND_ASSIGN(const auto groups, ReadSessionGroups(path));
  EXPECT_THAT(groups, ElementsAre(Pair("a", "G")));
  EXPECT_THAT(ReadSessionGroups(path + ".not"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("groups.txt.not")));
}

}  // namespace
}  // namespace diarflow
