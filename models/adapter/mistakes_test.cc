// Whether the tolerance of the golden tells known mistakes apart: a slow adapter in double precision, written on its
// own, agrees with the golden, and with each mistake made on purpose ends far outside.
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/core/Tensor.h"
#include "ATen/ops/from_blob.h"
#include "ATen/ops/gelu.h"
#include "ATen/ops/zeros.h"
#include "ATen/ops/zeros_like.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/adapter/network.h"
#include "models/adapter/testing/adapter_fill.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using nlohmann::json;

constexpr double kTolerance = 1e-5;  // of the golden's logits

struct Mistakes {
  bool norm_first = false;
  bool tanh_gelu = false;
  bool scaled_input = false;
  bool no_mask = false;
  bool final_norm = false;
  bool no_positions = false;
  bool halves_of_positions = false;  // all sines, then all cosines
  bool unscaled_scores = false;
  bool large_epsilon = false;
};

// One item [T, in] whose frames from `length` on are padding.
class SlowAdapter {
 public:
  SlowAdapter(AdapterConfig config, const AdapterWeights& weights, Mistakes mistakes)
      : config_(std::move(config)), mistakes_(mistakes) {
    for (const auto& [name, tensor] : AdapterParametersOf(weights)) weights_[name] = tensor.to(at::kDouble);
  }

  at::Tensor Logits(const at::Tensor& input, int64_t length) const {
    at::Tensor x = Linear("proj", input.to(at::kDouble));
    if (mistakes_.scaled_input) x = x * std::sqrt(static_cast<double>(config_.width()));
    if (!mistakes_.no_positions) x = x + Positions(x.size(0));
    for (int i = 0; i < config_.num_layers(); ++i) {
      const std::string name = absl::StrCat("encoder.layers.", i, ".");
      if (mistakes_.norm_first) {
        x = x + Attention(name + "self_attn.", Norm(name + "norm1", x), length);
        x = x + FeedForward(name, Norm(name + "norm2", x));
      } else {
        x = Norm(name + "norm1", x + Attention(name + "self_attn.", x, length));
        x = Norm(name + "norm2", x + FeedForward(name, x));
      }
    }
    if (mistakes_.final_norm) x = Normalised(x);
    return Linear("head", x);
  }

 private:
  const at::Tensor& Weight(const std::string& name) const { return weights_.at(name); }

  at::Tensor Linear(const std::string& name, const at::Tensor& x) const {
    return x.matmul(Weight(name + ".weight").t()) + Weight(name + ".bias");
  }

  at::Tensor Normalised(const at::Tensor& x) const {
    const at::Tensor centred = x - x.mean(1, /*keepdim=*/true);
    return centred / (centred.pow(2).mean(1, /*keepdim=*/true) + (mistakes_.large_epsilon ? 1e-3 : 1e-5)).sqrt();
  }

  at::Tensor Norm(const std::string& name, const at::Tensor& x) const {
    return Normalised(x) * Weight(name + ".weight") + Weight(name + ".bias");
  }

  at::Tensor Positions(int64_t frames) const {
    const int64_t width = config_.width();
    at::Tensor positions = at::zeros({frames, width}, at::kDouble);
    double* out = positions.mutable_data_ptr<double>();
    for (int64_t t = 0; t < frames; ++t) {
      for (int64_t i = 0; i < width / 2; ++i) {
        const double angle = static_cast<double>(t) * std::pow(1e4, -2.0 * static_cast<double>(i) / width);
        out[t * width + (mistakes_.halves_of_positions ? i : 2 * i)] = std::sin(angle);
        out[t * width + (mistakes_.halves_of_positions ? width / 2 + i : 2 * i + 1)] = std::cos(angle);
      }
    }
    return positions;
  }

  at::Tensor Attention(const std::string& name, const at::Tensor& x, int64_t length) const {
    const at::Tensor all = x.matmul(Weight(name + "in_proj_weight").t()) + Weight(name + "in_proj_bias");
    const int64_t width = config_.width(), head = width / config_.num_heads();
    at::Tensor heard = at::zeros_like(x);
    for (int64_t begin = 0; begin < width; begin += head) {
      const at::Tensor query = all.narrow(1, begin, head), key = all.narrow(1, width + begin, head);
      at::Tensor scores = query.matmul(key.t());
      if (!mistakes_.unscaled_scores) scores = scores / std::sqrt(static_cast<double>(head));
      if (!mistakes_.no_mask) scores = scores.narrow(1, 0, length);
      const at::Tensor value = all.narrow(1, 2 * width + begin, head).narrow(0, 0, scores.size(1));
      heard.narrow(1, begin, head).copy_(scores.softmax(1).matmul(value));
    }
    return Linear(name + "out_proj", heard);
  }

  at::Tensor FeedForward(const std::string& name, const at::Tensor& x) const {
    const at::Tensor inside = Linear(name + "linear1", x);
    const at::Tensor active =
        mistakes_.tanh_gelu ? at::gelu(inside, "tanh") : inside * (1 + (inside / std::sqrt(2.0)).erf()) / 2;
    return Linear(name + "linear2", active);
  }

  AdapterConfig config_;
  Mistakes mistakes_;
  AdapterParameters weights_;
};

class MistakesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_OK_AND_ASSIGN(const std::string path, ResolvePath("runfiles:testdata/golden/adapter.json"));
    ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(path));
    const json golden = json::parse(text, nullptr, /*allow_exceptions=*/false);
    ASSERT_OK_AND_ASSIGN(weights_, FillAdapterWeights(golden, AdapterConfig()));
    ASSERT_OK_AND_ASSIGN(input_, FillAdapterInput(golden, {2, 50, 512}));
    stored_ = golden["cases"]["in512"]["key_padding_mask"]["logits_b1"];
  }

  // The largest difference to the golden's logits of the shorter item.
  static double FromGolden(const Mistakes& mistakes) {
    const c10::InferenceMode guard;
    const at::Tensor x = at::from_blob(const_cast<float*>(input_.data()), {2, 50, 512}).select(0, 1);
    const at::Tensor logits = SlowAdapter(AdapterConfig(), weights_, mistakes).Logits(x, 37);
    double apart = 0;
    for (size_t i = 0; i < stored_["t"].size(); ++i) {
      const at::Tensor row = logits.select(0, stored_["t"][i].get<int64_t>());
      for (int64_t k = 0; k < 4; ++k) {
        const double stored = stored_["v"][i][static_cast<size_t>(k)].get<double>();
        apart = std::max(apart, std::fabs(row.select(0, k).item<double>() - stored));
      }
    }
    return apart;
  }

  static void ExpectFound(const char* mistake, bool Mistakes::* which) {
    Mistakes mistakes;
    mistakes.*which = true;
    const double apart = FromGolden(mistakes);
    std::printf("%-40s %.1e\n", mistake, apart);
    EXPECT_GT(apart, 5 * kTolerance) << mistake;
  }

  inline static AdapterWeights weights_;
  inline static FloatArray input_;
  inline static json stored_;
};

TEST_F(MistakesTest, AreFarOutsideTheTolerance) {
  std::printf("%-40s %.1e\n", "none", FromGolden({}));
  EXPECT_LT(FromGolden({}), kTolerance);
  ExpectFound("norms before each half", &Mistakes::norm_first);
  ExpectFound("GELU by tanh", &Mistakes::tanh_gelu);
  ExpectFound("input times sqrt(width)", &Mistakes::scaled_input);
  ExpectFound("padding looked at", &Mistakes::no_mask);
  ExpectFound("a norm behind the last layer", &Mistakes::final_norm);
  ExpectFound("no positions", &Mistakes::no_positions);
  ExpectFound("sines, then cosines", &Mistakes::halves_of_positions);
  ExpectFound("scores without their scale", &Mistakes::unscaled_scores);
  ExpectFound("an epsilon of 1e-3 in the norms", &Mistakes::large_epsilon);
}

}  // namespace
}  // namespace diarflow
