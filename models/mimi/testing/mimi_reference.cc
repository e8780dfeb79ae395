#include "models/mimi/testing/mimi_reference.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"

namespace diarflow {
namespace {

enum class Edge { kZeros, kReplicate };

ReferenceFrames Convolve(const MimiWeights& weights, const std::string& name, const ReferenceFrames& x, int64_t stride,
                         Edge edge) {
  const FloatArray& weight = weights.at(name + ".weight");
  const auto bias = weights.find(name + ".bias");
  const int64_t out = weight.dim(0), in = weight.dim(1), kernel = weight.dim(2);
  // [kernel][in][out], so that the innermost loop runs over neighbours.
  std::vector<double> turned(static_cast<size_t>(weight.size()));
  for (int64_t o = 0; o < out; ++o) {
    for (int64_t c = 0; c < in; ++c) {
      for (int64_t k = 0; k < kernel; ++k) turned[(k * in + c) * out + o] = weight[(o * in + c) * kernel + k];
    }
  }
  const int64_t frames = static_cast<int64_t>(x.size());
  ReferenceFrames y;
  for (int64_t t = 0; t * stride < frames; ++t) {
    std::vector<double> sum(static_cast<size_t>(out), 0.0);
    for (int64_t o = 0; o < out && bias != weights.end(); ++o) sum[o] = bias->second[o];
    for (int64_t k = 0; k < kernel; ++k) {
      int64_t source = (t + 1) * stride - kernel + k;
      if (edge == Edge::kReplicate) source = std::clamp<int64_t>(source, 0, frames - 1);
      if (source < 0 || source >= frames) continue;
      for (int64_t c = 0; c < in; ++c) {
        const double value = x[source][c];
        const double* row = turned.data() + (k * in + c) * out;
        for (int64_t o = 0; o < out; ++o) sum[o] += value * row[o];
      }
    }
    y.push_back(std::move(sum));
  }
  return y;
}

ReferenceFrames Elu(ReferenceFrames x) {
  for (auto& frame : x) {
    for (double& value : frame) value = value > 0 ? value : std::expm1(value);
  }
  return x;
}

std::vector<double> Normalize(const std::vector<double>& x, const MimiWeights& weights, const std::string& name,
                              double epsilon) {
  double mean = 0, variance = 0;
  for (const double value : x) mean += value / static_cast<double>(x.size());
  for (const double value : x) variance += (value - mean) * (value - mean) / static_cast<double>(x.size());
  std::vector<double> y(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    y[i] = (x[i] - mean) / std::sqrt(variance + epsilon) * weights.at(name + ".weight")[static_cast<int64_t>(i)] +
           weights.at(name + ".bias")[static_cast<int64_t>(i)];
  }
  return y;
}

// Row o of the matrix times x.
std::vector<double> Multiply(const FloatArray& matrix, const std::vector<double>& x) {
  const int64_t columns = static_cast<int64_t>(x.size());
  std::vector<double> y;
  for (int64_t o = 0; o < matrix.dim(0); ++o) {
    const float* row = matrix.data() + o * columns;
    double sum = 0;
    for (int64_t c = 0; c < columns; ++c) sum += row[c] * x[c];
    y.push_back(sum);
  }
  return y;
}

void AddScaled(const std::vector<double>& branch, const FloatArray& scale, std::vector<double>* x) {
  for (size_t i = 0; i < x->size(); ++i) (*x)[i] += branch[i] * scale[static_cast<int64_t>(i)];
}

// The query of frame t against the keys first..t, one head after the other.
std::vector<double> Attend(const ReferenceFrames& projected, int64_t t, int64_t first, int64_t heads) {
  const int64_t width = static_cast<int64_t>(projected[0].size()) / 3;
  const int64_t head_width = width / heads;
  std::vector<double> result(static_cast<size_t>(width), 0.0);
  for (int64_t head = 0; head < heads; ++head) {
    const int64_t at = head * head_width;
    std::vector<double> weight;
    double largest = -INFINITY, total = 0;
    for (int64_t key = first; key <= t; ++key) {
      double score = 0;
      for (int64_t i = 0; i < head_width; ++i) score += projected[t][at + i] * projected[key][width + at + i];
      weight.push_back(score / std::sqrt(static_cast<double>(head_width)));
      largest = std::max(largest, weight.back());
    }
    for (double& w : weight) total += (w = std::exp(w - largest));
    for (int64_t key = first; key <= t; ++key) {
      for (int64_t i = 0; i < head_width; ++i)
        result[at + i] += weight[key - first] / total * projected[key][2 * width + at + i];
    }
  }
  return result;
}

void Rotate(const MimiConfig& config, int64_t t, std::vector<double>* projected) {
  const int64_t head_width = config.dimension() / config.num_heads();
  for (int64_t i = 0; i < 2 * config.dimension(); i += 2) {
    const double exponent = static_cast<double>(i % head_width) / static_cast<double>(head_width);
    const double angle = static_cast<double>(t) * std::pow(config.rope_max_period(), -exponent);
    const double real = (*projected)[i], imaginary = (*projected)[i + 1];
    (*projected)[i] = real * std::cos(angle) - imaginary * std::sin(angle);
    (*projected)[i + 1] = real * std::sin(angle) + imaginary * std::cos(angle);
  }
}

}  // namespace

ReferenceFrames ReferenceSeanet(const MimiConfig& config, const MimiWeights& weights, const FloatArray& samples,
                                ReferencePadding padding) {
  ReferenceFrames x;
  for (const float sample : samples) x.push_back({sample});
  while (padding == ReferencePadding::kWaveform && x.size() % 1920 != 0) x.push_back({0.0});
  const auto conv = [&weights](int index, const char* part, const ReferenceFrames& input, int64_t stride) {
    return Convolve(weights, absl::StrCat("encoder.model.", index, part, ".conv.conv"), input, stride, Edge::kZeros);
  };
  x = conv(0, "", x, 1);
  int index = 1;
  for (const int ratio : config.ratios()) {
    const ReferenceFrames unit = conv(index, ".block.3", Elu(conv(index, ".block.1", Elu(x), 1)), 1);
    for (size_t t = 0; t < x.size(); ++t) {
      for (size_t c = 0; c < x[t].size(); ++c) x[t][c] += unit[t][c];
    }
    x = conv(index + 2, "", Elu(x), ratio);
    index += 3;
  }
  return conv(index + 1, "", Elu(x), 1);
}

ReferenceFrames ReferenceTransformer(const MimiConfig& config, const MimiWeights& weights, ReferenceFrames x,
                                     int64_t forgetful_step) {
  const int64_t frames = static_cast<int64_t>(x.size());
  for (int i = 0; i < config.num_layers(); ++i) {
    const std::string layer = absl::StrCat("encoder_transformer.transformer.layers.", i, ".");
    ReferenceFrames projected;
    for (int64_t t = 0; t < frames; ++t) {
      const std::vector<double> normal = Normalize(x[t], weights, layer + "norm1", config.norm_epsilon());
      projected.push_back(Multiply(weights.at(layer + "self_attn.in_proj_weight"), normal));
      Rotate(config, t, &projected.back());
    }
    for (int64_t t = 0; t < frames; ++t) {
      int64_t seen = config.context();
      if (forgetful_step > 0) seen -= forgetful_step - 1 - t % forgetful_step;
      const std::vector<double> attended = Attend(projected, t, std::max<int64_t>(0, t - seen + 1), config.num_heads());
      AddScaled(Multiply(weights.at(layer + "self_attn.out_proj.weight"), attended),
                weights.at(layer + "layer_scale_1.scale"), &x[t]);
      std::vector<double> hidden = Multiply(weights.at(layer + "linear1.weight"),
                                            Normalize(x[t], weights, layer + "norm2", config.norm_epsilon()));
      for (double& value : hidden) value = 0.5 * value * (1 + std::erf(value / std::sqrt(2.0)));
      AddScaled(Multiply(weights.at(layer + "linear2.weight"), hidden), weights.at(layer + "layer_scale_2.scale"),
                &x[t]);
    }
  }
  return x;
}

ReferenceFrames ReferenceDownsample(const MimiWeights& weights, const ReferenceFrames& frames) {
  return Convolve(weights, "downsample.conv.conv.conv", frames, 2, Edge::kReplicate);
}

std::vector<std::vector<int32_t>> ReferenceCodes(const MimiConfig& config, const MimiWeights& weights,
                                                 const ReferenceFrames& latent) {
  std::vector<std::vector<int32_t>> codes(static_cast<size_t>(config.num_codebooks()));
  const int64_t width = config.codebook_dimension();
  ReferenceFrames left(latent.size());
  for (int q = 0; q < config.num_codebooks(); ++q) {
    const std::string chain = q == 0 ? "quantizer.rvq_first" : "quantizer.rvq_rest";
    const std::string codebook = absl::StrCat(chain, ".vq.layers.", q == 0 ? 0 : q - 1, "._codebook.");
    const FloatArray& sums = weights.at(codebook + "embedding_sum");
    std::vector<double> entries;
    for (int64_t i = 0; i < sums.size(); ++i) {
      entries.push_back(sums[i] / std::max<double>(weights.at(codebook + "cluster_usage")[i / width], 1e-5));
    }
    for (size_t t = 0; t < latent.size(); ++t) {
      // Both chains start from the latent.
      if (q <= 1) left[t] = Multiply(weights.at(chain + ".input_proj.weight"), latent[t]);
      int32_t best = 0;
      double best_distance = INFINITY;
      for (int32_t entry = 0; entry < config.codebook_size(); ++entry) {
        double distance = 0;
        for (int64_t i = 0; i < width; ++i) {
          const double difference = left[t][i] - entries[entry * width + i];
          distance += difference * difference;
        }
        if (distance < best_distance) {
          best_distance = distance;
          best = entry;
        }
      }
      for (int64_t i = 0; i < width; ++i) left[t][i] -= entries[best * width + i];
      codes[static_cast<size_t>(q)].push_back(best);
    }
  }
  return codes;
}

}  // namespace diarflow
