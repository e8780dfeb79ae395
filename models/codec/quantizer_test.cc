#include "models/codec/quantizer.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "ATen/ops/empty_like.h"
#include "ATen/ops/linear.h"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/codec/testing/sound.h"
#include "models/mimi/mimi.h"
#include "models/mimi/mimi_config.h"
#include "models/mimi/mimi_weights.h"

namespace diarflow {
namespace {

constexpr char kFirst[] = "quantizer.rvq_first.vq.layers.0._codebook.";
constexpr char kSecond[] = "quantizer.rvq_rest.vq.layers.0._codebook.";

// Small networks whose quantiser matters.
MimiConfig SmallConfig() {
  MimiConfig config;
  config.set_n_filters(2);
  config.set_dimension(12);
  config.set_num_heads(2);
  config.set_num_layers(1);
  config.set_feed_forward(8);
  config.set_codebook_dimension(5);
  config.set_codebook_size(9);
  config.set_num_codebooks(4);
  return FillMimiConfig(config);
}

// Encoder, quantiser and output projections; `initialized` for codebooks that hold what the random weights have.
CodecTensors MakeTensors(const MimiConfig& config, bool initialized, Random& random) {
  CodecTensors tensors = CodecTensorsOf(RandomMimiWeights(config, random.Next()));
  for (const ExpectedTensor& tensor : OutputProjectionTensors(config)) {
    tensors[tensor.name] = RandomNumbers(tensor.shape, 0.5, random);
  }
  for (auto& [name, tensor] : tensors) {
    if (name.find("._initialized") != std::string::npos) tensor.fill_(initialized ? 1 : 0);
    if (name.find(".cluster_usage") != std::string::npos)
      tensor.copy_(RandomNumbers(tensor.sizes().vec(), 0.5, random).add(1));
  }
  return tensors;
}

CodecTensors Copy(const CodecTensors& tensors) {
  CodecTensors copies;
  for (const auto& [name, tensor] : tensors) copies[name] = tensor.detach().clone();
  return copies;
}

using Rows = std::vector<std::vector<double>>;

Rows ToRows(const at::Tensor& tensor) {
  const at::Tensor numbers = tensor.detach().to(at::kDouble).contiguous();
  Rows rows(static_cast<size_t>(numbers.size(0)));
  const double* in = numbers.const_data_ptr<double>();
  for (auto& row : rows) {
    row.assign(in, in + numbers.size(1));
    in += numbers.size(1);
  }
  return rows;
}

// One codebook in plain loops: codes of the rows, what it leaves in `rows`, and its moving averages behind the batch
// but for entries set anew.
struct SlowCodebook {
  Rows sum;
  std::vector<double> usage;

  SlowCodebook(const CodecTensors& tensors, const std::string& name) : sum(ToRows(tensors.at(name + "embedding_sum"))) {
    usage = ToRows(tensors.at(name + "cluster_usage").unsqueeze(0))[0];
  }

  std::vector<int64_t> Quantize(Rows* rows, double* left) const {
    std::vector<int64_t> codes;
    for (auto& row : *rows) {
      size_t code = 0;
      double best = std::numeric_limits<double>::infinity();
      for (size_t entry = 0; entry < sum.size(); ++entry) {
        double distance = 0;
        for (size_t i = 0; i < row.size(); ++i) distance += std::pow(row[i] - sum[entry][i] / usage[entry], 2);
        if (distance >= best) continue;
        best = distance;
        code = entry;
      }
      codes.push_back(static_cast<int64_t>(code));
      for (size_t i = 0; i < row.size(); ++i) row[i] -= sum[code][i] / usage[code];
      *left += best / static_cast<double>(row.size() * rows->size());
    }
    return codes;
  }

  void Learn(const Rows& rows, const std::vector<int64_t>& codes, double decay) {
    for (auto& row : sum) {
      for (double& number : row) number *= decay;
    }
    for (double& number : usage) number *= decay;
    for (size_t t = 0; t < rows.size(); ++t) {
      const size_t code = static_cast<size_t>(codes[t]);
      usage[code] += 1 - decay;
      for (size_t i = 0; i < rows[t].size(); ++i) sum[code][i] += (1 - decay) * rows[t][i];
    }
  }
};

TEST(QuantizerTest, IsWhatPlainLoopsGive) {
  Random random(1);
  for (int round = 0; round < 10; ++round) {
    const MimiConfig config = RandomMimiConfig(random);
    SCOPED_TRACE(config.ShortDebugString());
    const CodecTensors before = InDouble(MakeTensors(config, true, random));
    const CodecTensors tensors = Copy(before);
    const at::Tensor latent = RandomNumbers({3, 7, config.dimension()}, 2, random).to(at::kDouble);
    const int count = 1 + static_cast<int>(random.Below(config.num_codebooks()));
    CodebookTraining training{&random};
    training.dead_below = 0;
    training.decay = 0.7;
    const QuantizedBatch batch = QuantizeForTraining(config, tensors, tensors, latent, count, &training);
    ASSERT_EQ(batch.codes.size(), static_cast<size_t>(count));
    at::Tensor expected;
    double commitment = 0;
    for (int chain = 0; chain < (count > 1 ? 2 : 1); ++chain) {
      const std::string name = chain == 0 ? "quantizer.rvq_first" : "quantizer.rvq_rest";
      const at::Tensor input = at::linear(latent, before.at(name + ".input_proj.weight").squeeze(2)).flatten(0, 1);
      Rows rows = ToRows(input);
      for (int i = 0; i < (chain == 0 ? 1 : count - 1); ++i) {
        const std::string codebook_name = absl::StrCat(name, ".vq.layers.", i, "._codebook.");
        SlowCodebook codebook(before, codebook_name);
        const Rows input_rows = rows;
        const std::vector<int64_t> codes = codebook.Quantize(&rows, &commitment);
        for (size_t t = 0; t < codes.size(); ++t) {
          ASSERT_EQ(batch.codes[static_cast<size_t>(chain + i)].flatten()[static_cast<int64_t>(t)].item<int64_t>(),
                    codes[t]);
        }
        codebook.Learn(input_rows, codes, 0.7);
        const SlowCodebook now(tensors, codebook_name);
        for (size_t entry = 0; entry < now.usage.size(); ++entry) {
          EXPECT_NEAR(now.usage[entry], codebook.usage[entry], 1e-9);
          for (size_t j = 0; j < now.sum[entry].size(); ++j) {
            EXPECT_NEAR(now.sum[entry][j], codebook.sum[entry][j], 1e-9);
          }
        }
      }
      at::Tensor left = at::empty_like(input);
      for (size_t t = 0; t < rows.size(); ++t) {
        for (size_t i = 0; i < rows[t].size(); ++i) {
          left[static_cast<int64_t>(t)][static_cast<int64_t>(i)] = rows[t][i];
        }
      }
      const at::Tensor values = at::linear(input.sub(left), before.at(name + ".output_proj.weight").squeeze(2));
      expected = expected.defined() ? expected.add(values) : values;
    }
    EXPECT_LT(Farthest(batch.values, expected.view_as(latent)), 1e-9);
    EXPECT_NEAR(batch.commitment.item<double>(), commitment / count, 1e-9);
    for (int unused_layer = count - 1; unused_layer < config.num_codebooks() - 1; ++unused_layer) {
      const std::string name = absl::StrCat("quantizer.rvq_rest.vq.layers.", unused_layer, "._codebook.embedding_sum");
      EXPECT_EQ(Farthest(tensors.at(name), before.at(name)), 0) << name;
    }
  }
}

TEST(QuantizerTest, TheGradientGoesStraightThrough) {
  Random random(2);
  const MimiConfig config = SmallConfig();
  const CodecTensors tensors = InDouble(MakeTensors(config, true, random));
  const at::Tensor latent = RandomNumbers({2, 5, 12}, 1, random).to(at::kDouble).set_requires_grad(true);
  const at::Tensor weights = RandomNumbers({2, 5, 12}, 1, random).to(at::kDouble);
  QuantizeForTraining(config, tensors, tensors, latent, 3, nullptr).values.mul(weights).sum().backward();
  at::Tensor expected;
  for (const std::string name : {"quantizer.rvq_first", "quantizer.rvq_rest"}) {
    const at::Tensor through = weights.matmul(tensors.at(name + ".output_proj.weight").squeeze(2))
                                   .matmul(tensors.at(name + ".input_proj.weight").squeeze(2));
    expected = expected.defined() ? expected.add(through) : through;
  }
  EXPECT_LT(Farthest(latent.grad(), expected), 1e-12);
}

// The commitment pulls the latent to its entries: within a cell they are constants.
TEST(QuantizerTest, TheCommitmentHasTheGradientOfFiniteDifferences) {
  Random random(3);
  constexpr double kStep = 1e-6;
  const MimiConfig config = SmallConfig();
  const CodecTensors tensors = InDouble(MakeTensors(config, true, random));
  at::Tensor latent = RandomNumbers({1, 4, 12}, 1, random).to(at::kDouble);
  const auto loss = [&](const at::Tensor& x) {
    return QuantizeForTraining(config, tensors, tensors, x, 4, nullptr).commitment;
  };
  const at::Tensor tracked = latent.clone().set_requires_grad(true);
  loss(tracked).backward();
  for (int64_t i = 0; i < latent.numel(); ++i) {
    at::Tensor moved = latent.clone();
    moved.view({-1})[i].add_(kStep);
    const double above = loss(moved).item<double>();
    moved.view({-1})[i].sub_(2 * kStep);
    const double below = loss(moved).item<double>();
    EXPECT_NEAR((above - below) / (2 * kStep), tracked.grad().view({-1})[i].item<double>(), 1e-7);
  }
}

TEST(QuantizerTest, TheFirstBatchFillsTheCodebooks) {
  Random random(4);
  const MimiConfig config = SmallConfig();
  const CodecTensors tensors = MakeTensors(config, false, random);
  const at::Tensor latent = RandomNumbers({1, 6, 12}, 1, random);
  const CodebookTraining training{&random};
  const QuantizedBatch first = QuantizeForTraining(config, tensors, tensors, latent, 2, &training);
  EXPECT_GE(first.use[0].set_anew, config.codebook_size());
  EXPECT_EQ(tensors.at(std::string(kFirst) + "_initialized").item<float>(), 1);
  EXPECT_EQ(tensors.at(std::string(kSecond) + "_initialized").item<float>(), 1);
  EXPECT_EQ(tensors.at("quantizer.rvq_rest.vq.layers.1._codebook._initialized").item<float>(), 0);
  // Nine entries that are frames of six: most frames stand in the codebook, as they are.
  const at::Tensor rows =
      at::linear(latent, tensors.at("quantizer.rvq_first.input_proj.weight").squeeze(2)).flatten(0, 1);
  const at::Tensor entries = tensors.at(std::string(kFirst) + "embedding_sum")
                                 .div(tensors.at(std::string(kFirst) + "cluster_usage").unsqueeze(1));
  int64_t hits = 0;
  for (int64_t t = 0; t < 6; ++t) hits += entries.sub(rows[t]).abs().amax(1).min().item<float>() < 1e-5 ? 1 : 0;
  EXPECT_GE(hits, 3);
  EXPECT_GT(first.use[0].perplexity, 2);
}

TEST(QuantizerTest, UnusedEntriesAreSetAnew) {
  Random random(5);
  const MimiConfig config = SmallConfig();
  const CodecTensors tensors = MakeTensors(config, true, random);
  const at::Tensor sum = tensors.at(std::string(kFirst) + "embedding_sum");
  const at::Tensor usage = tensors.at(std::string(kFirst) + "cluster_usage");
  usage.fill_(1);
  usage[4].fill_(0.02);
  sum[4].fill_(10);  // 500: far from all
  const at::Tensor latent = RandomNumbers({2, 20, 12}, 1, random);
  const CodebookTraining training{&random};
  const QuantizedBatch batch = QuantizeForTraining(config, tensors, tensors, latent, 1, &training);
  EXPECT_EQ(batch.use[0].set_anew, 1);
  const at::Tensor rows =
      at::linear(latent, tensors.at("quantizer.rvq_first.input_proj.weight").squeeze(2)).flatten(0, 1);
  EXPECT_LT(rows.sub(sum[4].div(usage[4])).abs().amax(1).min().item<float>(), 1e-5);
  // A fifth of the mean, as it was before.
  EXPECT_NEAR(usage[4].item<double>(), usage.sum().sub(usage[4]).add(0.02 * 0.98).div(9).item<double>() / 5, 1e-5);
}

TEST(QuantizerTest, WithoutTrainingNothingChanges) {
  Random random(6);
  const MimiConfig config = SmallConfig();
  for (const bool initialized : {false, true}) {
    const CodecTensors tensors = MakeTensors(config, initialized, random);
    const CodecTensors before = Copy(tensors);
    QuantizeForTraining(config, tensors, tensors, RandomNumbers({2, 3, 12}, 1, random), 4, nullptr);
    for (const auto& [name, tensor] : tensors) EXPECT_EQ(Farthest(tensor, before.at(name)), 0) << name;
  }
}

TEST(QuantizerTest, MimiGivesTheSameCodes) {
  Random random(7);
  const MimiConfig config = SmallConfig();
  const CodecTensors tensors = MakeTensors(config, false, random);
  const CodebookTraining training{&random};
  for (int batch = 0; batch < 20; ++batch) {
    QuantizeForTraining(config, tensors, tensors, RandomNumbers({2, 15, 12}, 1, random), 4, &training);
  }
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::FromTensors(TableOf(tensors), config, "trained"));
  const at::Tensor latent = RandomNumbers({1, 50, 12}, 1, random);
  const QuantizedBatch batch = QuantizeForTraining(config, tensors, tensors, latent, 4, nullptr);
  ASSERT_OK_AND_ASSIGN(const MimiCodes codes, mimi->Quantize(ToFloatArray(latent[0])));
  ASSERT_EQ(codes.codebooks, 4);
  for (int64_t codebook = 0; codebook < 4; ++codebook) {
    EXPECT_GT(batch.use[static_cast<size_t>(codebook)].perplexity, 3);
    for (int64_t t = 0; t < 50; ++t) {
      EXPECT_EQ(batch.codes[static_cast<size_t>(codebook)][0][t].item<int64_t>(), codes.at(codebook, t));
    }
  }
}

TEST(QuantizerTest, PerplexityOfKnownCodes) {
  Random random(8);
  const MimiConfig config = SmallConfig();
  const CodecTensors tensors = MakeTensors(config, true, random);
  // Frames that are one and the same take one entry; so does each of two kinds.
  const at::Tensor same = RandomNumbers({1, 1, 12}, 1, random).expand({1, 8, 12});
  EXPECT_NEAR(QuantizeForTraining(config, tensors, tensors, same, 1, nullptr).use[0].perplexity, 1, 1e-6);
  const at::Tensor entries = tensors.at(std::string(kFirst) + "embedding_sum")
                                 .div(tensors.at(std::string(kFirst) + "cluster_usage").unsqueeze(1));
  // An input projection that keeps the first numbers: latents that are entries.
  at::Tensor projection = tensors.at("quantizer.rvq_first.input_proj.weight");
  projection.zero_();
  for (int64_t i = 0; i < 5; ++i) projection[i][i].fill_(1);
  at::Tensor latent = RandomNumbers({1, 9, 12}, 1, random);
  latent.narrow(2, 0, 5).copy_(entries.unsqueeze(0));
  EXPECT_NEAR(QuantizeForTraining(config, tensors, tensors, latent, 1, nullptr).use[0].perplexity, 9, 1e-4);
}

}  // namespace
}  // namespace diarflow
