#include "datasets/formats/text_lines.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// Lines by both ways.
std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  EXPECT_OK(ForEachLine(text, "text", [&](absl::string_view line) {
    lines.emplace_back(line);
    return absl::OkStatus();
  }));
  const std::string path = JoinPath(testing::TempDir(), "lines.txt");
  EXPECT_OK(WriteFileAtomically(path, text));
  std::vector<std::string> of_file;
  EXPECT_OK(ForEachLineOfFile(path, [&](absl::string_view line) {
    of_file.emplace_back(line);
    return absl::OkStatus();
  }));
  EXPECT_EQ(of_file, lines);
  return lines;
}

TEST(TextLinesTest, EndsOfLines) {
  EXPECT_THAT(LinesOf(""), IsEmpty());
  EXPECT_THAT(LinesOf("a"), ElementsAre("a"));
  EXPECT_THAT(LinesOf("a\n"), ElementsAre("a"));
  EXPECT_THAT(LinesOf("\n\na"), ElementsAre("", "", "a"));
  EXPECT_THAT(LinesOf("a\r\n\r\nb\r"), ElementsAre("a", "", "b"));
  EXPECT_THAT(LinesOf("\xef\xbb\xbf"
                      "a\n\xef\xbb\xbf"
                      "b"),
              ElementsAre("a",
                          "\xef\xbb\xbf"
                          "b"));
}

// Lengths around the size of a block, so that lines, CR and LF fall on its end.
TEST(TextLinesTest, BlocksDoNotShow) {
  for (int length = 65533; length <= 65538; ++length) {
    const std::vector<std::string> lines = {std::string(length, 'a'), "", std::string(2 * length, 'b'), "c"};
    std::string text;
    for (const std::string& line : lines) absl::StrAppend(&text, line, "\r\n");
    EXPECT_THAT(LinesOf(text), ElementsAreArray(lines));
  }
}

TEST(TextLinesTest, ErrorsNameTheLine) {
  const LineFunction refuse_b = [](absl::string_view line) {
    return line == "b" ? absl::OutOfRangeError("no b") : absl::OkStatus();
  };
  EXPECT_OK(ForEachLine("a\nc\n", "x.txt", refuse_b));
  EXPECT_THAT(ForEachLine("a\r\n\r\nb\nb", "x.txt", refuse_b),
              StatusIs(absl::StatusCode::kOutOfRange, "x.txt:3: no b"));
  const std::string path = JoinPath(testing::TempDir(), "b.txt");
  ASSERT_OK(WriteFileAtomically(path, "a\nb"));
  EXPECT_THAT(ForEachLineOfFile(path, refuse_b),
              StatusIs(absl::StatusCode::kOutOfRange, absl::StrCat(path, ":2: no b")));
}

TEST(TextLinesTest, BadFiles) {
  const LineFunction take = [](absl::string_view) { return absl::OkStatus(); };
  EXPECT_THAT(ForEachLineOfFile("/nowhere/x", take), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/x")));
  EXPECT_THAT(ForEachLineOfFile(testing::TempDir(), take),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr(testing::TempDir())));
  const std::string path = JoinPath(testing::TempDir(), "long.txt");
  ASSERT_OK(WriteFileAtomically(path, absl::StrCat("a\n", std::string(3 << 20, '\0'))));
  EXPECT_THAT(ForEachLineOfFile(path, take),
              StatusIs(absl::StatusCode::kInvalidArgument, AllOf(StartsWith(path + ":2: "), EndsWith("no text file"))));
}

TEST(TextLinesTest, Fields) {
  EXPECT_THAT(SplitFields(""), IsEmpty());
  EXPECT_THAT(SplitFields(" \t a\t\tb\xc2\xa0"
                          "c  d\r"),
              ElementsAre("a",
                          "b\xc2\xa0"
                          "c",
                          "d"));
}

}  // namespace
}  // namespace diarflow
