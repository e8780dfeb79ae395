#include "models/mimi/quantizer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ATen/ops/addmm.h"
#include "ATen/ops/mm.h"
#include "absl/strings/str_cat.h"
#include "models/mimi/causal_conv.h"

namespace diarflow {
namespace {

constexpr float kSmallestUsage = 1e-5f;

double SquareDistance(const float* a, const float* b, int64_t size) {
  double sum = 0;
  for (int64_t i = 0; i < size; ++i) {
    const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += difference * difference;
  }
  return sum;
}

struct Candidate {
  int64_t entry = -1;
  double square_distance = std::numeric_limits<double>::infinity();
};

// Of the two entries with the lowest rounded scores the nearer one comes first, judged in double: the difference of
// large float numbers alone would lose close calls.
std::pair<Candidate, Candidate> NearestTwo(const float* frame, const float* scores, const float* entries, int64_t count,
                                           int64_t width) {
  int64_t best = 0;
  int64_t second = -1;
  for (int64_t entry = 1; entry < count; ++entry) {
    if (scores[entry] < scores[best]) {
      second = best;
      best = entry;
    } else if (second < 0 || scores[entry] < scores[second]) {
      second = entry;
    }
  }
  std::pair<Candidate, Candidate> nearest;
  nearest.first = {best, SquareDistance(frame, entries + best * width, width)};
  if (second >= 0) nearest.second = {second, SquareDistance(frame, entries + second * width, width)};
  const auto order = [](const Candidate& c) { return std::make_pair(c.square_distance, c.entry); };
  if (order(nearest.second) < order(nearest.first)) std::swap(nearest.first, nearest.second);
  return nearest;
}

double Margin(const std::pair<Candidate, Candidate>& nearest) {
  const double best = std::sqrt(nearest.first.square_distance);
  const double second = std::sqrt(nearest.second.square_distance);
  return best > 0 ? (second - best) / best : std::numeric_limits<double>::infinity();
}

}  // namespace

Quantizer::Chain Quantizer::MakeChain(const std::string& name, int codebooks, const MimiWeights& weights) {
  Chain chain;
  chain.projection = ToTensor(weights.at(name + ".input_proj.weight")).select(2, 0).t().contiguous();
  for (int i = 0; i < codebooks; ++i) {
    const std::string prefix = absl::StrCat(name, ".vq.layers.", i, "._codebook.");
    Codebook codebook;
    const at::Tensor usage = ToTensor(weights.at(prefix + "cluster_usage")).clamp_min(kSmallestUsage);
    codebook.entries = ToTensor(weights.at(prefix + "embedding_sum")).div_(usage.unsqueeze(1));
    codebook.transposed = codebook.entries.t().contiguous().mul_(-2);
    codebook.square_norms = codebook.entries.square().sum(1);
    chain.codebooks.push_back(std::move(codebook));
  }
  return chain;
}

Quantizer::Quantizer(const MimiConfig& config, const MimiWeights& weights)
    : first_(MakeChain("quantizer.rvq_first", 1, weights)),
      rest_(MakeChain("quantizer.rvq_rest", config.num_codebooks() - 1, weights)) {}

int Quantizer::codebooks() const { return static_cast<int>(first_.codebooks.size() + rest_.codebooks.size()); }

void Quantizer::EncodeChain(const Chain& chain, const at::Tensor& latent, int codebooks, QuantizedFrames* frames) {
  const at::Tensor left = at::mm(latent, chain.projection);
  const int64_t width = left.size(1);
  float* rows = left.mutable_data_ptr<float>();
  for (int i = 0; i < codebooks; ++i) {
    const Codebook& codebook = chain.codebooks[static_cast<size_t>(i)];
    const at::Tensor scores = at::addmm(codebook.square_norms, left, codebook.transposed);
    const float* score = scores.const_data_ptr<float>();
    const float* entries = codebook.entries.const_data_ptr<float>();
    const int64_t count = codebook.entries.size(0);
    for (int64_t t = 0; t < left.size(0); ++t) {
      float* row = rows + t * width;
      const auto nearest = NearestTwo(row, score + t * count, entries, count, width);
      frames->codes.push_back(static_cast<int32_t>(nearest.first.entry));
      frames->runners_up.push_back(static_cast<int32_t>(nearest.second.entry));
      frames->margins.push_back(Margin(nearest));
      const float* chosen = entries + nearest.first.entry * width;
      for (int64_t j = 0; j < width; ++j) row[j] -= chosen[j];
    }
  }
}

QuantizedFrames Quantizer::Encode(const at::Tensor& latent, int codebooks) const {
  QuantizedFrames frames;
  const at::Tensor on_cpu = latent.cpu();
  EncodeChain(first_, on_cpu, 1, &frames);
  EncodeChain(rest_, on_cpu, codebooks - 1, &frames);
  return frames;
}

}  // namespace diarflow
