#include "models/weights/take_tensors.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/suggest.h"

namespace diarflow {
namespace {

constexpr size_t kMaxProblems = 4;

std::string HasNearest(const std::string& name, const std::vector<std::string>& others, absl::string_view where) {
  const std::string nearest = NearestName(name, others);
  return nearest.empty() ? "" : absl::StrCat(" (the nearest ", where, " is \"", nearest, "\")");
}

// Comparing every pair of names is only worth it for the problems that are shown.
std::vector<std::string> NameProblems(const TensorTable& tensors, const std::vector<ExpectedTensor>& expected,
                                      absl::string_view network) {
  std::vector<std::string> known, missing, surplus, problems;
  for (const ExpectedTensor& tensor : expected) {
    known.push_back(tensor.name);
    if (!tensor.unused && tensors.Find(tensor.name) == nullptr) missing.push_back(tensor.name);
  }
  const std::set<std::string> known_set(known.begin(), known.end());
  for (const std::string& name : tensors.Names()) {
    if (known_set.count(name) == 0) surplus.push_back(name);
  }
  for (const std::string& name : missing) {
    const bool shown = problems.size() < kMaxProblems;
    problems.push_back(absl::StrCat("tensor \"", name, "\" is missing",
                                    shown ? HasNearest(name, surplus, "name that is not used") : ""));
  }
  for (const std::string& name : surplus) {
    const bool shown = problems.size() < kMaxProblems;
    problems.push_back(absl::StrCat("tensor \"", name, "\" is not part of ", network,
                                    shown ? HasNearest(name, known, "known name") : ""));
  }
  return problems;
}

absl::StatusOr<FloatArray> TakeTensor(const TensorView& view, const ExpectedTensor& expected) {
  if (view.shape != expected.shape) {
    return absl::InvalidArgumentError(absl::StrCat("tensor \"", expected.name, "\" has the shape ",
                                                   ShapeString(view.shape), " instead of ",
                                                   ShapeString(expected.shape)));
  }
  absl::StatusOr<FloatArray> values = ToFloats(view);
  if (!values.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("tensor \"", expected.name, "\": ", values.status().message()));
  }
  const auto bad = std::find_if(values->begin(), values->end(), [](float value) { return !std::isfinite(value); });
  if (bad != values->end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensor \"", expected.name, "\" holds ", *bad, " at place ", std::distance(values->begin(), bad)));
  }
  return values;
}

// The middle of a tensor's random values, and how far they reach from it.
struct Range {
  float middle;
  float reach;
};

Range RangeOf(const ExpectedTensor& tensor, int64_t size) {
  if (tensor.shape.size() == 1) {
    const bool near_one = absl::EndsWith(tensor.name, ".weight") || absl::EndsWith(tensor.name, ".running_var");
    return near_one ? Range{1.0f, 0.2f} : Range{0.0f, 0.1f};
  }
  // Uniform in [-a, a) has the variance a^2 / 3.
  const int64_t fan_in = size / tensor.shape[0];
  return {0.0f, static_cast<float>(std::sqrt(6.0 / static_cast<double>(fan_in)))};
}

// splitmix64 (Steele, Lea, Flood, 2014).
uint64_t NextRandom(uint64_t* state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace

absl::StatusOr<std::map<std::string, FloatArray>> TakeTensors(const TensorTable& tensors,
                                                              const std::vector<ExpectedTensor>& expected,
                                                              absl::string_view network) {
  std::vector<std::string> problems = NameProblems(tensors, expected, network);
  std::map<std::string, FloatArray> taken;
  for (const ExpectedTensor& tensor : expected) {
    const TensorView* view = tensor.unused ? nullptr : tensors.Find(tensor.name);
    if (view == nullptr) continue;
    absl::StatusOr<FloatArray> values = TakeTensor(*view, tensor);
    if (values.ok()) {
      taken[tensor.name] = *std::move(values);
    } else {
      problems.push_back(std::string(values.status().message()));
    }
  }
  if (problems.empty()) return taken;
  const size_t count = problems.size();
  problems.resize(std::min(count, kMaxProblems));
  return absl::InvalidArgumentError(
      absl::StrCat(tensors.source(), " does not hold the weights of ", network, ": ", absl::StrJoin(problems, "; "),
                   count > kMaxProblems ? absl::StrCat("; and ", count - kMaxProblems, " more") : ""));
}

FloatArray RandomTensor(const std::vector<int64_t>& shape, float bound, uint64_t seed, absl::string_view name) {
  // FNV-1a: std::hash may differ between machines.
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  uint64_t state = NextRandom(&seed) ^ hash;
  FloatArray values = FloatArray::Zeros(shape);
  float* out = values.mutable_data();
  for (int64_t i = 0; i < values.size(); ++i) {
    // A multiple of 2^-23.
    out[i] = bound * (static_cast<float>(static_cast<int64_t>(NextRandom(&state) >> 40) - (1 << 23)) * 0x1p-23f);
  }
  return values;
}

std::map<std::string, FloatArray> RandomWeights(const std::vector<ExpectedTensor>& expected, uint64_t seed) {
  std::map<std::string, FloatArray> weights;
  for (const ExpectedTensor& tensor : expected) {
    if (tensor.unused) continue;
    FloatArray values = FloatArray::Zeros(tensor.shape);
    const Range range = RangeOf(tensor, values.size());
    const FloatArray random = RandomTensor(tensor.shape, range.reach, seed, tensor.name);
    float* out = values.mutable_data();
    for (const float value : random) *out++ = range.middle + value;
    weights[tensor.name] = std::move(values);
  }
  return weights;
}

int64_t CountParameters(const std::map<std::string, FloatArray>& weights) {
  int64_t count = 0;
  for (const auto& [name, values] : weights) count += absl::StrContains(name, ".running_") ? 0 : values.size();
  return count;
}

}  // namespace diarflow
