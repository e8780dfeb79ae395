#include "models/mimi/testing/golden_fill.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "models/mimi/mimi_config.h"
#include "models/mimi/mimi_names.h"
#include "models/testing/formula.h"
#include "re2/re2.h"

namespace diarflow {
namespace {

using nlohmann::json;

// The indices of one evaluation: small enough to stay in the cache.
constexpr int64_t kBlock = 2048;

struct Rule {
  std::string pattern;  // "*suffix", a whole name, "other 1-D" or "everything else"
  Formula formula;

  bool Matches(const MimiTensor& tensor) const {
    if (pattern == "everything else") return true;
    if (pattern == "other 1-D") return tensor.shape.size() == 1;
    absl::string_view suffix = pattern;
    return absl::ConsumePrefix(&suffix, "*") ? absl::EndsWith(tensor.name, suffix) : tensor.name == pattern;
  }
};

absl::StatusOr<std::string> Text(const json& object, const char* name) {
  if (!object.is_object() || !object.contains(name) || !object[name].is_string()) {
    return absl::InvalidArgumentError(absl::StrCat("the golden file has no text \"", name, "\""));
  }
  return object[name].get<std::string>();
}

// "*.scale (layer scale): 0.3+0.1*w" or "everything else (...): w*sqrt(2/fan_in), fan_in = product of dims 1.."
absl::StatusOr<Rule> ParseRule(const std::string& text) {
  std::string pattern, formula;
  if (!RE2::FullMatch(text, R"(([^:(]*?)\s*(?:\([^)]*\))?:\s*([^,]*).*)", &pattern, &formula)) {
    return absl::InvalidArgumentError(absl::StrCat("the fill rule \"", text, "\" is not understood"));
  }
  ASSIGN_OR_RETURN(Formula parsed, Formula::Parse(formula));
  return Rule{pattern, std::move(parsed)};
}

// What follows "w_i =", up to a comma or a bracket. "SAME ... w_1d" stands for the formula of vectors.
absl::StatusOr<Formula> ParseWave(const json& fill, const char* name) {
  ASSIGN_OR_RETURN(std::string text, Text(fill, name));
  if (RE2::PartialMatch(text, "SAME .*w_1d")) {
    ASSIGN_OR_RETURN(text, Text(fill, "w_1d"));
  }
  std::string formula;
  if (!RE2::PartialMatch(text, R"(w_i = ([^,\[]*))", &formula)) {
    return absl::InvalidArgumentError(absl::StrCat("the fill \"", name, "\" has no w_i"));
  }
  return Formula::Parse(formula);
}

absl::StatusOr<FloatArray> FillTensor(const MimiTensor& tensor, const Formula& wave, const Formula& rule,
                                      Formula::Names names) {
  FloatArray values = FloatArray::Zeros(tensor.shape);
  float* out = values.mutable_data();
  names["fan_in"] = {static_cast<double>(values.size() / tensor.shape[0])};
  for (int64_t begin = 0; begin < values.size(); begin += kBlock) {
    const size_t count = static_cast<size_t>(std::min(kBlock, values.size() - begin));
    std::vector<double>& index = names["i"];
    index.resize(count);
    for (size_t i = 0; i < count; ++i) index[i] = static_cast<double>(begin) + static_cast<double>(i);
    ASSIGN_OR_RETURN(names["w"], wave.Evaluate(names, count));
    ASSIGN_OR_RETURN(const std::vector<double> filled, rule.Evaluate(names, count));
    out = std::transform(filled.begin(), filled.end(), out, [](double value) { return static_cast<float>(value); });
  }
  return values;
}

}  // namespace

absl::StatusOr<MimiConfig> GoldenConfig(const json& golden) {
  MimiConfig config;
  const struct {
    const char* name;
    void (MimiConfig::*set)(int32_t);
  } kSizes[] = {
      {"n_filters", &MimiConfig::set_n_filters},     {"dim", &MimiConfig::set_dimension},
      {"heads", &MimiConfig::set_num_heads},         {"layers", &MimiConfig::set_num_layers},
      {"ff", &MimiConfig::set_feed_forward},         {"context", &MimiConfig::set_context},
      {"qdim", &MimiConfig::set_codebook_dimension}, {"bins", &MimiConfig::set_codebook_size},
      {"nq", &MimiConfig::set_num_codebooks},
  };
  if (!golden.contains("config")) return absl::InvalidArgumentError("the golden file has no \"config\"");
  const json& stored = golden["config"];
  size_t used = 0;
  for (const auto& size : kSizes) {
    if (!stored.contains(size.name)) return absl::InvalidArgumentError(absl::StrCat("\"config\" has no ", size.name));
    (config.*size.set)(stored[size.name].get<int32_t>());
    ++used;
  }
  for (const json& ratio : stored.at("ratios_encoder_order")) config.add_ratios(ratio.get<int32_t>());
  config.set_rope_max_period(stored.at("rope_max_period").get<double>());
  config.set_norm_epsilon(stored.at("norm_eps").get<double>());
  if (stored.at("d_model") != stored.at("dim")) return absl::InvalidArgumentError("\"config\": d_model and dim differ");
  if (stored.size() != used + 4) return absl::InvalidArgumentError("\"config\" holds fields that are not known");
  RETURN_IF_ERROR(CheckMimiConfig(config));
  return FillMimiConfig(config);
}

absl::StatusOr<int64_t> GoldenHash(const json& golden, const std::string& name) {
  ASSIGN_OR_RETURN(const std::string text, Text(golden.at("fill"), "h"));
  int64_t modulus = 0;
  if (!RE2::PartialMatch(text, R"(mod (\d+))", &modulus) || modulus == 0) {
    return absl::InvalidArgumentError("the fill \"h\" has no modulus");
  }
  int64_t sum = 0;
  for (size_t i = 0; i < name.size(); ++i) sum += static_cast<uint8_t>(name[i]) * static_cast<int64_t>(i + 1);
  return sum % modulus;
}

absl::StatusOr<TensorTable> GoldenWeights(const json& golden) {
  ASSIGN_OR_RETURN(const MimiConfig config, GoldenConfig(golden));
  const json& fill = golden.at("fill");
  ASSIGN_OR_RETURN(const Formula wave_of_vectors, ParseWave(fill, "w_1d"));
  ASSIGN_OR_RETURN(const Formula wave_of_matrices, ParseWave(fill, "w_nd"));
  std::vector<Rule> rules;
  for (const json& text : fill.at("rules_in_order")) {
    ASSIGN_OR_RETURN(Rule rule, ParseRule(text.get<std::string>()));
    rules.push_back(std::move(rule));
  }
  Formula::Names names;
  for (const auto& [name, value] : golden.at("constants").items()) names[name] = {value.get<double>()};
  TensorTable table("weights by formula");
  for (const MimiTensor& tensor : MimiEncoderTensors(config)) {
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const Rule& r) { return r.Matches(tensor); });
    if (rule == rules.end()) return absl::InvalidArgumentError(absl::StrCat("no fill rule is for ", tensor.name));
    ASSIGN_OR_RETURN(const int64_t hash, GoldenHash(golden, tensor.name));
    names["h"] = {static_cast<double>(hash)};
    const Formula& wave = tensor.shape.size() == 1 ? wave_of_vectors : wave_of_matrices;
    ASSIGN_OR_RETURN(const FloatArray values, FillTensor(tensor, wave, rule->formula, names));
    RETURN_IF_ERROR(table.AddFloats(tensor.name, values));
  }
  return table;
}

absl::StatusOr<FloatArray> GoldenSignal(const json& golden) {
  ASSIGN_OR_RETURN(std::string text, Text(golden, "signal"));
  RE2::GlobalReplace(&text, R"(\(float64\))", "");
  const size_t size = golden.at("n_samples").get<size_t>();
  Formula::Names names;
  for (size_t n = 0; n < size; ++n) names["n"].push_back(static_cast<double>(n));
  // "t=...; e=...; x=...; cast float32"
  for (const absl::string_view statement : absl::StrSplit(text, ';')) {
    const std::vector<std::string> sides = absl::StrSplit(statement, absl::MaxSplits('=', 1));
    if (sides.size() != 2) continue;
    ASSIGN_OR_RETURN(const Formula formula, Formula::Parse(sides[1]));
    ASSIGN_OR_RETURN(names[std::string(absl::StripAsciiWhitespace(sides[0]))], formula.Evaluate(names, size));
  }
  if (names["x"].size() != size)
    return absl::InvalidArgumentError("the \"signal\" of the golden file does not say what x is");
  FloatArray signal = FloatArray::Zeros({static_cast<int64_t>(size)});
  std::transform(names["x"].begin(), names["x"].end(), signal.mutable_data(),
                 [](double value) { return static_cast<float>(value); });
  return signal;
}

}  // namespace diarflow
