#include "models/weights/torch_zip.h"

#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/sha256.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/weights/open_weights.h"
#include "models/weights/safetensors.h"
#include "models/weights/testing/torch_zip_writer.h"

namespace diarflow {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const TensorSpec kWeight = {"weight", "17", "FloatStorage", 6, 0, {2, 3}, {3, 1}};
const std::vector<std::pair<std::string, std::string>>& Storages() {
  static const auto& storages = *new std::vector<std::pair<std::string, std::string>>{
      {"17", FloatBytes({1, 2, 3, 4, 5, 6})}, {"18", LittleEndian(uint64_t{1} << 40, 8)}};
  return storages;
}

std::vector<float> Floats(const TensorTable& table, const std::string& name) {
  const TensorView* view = table.Find(name);
  if (view == nullptr) return {};
  const absl::StatusOr<FloatArray> values = ToFloats(*view);
  EXPECT_OK(values);
  return std::vector<float>(values->begin(), values->end());
}

absl::Status ParseStatus(const std::string& archive) { return ParseTorchZip(archive, "hostile.pt").status(); }

// A pickle that is a dict of one key whose value is made by these opcodes.
std::string With(const std::string& opcodes) {
  return MakeTorchZip("\x80\x02}" + PickleText("key") + opcodes + "s.", Storages());
}

testing::Matcher<const absl::Status&> Refused(const std::string& why) {
  return StatusIs(absl::StatusCode::kDataLoss,
                  AllOf(HasSubstr("hostile.pt is not a good torch archive"), HasSubstr(why)));
}

TEST(TorchZipTest, ReadsTensorsOfEveryForm) {
  const std::string archive = MakeTorchZip(MakePickle({kWeight,
                                                       {"turned", "17", "FloatStorage", 6, 0, {3, 2}, {1, 3}},
                                                       {"tail", "17", "FloatStorage", 6, 4, {2}, {1}},
                                                       {"column", "17", "FloatStorage", 6, 1, {2}, {3}},
                                                       {"lone", "17", "FloatStorage", 6, 2, {1, 2}, {INT64_MAX, 3}},
                                                       {"none", "17", "FloatStorage", 6, 6, {0, 4}, {4, 1}},
                                                       {"steps", "18", "LongStorage", 1, 0, {}, {}}}),
                                           Storages());
  ASSERT_OK_AND_ASSIGN(const TensorTable table, ParseTorchZip(archive, "by hand"));
  EXPECT_THAT(table.Names(), ElementsAre("column", "lone", "none", "steps", "tail", "turned", "weight"));
  EXPECT_THAT(Floats(table, "weight"), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(table.Find("weight")->shape, ElementsAre(2, 3));
  EXPECT_THAT(Floats(table, "turned"), ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT(Floats(table, "tail"), ElementsAre(5, 6));
  EXPECT_THAT(Floats(table, "column"), ElementsAre(2, 5));
  EXPECT_THAT(Floats(table, "lone"), ElementsAre(3, 6));
  EXPECT_THAT(Floats(table, "none"), ElementsAre());
  EXPECT_THAT(Floats(table, "steps"), ElementsAre(0x1p40f));
  EXPECT_EQ(table.Digest(), Sha256().Update(archive).HexDigest());
  EXPECT_EQ(table.source(), "by hand");
}

// What a checkpoint has besides: an OrderedDict with attributes, a dict in the dict, plain values, a parameter, the
// memo.
TEST(TorchZipTest, ReadsWhatStandsAroundTensors) {
  const std::string ordered = PickleGlobal("collections", "OrderedDict") + ")R";
  const std::string inner = ordered + "q\x05(" + PickleText("bias") +
                            PickleGlobal("torch._utils", "_rebuild_parameter") + "(" + PickleTensor(kWeight) + "\x88" +
                            ordered + "tRu}" + PickleText("_metadata") + ordered + "sb";
  const std::string plain = PickleText("epoch") + "K\x07" + PickleText("title") + PickleText("small") +
                            PickleText("rate") + "G" + std::string(8, '\0') + PickleText("list") + "](K\x01K\x02" +
                            "e" + PickleText("again") + "h\x05" + PickleText("nothing") + "N";
  const std::string pickle = "\x80\x02}(" + PickleText("state_dict") + inner + plain + "u.";
  ASSERT_OK_AND_ASSIGN(const TensorTable table, ParseTorchZip(MakeTorchZip(pickle, Storages()), "checkpoint"));
  EXPECT_THAT(table.Names(), ElementsAre("again.bias", "state_dict.bias"));
  EXPECT_THAT(Floats(table, "state_dict.bias"), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(table.metadata().at("epoch"), "7");
  EXPECT_EQ(table.metadata().at("title"), "small");
}

TEST(TorchZipTest, LocalHeadersMayHoldTheSizes) {
  const std::string pickle = MakePickle({kWeight});
  const std::string archive =
      MakeZip({{"x/data.pkl", pickle, /*descriptor=*/false}, {"x/data/17", Storages()[0].second, false}});
  ASSERT_OK_AND_ASSIGN(const TensorTable table, ParseTorchZip(archive, "plain"));
  EXPECT_THAT(Floats(table, "weight"), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(TorchZipTest, RefusesEveryOtherCallableByName) {
  const std::string call = PickleText("rm -rf /") + "\x85R";
  EXPECT_THAT(ParseStatus(With(PickleGlobal("os", "system") + call)), Refused("\"os.system\", which is refused"));
  EXPECT_THAT(ParseStatus(With(PickleGlobal("builtins", "eval") + call)), Refused("\"builtins.eval\""));
  EXPECT_THAT(ParseStatus(With(PickleGlobal("torch.torch_version", "TorchVersion") + call)), Refused("TorchVersion"));
  EXPECT_THAT(ParseStatus(With(PickleText("os") + PickleText("system") + "\x93" + call)), Refused("\"os.system\""));
  EXPECT_THAT(ParseStatus(With(PickleGlobal("torch", "FloatStorage") + call)),
              Refused("a call of \"torch FloatStorage\""));
  EXPECT_THAT(ParseStatus(With(PickleGlobal("collections", "OrderedDict") + call)), Refused("a call of"));
  EXPECT_THAT(ParseStatus(With(PickleGlobal("o\ts", std::string(1000, 'x')))), Refused("\"o\\ts.xxx"));
  // INST, OBJ, NEWOBJ, EXT1.
  for (const std::string opcode : {"(ios\nsystem\n", "(o", ")\x81", "\x82\x01"}) {
    EXPECT_THAT(ParseStatus(With("N" + opcode)), Refused("is refused: tables of tensors do not need it")) << opcode;
  }
}

TEST(TorchZipTest, ChecksEveryOffsetAndSize) {
  const auto tensor = [](int64_t count, int64_t offset, std::vector<int64_t> shape, std::vector<int64_t> strides) {
    return ParseStatus(MakeTorchZip(
        MakePickle({{"w", "17", "FloatStorage", count, offset, std::move(shape), std::move(strides)}}), Storages()));
  };
  constexpr int64_t kHuge = int64_t{1} << 62;
  EXPECT_OK(tensor(6, 2, {2, 2}, {2, 1}));
  EXPECT_THAT(tensor(7, 0, {7}, {1}), Refused("should hold 7 numbers of F32, but has 24 bytes"));
  EXPECT_THAT(tensor(kHuge, 0, {1}, {1}), Refused("should hold"));
  EXPECT_THAT(tensor(6, 1, {6}, {1}), Refused("reach beyond the 6 of its storage"));
  EXPECT_THAT(tensor(6, -1, {6}, {1}), Refused("a tensor is not made from"));
  EXPECT_THAT(tensor(6, INT64_MAX, {1}, {1}), Refused("reach beyond"));
  EXPECT_THAT(tensor(6, 0, {-1}, {1}), Refused("something besides counts"));
  EXPECT_THAT(tensor(6, 0, {2, 3}, {kHuge, 1}), Refused("reach beyond"));
  EXPECT_THAT(tensor(6, 0, {3, 3}, {kHuge, 1}), Refused("larger than any memory"));
  EXPECT_THAT(tensor(6, 0, {kHuge, 4}, {0, 0}), Refused("larger than any memory"));
  EXPECT_THAT(tensor(6, 0, {7}, {0}), Refused("shows the same numbers more than once"));
  EXPECT_THAT(tensor(6, 0, {6}, {1, 1}), Refused("a stride too many or too few"));
  EXPECT_THAT(ParseStatus(MakeTorchZip(MakePickle({{"w", "99", "FloatStorage", 6, 0, {6}, {1}}}), Storages())),
              Refused("tensor \"w\": its storage \"99\" is not in the archive"));
}

TEST(TorchZipTest, RefusesBadPickles) {
  const std::string text = PickleText("k");
  const struct {
    std::string pickle, reason;
  } kCases[] = {
      {"", "ends inside an opcode"},
      {"\x80\x02", "ends inside an opcode"},
      {"\x80\x09.", "protocol 9"},
      {"\x80\x02.", "a number of values other than 1"},
      {"\x80\x02}.}", "goes on behind its end"},
      {"\x80\x02K\x01.", "its pickle is not a dict"},
      {"\x80\x02}(" + text + "u.", "a key of a dict has no value"},
      {"\x80\x02}u.", "needs a mark"},
      {"\x80\x02}NNs(s.", "takes more values than there are"},
      {"\x80\x02}h\x01.", "value 1 of the memo was never put there"},
      {"\x80\x02X\xff\xff\xff\xff", "ends inside an opcode"},
      {"\x80\x02\x8a\x09", "more than 64 bits"},
      {"\x80\x02NQ.", "a persistent id is not"},
      {"\x80\x02)NR.", "a call is not of a callable"},
      {"\x80\x02NNb.", "needs an OrderedDict"},
      {"\x80\x02}" + text + PickleTensor(kWeight) + "s" + text + PickleTensor(kWeight) + "s.",
       "two tensors named \"k\""},
      // A dict in itself.
      {"\x80\x02}q\x01" + text + "h\x01s.", "stand inside one another too deep"},
  };
  for (const auto& c : kCases) EXPECT_THAT(ParseStatus(MakeTorchZip(c.pickle, Storages())), Refused(c.reason));
}

// Each of 15 dicts holds the one before it twice: 16384 ways to the first.
TEST(TorchZipTest, DictsCannotMultiply) {
  std::string pickle = "\x80\x02}(";
  for (char i = 0; i < 15; ++i) {
    const std::string put = std::string("q") + i, get = std::string("h") + static_cast<char>(i - 1);
    pickle += PickleText(std::string(1, static_cast<char>('A' + i))) + "}" + put;
    if (i > 0) pickle += "(" + PickleText("a") + get + PickleText("b") + get + "u";
  }
  EXPECT_THAT(ParseStatus(MakeTorchZip(pickle + "u.", Storages())), Refused("its dicts repeat one another"));
}

TEST(TorchZipTest, TextsCannotMultiply) {
  TensorSpec tensor = kWeight;
  tensor.storage = std::string(256, 'k');
  EXPECT_THAT(ParseStatus(MakeTorchZip(MakePickle({tensor}), Storages())), Refused("longer than 255 bytes"));
  EXPECT_THAT(ParseStatus(With("}" + PickleText(std::string(998, 'n')) + PickleTensor(kWeight) + "s")),
              Refused("a name of more than 1000 bytes"));
  const std::string pickle = "\x80\x02}" + PickleText("text") + PickleText(std::string(1001, 't')) + "s.";
  ASSERT_OK_AND_ASSIGN(const TensorTable table, ParseTorchZip(MakeTorchZip(pickle, Storages()), "long text"));
  EXPECT_EQ(table.metadata().size(), 0u);
}

TEST(TorchZipTest, ValuesCannotMultiply) {
  EXPECT_THAT(ParseStatus(MakeTorchZip("\x80\x02" + std::string((1 << 20) + 1, ')'), Storages())),
              Refused("makes more than 1048576 values"));
  TensorSpec tensor = kWeight;
  tensor.shape = tensor.strides = std::vector<int64_t>(64, 1);
  std::string pickle =
      "\x80\x02" + PickleGlobal("torch._utils", "_rebuild_parameter") + "q\x01(" + PickleTensor(tensor) + "NNtq\x02";
  for (int i = 0; i < 70000; ++i) pickle += "h\x01h\x02R";
  EXPECT_THAT(ParseStatus(MakeTorchZip(pickle, Storages())), Refused("repeats its tensors too often"));
}

// 30,000 tensors in a dict that stands twice below long names; and texts of metadata.
TEST(TorchZipTest, EntriesCannotMultiply) {
  const auto repeated = [](const std::string& value, int count) {
    std::string items = "(";
    for (int i = 0; i < count; ++i) items += "M" + LittleEndian(static_cast<uint64_t>(i), 2) + value;
    return items + "u";
  };
  const auto dicts = [&](const std::string& names) {
    std::string pickle = "\x80\x02}" + PickleText("t") + PickleTensor(kWeight) + "q\x01s" + PickleText("d") + "}q\x02" +
                         repeated("h\x01", 30000) + "s";
    for (const char name : names) pickle += PickleText(std::string(900, name)) + "h\x02s";
    return ParseTorchZip(MakeTorchZip(pickle + ".", Storages()), "hostile.pt");
  };
  ASSERT_OK_AND_ASSIGN(const TensorTable table, dicts("a"));
  EXPECT_EQ(table.tensors().size(), 60001u);
  EXPECT_THAT(dicts("ab").status(), Refused("its names and shapes take more than 67108864 bytes"));
  const std::string text = "\x80\x02}" + PickleText("t") + PickleText(std::string(1000, 't')) + "q\x01s";
  EXPECT_OK(ParseStatus(MakeTorchZip(text + repeated("h\x01", 50000) + ".", Storages())));
  EXPECT_THAT(ParseStatus(MakeTorchZip(text + repeated("h\x01", 60000) + ".", Storages())), Refused("take more than"));
}

// An entry in another one's data, both with wrong checksums: they are not summed before they are known to lie apart.
TEST(TorchZipTest, EntriesThatOverlapAreNotSummed) {
  const std::string inner = MakeZip({{"b", "data"}});
  std::string archive = MakeZip({{"a", inner.substr(0, inner.find("PK\x01\x02"))}, {"b", "data"}});
  const size_t first = archive.find("PK\x01\x02"), second = archive.find("PK\x01\x02", first + 1);
  archive.replace(second + 42, 4, LittleEndian(archive.find("PK\x03\x04", 4), 4));
  EXPECT_THAT(ParseStatus(archive), Refused("two of its entries overlap"));
  archive.replace(first + 16, 4, "xxxx");
  EXPECT_THAT(ParseStatus(archive), Refused("two of its entries overlap"));
}

TEST(TorchZipTest, RefusesBadZips) {
  const std::string good = MakeTorchZip(MakePickle({kWeight}), Storages());
  ASSERT_OK(ParseStatus(good));
  const size_t directory = good.find("PK\x01\x02"), end = good.rfind("PK\x05\x06");
  const auto changed = [&](size_t at, const std::string& bytes) {
    std::string archive = good;
    archive.replace(at, bytes.size(), bytes);
    return ParseStatus(archive);
  };
  EXPECT_THAT(ParseStatus(""), Refused("shorter than the end record"));
  EXPECT_THAT(ParseStatus(good + "x"), Refused("no end record"));
  EXPECT_THAT(ParseStatus("junk" + good), Refused("its directory ends after 0 of 5 entries"));
  EXPECT_THAT(changed(end + 4, "\x01"), Refused("several disks"));
  EXPECT_THAT(changed(end + 8, "\xff\xff\xff\xff"), Refused("ZIP64"));
  EXPECT_THAT(changed(end + 16, "\xff\xff\xff\x7f"), Refused("outside the archive"));
  EXPECT_THAT(changed(end + 8, std::string("\x06\0\x06\0", 4)), Refused("ends after 5 of 6 entries"));
  EXPECT_THAT(changed(end + 8, std::string("\x04\0\x04\0", 4)), Refused("more than its entries"));
  EXPECT_THAT(changed(directory + 8, "\x09"), Refused("encrypted"));
  EXPECT_THAT(changed(directory + 10, "\x08"), Refused("compressed (method 8)"));
  EXPECT_THAT(changed(directory + 16, "xxxx"), Refused("the checksum does not fit"));
  EXPECT_THAT(changed(directory + 20, "xxxx"), Refused("two sizes"));
  EXPECT_THAT(changed(directory + 20, "\xf0\xff\x0f\x01\xf0\xff\x0f\x01"), Refused("reach beyond"));
  EXPECT_THAT(changed(directory + 42, "\x01"), Refused("no local header at its offset 1"));
  EXPECT_THAT(changed(directory + 46, "b"), Refused("another name"));
  EXPECT_THAT(changed(18, "\x01"), Refused("contradicts the directory"));
  EXPECT_THAT(changed(good.find(Storages()[0].second), "x"), Refused("\"archive/data/17\": its data is damaged"));
  EXPECT_THAT(ParseStatus(MakeZip({{"a/data.pkl", ""}, {"a/data.pkl", ""}})), Refused("two entries named"));
  EXPECT_THAT(ParseStatus(MakeZip({{"a/data.pkl", ""}, {"b/data.pkl", ""}})), Refused("two files data.pkl"));
  EXPECT_THAT(ParseStatus(MakeZip({{"a.txt", "text"}})), Refused("not one of torch.save()"));
  EXPECT_THAT(ParseStatus(MakeZip({})), Refused("no data.pkl"));
  EXPECT_THAT(ParseStatus(MakeZip({{"a/data.pkl", MakePickle({})}, {"a/byteorder", "big"}})),
              Refused("byte order \"big\""));
}

TEST(TorchZipTest, EveryCutIsAnError) {
  const std::string archive = MakeTorchZip(MakePickle({kWeight}), Storages());
  for (size_t size = 0; size < archive.size(); ++size) {
    EXPECT_THAT(ParseStatus(archive.substr(0, size)), StatusIs(absl::StatusCode::kDataLoss)) << size;
  }
}

TEST(OpenWeightsTest, KnowsFilesByTheirContent) {
  const auto write = [](const std::string& name, const std::string& bytes) {
    const std::string path = JoinPath(testing::TempDir(), name);
    EXPECT_OK(WriteFileAtomically(path, bytes));
    return path;
  };
  TensorTable table;
  ASSERT_OK(table.AddFloats("weight", FloatArray::Copy({1}, {2})));
  ASSERT_OK_AND_ASSIGN(const TensorTable safe, OpenWeights(write("a.pt", SerializeSafetensors(table))));
  EXPECT_THAT(Floats(safe, "weight"), ElementsAre(2));
  ASSERT_OK_AND_ASSIGN(const TensorTable torch,
                       OpenWeights(write("a.safetensors", MakeTorchZip(MakePickle({kWeight}), Storages()))));
  EXPECT_THAT(Floats(torch, "weight"), ElementsAre(1, 2, 3, 4, 5, 6));
  const struct {
    std::string bytes, what;
  } kOthers[] = {{"", "it is empty"},
                 {"\x80\x02}.", "a bare pickle"},
                 {"\x1f\x8b\x08", "is not a good NeMo archive: the gzip was cut"},
                 {std::string(257, 'x') + "ustar" + std::string(300, ' '), "its checksum is not an octal number"},
                 {"# text", "neither"}};
  for (const auto& other : kOthers) {
    EXPECT_THAT(OpenWeights(write("other.bin", other.bytes)),
                StatusIs(absl::StatusCode::kDataLoss, AllOf(HasSubstr("other.bin"), HasSubstr(other.what))));
  }
  EXPECT_THAT(OpenWeights("/nowhere/x.pt"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/x.pt")));
}

}  // namespace
}  // namespace diarflow
