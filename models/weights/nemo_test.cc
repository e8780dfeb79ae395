#include "models/weights/nemo.h"

#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/sha256.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/weights/gunzip.h"
#include "models/weights/open_weights.h"
#include "models/weights/tar.h"
#include "models/weights/testing/gzip_writer.h"
#include "models/weights/testing/tar_writer.h"
#include "models/weights/testing/torch_zip_writer.h"

namespace diarflow {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr size_t kBlock = 512;
constexpr char kYaml[] = "target: nemo\nsample_rate: 16000\n";

std::string Checkpoint() {
  return MakeTorchZip(MakePickle({{"encoder.w", "0", "FloatStorage", 6, 0, {2, 3}, {3, 1}},
                                  {"turned", "0", "FloatStorage", 6, 0, {3, 2}, {1, 3}}}),
                      {{"0", FloatBytes({1, 2, 3, 4, 5, 6})}});
}

TarMemberSpec Config() { return {"./model_config.yaml", kYaml}; }
TarMemberSpec Weights() { return {"./model_weights.ckpt", Checkpoint()}; }

// A good archive with these members before the good ones.
std::string With(std::vector<TarMemberSpec> members) {
  members.push_back(Config());
  members.push_back(Weights());
  return MakeTar(members);
}

std::vector<float> Floats(const TensorTable& table, const std::string& name) {
  const TensorView* view = table.Find(name);
  if (view == nullptr) return {};
  const absl::StatusOr<FloatArray> values = ToFloats(*view);
  EXPECT_OK(values);
  return std::vector<float>(values->begin(), values->end());
}

void ExpectGood(const absl::StatusOr<TensorTable>& table) {
  ASSERT_OK(table);
  EXPECT_THAT(table->Names(), ElementsAre("encoder.w", "turned"));
  EXPECT_THAT(Floats(*table, "encoder.w"), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(Floats(*table, "turned"), ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT(table->metadata(), ElementsAre(Pair(kNemoConfig, kYaml)));
}

absl::Status ParseStatus(const std::string& archive) { return ParseNemo(archive, "hostile.nemo").status(); }

testing::Matcher<const absl::Status&> Refused(const std::string& why) {
  return StatusIs(absl::StatusCode::kDataLoss,
                  AllOf(HasSubstr("hostile.nemo is not a good NeMo archive: "), HasSubstr(why)));
}

TEST(NemoTest, ReadsPlainAndPackedArchives) {
  const std::string tar = With({{"./", "", '5'}, {"./vocabulary.txt", "a\nb\n"}});
  for (const std::string& archive : {tar, MakeGzip(tar), MakeGzip(tar, 0), MakeTar({Config(), Weights()}, 17)}) {
    const absl::StatusOr<TensorTable> table = ParseNemo(archive, "by hand");
    ExpectGood(table);
    EXPECT_EQ(table->Digest(), Sha256().Update(archive).HexDigest());
    EXPECT_EQ(table->source(), "by hand");
  }
}

TEST(NemoTest, TheTableKeepsTheBytesAlive) {
  const std::string path = JoinPath(testing::TempDir(), "model.nemo");
  for (const std::string& archive : {With({}), MakeGzip(With({}))}) {
    ASSERT_OK(WriteFileAtomically(path, archive));
    ASSERT_OK_AND_ASSIGN(TensorTable table, ReadNemo(path));
    const TensorTable copy = table;
    table = TensorTable();
    ExpectGood(copy);
    EXPECT_EQ(copy.source(), path);
  }
  EXPECT_THAT(ReadNemo("/nowhere/x.nemo"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/x.nemo")));
}

TEST(NemoTest, ReadsEveryFormOfHeader) {
  const std::string weights = Checkpoint();
  const std::string size = std::to_string(weights.size());
  const std::string pax = PaxRecord("mtime", "1.5") + PaxRecord("path", "./model_weights.ckpt");
  const std::vector<std::vector<TarMemberSpec>> kForms = {
      {{"model_weights.ckpt", weights}},
      {{".//./model_weights.ckpt", weights, '\0', "", TarForm::kV7}},
      {{"./model_weights.ckpt", weights, '0', "", TarForm::kGnu}},
      {{"./model_weights.ckpt", weights, '7'}},
      {{"./model_weights.ckpt", weights, '0', "", TarForm::kGnu, "", -1, /*binary_size=*/true}},
      {{"model_weights.ckpt", weights, '0', "", TarForm::kUstar, "."}},
      {{"././@LongLink", std::string("./model_weights.ckpt\0", 21), 'L', "", TarForm::kGnu}, {"cut", weights}},
      {{"PaxHeaders/x", pax, 'x'}, {"cut", weights}},
      {{"PaxHeaders/x", PaxRecord("size", size), 'x'},
       {"model_weights.ckpt", weights, '0', "", TarForm::kUstar, "", 0}},
      {{"global", PaxRecord("comment", "path=x"), 'g'}, {"model_weights.ckpt", weights}},
      {{"folder/", "", '\0', "", TarForm::kV7}, {"model_weights.ckpt", weights}},
  };
  for (size_t i = 0; i < kForms.size(); ++i) {
    SCOPED_TRACE(i);
    std::vector<TarMemberSpec> members = kForms[i];
    members.push_back(Config());
    ExpectGood(ParseNemo(MakeTar(members), "by hand"));
  }
  // A description is for the next member alone.
  EXPECT_THAT(ParseStatus(MakeTar({{"x", pax, 'x'}, {"cut", weights}, {"cut", weights}, Config()})), absl::OkStatus());
}

TEST(NemoTest, RefusesMembers) {
  const std::string link = "/etc/passwd";
  const struct {
    std::vector<TarMemberSpec> members;
    std::string reason;
  } kCases[] = {
      {{{"/etc/passwd", "x"}}, "member \"/etc/passwd\" at byte 0: its name is absolute, which is refused"},
      {{{"../x", "x"}}, "its name holds \"..\", which is refused"},
      {{{"a/../../x", "x"}}, "its name holds \"..\""},
      {{{"a/..", "", '5'}}, "its name holds \"..\""},
      {{{"x", "x", '0', "", TarForm::kUstar, "/abs"}}, "its name is absolute"},
      {{{"x", "x", '0', "", TarForm::kUstar, ".."}}, "its name holds \"..\""},
      {{{"x", PaxRecord("path", "/abs"), 'x'}, {"fine", "x"}}, "member \"/abs\" at byte 1024: its name is absolute"},
      {{{"x", PaxRecord("path", std::string("a\0b", 3)), 'x'}, {"fine", "x"}}, "its name holds a zero byte"},
      {{{"x", PaxRecord("path", ""), 'x'}, {"fine", "x"}}, "a file without a name"},
      {{{"x", PaxRecord("path", std::string(4097, 'n')), 'x'}, {"fine", "x"}}, "its name is longer than 4096"},
      {{{"x", "../x", 'L'}, {"fine", "x"}}, "its name holds \"..\""},
      {{{"./", "x"}}, "it is a folder, but has data"},
      {{{".", "x"}}, "it is a file without a name"},
      {{{"hard", "", '1', link}}, "member \"hard\" at byte 0: it is a link, which is refused"},
      {{{"soft", "", '2', link}}, "it is a link"},
      {{{"char", "", '3'}}, "it is a device or a pipe, which is refused"},
      {{{"block", "", '4'}}, "it is a device or a pipe"},
      {{{"pipe", "", '6'}}, "it is a device or a pipe"},
      {{{"sparse", "", 'S'}}, "it is of the kind \"S\", which is refused"},
      {{{"odd", "", '\xff'}}, "it is of the kind \"\\377\""},
      {{{"x", PaxRecord("GNU.sparse.major", "1"), 'x'}, {"fine", "x"}}, "it is sparse, which is refused"},
      {{{"x", PaxRecord("path", "all"), 'g'}, {"fine", "x"}}, "it gives all members the same path"},
      {{{"x", PaxRecord("size", "1"), 'g'}, {"fine", "x"}}, "it gives all members the same size"},
      {{{"x", PaxRecord("size", "-1"), 'x'}, {"fine", "x"}}, "the size in its records is not a number"},
      {{{"x", PaxRecord("size", "9999999999999999999"), 'x'}, {"fine", "x"}}, "the size in its records"},
      {{{"x", PaxRecord("size", "999999999999999999"), 'x'}, {"fine", "x"}}, "reach beyond the archive's end"},
      {{{"x", "no length\n", 'x'}, {"fine", "x"}}, "are not \"LENGTH key=value\""},
      {{{"x", "99 a=b\n", 'x'}, {"fine", "x"}}, "are not \"LENGTH key=value\""},
      {{{"x", "2 a=b\n", 'x'}, {"fine", "x"}}, "are not \"LENGTH key=value\""},
      {{{"x", "7 a=b\n", 'x'}, {"fine", "x"}}, "are not \"LENGTH key=value\""},
      {{{"x", "6 abc\n", 'x'}, {"fine", "x"}}, "a record of it has no value"},
      {{{"x", std::string((1 << 20) + 1, 'n'), 'L'}, {"fine", "x"}}, "describes a member in more than 1048576 bytes"},
      {{{"big", "x", '0', "", TarForm::kGnu, "", INT64_MAX, true}}, "its 9223372036854775807 bytes reach beyond"},
      {{{"big", "x", '0', "", TarForm::kUstar, "", 077777777777}}, "bytes reach beyond the archive's end"},
      {{{"twice", "x"}, {"./twice", "x"}}, "there are two members named \"twice\""},
      {{Weights()}, "there are two members named \"model_weights.ckpt\""},
      {{{"a/model_weights.ckpt", ""}}, "it holds a second model_weights.ckpt or one in a folder"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(ParseStatus(With(c.members)), Refused(c.reason)) << c.reason;
    EXPECT_THAT(ParseStatus(MakeGzip(With(c.members))), Refused(c.reason)) << c.reason;
  }
}

TEST(NemoTest, RefusesArchivesThatAreNoModels) {
  EXPECT_THAT(ParseStatus(MakeTar({Config()})), Refused("it holds no model_weights.ckpt"));
  EXPECT_THAT(ParseStatus(MakeTar({Weights()})), Refused("it holds no model_config.yaml"));
  EXPECT_THAT(ParseStatus(MakeTar({})), Refused("it holds no model_config.yaml"));
  EXPECT_THAT(ParseStatus(MakeTar({{"model_config.yaml", std::string((16 << 20) + 1, ' ')}, Weights()})),
              Refused("its model_config.yaml is longer than 16777216 bytes"));
  EXPECT_THAT(ParseStatus(MakeTar({Config(), {"model_weights.ckpt", "\x80\x02}."}})), Refused("a bare pickle"));
  EXPECT_THAT(ParseStatus(MakeTar({Config(), {"model_weights.ckpt", ""}})),
              Refused("its model_weights.ckpt is not a good torch archive: it is shorter than"));
  const std::string hostile = MakeTorchZip("\x80\x02" + PickleGlobal("os", "system") + ".", {});
  EXPECT_THAT(ParseStatus(MakeTar({Config(), {"model_weights.ckpt", hostile}})),
              Refused("\"os.system\", which is refused"));
  EXPECT_THAT(ParseStatus(MakeTar({Config(), Weights(), {"x", PaxRecord("path", "y"), 'x'}})),
              Refused("its last member describes one that does not follow"));
}

TEST(NemoTest, RefusesDamagedHeaders) {
  const std::string good = With({});
  const auto changed = [&](size_t at, const std::string& bytes, bool summed) {
    std::string archive = good;
    archive.replace(at, bytes.size(), bytes);
    return ParseStatus(summed ? WithTarChecksums(archive) : archive);
  };
  EXPECT_THAT(changed(0, ".", false), absl::OkStatus());
  EXPECT_THAT(changed(0, "/", false), Refused("its header is damaged (the checksum does not fit)"));
  EXPECT_THAT(changed(kBlock * 2 + 3, "x", false), Refused("at byte 1024: its header is damaged"));
  EXPECT_THAT(changed(148, "xxxxxxxx", false), Refused("its checksum is not an octal number"));
  EXPECT_THAT(changed(148, "        ", false), Refused("its checksum is empty"));
  EXPECT_THAT(changed(124, "9", true), Refused("its size is not an octal number"));
  EXPECT_THAT(changed(124, std::string(12, ' '), true), Refused("its size is empty"));
  EXPECT_THAT(changed(124, std::string(12, '\xff'), true), Refused("its size is larger than any memory"));
  EXPECT_THAT(changed(124, std::string("\x80\0\0\0", 4) + std::string(8, '\xff'), true),
              Refused("its size is larger than any memory"));
  EXPECT_THAT(changed(good.size() - 1, "x", false), Refused("something follows its end mark"));
  EXPECT_THAT(ParseStatus(good + "x"), Refused("something follows its end mark"));
}

TEST(NemoTest, EveryCutIsAnError) {
  const std::string tar = With({{"artifact", std::string(700, 'a')}});
  for (size_t size = 0; size < tar.size(); ++size) {
    ASSERT_THAT(ParseStatus(tar.substr(0, size)), Refused("")) << size;
    if (size % kBlock == 0) {
      ASSERT_THAT(ParseStatus(MakeGzip(tar.substr(0, size))), Refused("")) << size;
    }
  }
  EXPECT_THAT(ParseStatus(tar.substr(0, tar.size() - 2 * kBlock)), Refused("it has no end mark: it was cut after"));
  EXPECT_THAT(ParseStatus(tar.substr(0, tar.size() - kBlock)), Refused("its end mark was cut after"));
  EXPECT_THAT(ParseStatus(tar.substr(0, kBlock)), Refused("its 700 bytes reach beyond the archive's end"));
  const std::string gzip = MakeGzip(tar);
  for (size_t size = 3; size < gzip.size(); ++size) {
    ASSERT_THAT(ParseStatus(gzip.substr(0, size)), Refused("the gzip was cut after")) << size;
  }
}

TEST(NemoTest, RefusesDamagedGzips) {
  const std::string good = MakeGzip(With({}), 0);
  EXPECT_THAT(ParseStatus(good + "x"), Refused("something follows the end of the gzip"));
  EXPECT_THAT(ParseStatus(good + good), Refused("something follows the end of the gzip"));
  std::string data = good, length = good;
  data[100] = static_cast<char>(data[100] ^ 1);
  length.back() = static_cast<char>(length.back() ^ 1);
  EXPECT_THAT(ParseStatus(data), Refused("the gzip is damaged (incorrect data check)"));
  EXPECT_THAT(ParseStatus(length), Refused("the gzip is damaged (incorrect length check)"));
  EXPECT_THAT(ParseStatus(std::string("\x1f\x8b\x08\xff\xff\xff\xff\xff\xff\xff", 10)), Refused("the gzip is damaged"));
  EXPECT_THAT(ParseStatus(MakeGzip(good)), Refused("is not an octal number"));
}

TEST(NemoTest, RefusesBombs) {
  const std::string bomb = MakeGzip(With({{"zeros", std::string(size_t{100} << 20, '\0')}}), 9);
  ASSERT_LT(bomb.size(), 1u << 20);
  const size_t limit = (size_t{64} << 20) + 32 * bomb.size();
  EXPECT_THAT(ParseStatus(bomb), Refused("unpack to more than " + std::to_string(limit) + ", the most"));
  // One of as many bytes as there may be is read.
  ExpectGood(ParseNemo(MakeGzip(With({{"zeros", std::string(size_t{60} << 20, '\0')}}), 9), "small bomb"));
}

TEST(GunzipTest, KeepsItsLimitToTheByte) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{65535}, size_t{65536}, size_t{65537}, size_t{300000}}) {
    std::string bytes;
    for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(i * i / 7));
    const std::string gzip = MakeGzip(bytes);
    for (const size_t limit : {size, size + 1, size + 1000000}) {
      ASSERT_OK_AND_ASSIGN(const auto unpacked, Gunzip(gzip, limit));
      EXPECT_EQ(unpacked->bytes(), bytes) << size;
      EXPECT_LE(unpacked->capacity(), limit + 1);
    }
    if (size == 0) continue;
    EXPECT_THAT(Gunzip(gzip, size - 1), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("unpack to more than")));
    EXPECT_THAT(Gunzip(gzip, 0), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("unpack to more than 0,")));
  }
}

TEST(TarTest, IsKnownByItsChecksumOrItsMark) {
  const std::string v7 = MakeTar({{"x", "", '0', "", TarForm::kV7}});
  EXPECT_TRUE(LooksLikeTar(v7));
  EXPECT_FALSE(HasTarMark(v7));
  EXPECT_FALSE(LooksLikeTar(v7.substr(0, 511)));
  EXPECT_FALSE(LooksLikeTar("y" + v7.substr(1)));
  EXPECT_FALSE(LooksLikeTar(std::string(kBlock, '\0')));
  EXPECT_TRUE(HasTarMark(With({}).substr(0, 262)));
  EXPECT_FALSE(HasTarMark(With({}).substr(0, 261)));
}

TEST(OpenWeightsTest, KnowsNemoByItsContent) {
  const std::string path = JoinPath(testing::TempDir(), "weights.bin");
  const auto open = [&](const std::string& bytes) {
    EXPECT_OK(WriteFileAtomically(path, bytes));
    return OpenWeights(path);
  };
  ExpectGood(open(With({})));
  ExpectGood(open(MakeGzip(With({}))));
  ExpectGood(open(With({{"12345678{", "", '0', "", TarForm::kV7}})));
  EXPECT_THAT(open(With({}).substr(0, 300)).status(),
              StatusIs(absl::StatusCode::kDataLoss, AllOf(HasSubstr(path), HasSubstr("it was cut after 300 bytes"))));
  EXPECT_THAT(open(MakeTar({{"readme.txt", "text"}})).status(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("it holds no model_config.yaml")));
  EXPECT_THAT(open("\x1f\x8b\x08").status(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("the gzip was cut")));
}

}  // namespace
}  // namespace diarflow
