#include "models/mimi/mimi_weights.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/suggest.h"
#include "models/mimi/mimi_config.h"

namespace diarflow {
namespace {

constexpr size_t kMaxProblems = 4;

// Every name that a file in one naming may hold.
struct KnownNames {
  std::vector<std::string> needed;
  std::vector<std::string> other;
};

KnownNames NamesOfFile(const MimiConfig& config, MimiNaming naming) {
  KnownNames known;
  for (const MimiTensor& tensor : MimiEncoderTensors(config)) {
    for (std::string& name : NamesIn(naming, tensor.name)) known.needed.push_back(std::move(name));
  }
  for (const std::string& released : MimiDecoderNames(config)) {
    for (std::string& name : NamesIn(naming, released)) known.other.push_back(std::move(name));
  }
  return known;
}

absl::Status Problems(const TensorTable& tensors, MimiNaming naming, std::vector<std::string> problems) {
  const size_t count = problems.size();
  problems.resize(std::min(count, kMaxProblems));
  std::string more = count > kMaxProblems ? absl::StrCat("; and ", count - kMaxProblems, " more") : "";
  return absl::InvalidArgumentError(absl::StrCat(tensors.source(), " does not hold the weights of this Mimi (",
                                                 MimiNamingName(naming), " naming): ", absl::StrJoin(problems, "; "),
                                                 more));
}

std::string HasNearest(const std::string& nearest, absl::string_view where) {
  return nearest.empty() ? "" : absl::StrCat(" (the nearest ", where, " is \"", nearest, "\")");
}

absl::Status CheckNames(const TensorTable& tensors, const MimiConfig& config, MimiNaming naming) {
  const KnownNames known = NamesOfFile(config, naming);
  std::set<std::string> all(known.needed.begin(), known.needed.end());
  all.insert(known.other.begin(), known.other.end());
  std::vector<std::string> missing, surplus;
  for (const std::string& name : known.needed) {
    if (tensors.Find(name) == nullptr) missing.push_back(name);
  }
  for (const std::string& name : tensors.Names()) {
    if (all.count(name) == 0) surplus.push_back(name);
  }
  // Comparing every pair of names is only worth it for those that are shown.
  const std::vector<std::string> known_names(all.begin(), all.end());
  std::vector<std::string> problems;
  for (const std::string& name : missing) {
    const bool shown = problems.size() < kMaxProblems;
    problems.push_back(absl::StrCat("tensor \"", name, "\" is missing",
                                    shown ? HasNearest(NearestName(name, surplus), "name that is not used") : ""));
  }
  for (const std::string& name : surplus) {
    const bool shown = problems.size() < kMaxProblems;
    problems.push_back(absl::StrCat("tensor \"", name, "\" is not part of a Mimi of this size",
                                    shown ? HasNearest(NearestName(name, known_names), "known name") : ""));
  }
  if (problems.empty()) return absl::OkStatus();
  return Problems(tensors, naming, std::move(problems));
}

absl::StatusOr<FloatArray> TakeTensor(const TensorTable& tensors, const std::string& name,
                                      const std::vector<int64_t>& shape) {
  const TensorView& view = *tensors.Find(name);
  if (view.shape != shape) {
    return absl::InvalidArgumentError(absl::StrCat("tensor \"", name, "\" has the shape ", ShapeString(view.shape),
                                                   " instead of ", ShapeString(shape)));
  }
  absl::StatusOr<FloatArray> values = ToFloats(view);
  if (!values.ok())
    return absl::InvalidArgumentError(absl::StrCat("tensor \"", name, "\": ", values.status().message()));
  const auto bad = std::find_if(values->begin(), values->end(), [](float value) { return !std::isfinite(value); });
  if (bad != values->end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensor \"", name, "\" holds ", *bad, " at place ", std::distance(values->begin(), bad)));
  }
  return values;
}

FloatArray Stack(const std::vector<FloatArray>& parts, std::vector<int64_t> shape) {
  FloatArray all = FloatArray::Zeros(std::move(shape));
  float* out = all.mutable_data();
  for (const FloatArray& part : parts) out = std::copy(part.begin(), part.end(), out);
  return all;
}

// splitmix64 (Steele, Lea, Flood, 2014).
class SplitMix {
 public:
  explicit SplitMix(uint64_t state) : state_(state) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // Uniform in [-1, 1), a multiple of 2^-23.
  float NextUniform() { return static_cast<float>(static_cast<int64_t>(Next() >> 40) - (1 << 23)) * 0x1p-23f; }

 private:
  uint64_t state_;
};

// FNV-1a: std::hash may differ between machines.
uint64_t HashName(absl::string_view name) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  return hash;
}

}  // namespace

absl::StatusOr<MimiNaming> DetectMimiNaming(const TensorTable& tensors, const MimiConfig& config) {
  MimiNaming best = MimiNaming::kReleased;
  size_t best_count = 0;
  for (const MimiNaming naming : {MimiNaming::kReleased, MimiNaming::kMoshi, MimiNaming::kTransformers}) {
    size_t count = 0;
    for (const std::string& name : NamesOfFile(config, naming).needed) count += tensors.Find(name) != nullptr ? 1 : 0;
    if (count > best_count) {
      best = naming;
      best_count = count;
    }
  }
  if (best_count > 0) return best;
  const std::vector<std::string> names = tensors.Names();
  return absl::InvalidArgumentError(absl::StrCat(
      tensors.source(),
      " holds none of the tensors of a Mimi, neither in the released, the moshi nor the transformers naming; it holds ",
      names.size(), " tensors", names.empty() ? "" : absl::StrCat(", the first is \"", names.front(), "\"")));
}

absl::StatusOr<MimiWeights> TakeMimiWeights(const TensorTable& tensors, const MimiConfig& config) {
  const MimiConfig filled = FillMimiConfig(config);
  ASSIGN_OR_RETURN(const MimiNaming naming, DetectMimiNaming(tensors, filled));
  RETURN_IF_ERROR(CheckNames(tensors, filled, naming));
  MimiWeights weights;
  std::vector<std::string> problems;
  for (const MimiTensor& tensor : MimiEncoderTensors(filled)) {
    const std::vector<std::string> names = NamesIn(naming, tensor.name);
    std::vector<int64_t> shape = tensor.shape;
    shape[0] /= static_cast<int64_t>(names.size());
    std::vector<FloatArray> parts;
    for (const std::string& name : names) {
      absl::StatusOr<FloatArray> part = TakeTensor(tensors, name, shape);
      if (!part.ok())
        problems.push_back(std::string(part.status().message()));
      else
        parts.push_back(*std::move(part));
    }
    if (!problems.empty()) continue;
    if (parts.size() == 3) {
      for (int i = 0; i < 2; ++i) parts[i] = InterleaveHeadRows(parts[i], filled.num_heads());
    }
    weights[tensor.name] = parts.size() == 1 ? parts[0] : Stack(parts, tensor.shape);
  }
  if (!problems.empty()) return Problems(tensors, naming, std::move(problems));
  return weights;
}

FloatArray InterleaveHeadRows(const FloatArray& rows, int heads) {
  FloatArray result = FloatArray::Zeros(rows.shape());
  float* out = result.mutable_data();
  const int64_t columns = rows.dim(1);
  const int64_t width = rows.dim(0) / heads;
  for (int64_t row = 0; row < rows.dim(0); ++row) {
    const int64_t in_head = row % width;
    const int64_t target = row - in_head + (in_head < width / 2 ? 2 * in_head : 2 * (in_head - width / 2) + 1);
    std::copy_n(rows.data() + row * columns, columns, out + target * columns);
  }
  return result;
}

MimiWeights RandomMimiWeights(const MimiConfig& config, uint64_t seed) {
  const MimiConfig filled = FillMimiConfig(config);
  MimiWeights weights;
  for (const MimiTensor& tensor : MimiEncoderTensors(filled)) {
    FloatArray values = FloatArray::Zeros(tensor.shape);
    float* out = values.mutable_data();
    const std::string& name = tensor.name;
    if (tensor.shape.size() == 1) {
      float value = 1;
      if (absl::EndsWith(name, ".bias")) value = 0;
      if (absl::EndsWith(name, ".scale")) value = static_cast<float>(filled.layer_scale_init());
      std::fill_n(out, values.size(), value);
    } else {
      const bool codebook = absl::EndsWith(name, ".embedding_sum");
      const int64_t fan_in = codebook ? 1 : values.size() / tensor.shape[0];
      // Uniform in [-a, a) has the variance a^2 / 3.
      const float bound = static_cast<float>(std::sqrt(3.0 / static_cast<double>(fan_in)));
      SplitMix random(SplitMix(seed).Next() ^ HashName(name));
      for (int64_t i = 0; i < values.size(); ++i) out[i] = bound * random.NextUniform();
    }
    weights[name] = std::move(values);
  }
  return weights;
}

}  // namespace diarflow
