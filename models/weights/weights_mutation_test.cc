// Damaged weight files, thousands of them: whatever the bytes, the answer is a status or a table inside the bytes.
//
//   ./bazelw test //models/weights:weights_mutation_test
//   ... --test_env=MUTANTS=10000 --config=asan          so many of each kind
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
#include "models/weights/safetensors.h"
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

// Parses mutants of `bytes`; `wrap` makes a file of each.
void CheckMutants(const char* what, const std::string& bytes, uint32_t seed, const Parse& parse,
                  const std::function<std::string(std::string)>& wrap) {
  ASSERT_OK(parse(wrap(bytes), "original"));
  std::mt19937 random(seed);
  const int mutants = NumMutants();
  int refused = 0;
  for (int i = 0; i < mutants; ++i) {
    const std::string file = wrap(Mutate(bytes, random));
    const absl::StatusOr<TensorTable> table = parse(file, "mutant");
    if (!table.ok()) {
      EXPECT_EQ(table.status().code(), absl::StatusCode::kDataLoss) << table.status();
      ++refused;
      continue;
    }
    for (const auto& [name, tensor] : table->tensors()) {
      EXPECT_LE(tensor.byte_size, file.size());
      ToFloats(tensor).IgnoreError();
    }
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

}  // namespace
}  // namespace diarflow
