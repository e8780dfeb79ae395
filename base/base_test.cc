#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/float_array.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "base/suggest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

TEST(FloatArrayTest, HoldsNumbersWithAShape) {
  FloatArray zeros = FloatArray::Zeros({2, 3});
  EXPECT_EQ(zeros.size(), 6);
  EXPECT_EQ(zeros.byte_size(), 24u);
  EXPECT_EQ(zeros.ShapeString(), "[2, 3]");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(zeros.data()) % 64, 0u);
  zeros.mutable_data()[5] = 4;
  const FloatArray shared = zeros;
  EXPECT_EQ(shared.data(), zeros.data());
  EXPECT_EQ(shared[5], 4);
  EXPECT_TRUE(FloatArray().empty());
  EXPECT_EQ(FloatArray::Copy({2}, {1.5f, 2.5f})[1], 2.5f);
}

TEST(FloatArrayTest, FindsTheFirstNumberThatIsNone) {
  FloatArray array = FloatArray::Zeros({5000});
  EXPECT_EQ(array.FirstNotFinite(), -1);
  EXPECT_EQ(FloatArray().FirstNotFinite(), -1);
  array.mutable_data()[10] = std::numeric_limits<float>::max();
  array.mutable_data()[11] = std::numeric_limits<float>::denorm_min();
  EXPECT_EQ(array.FirstNotFinite(), -1);
  array.mutable_data()[4999] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(array.FirstNotFinite(), 4999);
  array.mutable_data()[1024] = -std::numeric_limits<float>::infinity();
  EXPECT_EQ(array.FirstNotFinite(), 1024);
}

TEST(SuggestTest, CountsEdits) {
  EXPECT_EQ(EditDistance("", "abc"), 3);
  EXPECT_EQ(EditDistance("Decode", "Decoed"), 1);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
}

// The recursive definition, as an oracle.
int SlowDistance(const std::string& a, size_t i, const std::string& b, size_t j) {
  if (i == 0) return static_cast<int>(j);
  if (j == 0) return static_cast<int>(i);
  int best = SlowDistance(a, i - 1, b, j - 1) + (a[i - 1] != b[j - 1]);
  best = std::min(best, SlowDistance(a, i - 1, b, j) + 1);
  best = std::min(best, SlowDistance(a, i, b, j - 1) + 1);
  if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
    best = std::min(best, SlowDistance(a, i - 2, b, j - 2) + 1);
  }
  return best;
}

TEST(SuggestTest, AgreesWithTheDefinition) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string a(random() % 6, 'a'), b(random() % 6, 'a');
    for (char& c : a) c = static_cast<char>('a' + random() % 3);
    for (char& c : b) c = static_cast<char>('a' + random() % 3);
    EXPECT_EQ(EditDistance(a, b), SlowDistance(a, a.size(), b, b.size())) << a << " " << b;
  }
}

TEST(SuggestTest, NamesTheNearestOrNone) {
  const std::vector<std::string> known = {"Decode", "MimiEncode", "Resample"};
  EXPECT_EQ(NearestName("MimiEncod", known), "MimiEncode");
  EXPECT_EQ(NearestName("resmaple", known), "Resample");
  EXPECT_EQ(NearestName("Mimi", known), "MimiEncode");
  EXPECT_EQ(NearestName("Xylophone", known), "");
  // Too long to be a misspelt name.
  EXPECT_EQ(NearestName(std::string(300, 'M'), {std::string(300, 'M')}), "");
  EXPECT_EQ(DidYouMean("Decoed", known), "; did you mean \"Decode\"?");
}

TEST(Sha256Test, MatchesThePublishedVectors) {
  EXPECT_EQ(Sha256().HexDigest(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256().Update("a").Update("bc").HexDigest(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_NE(Sha256().UpdateField("ab").UpdateField("c").HexDigest(),
            Sha256().UpdateField("a").UpdateField("bc").HexDigest());
}

TEST(FilesTest, WritesWholeFilesAndReadsThemBack) {
  const std::string path = testing::TempDir() + "/folder/inner/file.bin";
  const std::string bytes("a\0b\n", 4);
  EXPECT_OK(WriteFileAtomically(path, bytes));
  EXPECT_THAT(ReadFile(path), IsOkAndHolds(bytes));
  EXPECT_OK(WriteFileAtomically(path, "shorter"));
  EXPECT_THAT(ReadFile(path), IsOkAndHolds("shorter"));
}

TEST(FilesTest, NamesThePathAndTheReason) {
  EXPECT_THAT(ReadFile("/nowhere/file"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/file: No such file")));
  EXPECT_THAT(WriteFileAtomically("/dev/null/file", "x"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/dev/null")));
}

TEST(FilesTest, ResolvesPathsAsTheUserMeansThem) {
  EXPECT_EQ(JoinPath("a/", "b"), "a/b");
  EXPECT_EQ(JoinPath("a", "/b"), "/b");
  setenv("BUILD_WORKING_DIRECTORY", "/typed/here", 1);
  EXPECT_THAT(ResolvePath("out"), IsOkAndHolds("/typed/here/out"));
  EXPECT_THAT(ResolvePath("/out"), IsOkAndHolds("/out"));
  setenv("HOME", "/home/somebody", 1);
  EXPECT_THAT(ResolvePath("~/x"), IsOkAndHolds("/home/somebody/x"));
  EXPECT_THAT(ResolvePath("runfiles:no/such.txt"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("no/such.txt")));
}

absl::StatusOr<int> Half(int n) {
  if (n % 2 != 0) return absl::InvalidArgumentError("odd");
  return n / 2;
}

absl::StatusOr<int> Quarter(int n) {
  ASSIGN_OR_RETURN(const int half, Half(n));
  ASSIGN_OR_RETURN(const int quarter, Half(half));
  return quarter;
}

TEST(StatusMacrosTest, PassTheErrorOn) {
  EXPECT_THAT(Quarter(8), IsOkAndHolds(2));
  EXPECT_THAT(Quarter(6), StatusIs(absl::StatusCode::kInvalidArgument, "odd"));
}

}  // namespace
}  // namespace diarflow
