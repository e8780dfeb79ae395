// The filter bank against stored float64 numbers.
//
// --test_env=GOLDEN_FILE=F   another golden of the same form (absolute path). Its signal's formula, lengths and tables
//                            are read from it.
// --test_env=GOLDEN_SIGNAL=S the signal itself, raw float32 samples (absolute path), in place of the formula's.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audio/fbank.h"
#include "base/files.h"
#include "base/float_array.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "re2/re2.h"

namespace diarflow {
namespace {

using Json = nlohmann::json;

// The stored numbers are float64; ours are rounded to float32 once, by up to 5e-7 below 16.
constexpr double kTolerance = 2e-6;

class FbankGoldenTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* file = std::getenv("GOLDEN_FILE");
    ASSERT_OK_AND_ASSIGN(const std::string path,
                         ResolvePath(file != nullptr ? file : "runfiles:testdata/golden/campplus_fbank.json"));
    ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(path));
    golden_ = Json::parse(text, nullptr, false);
    ASSERT_TRUE(golden_.is_object()) << path << " is not JSON";
    const char* signal_file = std::getenv("GOLDEN_SIGNAL");
    ASSERT_OK_AND_ASSIGN(signal_, signal_file != nullptr ? ReadSignal(signal_file) : MakeSignal());
  }

  static void TearDownTestSuite() { std::cout << num_checked_ << " numbers checked" << std::endl; }

  static absl::StatusOr<FloatArray> ReadSignal(const std::string& path) {
    ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
    if (bytes.size() % sizeof(float) != 0) return absl::DataLossError(absl::StrCat(path, ": not float32 samples"));
    FloatArray signal = FloatArray::Zeros({static_cast<int64_t>(bytes.size() / sizeof(float))});
    std::memcpy(signal.mutable_data(), bytes.data(), bytes.size());
    return signal;
  }

  // x[n] = a sin(2 pi f t) (1 + b sin(2 pi g t)) + c sin(2 pi h t + p) + d sin(2 pi k t t), t = n / rate.
  absl::StatusOr<FloatArray> MakeSignal() const {
    const std::string formula = golden_.at("input").at("formula");
    double a, f, b, g, c, h, p, d, k, rate;
    int64_t length;
    if (!RE2::PartialMatch(formula,
                           R"(x\[n\]=([\d.]+)\*sin\(2pi\*([\d.]+)\*t\)\*\(1\+([\d.]+)\*sin\(2pi\*([\d.]+)\*t\)\))"
                           R"(\+([\d.]+)\*sin\(2pi\*([\d.]+)\*t\+([\d.]+)\)\+([\d.]+)\*sin\(2pi\*([\d.]+)\*t\*t\))"
                           R"(, t=n/([\d.]+), N=(\d+))",
                           &a, &f, &b, &g, &c, &h, &p, &d, &k, &rate, &length)) {
      return absl::InvalidArgumentError("not a known formula: " + formula);
    }
    constexpr double kTwoPi = 2 * 3.14159265358979323846;
    FloatArray signal = FloatArray::Zeros({length});
    for (int64_t n = 0; n < length; ++n) {
      const double t = static_cast<double>(n) / rate;
      signal.mutable_data()[n] = static_cast<float>(
          a * std::sin(kTwoPi * f * t) * (1 + b * std::sin(kTwoPi * g * t)) + c * std::sin(kTwoPi * h * t + p) +
          d * std::sin(kTwoPi * k * t * t));
    }
    return signal;
  }

  void Check(double got, const Json& stored, double tolerance, const std::string& what) {
    ++num_checked_;
    EXPECT_NEAR(got, stored.get<double>(), tolerance) << what;
  }

  // Stored are numbers 0, step, 2 step, ... of `values`, as many as there are.
  void CheckEvery(const std::vector<double>& values, const Json& stored, size_t step, double tolerance,
                  const std::string& what) {
    ASSERT_EQ(stored.size(), (values.size() + step - 1) / step) << what;
    for (size_t i = 0; i < stored.size(); ++i) {
      Check(values[i * step], stored[i], tolerance, absl::StrCat(what, ", number ", i));
    }
  }

  Json golden_;
  FloatArray signal_;
  inline static int num_checked_ = 0;
};

TEST_F(FbankGoldenTest, Signal) {
  double sum = 0, sum_of_squares = 0;
  for (const float x : signal_) {
    sum += x;
    sum_of_squares += static_cast<double>(x) * x;
  }
  for (const auto& [key, stored] : golden_.at("input").items()) {
    int64_t index = 0;
    if (key == "formula") continue;
    if (key == "sum") {
      Check(sum, stored, 1e-5, key);
    } else if (key == "sumsq") {
      Check(sum_of_squares, stored, 1e-5, key);
    } else if (RE2::FullMatch(key, R"(x\[(\d+)\])", &index)) {
      ASSERT_LT(index, signal_.size());
      Check(signal_[index], stored, 1e-7, key);
    } else if (RE2::FullMatch(key, R"(x_first(\d+))", &index)) {
      ASSERT_LE(index, signal_.size());
      CheckEvery(std::vector<double>(signal_.begin(), signal_.begin() + index), stored, 1, 1e-7, key);
    } else {
      ADD_FAILURE() << "what is " << key << "?";
    }
  }
}

TEST_F(FbankGoldenTest, LogEnergies) {
  ASSERT_OK_AND_ASSIGN(const Fbank fbank, Fbank::Create());
  ASSERT_OK_AND_ASSIGN(const FloatArray frames, fbank.Compute(signal_));
  const int64_t num_frames = frames.dim(0), num_bins = frames.dim(1);
  double sum = 0, sum_of_squares = 0;
  for (const float x : frames) {
    sum += x;
    sum_of_squares += static_cast<double>(x) * x;
  }
  const double mean = sum / static_cast<double>(frames.size());
  for (const auto& [key, stored] : golden_.at("fbank_raw_scale1").items()) {
    int64_t row = 0;
    size_t step = 1;
    if (key == "note") continue;
    if (key == "shape") {
      CheckEvery({static_cast<double>(num_frames), static_cast<double>(num_bins)}, stored, 1, 0, key);
    } else if (key == "mean") {
      Check(mean, stored, kTolerance, key);
    } else if (key == "std") {
      // Of a sample: divided by one less than their number.
      const double size = static_cast<double>(frames.size());
      Check(std::sqrt((sum_of_squares - size * mean * mean) / (size - 1)), stored, kTolerance, key);
    } else if (RE2::FullMatch(key, R"(col_mean_every(\d+))", &step)) {
      ASSERT_OK_AND_ASSIGN(const FloatArray means, MeanOverFrames(frames));
      CheckEvery(std::vector<double>(means.begin(), means.end()), stored, step, kTolerance, key);
    } else if (RE2::FullMatch(key, R"(row(\d+)(?:_every(\d+))?)", &row, nullptr)) {
      RE2::PartialMatch(key, R"(_every(\d+))", &step);
      ASSERT_LT(row, num_frames);
      const float* begin = frames.data() + row * num_bins;
      CheckEvery(std::vector<double>(begin, begin + num_bins), stored, step, kTolerance, key);
    } else {
      ADD_FAILURE() << "what is " << key << "?";
    }
  }
}

TEST_F(FbankGoldenTest, MelWeights) {
  ASSERT_OK_AND_ASSIGN(const Fbank fbank, Fbank::Create());
  const FloatArray weights = fbank.MelWeights();
  std::vector<double> row_sums, row_nonzeros;
  for (int64_t bin = 0; bin < weights.dim(0); ++bin) {
    row_sums.push_back(0);
    row_nonzeros.push_back(0);
    for (int64_t k = 0; k < weights.dim(1); ++k) {
      const float weight = weights[bin * weights.dim(1) + k];
      row_sums.back() += weight;
      row_nonzeros.back() += weight != 0;
    }
  }
  for (const auto& [key, stored] : golden_.at("mel_weights").items()) {
    size_t step = 1;
    if (key == "nonzeros_per_row") {
      CheckEvery(row_nonzeros, stored, 1, 0, key);
    } else if (RE2::FullMatch(key, R"(row_sums_every(\d+))", &step)) {
      CheckEvery(row_sums, stored, step, kTolerance, key);
    } else {
      ADD_FAILURE() << "what is " << key << "?";
    }
  }
}

}  // namespace
}  // namespace diarflow
