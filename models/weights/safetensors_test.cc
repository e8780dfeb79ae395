#include "models/weights/safetensors.h"

#include <unistd.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/sha256.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string TempPath(const std::string& name) { return JoinPath(testing::TempDir(), name); }

// A file from its two parts.
std::string File(const std::string& header, const std::string& numbers) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(static_cast<uint64_t>(header.size()) >> (8 * i));
  return bytes + header + numbers;
}

TensorTable Example() {
  TensorTable table;
  EXPECT_OK(table.AddFloats("b", FloatArray::Copy({2, 3}, {1, 2, 3, 4, 5, 6})));
  EXPECT_OK(table.AddFloats("a", FloatArray::Copy({1}, {-0.5f})));
  EXPECT_OK(table.AddFloats("none", FloatArray::Zeros({0, 4})));
  EXPECT_OK(table.AddInts("position", {}, {1LL << 40}));
  table.mutable_metadata()["format"] = "pt";
  return table;
}

std::vector<float> Floats(const TensorTable& table, const std::string& name) {
  const TensorView* view = table.Find(name);
  if (view == nullptr) return {};
  const absl::StatusOr<FloatArray> values = ToFloats(*view);
  EXPECT_OK(values);
  return std::vector<float>(values->begin(), values->end());
}

TEST(SafetensorsTest, WritesWhatItReads) {
  const std::string path = TempPath("example.safetensors");
  ASSERT_OK(WriteSafetensors(path, Example()));
  ASSERT_OK_AND_ASSIGN(const TensorTable table, ReadSafetensors(path));
  EXPECT_THAT(table.Names(), ElementsAre("a", "b", "none", "position"));
  EXPECT_THAT(Floats(table, "a"), ElementsAre(-0.5f));
  EXPECT_THAT(Floats(table, "b"), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(table.Find("b")->shape, ElementsAre(2, 3));
  EXPECT_EQ(table.Find("position")->type, TensorType::kI64);
  EXPECT_THAT(Floats(table, "position"), ElementsAre(std::ldexp(1.0f, 40)));
  EXPECT_EQ(table.Find("c"), nullptr);
  EXPECT_EQ(table.metadata().at("format"), "pt");
  EXPECT_EQ(table.source(), path);
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(path));
  EXPECT_EQ(table.Digest(), Sha256().Update(bytes).HexDigest());
}

TEST(SafetensorsTest, TheTableOutlivesTheNameOfItsFile) {
  const std::string path = TempPath("gone.safetensors");
  ASSERT_OK(WriteSafetensors(path, Example()));
  ASSERT_OK_AND_ASSIGN(TensorTable table, ReadSafetensors(path));
  ASSERT_EQ(unlink(path.c_str()), 0);
  const TensorTable copy = table;
  table = TensorTable();
  EXPECT_THAT(Floats(copy, "b"), ElementsAre(1, 2, 3, 4, 5, 6));
}

// A file by hand, so that reader and writer cannot share a mistake.
TEST(SafetensorsTest, ReadsAFileWrittenByHand) {
  const std::string file = File(R"({"y":{"dtype":"F32","shape":[2],"data_offsets":[2,10]},)"
                                R"("x":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}   )",
                                std::string("\x40\x3f"
                                            "\x00\x00\x80\x3f"
                                            "\x00\x00\x00\xc0",
                                            10));
  ASSERT_OK_AND_ASSIGN(const TensorTable table, ParseSafetensors(file, "by hand"));
  EXPECT_THAT(Floats(table, "x"), ElementsAre(0.75f));
  EXPECT_THAT(Floats(table, "y"), ElementsAre(1.0f, -2.0f));
}

TEST(SafetensorsTest, ConvertsOtherNumbersToFloat) {
  // F16: 1, -2, the largest, the smallest subnormal, minus zero, infinity. F64: 0.1.
  const std::string file = File(R"({"h":{"dtype":"F16","shape":[6],"data_offsets":[0,12]},)"
                                R"("d":{"dtype":"F64","shape":[1],"data_offsets":[12,20]},)"
                                R"("u":{"dtype":"U8","shape":[1],"data_offsets":[20,21]}})",
                                std::string("\x00\x3c\x00\xc0\xff\x7b\x01\x00\x00\x80\x00\x7c"
                                            "\x9a\x99\x99\x99\x99\x99\xb9\x3f"
                                            "\x07",
                                            21));
  ASSERT_OK_AND_ASSIGN(const TensorTable table, ParseSafetensors(file, "by hand"));
  const std::vector<float> half = Floats(table, "h");
  EXPECT_THAT(half,
              ElementsAre(1.0f, -2.0f, 65504.0f, std::ldexp(1.0f, -24), 0.0f, std::numeric_limits<float>::infinity()));
  EXPECT_TRUE(std::signbit(half[4]));
  EXPECT_THAT(Floats(table, "d"), ElementsAre(0.1f));
  EXPECT_THAT(ToFloats(*table.Find("u")), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("U8")));
}

TEST(SafetensorsTest, DigestOfATableInMemoryCoversEverything) {
  const auto digest = [](const std::string& name, std::vector<int64_t> shape, std::vector<float> values) {
    TensorTable table;
    EXPECT_OK(table.AddFloats(name, FloatArray::Copy(std::move(shape), values)));
    return table.Digest();
  };
  const std::string base = digest("w", {2, 1}, {1, 2});
  EXPECT_EQ(base, digest("w", {2, 1}, {1, 2}));
  EXPECT_NE(base, digest("v", {2, 1}, {1, 2}));
  EXPECT_NE(base, digest("w", {1, 2}, {1, 2}));
  EXPECT_NE(base, digest("w", {2, 1}, {1, 3}));
}

TEST(SafetensorsTest, TheTableRefusesATensorTwice) {
  TensorTable table("made up");
  ASSERT_OK(table.AddFloats("w", FloatArray::Zeros({2})));
  EXPECT_THAT(table.AddFloats("w", FloatArray::Zeros({2})),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("\"w\"")));
  EXPECT_THAT(table.AddInts("i", {3}, {1, 2}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("24 bytes, not 16")));
}

TEST(SafetensorsTest, SaysWhatIsMissing) {
  EXPECT_THAT(ReadSafetensors("/nowhere/x.safetensors"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/x.safetensors")));
  EXPECT_THAT(ReadSafetensors(testing::TempDir()),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("not a regular file")));
}

TEST(SafetensorsTest, NamesTheFaultOfAHostileFile) {
  const std::string good = R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  const std::string data(8, '\0');
  std::string ones;
  for (int i = 0; i < 64; ++i) ones += ",1";
  const struct {
    std::string file;
    std::string reason;
  } kCases[] = {
      {"", "shorter than 8 bytes"},
      {"1234567", "shorter than 8 bytes"},
      {std::string("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10), "longer than 100000000"},
      {std::string("\x10\0\0\0\0\0\0\0{}", 10), "ends inside its header"},
      {File("", ""), "does not begin with '{'"},
      {File(" {}", ""), "does not begin with '{'"},
      {File("{", ""), "not a JSON object"},
      {File("{\"a\":", ""), "not a JSON object"},
      {File("{}x", ""), "not a JSON object"},
      {File("{}", "12"), "2 bytes at its end belong to no tensor"},
      {File("{\"a\":" + good + ",\"a\":" + good + "}", data), "names \"a\" twice"},
      {File("{\"a\":" + good + ",\"b\":" + good + "}", data), "overlaps"},
      {File("{\"a\":[]}", ""), "members dtype, shape and data_offsets"},
      {File(R"({"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}})", data), "dtype is unknown"},
      {File(R"({"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}})", data), "dtype is unknown"},
      {File(R"({"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}})", data), "shape is not a list"},
      {File(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", data), "shape is not a count"},
      {File(R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})", data), "shape is not a count"},
      {File(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}})", data),
       "larger than any memory"},
      {File(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", data), "needs 12 bytes"},
      {File(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})", data), "not two numbers"},
      {File(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", data), "outside the 8 bytes"},
      {File(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})", data), "outside the 8 bytes"},
      {File(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", data), "a hole before tensor \"a\""},
      {File(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", data), "4 bytes at its end"},
      {File("{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1],\"shape\":[1" + ones + "]}}", "x"), "more than 64 axes"},
      {File("{\"" + std::string(1000, 'n') + "\":[]}", ""), std::string(200, 'n') + "...\": it has not"},
      {File(R"({"__metadata__":[]})", ""), "__metadata__ is not an object"},
      {File(R"({"__metadata__":{"k":1}})", ""), "\"k\" is not a string"},
      {File("{\"a\":" + std::string(100000, '['), ""), "not a JSON object"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(ParseSafetensors(c.file, "hostile.bin"),
                StatusIs(absl::StatusCode::kDataLoss, AllOf(HasSubstr("hostile.bin"), HasSubstr(c.reason))));
  }
}

TEST(SafetensorsTest, ValuesCannotMultiply) {
  std::string header = "{\"a\":[0";
  for (int i = 0; i < 1 << 24; ++i) header += ",0";
  EXPECT_THAT(ParseSafetensors(File(header + "]}", ""), "hostile.bin"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("its header holds more than 16777216 values")));
}

TEST(SafetensorsTest, EveryCutIsAnError) {
  const std::string file = SerializeSafetensors(Example());
  for (size_t size = 0; size < file.size(); ++size) {
    EXPECT_THAT(ParseSafetensors(file.substr(0, size), "cut"), StatusIs(absl::StatusCode::kDataLoss)) << size;
  }
}

// Whatever the bytes, the answer is a status or a table that lies inside the bytes.
TEST(SafetensorsTest, SurvivesMutations) {
  const std::string file = SerializeSafetensors(Example());
  std::mt19937 random(20240607);
  int refused = 0;
  constexpr int kMutations = 2000;
  for (int round = 0; round < kMutations; ++round) {
    std::string mutant = file;
    const int edits = 1 + static_cast<int>(random() % 3);
    for (int edit = 0; edit < edits; ++edit) {
      const size_t at = random() % mutant.size();
      switch (random() % 4) {
        case 0: mutant[at] = static_cast<char>(random()); break;
        case 1: mutant.erase(at, 1 + random() % 4); break;
        case 2: mutant.insert(at, 1, "0129-[]{},:\"eF"[random() % 14]); break;
        default: mutant[at] = static_cast<char>(mutant[at] ^ (1 << random() % 8));
      }
      if (mutant.empty()) break;
    }
    const absl::StatusOr<TensorTable> table = ParseSafetensors(mutant, "mutant");
    if (!table.ok()) {
      EXPECT_EQ(table.status().code(), absl::StatusCode::kDataLoss) << table.status();
      ++refused;
      continue;
    }
    size_t bytes = 0;
    for (const auto& [name, tensor] : table->tensors()) {
      bytes += tensor.byte_size;
      ToFloats(tensor).IgnoreError();
    }
    EXPECT_LT(bytes, mutant.size());
  }
  EXPECT_GT(refused, kMutations / 2);
  EXPECT_LT(refused, kMutations);
}

}  // namespace
}  // namespace diarflow
