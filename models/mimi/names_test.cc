// Names, shapes and row orders of the three public namings, and what a wrong file is told.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/mimi/mimi.h"
#include "models/mimi/mimi_config.h"
#include "models/mimi/mimi_names.h"
#include "models/mimi/mimi_weights.h"
#include "models/weights/safetensors.h"
#include "models/weights/tensor_table.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;

// One row of the table of public names.
struct KeyRow {
  std::string released;
  std::string moshi;
  std::vector<std::string> transformers;
  std::vector<int64_t> full_shape;
  std::vector<int64_t> mini_shape;  // empty when the mini model has no such tensor
  bool needed;
};

class NamesTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(const std::string path, ResolvePath("runfiles:testdata/golden/mimi_keys.json"));
    ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(path));
    keys_ = json::parse(text, nullptr, false);
    ASSERT_TRUE(keys_.is_object());
    for (const json& row : keys_["rows"]) {
      KeyRow key;
      key.released = row[0].get<std::string>();
      key.moshi = row[1].is_string() ? row[1].get<std::string>() : key.released;
      if (row[2].is_string())
        key.transformers = {row[2].get<std::string>()};
      else
        key.transformers = row[2].get<std::vector<std::string>>();
      key.full_shape = row[3].get<std::vector<int64_t>>();
      if (row[4].is_array()) key.mini_shape = row[4].get<std::vector<int64_t>>();
      key.needed = row[5] == 1;
      rows_.push_back(key);
    }
  }

  // A small configuration whose tensors are quickly made.
  static MimiConfig Tiny() {
    MimiConfig config = SmallMimiConfig();
    config.set_n_filters(2);
    config.set_dimension(16);
    config.set_num_heads(2);
    config.set_feed_forward(8);
    config.set_codebook_dimension(4);
    config.set_codebook_size(8);
    config.set_num_codebooks(3);
    return config;
  }

  // Seeded weights of the tiny configuration in a naming. Rows of q and k are put into the order of the transformers
  // naming here by the rule as it is published: the even rows of a head, then the odd ones.
  static TensorTable TinyTable(MimiNaming naming, bool with_decoder = false) {
    TensorTable table("tiny.safetensors");
    for (const auto& [released, values] : RandomMimiWeights(Tiny(), 7)) {
      const std::vector<std::string> names = NamesIn(naming, released);
      if (names.size() == 1) {
        EXPECT_OK(table.AddFloats(names[0], values));
        continue;
      }
      for (int part = 0; part < 3; ++part) {
        FloatArray rows = FloatArray::Zeros({16, 16});
        for (int64_t row = 0; row < 16; ++row) {
          const int64_t head = row / 8, place = row % 8;
          const int64_t source = part == 2 ? row : 8 * head + (place < 4 ? 2 * place : 2 * (place - 4) + 1);
          for (int64_t column = 0; column < 16; ++column) {
            rows.mutable_data()[row * 16 + column] = values[(16 * part + source) * 16 + column];
          }
        }
        EXPECT_OK(table.AddFloats(names[static_cast<size_t>(part)], rows));
      }
    }
    if (with_decoder) {
      for (const std::string& released : MimiDecoderNames(Tiny())) {
        for (const std::string& name : NamesIn(naming, released))
          EXPECT_OK(table.AddFloats(name, FloatArray::Zeros({1})));
      }
    }
    return table;
  }

  // The table without one tensor, and with another one more when it has a name.
  static TensorTable Changed(const TensorTable& table, const std::string& without, const std::string& with,
                             const FloatArray& values = FloatArray::Zeros({2})) {
    TensorTable changed(table.source());
    for (const auto& [name, view] : table.tensors()) {
      if (name == without) continue;
      EXPECT_OK(changed.AddFloats(name, *ToFloats(view)));
    }
    if (with.empty()) return changed;
    EXPECT_OK(changed.AddFloats(with, values));
    return changed;
  }

  json keys_;
  std::vector<KeyRow> rows_;
};

TEST_F(NamesTest, EveryRowOfThePublicTable) {
  std::map<std::string, std::vector<int64_t>> needed;
  for (const MimiTensor& tensor : MimiEncoderTensors(ReleasedMimiConfig())) needed[tensor.name] = tensor.shape;
  std::map<std::string, std::vector<int64_t>> needed_small;
  for (const MimiTensor& tensor : MimiEncoderTensors(SmallMimiConfig())) needed_small[tensor.name] = tensor.shape;
  const std::vector<std::string> other = MimiDecoderNames(ReleasedMimiConfig());
  std::set<std::string> other_set(other.begin(), other.end());
  size_t needed_rows = 0;
  for (const KeyRow& row : rows_) {
    EXPECT_THAT(NamesIn(MimiNaming::kReleased, row.released), ElementsAre(row.released));
    EXPECT_THAT(NamesIn(MimiNaming::kMoshi, row.released), ElementsAre(row.moshi));
    EXPECT_THAT(NamesIn(MimiNaming::kTransformers, row.released), ElementsAreArray(row.transformers));
    if (!row.needed) {
      EXPECT_EQ(other_set.erase(row.released), 1u) << row.released;
      continue;
    }
    ++needed_rows;
    EXPECT_THAT(needed[row.released], ElementsAreArray(row.full_shape)) << row.released;
    if (row.mini_shape.empty()) continue;
    EXPECT_THAT(needed_small[row.released], ElementsAreArray(row.mini_shape)) << row.released;
  }
  EXPECT_THAT(other_set, testing::IsEmpty());
  EXPECT_EQ(rows_.size(), keys_["counts"]["all"].get<size_t>());
  EXPECT_EQ(needed_rows, keys_["counts"]["encode"].get<size_t>());
  EXPECT_EQ(needed.size(), needed_rows);
}

TEST_F(NamesTest, ParametersAreCounted) {
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::Random(ReleasedMimiConfig(), 1));
  const json& counts = keys_["counts"];
  EXPECT_EQ(mimi->parameter_count(), counts["params_seanet_encoder"].get<int64_t>() +
                                         counts["params_encoder_transformer"].get<int64_t>() +
                                         counts["params_downsample"].get<int64_t>());
}

// Two heads of four rows, written out by hand: row r of the released matrix is {r, 10 r}.
TEST_F(NamesTest, RowsOfQAndKOnLiteralMatrices) {
  const FloatArray transformers = FloatArray::Copy({8, 2}, {0, 0, 2, 20, 1, 10, 3, 30, 4, 40, 6, 60, 5, 50, 7, 70});
  const FloatArray released = InterleaveHeadRows(transformers, 2);
  EXPECT_THAT(std::vector<float>(released.begin(), released.end()),
              ElementsAre(0, 0, 1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60, 7, 70));
  // One head of six rows.
  const FloatArray one = InterleaveHeadRows(FloatArray::Copy({6, 1}, {0, 2, 4, 1, 3, 5}), 1);
  EXPECT_THAT(std::vector<float>(one.begin(), one.end()), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST_F(NamesTest, AllNamingsGiveTheSameWeights) {
  ASSERT_OK_AND_ASSIGN(const MimiWeights expected, TakeMimiWeights(TinyTable(MimiNaming::kReleased), Tiny()));
  for (const MimiNaming naming : {MimiNaming::kReleased, MimiNaming::kMoshi, MimiNaming::kTransformers}) {
    for (const bool with_decoder : {false, true}) {
      const TensorTable table = TinyTable(naming, with_decoder);
      EXPECT_THAT(DetectMimiNaming(table, Tiny()), IsOkAndHolds(naming));
      ASSERT_OK_AND_ASSIGN(const MimiWeights weights, TakeMimiWeights(table, Tiny()));
      ASSERT_EQ(weights.size(), expected.size());
      for (const auto& [name, values] : expected) {
        ASSERT_THAT(weights.at(name).shape(), ElementsAreArray(values.shape())) << name;
        EXPECT_TRUE(std::equal(values.begin(), values.end(), weights.at(name).begin())) << name;
      }
    }
  }
}

TEST_F(NamesTest, AFileGivesTheSameAsATable) {
  const std::string path = JoinPath(testing::TempDir(), "tiny.safetensors");
  ASSERT_OK(WriteSafetensors(path, TinyTable(MimiNaming::kTransformers, true)));
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr from_file, MimiEncoder::Load(path, Tiny()));
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr random, MimiEncoder::Random(Tiny(), 7));
  FloatArray audio = FloatArray::Zeros({5000});
  for (int64_t i = 0; i < audio.size(); ++i) audio.mutable_data()[i] = 0.01f * static_cast<float>(i * i % 97 - 48);
  ASSERT_OK_AND_ASSIGN(const auto a, from_file->Encode({audio}, MimiTap::kLatent12));
  ASSERT_OK_AND_ASSIGN(const auto b, random->Encode({audio}, MimiTap::kLatent12));
  EXPECT_TRUE(std::equal(a[0].begin(), a[0].end(), b[0].begin()));
  EXPECT_EQ(from_file->Description(), "Mimi, 2 filters, width 16, 2 layers, weights tiny.safetensors");
  EXPECT_TRUE(from_file->trained());
  EXPECT_NE(from_file->Fingerprint(), random->Fingerprint());
  ASSERT_OK_AND_ASSIGN(const TensorTable table, ReadSafetensors(path));
  EXPECT_EQ(from_file->weights_digest(), table.Digest());
}

TEST_F(NamesTest, NamesWhatIsWrong) {
  const TensorTable released = TinyTable(MimiNaming::kReleased);
  const std::string bias = "encoder.model.0.conv.conv.bias";
  const auto take = [](const TensorTable& table) { return TakeMimiWeights(table, Tiny()).status(); };
  EXPECT_THAT(
      take(Changed(released, bias, "")),
      StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("tiny.safetensors"), HasSubstr("released naming"),
                                                         HasSubstr("\"" + bias + "\" is missing"))));
  // A misspelt one: missing here, surplus there, each with the other as the nearest.
  EXPECT_THAT(
      take(Changed(released, bias, "encoder.model.0.conv.conv.bais")),
      StatusIs(
          absl::StatusCode::kInvalidArgument,
          AllOf(
              HasSubstr("bias\" is missing (the nearest name that is not used is \"encoder.model.0.conv.conv.bais\")"),
              HasSubstr("bais\" is not part of a Mimi of this size (the nearest known name is \"" + bias + "\")"))));
  EXPECT_THAT(
      take(Changed(released, bias, bias, FloatArray::Zeros({3}))),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"" + bias + "\" has the shape [3] instead of [2]")));
  EXPECT_THAT(take(Changed(released, bias, bias, FloatArray::Copy({2}, {1, NAN}))),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"" + bias + "\" holds nan at place 1")));
  EXPECT_THAT(take(Changed(released, "", "quantizer.rvq_rest.vq.layers.2._codebook._initialized")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not part of a Mimi of this size")));

  const TensorTable transformers = TinyTable(MimiNaming::kTransformers);
  const std::string key = "encoder_transformer.layers.1.self_attn.k_proj.weight";
  EXPECT_THAT(take(Changed(transformers, key, "")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("transformers naming"), HasSubstr("\"" + key + "\" is missing"))));
  EXPECT_THAT(take(Changed(transformers, key, key, FloatArray::Zeros({16, 8}))),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("has the shape [16, 8] instead of [16, 16]")));
}

TEST_F(NamesTest, AFileOfSomethingElse) {
  TensorTable other("other.safetensors");
  ASSERT_OK(other.AddFloats("conv1.weight", FloatArray::Zeros({2})));
  EXPECT_THAT(TakeMimiWeights(other, Tiny()).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("other.safetensors holds none of the tensors of a Mimi"),
                             HasSubstr("\"conv1.weight\""))));
  // The right names at the wrong size: the list of faults stays short.
  const absl::Status status = TakeMimiWeights(TinyTable(MimiNaming::kReleased), SmallMimiConfig()).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("more")));
  EXPECT_LT(status.message().size(), 2000u);
  EXPECT_THAT(MimiEncoder::Load("/nowhere/mimi.safetensors", Tiny()).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/mimi.safetensors")));
}

}  // namespace
}  // namespace diarflow
