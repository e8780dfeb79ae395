// Every pipeline in testdata/bad is refused with exactly the message that its first comment lines say: a line of
// comment for each line of the message, up to the first line that is none.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "graph/validator.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

std::string ExpectedMessage(const std::string& text) {
  std::string expected;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::StartsWith(line, "# ")) break;
    absl::StrAppend(&expected, expected.empty() ? "" : "\n", line.substr(2));
  }
  return expected;
}

absl::Status Refusal(const std::string& file) {
  const absl::StatusOr<Pipeline> pipeline = Pipeline::Load(file);
  return pipeline.ok() ? Validate(*pipeline).status() : pipeline.status();
}

TEST(BadPipelinesTest, AreRefusedWithTheirMessage) {
  // The messages name files relative to their folder.
  std::filesystem::current_path("testdata/bad");
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(".")) {
    if (!entry.is_directory()) files.push_back(entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  EXPECT_GE(files.size(), 30u);
  for (const std::string& file : files) {
    ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(file));
    const std::string expected = ExpectedMessage(text);
    EXPECT_FALSE(expected.empty()) << file << " does not say which message it is there for";
    const absl::Status status = Refusal(file);
    EXPECT_FALSE(status.ok()) << file << " is a good pipeline";
    EXPECT_EQ(std::string(status.message()), expected) << file;
  }
}

}  // namespace
}  // namespace diarflow
