// The adapter against stored float64 numbers, with weights and input that the golden describes by formulas.
//
//   ./bazelw test //models/adapter:golden_test                                the golden in testdata/golden
//   ... --test_env=GOLDEN_FILE=/path/of/golden.json                           another golden of the same form
//   ... --test_env=GOLDEN_SIGNAL=/path/of/input.f32                           with this input [B, T, in] (raw float32)
//
// A case with a smaller input takes the first numbers of the file. Every number of the golden is compared, but for
// those that the run is made from (constants, places, lengths) and for figures of another program's rounding, which are
// bounded.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ATen/core/Tensor.h"
#include "ATen/ops/from_blob.h"
#include "ATen/ops/zeros.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/adapter/adapter.h"
#include "models/adapter/network.h"
#include "models/adapter/testing/adapter_fill.h"
#include "models/device/torch_device.h"
#include "models/testing/golden_numbers.h"
#include "models/testing/test_device.h"

namespace diarflow {
namespace {

using nlohmann::json;

constexpr double kFill = 6e-7;  // seven digits are stored
constexpr double kSumRelative = 1e-7;
constexpr double kLogit = 1e-5;
constexpr double kStage = 1e-5;
// Of some 350 logits whose errors mostly cancel, and of 87 where six digits are stored.
constexpr double kLogitSum = 2e-4;
constexpr double kChannelSum = 7e-4;
constexpr double kNoise = 1e-5;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// One item of a batch is [T, C].
struct Stage {
  std::string name;
  at::Tensor values;  // [B, T, C]
};

struct MaskRun {
  std::vector<Stage> stages;
  std::vector<int64_t> lengths;
  double padded_input_difference = 0;
};

struct CaseRun {
  AdapterWeights weights;
  FloatArray input;
  int64_t parameters = 0;
  std::map<std::string, MaskRun> masks;
};

using GoldenRun = std::map<std::string, CaseRun>;

AdapterConfig ConfigOf(const std::string& name) {
  AdapterConfig config;
  config.set_input_width(std::atoi(name.c_str() + std::strlen("in")));
  return config;
}

at::Tensor PaddingOf(const std::vector<int64_t>& lengths, int64_t frames) {
  at::Tensor padding = at::zeros({static_cast<int64_t>(lengths.size()), frames}, at::kBool);
  for (size_t b = 0; b < lengths.size(); ++b) {
    padding.select(0, static_cast<int64_t>(b)).narrow(0, lengths[b], frames - lengths[b]).fill_(true);
  }
  return padding;
}

// All on the device of x.
MaskRun RunMask(const AdapterConfig& config, const AdapterParameters& parameters, const at::Tensor& x,
                const std::vector<int64_t>& lengths, bool masked) {
  MaskRun run;
  run.lengths = lengths;
  const AdapterObserver observer = [&run](const std::string& stage, const at::Tensor& values) {
    run.stages.push_back({stage, values.to(at::kCPU, values.scalar_type(), /*non_blocking=*/false, /*copy=*/true)});
  };
  AdapterPass pass;
  pass.observer = &observer;
  const at::Tensor padding = masked ? PaddingOf(lengths, x.size(1)).to(x.device()) : at::Tensor();
  const at::Tensor logits = AdapterForward(config, parameters, x, padding, pass);
  if (!masked) return run;
  const at::Tensor changed = x.masked_fill(padding.unsqueeze(2), 7.0);
  const at::Tensor others = AdapterForward(config, parameters, changed, padding, AdapterPass());
  const at::Tensor apart = logits.sub(others).abs().masked_fill(padding.unsqueeze(2), 0.0);
  run.padded_input_difference = apart.max().item<double>();
  return run;
}

absl::StatusOr<GoldenRun> RunGolden(const json& golden, const std::string& signal_path) {
  ASSIGN_OR_RETURN(const ModelDevice device, TestDevice());
  const c10::InferenceMode guard;
  GoldenRun run;
  for (const auto& [name, stored] : golden["cases"].items()) {
    const AdapterConfig config = ConfigOf(name);
    const auto lengths = stored["key_padding_mask"]["valid_lengths"].get<std::vector<int64_t>>();
    const int64_t frames = *std::max_element(lengths.begin(), lengths.end());
    CaseRun made;
    ASSIGN_OR_RETURN(made.weights, FillAdapterWeights(golden, config));
    ASSIGN_OR_RETURN(made.input,
                     FillAdapterInput(golden, {static_cast<int64_t>(lengths.size()), frames, config.input_width()}));
    if (!signal_path.empty()) {
      ASSIGN_OR_RETURN(const std::string bytes, ReadFile(signal_path));
      if (bytes.size() < made.input.byte_size()) {
        return absl::InvalidArgumentError(absl::StrCat(signal_path, " is too short for ", made.input.ShapeString()));
      }
      std::memcpy(made.input.mutable_data(), bytes.data(), made.input.byte_size());
    }
    made.parameters = CountParameters(made.weights);
    AdapterParameters parameters = AdapterParametersOf(made.weights);
    at::Tensor x = at::from_blob(made.input.mutable_data(), made.input.shape());
    MoveTensors(TorchDevice(device), &parameters);
    MoveTensors(TorchDevice(device), {&x});
    made.masks["no_mask"] =
        RunMask(config, parameters, x, std::vector<int64_t>(lengths.size(), frames), /*masked=*/false);
    made.masks["key_padding_mask"] = RunMask(config, parameters, x, lengths, /*masked=*/true);
    run[name] = std::move(made);
  }
  return run;
}

class Checker {
 public:
  Checker(const json& golden, const GoldenRun& run) : golden_(golden), run_(run) {}

  GoldenNumbers Check() {
    for (const auto& [key, value] : golden_.items()) {
      const std::string at = "/" + key;
      if (key == "pe_probe") {
        Positions(at, value);
      } else if (key == "cases") {
        for (const auto& [name, stored] : value.items()) Case(absl::StrCat(at, "/", name), run_.at(name), stored);
      } else if (key == "state_dict_keys") {
        Keys(at, value);
      } else if (key != "constants" && key != "fill" && !value.is_string()) {
        Mismatch(at, "is unknown here");
      }
    }
    return numbers_;
  }

 private:
  void Mismatch(const std::string& at, const std::string& what) { numbers_.Mismatch(at, what); }
  void Number(const std::string& at, const json& stored, double computed, double tolerance) {
    numbers_.Number(at, stored, computed, tolerance);
  }
  void List(const std::string& at, const json& stored, const std::vector<double>& computed, double tolerance) {
    numbers_.List(at, stored, computed, tolerance);
  }

  void Noise(const std::string& at, const json& stored) {
    if (!stored.is_number() || !(std::fabs(stored.get<double>()) < kNoise)) Mismatch(at, "is not rounding");
  }

  static double AbsSum(const FloatArray& values) {
    double sum = 0;
    for (const float value : values) sum += std::fabs(value);
    return sum;
  }

  static std::vector<double> First(const FloatArray& values, size_t count) {
    return std::vector<double>(values.begin(), values.begin() + count);
  }

  static std::vector<double> Row(const at::Tensor& rows, int64_t row, int64_t begin, int64_t count) {
    std::vector<double> numbers;
    for (int64_t i = 0; i < count; ++i) numbers.push_back(rows.select(0, row).select(0, begin + i).item<double>());
    return numbers;
  }

  void Positions(const std::string& at, const json& stored) {
    const int64_t width = AdapterConfig().width();
    const auto places = stored["t"].get<std::vector<int64_t>>();
    const at::Tensor positions = SinusoidalPositions(places.back() + 1, width);
    for (size_t i = 0; i < places.size(); ++i) {
      List(absl::StrCat(at, "/first6/", i), stored["first6"][i], Row(positions, places[i], 0, 6), kFill);
      List(absl::StrCat(at, "/last4/", i), stored["last4"][i], Row(positions, places[i], width - 4, 4), kFill);
    }
  }

  void Keys(const std::string& at, const json& stored) {
    const auto& weights = run_.at("in512").weights;
    for (size_t i = 0; i < stored.size(); ++i) {
      const auto found = weights.find(stored[i][0].get<std::string>());
      const std::string here = absl::StrCat(at, "/", i, "/1");
      if (found == weights.end()) {
        Mismatch(here, "is of a tensor that is unknown here");
        continue;
      }
      const std::vector<int64_t>& shape = found->second.shape();
      List(here, stored[i][1], std::vector<double>(shape.begin(), shape.end()), 0);
    }
  }

  void Case(const std::string& at, const CaseRun& run, const json& stored) {
    for (const auto& [key, value] : stored.items()) {
      const std::string here = absl::StrCat(at, "/", key);
      if (key == "params") {
        Number(here, value, static_cast<double>(run.parameters), 0);
      } else if (key == "input_check") {
        Input(here, run.input, value);
      } else if (key == "weights_check") {
        for (const auto& [name, numbers] : value.items()) {
          Weights(absl::StrCat(here, "/", name), name, run.weights.at(name), numbers);
        }
      } else {
        Mask(here, run.masks.at(key), value);
      }
    }
  }

  void Input(const std::string& at, const FloatArray& input, const json& stored) {
    for (const auto& [key, value] : stored.items()) {
      const std::string here = absl::StrCat(at, "/", key);
      if (key == "first4") {
        List(here, value, First(input, 4), kFill);
      } else if (key == "x_1_49_last") {
        const int64_t frame = 1 * input.dim(1) + 49;
        Number(here, value, input[(frame + 1) * input.dim(2) - 1], kFill);
      } else if (key == "abs_sum") {
        Number(here, value, AbsSum(input), kSumRelative * AbsSum(input));
      } else {
        Mismatch(here, "is unknown here");
      }
    }
  }

  void Weights(const std::string& at, const std::string& name, const FloatArray& weights, const json& stored) {
    for (const auto& [key, value] : stored.items()) {
      const std::string here = absl::StrCat(at, "/", key);
      if (key == "h") {
        Number(here, value, static_cast<double>(AdapterFillHash(golden_, name)), 0);
      } else if (key == "first3") {
        List(here, value, First(weights, 3), kFill);
      } else if (key == "abs_sum") {
        Number(here, value, AbsSum(weights), kSumRelative * AbsSum(weights));
      } else {
        Mismatch(here, "is unknown here");
      }
    }
  }

  // The numbers of the frames that are not padded.
  static std::vector<double> Valid(const at::Tensor& values, const std::vector<int64_t>& lengths) {
    std::vector<double> numbers;
    for (size_t b = 0; b < lengths.size(); ++b) {
      const at::Tensor item = values.select(0, static_cast<int64_t>(b)).narrow(0, 0, lengths[b]).contiguous();
      numbers.insert(numbers.end(), item.const_data_ptr<float>(), item.const_data_ptr<float>() + item.numel());
    }
    return numbers;
  }

  void Stages(const std::string& at, const MaskRun& run, const json& stored) {
    if (stored.size() != run.stages.size()) return Mismatch(at, "is of another number of stages");
    for (size_t i = 0; i < run.stages.size(); ++i) {
      if (stored[i][0] != run.stages[i].name) Mismatch(at, absl::StrCat("has no ", run.stages[i].name));
      const std::vector<double> numbers = Valid(run.stages[i].values, run.lengths);
      const double count = static_cast<double>(numbers.size());
      double mean = 0, variance = 0;
      for (const double x : numbers) mean += x / count;
      for (const double x : numbers) variance += (x - mean) * (x - mean) / count;
      Number(absl::StrCat(at, "/", i, "/1"), stored[i][1], mean, kStage);
      Number(absl::StrCat(at, "/", i, "/2"), stored[i][2], std::sqrt(variance), kStage);
    }
  }

  void Mask(const std::string& at, const MaskRun& run, const json& stored) {
    const at::Tensor logits = run.stages.back().values;
    const std::vector<double> valid = Valid(logits, run.lengths);
    const int64_t speakers = logits.size(2);
    for (const auto& [key, value] : stored.items()) {
      const std::string here = absl::StrCat(at, "/", key);
      if (key == "stage_mean_std") {
        Stages(here, run, value);
      } else if (absl::StartsWith(key, "logits_b")) {
        const at::Tensor item = logits.select(0, std::atoi(key.c_str() + std::strlen("logits_b")));
        for (size_t i = 0; i < value["v"].size(); ++i) {
          List(absl::StrCat(here, "/v/", i), value["v"][i], Row(item, value["t"][i].get<int64_t>(), 0, speakers),
               kLogit);
        }
      } else if (key == "logits_abs_sum_valid") {
        double sum = 0;
        for (const double logit : valid) sum += std::fabs(logit);
        Number(here, value, sum, kLogitSum);
      } else if (key == "logits_sum_valid_per_channel") {
        std::vector<double> sums(static_cast<size_t>(speakers));
        for (size_t i = 0; i < valid.size(); ++i) sums[i % sums.size()] += valid[i];
        List(here, value, sums, kChannelSum);
      } else if (key == "slow_padded_frame_b1_t40") {
        List(here, value, Row(logits.select(0, 1), 40, 0, speakers), kLogit);
      } else if (key == "invariance_padded_input_maxabs_valid") {
        Number(here, value, run.padded_input_difference, 0);
      } else if (absl::StrContains(key, "_vs_")) {
        Noise(here, value);
      } else if (key != "valid_lengths" && !value.is_string() && !value.is_boolean()) {
        Mismatch(here, "is unknown here");
      }
    }
  }

  const json& golden_;
  const GoldenRun& run_;
  GoldenNumbers numbers_;
};

class GoldenTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_OK_AND_ASSIGN(json golden, ReadGolden("runfiles:testdata/golden/adapter.json"));
    golden_ = new json(std::move(golden));
    ASSERT_OK_AND_ASSIGN(GoldenRun run, RunGolden(*golden_, Environment("GOLDEN_SIGNAL")));
    run_ = new GoldenRun(std::move(run));
  }

  void SetUp() override { ASSERT_NE(run_, nullptr); }

  static GoldenNumbers Check(const json& golden) { return Checker(golden, *run_).Check(); }

  inline static json* golden_ = nullptr;
  inline static GoldenRun* run_ = nullptr;
};

TEST_F(GoldenTest, EveryNumberIsWithinItsTolerance) {
  const GoldenNumbers numbers = Check(*golden_);
  std::cout << numbers.checked().size() << " numbers checked, " << numbers.mismatches().size() << " mismatches"
            << std::endl;
  EXPECT_THAT(numbers.mismatches(), testing::IsEmpty());
}

TEST_F(GoldenTest, AChangedDigitIsFound) { EXPECT_THAT(UnseenChanges(*golden_, &Check), testing::IsEmpty()); }

// The class gives what the network gives: valid frames only, whatever the company.
TEST_F(GoldenTest, TheClassGivesTheSame) {
  ASSERT_OK_AND_ASSIGN(const ModelDevice device, TestDevice());
  for (const auto& [name, made] : *run_) {
    TensorTable table;
    for (const auto& [key, values] : made.weights) ASSERT_OK(table.AddFloats(key, values));
    ASSERT_OK_AND_ASSIGN(const auto adapter, Adapter::FromTensors(table, ConfigOf(name), "of the golden", device));
    EXPECT_EQ(adapter->parameter_count(), made.parameters);
    const MaskRun& run = made.masks.at("key_padding_mask");
    const int64_t frames = made.input.dim(1), width = made.input.dim(2);
    std::vector<FloatArray> latents;
    for (size_t b = 0; b < run.lengths.size(); ++b) {
      latents.push_back(FloatArray::Zeros({run.lengths[b], width}));
      std::copy_n(made.input.data() + static_cast<int64_t>(b) * frames * width, latents.back().size(),
                  latents.back().mutable_data());
    }
    ASSERT_OK_AND_ASSIGN(const std::vector<FloatArray> logits, adapter->Logits(latents));
    for (size_t b = 0; b < logits.size(); ++b) {
      const at::Tensor expected =
          run.stages.back().values.select(0, static_cast<int64_t>(b)).narrow(0, 0, run.lengths[b]).contiguous();
      ASSERT_EQ(logits[b].size(), expected.numel());
      for (int64_t i = 0; i < logits[b].size(); ++i) {
        ASSERT_NEAR(logits[b][i], expected.const_data_ptr<float>()[i], kLogit);
      }
    }
  }
}

}  // namespace
}  // namespace diarflow
