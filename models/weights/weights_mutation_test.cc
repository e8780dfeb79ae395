// Damaged weight files, thousands of them: whatever the bytes, the answer is a status or a table inside the bytes.
//
//   ./bazelw test //models/weights:weights_mutation_test
//   ... --test_env=MUTANTS=10000 --config=asan          so many of each kind
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/weights/nemo.h"
#include "models/weights/safetensors.h"
#include "models/weights/testing/gzip_writer.h"
#include "models/weights/testing/tar_writer.h"
#include "models/weights/testing/torch_zip_writer.h"
#include "models/weights/torch_zip.h"

namespace diarflow {
namespace {

int NumMutants() {
  const char* value = std::getenv("MUTANTS");
  return value == nullptr ? 3000 : std::max(1, std::atoi(value));
}

// One to three small changes.
std::string Mutate(std::string bytes, std::mt19937& random) {
  const int edits = 1 + static_cast<int>(random() % 3);
  for (int edit = 0; edit < edits && !bytes.empty(); ++edit) {
    const size_t at = random() % bytes.size();
    switch (random() % 7) {
      case 0: bytes[at] = static_cast<char>(random()); break;
      case 1: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8)); break;
      case 2: bytes[at] = random() % 2 == 0 ? '\xff' : '\0'; break;
      case 3: bytes.erase(at, 1 + random() % 4); break;
      case 4: bytes.insert(at, 1, static_cast<char>(random())); break;
      case 5: bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 16)); break;
      default: bytes.resize(at + random() % 2);
    }
  }
  return bytes;
}

using Parse = std::function<absl::StatusOr<TensorTable>(absl::string_view, const std::string&)>;

// Reads every number of a table that was read from `file`; a refusal must be one of a bad file. Whether it was refused.
bool CheckAnswer(const absl::StatusOr<TensorTable>& table, const std::string& file) {
  if (!table.ok()) {
    EXPECT_EQ(table.status().code(), absl::StatusCode::kDataLoss) << table.status();
    return true;
  }
  for (const auto& [name, tensor] : table->tensors()) {
    EXPECT_LE(tensor.byte_size, file.size());
    ToFloats(tensor).IgnoreError();
  }
  return false;
}

// Parses mutants of `bytes`; `wrap` makes a file of each.
void CheckMutants(const char* what, const std::string& bytes, uint32_t seed, const Parse& parse,
                  const std::function<std::string(std::string)>& wrap) {
  ASSERT_OK(parse(wrap(bytes), "original"));
  std::mt19937 random(seed);
  const int mutants = NumMutants();
  int refused = 0;
  for (int i = 0; i < mutants; ++i) {
    const std::string file = wrap(Mutate(bytes, random));
    refused += CheckAnswer(parse(file, "mutant"), file) ? 1 : 0;
  }
  std::cout << what << ": " << mutants << " mutants, " << refused << " refused" << std::endl;
  EXPECT_GT(refused, mutants / 3);
}

std::string Same(std::string bytes) { return bytes; }

const std::vector<std::pair<std::string, std::string>>& Storages() {
  static const auto& storages = *new std::vector<std::pair<std::string, std::string>>{
      {"1", FloatBytes({1, 2, 3, 4, 5, 6})}, {"2", LittleEndian(7, 8)}};
  return storages;
}

std::string ExamplePickle() {
  return MakePickle({{"a", "1", "FloatStorage", 6, 0, {2, 3}, {3, 1}},
                     {"b", "1", "FloatStorage", 6, 1, {2, 2}, {1, 2}},
                     {"c", "2", "LongStorage", 1, 0, {}, {}}},
                    PickleText("inner") + PickleGlobal("collections", "OrderedDict") + ")Rq\x01" + PickleText("self") +
                        "h\x01" + PickleText("list") + "](K\x01" + "G" + std::string(8, '\1') + "e");
}

TEST(WeightsMutationTest, Safetensors) {
  TensorTable table;
  ASSERT_OK(table.AddFloats("b", FloatArray::Copy({2, 3}, {1, 2, 3, 4, 5, 6})));
  ASSERT_OK(table.AddFloats("none", FloatArray::Zeros({0, 4})));
  ASSERT_OK(table.AddInts("position", {}, {7}));
  CheckMutants("safetensors", SerializeSafetensors(table), 1, &ParseSafetensors, &Same);
}

TEST(WeightsMutationTest, TorchZip) {
  CheckMutants("torch zip", MakeTorchZip(ExamplePickle(), Storages()), 2, &ParseTorchZip, &Same);
}

// Inside a good zip, so that the checksum does not stop them.
TEST(WeightsMutationTest, TorchZipPickle) {
  CheckMutants("pickle", ExamplePickle(), 3, &ParseTorchZip,
               [](const std::string& pickle) { return MakeTorchZip(pickle, Storages()); });
}

// The directory alone, behind good data.
TEST(WeightsMutationTest, TorchZipDirectory) {
  const std::string archive = MakeTorchZip(ExamplePickle(), Storages());
  const size_t begin = archive.find("PK\x01\x02");
  CheckMutants("zip directory", archive.substr(begin), 4, &ParseTorchZip,
               [&](const std::string& directory) { return archive.substr(0, begin) + directory; });
}

std::string ExampleTar() {
  return MakeTar({{"PaxHeaders/x", PaxRecord("mtime", "1.5") + PaxRecord("path", "./model_config.yaml"), 'x'},
                  {"cut", "sample_rate: 16000\n"},
                  {"././@LongLink", "./model_weights.ckpt", 'L', "", TarForm::kGnu},
                  {"cut", MakeTorchZip(ExamplePickle(), Storages()), '0', "", TarForm::kGnu, "", -1, true}});
}

TEST(WeightsMutationTest, Tar) { CheckMutants("tar", ExampleTar(), 5, &ParseNemo, &Same); }

// With good checksums, so that these do not stop them: the members before the weights, and the header of the weights.
TEST(WeightsMutationTest, TarHeaders) {
  const std::string tar = ExampleTar();
  const size_t end = tar.find("PK\x03\x04");
  CheckMutants("tar headers", tar.substr(0, end), 6, &ParseNemo,
               [&](const std::string& headers) { return WithTarChecksums(headers + tar.substr(end)); });
}

// The records alone, of which a change more often leaves some good.
TEST(WeightsMutationTest, TarRecords) {
  const std::string weights = MakeTorchZip(ExamplePickle(), Storages());
  CheckMutants("tar records",
               PaxRecord("path", "model_weights.ckpt") + PaxRecord("size", std::to_string(weights.size())), 7,
               &ParseNemo, [&](const std::string& records) {
                 return MakeTar({{"x", records, 'x'}, {"cut", weights}, {"model_config.yaml", "a: 1\n"}});
               });
}

TEST(WeightsMutationTest, Gzip) { CheckMutants("gzip", MakeGzip(ExampleTar()), 8, &ParseNemo, &Same); }

// Inside the gzip, so that its checksum does not stop them. Stored, so that no table is larger than its file.
TEST(WeightsMutationTest, TarInGzip) {
  CheckMutants("tar in gzip", ExampleTar(), 9, &ParseNemo,
               [](const std::string& tar) { return MakeGzip(WithTarChecksums(tar), 0); });
}

// The pickle within the zip within the tar within the gzip.
TEST(WeightsMutationTest, PickleInTarInGzip) {
  CheckMutants("pickle in gzip", ExamplePickle(), 10, &ParseNemo, [](const std::string& pickle) {
    return MakeGzip(MakeTar({{"model_config.yaml", ""}, {"model_weights.ckpt", MakeTorchZip(pickle, Storages())}}), 0);
  });
}

std::string RandomBytes(size_t size, std::mt19937& random) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// Files of no format at all, and such that only begin or end as one.
TEST(WeightsMutationTest, RandomBytes) {
  std::mt19937 random(11);
  const int files = NumMutants();
  const std::string end = "PK\x05\x06" + std::string(18, '\0');
  for (int i = 0; i < files; ++i) {
    const std::string bytes = RandomBytes(random() % 2048, random);
    const std::string header = RandomBytes(random() % 64, random);
    const std::string tar = MakeTar({{"model_config.yaml", bytes}, {"model_weights.ckpt", bytes}});
    for (const std::string& file :
         {bytes, LittleEndian(header.size() + 2, 8) + "{" + header + "}" + bytes, "PK\x03\x04" + bytes + end,
          MakeTorchZip(bytes, Storages()), MakeTorchZip("\x80\x02" + bytes + ".", Storages()), "\x1f\x8b\x08" + bytes,
          std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10) + bytes, MakeGzip(bytes), tar, MakeGzip(tar),
          MakeTar({{"x", bytes, 'x'}, {"x", bytes, 'L'}}), WithTarChecksums(bytes + MakeTar({{"x", bytes}}))}) {
      // Which names a zip and a pointer of Git LFS.
      if (absl::Status status = ParseSafetensors(file, "random").status(); file.substr(0, 2) != "PK") {
        EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
      }
      EXPECT_TRUE(CheckAnswer(ParseTorchZip(file, "random"), file));
      EXPECT_TRUE(CheckAnswer(ParseNemo(file, "random"), file));
    }
  }
}

// Opcodes that are known, in any order: most get further than random bytes do.
TEST(WeightsMutationTest, RandomPickles) {
  const std::string tensor = PickleTensor({"a", "1", "FloatStorage", 6, 0, {2, 3}, {3, 1}});
  const std::vector<std::string> opcodes = {"N",
                                            "\x88",
                                            "K\x01",
                                            "K\x06",
                                            PickleInt(-1),
                                            PickleInt(INT64_MAX),
                                            "G12345678",
                                            PickleText("a"),
                                            PickleText("1"),
                                            PickleText("storage"),
                                            PickleText("cpu"),
                                            "}",
                                            "]",
                                            ")",
                                            "(",
                                            "\x85",
                                            "\x86",
                                            "\x87",
                                            "t",
                                            "a",
                                            "s",
                                            "e",
                                            "u",
                                            "q\x01",
                                            "q\x02",
                                            "h\x01",
                                            "h\x02",
                                            "\x94",
                                            "Q",
                                            "R",
                                            "b",
                                            PickleGlobal("torch", "FloatStorage"),
                                            PickleGlobal("torch._utils", "_rebuild_tensor_v2"),
                                            PickleGlobal("collections", "OrderedDict"),
                                            tensor,
                                            "(" + PickleText("key") + tensor + "u",
                                            PickleGlobal("torch._utils", "_rebuild_parameter"),
                                            "}(" + PickleText("k")};
  std::mt19937 random(12);
  const int files = NumMutants();
  int refused = 0;
  for (int i = 0; i < files; ++i) {
    std::string pickle = "\x80\x02}q\x01";
    // Where short ones end decides; long ones are refused on their way.
    const size_t count = random() % 2 == 0 ? random() % 4 : random() % 40;
    for (size_t opcode = 0; opcode < count; ++opcode) pickle += opcodes[random() % opcodes.size()];
    const std::string file = MakeTorchZip(pickle + ".", Storages());
    refused += CheckAnswer(ParseTorchZip(file, "random"), file) ? 1 : 0;
  }
  std::cout << "random pickles: " << files << ", " << refused << " refused" << std::endl;
  EXPECT_GT(refused, files / 3);
  EXPECT_LT(refused, files);
}

}  // namespace
}  // namespace diarflow
