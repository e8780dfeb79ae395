#include "bench/peer_process.h"

#include <memory>
#include <string>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

TEST(PeerProcessTest, AnswersLineByLine) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<PeerProcess> peer, PeerProcess::Start({"/bin/cat"}));
  for (const std::string& line : {std::string("one"), std::string(), std::string(100000, 'x')}) {
    EXPECT_THAT(peer->Ask(line), IsOkAndHolds(line));
  }
  EXPECT_THAT(peer->Ask("two\nthree"), IsOkAndHolds("two"));
  EXPECT_THAT(peer->ReadLine(), IsOkAndHolds("three"));
}

TEST(PeerProcessTest, TakesArguments) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<PeerProcess> peer,
                       PeerProcess::Start({"/bin/sh", "-c", "echo \"$1 is there\"; exit 3", "sh", "a b"}));
  EXPECT_THAT(peer->ReadLine(), IsOkAndHolds("a b is there"));
  EXPECT_THAT(peer->ReadLine(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/bin/sh has ended")));
}

TEST(PeerProcessTest, AProgramThatIsNotThereHasEnded) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<PeerProcess> peer, PeerProcess::Start({"/nowhere/python"}));
  EXPECT_THAT(peer->ReadLine(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/nowhere/python")));
  EXPECT_THAT(peer->Ask("x"), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/nowhere/python")));
  EXPECT_THAT(PeerProcess::Start({}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no program")));
}

}  // namespace
}  // namespace diarflow
