#include "models/mimi/testing/golden_check.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "models/mimi/testing/golden_fill.h"

namespace diarflow {
namespace {

using nlohmann::json;

// Tolerances of float32 against the stored numbers. Looser ones would let a GELU by tanh or another epsilon pass.
constexpr double kPartProbe = 2e-5;
constexpr double kMomentOverDeviation = 1e-5;
constexpr double kLatentSmall = 1e-5;
constexpr double kLatentReleased = 2e-5;
constexpr double kNormRelative = 3e-6;
constexpr double kNoise = 5e-5;
constexpr double kFillRelative = 6e-7;
constexpr double kSumRelative = 1e-8;
constexpr double kMargin = 2e-6;
constexpr double kLowMargin = 1e-4;

class Checker {
 public:
  Checker(const json& golden, const GoldenRun& run) : golden_(golden), run_(run) {
    latent_tolerance_ = run.config.dimension() >= ReleasedMimiConfig().dimension() ? kLatentReleased : kLatentSmall;
  }

  GoldenReport Run();

 private:
  void Mismatch(const std::string& sentence) { report_.mismatches.push_back(sentence); }

  void Number(const std::string& at, double computed, double tolerance) {
    const json::json_pointer pointer(at);
    if (!golden_.contains(pointer) || !golden_.at(pointer).is_number())
      return Mismatch(absl::StrCat(at, " is not a number"));
    const double stored = golden_.at(pointer).get<double>();
    report_.checked[at] = tolerance;
    // Written so that a NaN is a mismatch.
    if (!(std::fabs(stored - computed) <= tolerance)) {
      Mismatch(absl::StrCat(at, " is ", golden_.at(pointer).dump(), ", computed ", computed, ", ",
                            std::fabs(stored - computed), " apart, more than ", tolerance, " apart"));
    }
  }

  // A number that was stored with three digits. Differences that are noise are bounded only.
  void ThreeDigits(const std::string& at, double computed) {
    const json::json_pointer pointer(at);
    const double stored = golden_.value(pointer, 0.0);
    if (std::max(std::fabs(stored), std::fabs(computed)) < kNoise) return Bounded(at, computed);
    Number(at, computed,
           0.5001 * std::pow(10.0, std::floor(std::log10(std::max(std::fabs(stored), 1e-300))) - 2) + 4e-6);
  }

  void Bounded(const std::string& at, double computed) {
    const double stored = golden_.value(json::json_pointer(at), 1.0);
    report_.bounded.insert(at);
    if (!(stored >= 0 && stored < kNoise)) Mismatch(absl::StrCat(at, " is ", stored, ": too much for rounding noise"));
    if (!(computed < kNoise)) Mismatch(absl::StrCat(at, ": computed ", computed, ": too much for rounding noise"));
  }

  // Each number may be off by `tolerance`, or by `relative` times itself where that is more.
  void List(const std::string& at, const std::vector<double>& computed, double tolerance, double relative = 0) {
    const json::json_pointer pointer(at);
    if (!golden_.contains(pointer) || !golden_.at(pointer).is_array() ||
        golden_.at(pointer).size() != computed.size()) {
      return Mismatch(absl::StrCat(at, " is not a list of ", computed.size(), " numbers"));
    }
    for (size_t i = 0; i < computed.size(); ++i) {
      Number(absl::StrCat(at, "/", i), computed[i], std::max(tolerance, relative * std::fabs(computed[i])));
    }
  }

  size_t SizeOf(const std::string& at) const {
    const json::json_pointer pointer(at);
    return golden_.contains(pointer) ? golden_.at(pointer).size() : 0;
  }

  // Frames named by the list at `at`. Times are indices, and checked by being in range.
  std::vector<int64_t> Times(const std::string& at, int64_t frames);

  void Weights();
  void Signal();
  void Parts(const std::string& field);
  void Latent(const std::string& at, const FloatArray& latent, double tolerance);
  void Codes();
  void Margins();
  void Streaming();
  void OtherConventions();
  void Noise();
  void AllAccountedFor();

  const json& golden_;
  const GoldenRun& run_;
  double latent_tolerance_;
  GoldenReport report_;
};

// Numbers [begin, begin + count) of frame t.
std::vector<double> Cut(const FloatArray& frames, int64_t t, int64_t begin, int64_t count) {
  const float* row = frames.data() + t * frames.dim(1) + begin;
  return std::vector<double>(row, row + count);
}

double Norm(const float* begin, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += static_cast<double>(begin[i]) * begin[i];
  return std::sqrt(sum);
}

double SumOfMagnitudes(const FloatArray& values) {
  double sum = 0;
  for (const float value : values) sum += std::fabs(static_cast<double>(value));
  return sum;
}

FloatArray ToFloatArray(const ReferenceFrames& frames) {
  FloatArray array = FloatArray::Zeros({static_cast<int64_t>(frames.size()), static_cast<int64_t>(frames[0].size())});
  float* out = array.mutable_data();
  for (const auto& frame : frames) out = std::copy(frame.begin(), frame.end(), out);
  return array;
}

double FarthestInFrame(const ReferenceFrames& a, const ReferenceFrames& b, size_t t) {
  double farthest = 0;
  for (size_t i = 0; i < a[t].size(); ++i) farthest = std::max(farthest, std::fabs(a[t][i] - b[t][i]));
  return farthest;
}

// In the frames before `end`.
double Farthest(const ReferenceFrames& a, const ReferenceFrames& b, size_t end) {
  double farthest = 0;
  for (size_t t = 0; t < end; ++t) farthest = std::max(farthest, FarthestInFrame(a, b, t));
  return farthest;
}

ReferenceFrames ToFrames(const FloatArray& array) {
  ReferenceFrames frames;
  for (int64_t t = 0; t < array.dim(0); ++t) frames.push_back(Cut(array, t, 0, array.dim(1)));
  return frames;
}

std::vector<int64_t> Checker::Times(const std::string& at, int64_t frames) {
  std::vector<int64_t> times;
  int64_t last = -1;
  for (size_t i = 0; i < SizeOf(at); ++i) {
    const std::string here = absl::StrCat(at, "/", i);
    const int64_t time = golden_.at(json::json_pointer(here)).get<int64_t>();
    report_.checked[here] = 0;
    if (time <= last || time >= frames) {
      Mismatch(absl::StrCat(here, " is ", time, ", but the times must rise and be below ", frames));
      return {};
    }
    times.push_back(last = time);
  }
  if (times.empty()) Mismatch(absl::StrCat(at, " is not a list of times"));
  return times;
}

void Checker::Weights() {
  for (const auto& [name, stored] : golden_.at("weights_check").items()) {
    const std::string at = absl::StrCat("/weights_check/", name, "/");
    const auto found = run_.weights.find(name);
    if (found == run_.weights.end()) {
      Mismatch(absl::StrCat("/weights_check names ", name, ", which is not a tensor of the encoder"));
      continue;
    }
    const FloatArray& values = found->second;
    Number(at + "h", static_cast<double>(*GoldenHash(golden_, name)), 0);
    List(at + "shape", std::vector<double>(values.shape().begin(), values.shape().end()), 0);
    List(at + "first3", {values[0], values[1], values[2]}, 0, kFillRelative);
    const double last = values[values.size() - 1];
    Number(at + "last", last, kFillRelative * std::fabs(last));
    const double sum = run_.sums.at(name).magnitudes;
    Number(at + "abs_sum", sum, kSumRelative * sum);
  }
}

void Checker::Signal() {
  const FloatArray& signal = run_.signal;
  const std::string at = "/signal_check/";
  std::vector<double> first;
  for (size_t i = 0; i < SizeOf(at + "first"); ++i) first.push_back(signal[static_cast<int64_t>(i)]);
  List(at + "first", first, 0, kFillRelative);
  const double sum = SumOfMagnitudes(signal);
  Number(at + "abs_sum", sum, kSumRelative * sum);
  for (const auto& [name, value] : golden_.at("signal_check").items()) {
    if (!absl::StartsWith(name, "at_")) continue;
    const int64_t index = std::atoll(name.c_str() + 3);
    const double sample = index < signal.size() ? signal[index] : std::numeric_limits<double>::quiet_NaN();
    Number(at + name, sample, kFillRelative * std::fabs(sample));
  }
}

void Checker::Parts(const std::string& field) {
  for (size_t i = 0; i < SizeOf("/" + field); ++i) {
    const std::string at = absl::StrCat("/", field, "/", i, "/");
    const auto part = run_.parts.find(golden_.value(json::json_pointer(at + "after"), ""));
    if (part == run_.parts.end()) {
      Mismatch(absl::StrCat(at, "after is not a part of the encoder"));
      continue;
    }
    const FloatArray& frames = part->second;
    List(at + "shape", {static_cast<double>(frames.dim(1)), static_cast<double>(frames.dim(0))}, 0);
    const TensorSums& sums = run_.sums.at(part->first);
    Number(at + "mean", sums.mean, kMomentOverDeviation * sums.deviation);
    Number(at + "std", sums.deviation, kMomentOverDeviation * sums.deviation);
    const std::vector<int64_t> times = Times(at + "t", frames.dim(0));
    for (size_t j = 0; j < times.size(); ++j) List(absl::StrCat(at, "v/", j), Cut(frames, times[j], 0, 4), kPartProbe);
  }
}

void Checker::Latent(const std::string& at, const FloatArray& latent, double tolerance) {
  const int64_t width = latent.dim(1);
  if (golden_.contains(json::json_pointer(at + "/shape"))) {
    List(at + "/shape", {1.0, static_cast<double>(width), static_cast<double>(latent.dim(0))}, 0);
  }
  const std::vector<int64_t> times = Times(at + "/t", latent.dim(0));
  for (size_t i = 0; i < times.size(); ++i) {
    List(absl::StrCat(at, "/first8/", i), Cut(latent, times[i], 0, 8), tolerance);
    if (SizeOf(at + "/last8") > 0) List(absl::StrCat(at, "/last8/", i), Cut(latent, times[i], width - 8, 8), tolerance);
  }
  std::vector<double> norms;
  std::vector<double> means(8, 0.0);
  for (int64_t t = 0; t < latent.dim(0); ++t) {
    norms.push_back(Norm(latent.data() + t * width, width));
    for (int64_t i = 0; i < 8; ++i)
      means[static_cast<size_t>(i)] += latent[t * width + i] / static_cast<double>(latent.dim(0));
  }
  // The norms of the weak linear fill are small sums of large parts: there the tolerance of single numbers rules.
  List(at + "/norm_all", norms, tolerance, kNormRelative);
  if (SizeOf(at + "/mean_over_time_first8") > 0) List(at + "/mean_over_time_first8", means, tolerance);
}

void Checker::Codes() {
  const int64_t frames = run_.codes.frames;
  if (run_.codes.values != run_.quantized.codes) Mismatch("EncodeCodes() and the quantiser of the network differ");
  if (static_cast<int64_t>(SizeOf("/codes")) > run_.codes.codebooks) return Mismatch("/codes has too many codebooks");
  // Where a level has legally gone the other way, the later ones of its chain and frame may follow.
  std::set<int64_t> turned_first, turned_rest;
  for (int64_t level = 0; level < static_cast<int64_t>(SizeOf("/codes")); ++level) {
    const std::string row = absl::StrCat("/codes/", level);
    if (static_cast<int64_t>(SizeOf(row)) != frames) {
      Mismatch(absl::StrCat(row, " has not ", frames, " frames"));
      continue;
    }
    std::set<int64_t>& turned = level == 0 ? turned_first : turned_rest;
    for (int64_t t = 0; t < frames; ++t) {
      const std::string at = absl::StrCat(row, "/", t);
      const size_t cell = static_cast<size_t>(level * frames + t);
      const int64_t stored = golden_.at(json::json_pointer(at)).get<int64_t>();
      report_.checked[at] = 0;
      if (stored == run_.codes.at(level, t) || turned.count(t) != 0) continue;
      if (run_.quantized.margins[cell] < kLowMargin && stored == run_.quantized.runners_up[cell]) {
        turned.insert(t);
        continue;
      }
      Mismatch(absl::StrCat(at, " is ", stored, ", computed ", run_.codes.at(level, t), " with a margin of ",
                            run_.quantized.margins[cell]));
    }
  }
}

void Checker::Margins() {
  const int64_t frames = run_.codes.frames;
  // The file may stop at fewer codebooks than there are.
  const size_t cells = std::min(run_.quantized.margins.size(), SizeOf("/codes") * static_cast<size_t>(frames));
  const std::vector<double> margins(run_.quantized.margins.begin(),
                                    run_.quantized.margins.begin() + static_cast<int64_t>(cells));
  if (margins.empty()) return Mismatch("/codes_margin is of no codes");
  Number("/codes_margin/min", *std::min_element(margins.begin(), margins.end()), kMargin);
  std::set<size_t> listed;
  for (size_t i = 0; i < SizeOf("/codes_margin/below_1e_4"); ++i) {
    const std::string at = absl::StrCat("/codes_margin/below_1e_4/", i);
    if (SizeOf(at) != 3) {
      Mismatch(absl::StrCat(at, " is not [codebook, frame, margin]"));
      continue;
    }
    const json& row = golden_.at(json::json_pointer(at));
    const size_t cell = static_cast<size_t>(row[0].get<int64_t>() * frames + row[1].get<int64_t>());
    report_.checked[at + "/0"] = report_.checked[at + "/1"] = 0;
    Number(at + "/2", cell < margins.size() ? margins[cell] : 1.0, kMargin);
    listed.insert(cell);
  }
  for (size_t cell = 0; cell < margins.size(); ++cell) {
    if (margins[cell] >= kLowMargin - kMargin || listed.count(cell) != 0) continue;
    Mismatch(absl::StrCat("/codes_margin/below_1e_4 lacks codebook ", cell / frames, ", frame ", cell % frames, ": ",
                          margins[cell]));
  }
}

void Checker::Streaming() {
  const std::string at = "/moshi_streaming/";
  const size_t frames = run_.exact.size();
  ThreeDigits(at + "max_abs_diff_vs_whole", Farthest(run_.exact, run_.forgetful, frames));
  Bounded(at + "max_abs_diff_vs_emulation", 0);
  size_t first = 0;
  while (first < frames && FarthestInFrame(run_.exact, run_.forgetful, first) <= 1e-4) ++first;
  const json& stored_first = golden_.at(json::json_pointer(at + "first_frame_with_diff_over_1e_4"));
  if (!stored_first.is_null())
    Number(at + "first_frame_with_diff_over_1e_4", static_cast<double>(first), 0);
  else if (first < frames)
    Mismatch(absl::StrCat(at, "first_frame_with_diff_over_1e_4 is null, computed ", first));
  if (golden_.contains(json::json_pointer(at + "latent12_stream"))) {
    Latent(at + "latent12_stream", ToFloatArray(run_.forgetful), latent_tolerance_);
  }
  double differing = 0;
  for (size_t level = 0; level < SizeOf(at + "codes_stream"); ++level) {
    if (level >= run_.forgetful_codes.size()) return Mismatch(at + "codes_stream has too many codebooks");
    const auto& codes = run_.forgetful_codes[level];
    List(absl::StrCat(at, "codes_stream/", level), std::vector<double>(codes.begin(), codes.end()), 0);
    for (size_t t = 0; t < codes.size(); ++t) differing += codes[t] != run_.exact_codes[level][t] ? 1 : 0;
  }
  if (golden_.contains(json::json_pointer(at + "codes_differing"))) Number(at + "codes_differing", differing, 0);
}

// The padding of the transformers library.
void Checker::OtherConventions() {
  const ReferenceFrames& other = run_.each_convolution;
  if (golden_.contains("hf_unpadded_last_frame_first8")) {
    List("/hf_unpadded_last_frame_first8", std::vector<double>(other.back().begin(), other.back().begin() + 8),
         latent_tolerance_);
  }
  const std::string at = "/cross_checks_run/";
  Number(at + "hf_unpadded_frames", static_cast<double>(other.size()), 0);
  if (other.size() != run_.exact.size()) return;
  const size_t last = other.size() - 1;
  ThreeDigits(at + "hf_unpadded_maxabs_diff_last_frame", FarthestInFrame(run_.exact, other, last));
  Bounded(at + "hf_unpadded_maxabs_diff_earlier", Farthest(run_.exact, other, last));
}

void Checker::Noise() {
  const ReferenceFrames fast = ToFrames(run_.latent12);
  const double noise = Farthest(run_.exact, fast, fast.size());
  Bounded("/cross_checks_run/fp32_vs_fp64_latent12_maxabs", noise);
  Bounded("/cross_checks_run/hf_vs_moshi_latent12_maxabs_on_padded_input", noise);
  if (noise > latent_tolerance_)
    Mismatch(absl::StrCat("the encoder is ", noise, " away from the reference in double precision"));
  const bool equal = golden_.at("cross_checks_run").value("hf_codes_equal", true);
  bool same = true;
  for (int64_t level = 0; level < run_.codes.codebooks; ++level) {
    for (int64_t t = 0; t < run_.codes.frames; ++t) {
      same &= run_.codes.at(level, t) == run_.exact_codes[static_cast<size_t>(level)][static_cast<size_t>(t)];
    }
  }
  if (golden_.at("cross_checks_run").contains("hf_codes_equal") && equal != same)
    Mismatch("/cross_checks_run/hf_codes_equal differs");
}

void Checker::AllAccountedFor() {
  const json flat = golden_.flatten();
  for (const auto& [at, value] : flat.items()) {
    if (!value.is_number()) continue;
    const bool input = absl::StartsWith(at, "/config/") || absl::StartsWith(at, "/constants/") || at == "/n_samples" ||
                       at == "/moshi_streaming/step_samples";
    if (input)
      report_.inputs.insert(at);
    else if (report_.checked.count(at) == 0 && report_.bounded.count(at) == 0)
      Mismatch(absl::StrCat(at, ": nothing here computes it"));
  }
}

GoldenReport Checker::Run() {
  Weights();
  Signal();
  Number("/padded_to", static_cast<double>(run_.latent12.dim(0) * kMimiFrameSamples), 0);
  Parts("seanet");
  Parts("transformer");
  Latent("/latent25", run_.latent25, kPartProbe);
  Latent("/latent12", run_.latent12, latent_tolerance_);
  if (golden_.contains("codes")) Codes();
  if (golden_.contains("codes_margin")) Margins();
  if (golden_.contains("moshi_streaming")) Streaming();
  if (golden_.contains("cross_checks_run")) {
    OtherConventions();
    Noise();
  }
  AllAccountedFor();
  return std::move(report_);
}

}  // namespace

GoldenReport CheckGolden(const json& golden, const GoldenRun& run) { return Checker(golden, run).Run(); }

}  // namespace diarflow
