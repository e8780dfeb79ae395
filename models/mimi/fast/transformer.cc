#include "models/mimi/fast/transformer.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "models/kernels/parallel.h"
#include "models/kernels/row_kernels.h"

namespace diarflow {
namespace {

// Queries that attend at once.
constexpr int64_t kQueries = 64;
// Angles are kept for so many frames; those of any frame follow by one turn from a multiple of it.
constexpr int64_t kAngles = 256;
// Rows of keys and values that stand interleaved.
template <typename T>
constexpr int64_t kTogether = std::is_same_v<T, Bfloat16> ? 2 : 1;
// A thread is worth waking for this many numbers of a row kernel.
constexpr int64_t kGrain = 1 << 15;

// [rows, columns] turned to [columns, rows], the matrix of x W' as PackedMatrix wants it, each column times a scale.
std::vector<float> Transposed(const FloatArray& weights, const std::vector<float>& scale) {
  const int64_t rows = weights.dim(0), columns = weights.dim(1);
  std::vector<float> result(static_cast<size_t>(rows * columns));
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < columns; ++column) {
      result[static_cast<size_t>(column * rows + row)] =
          weights[row * columns + column] * (scale.empty() ? 1.0f : scale[static_cast<size_t>(row)]);
    }
  }
  return result;
}

// q, k, v rows with the even rows of each head of q and k before the odd ones; q times 1 / sqrt(head width).
FloatArray SplitPairs(const FloatArray& in_projection, int64_t heads) {
  const int64_t width = in_projection.dim(1);
  const int64_t head_width = width / heads;
  const auto scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(head_width)));
  FloatArray result = FloatArray::Zeros(in_projection.shape());
  for (int64_t row = 0; row < 3 * width; ++row) {
    const int64_t inside = row % head_width;
    int64_t source = row;
    if (row < 2 * width) {
      const int64_t half = head_width / 2;
      source = row - inside + (inside < half ? 2 * inside : 2 * (inside - half) + 1);
    }
    for (int64_t i = 0; i < width; ++i) {
      result.mutable_data()[row * width + i] = in_projection[source * width + i] * (row < width ? scale : 1.0f);
    }
  }
  return result;
}

std::vector<float> Vector(const FloatArray& values) { return std::vector<float>(values.begin(), values.end()); }

template <typename V>
void Grow(V* values, int64_t size) {
  if (values->size() < static_cast<size_t>(size)) values->resize(static_cast<size_t>(size));
}

}  // namespace

template <typename T>
FastTransformer<T>::FastTransformer(const MimiConfig& config, const MimiWeights& weights, StateLayout* layout)
    : width_(config.dimension()),
      heads_(config.num_heads()),
      head_width_(width_ / heads_),
      context_(config.context()),
      feed_forward_(config.feed_forward()),
      ring_((context_ - 1 + kQueries + 63) / 64 * 64),
      epsilon_(static_cast<float>(config.norm_epsilon())) {
  for (int64_t i = 0; i < head_width_ / 2; ++i) {
    frequencies_.push_back(
        std::pow(config.rope_max_period(), -2.0 * static_cast<double>(i) / static_cast<double>(head_width_)));
  }
  for (int64_t frame = 0; frame < kAngles; ++frame) {
    for (const double frequency : frequencies_) {
      cosines_.push_back(std::cos(static_cast<double>(frame) * frequency));
      sines_.push_back(std::sin(static_cast<double>(frame) * frequency));
    }
  }
  for (int i = 0; i < config.num_layers(); ++i) {
    const std::string name = absl::StrCat("encoder_transformer.transformer.layers.", i);
    const auto get = [&](const char* part) -> const FloatArray& { return weights.at(absl::StrCat(name, ".", part)); };
    Layer layer;
    layer.norm1_weight = Vector(get("norm1.weight"));
    layer.norm1_bias = Vector(get("norm1.bias"));
    layer.norm2_weight = Vector(get("norm2.weight"));
    layer.norm2_bias = Vector(get("norm2.bias"));
    layer.in_projection =
        PackedMatrix<T>(Transposed(SplitPairs(get("self_attn.in_proj_weight"), heads_), {}), width_, 3 * width_);
    layer.out_projection = PackedMatrix<T>(
        Transposed(get("self_attn.out_proj.weight"), Vector(get("layer_scale_1.scale"))), width_, width_);
    layer.linear1 = PackedMatrix<T>(Transposed(get("linear1.weight"), {}), width_, feed_forward_);
    layer.linear2 =
        PackedMatrix<T>(Transposed(get("linear2.weight"), Vector(get("layer_scale_2.scale"))), feed_forward_, width_);
    const at::ScalarType type = kTogether<T> == 2 ? at::kBFloat16 : at::kFloat;
    layer.keys = layout->Add(name + ".keys", {heads_, head_width_ / kTogether<T>, ring_, kTogether<T>}, type);
    layer.values = layout->Add(name + ".values", {heads_, ring_ / kTogether<T>, head_width_, kTogether<T>}, type);
    layers_.push_back(std::move(layer));
  }
}

// Angles in double: after an hour the position has no exact float.
template <typename T>
void FastTransformer<T>::FillRotations(absl::Span<const MimiPiece> pieces, int64_t frames, const StreamState& state,
                                       Workspace* workspace) const {
  const auto pairs = static_cast<int64_t>(frequencies_.size());
  Grow(&workspace->cosines, static_cast<int64_t>(pieces.size()) * frames * pairs);
  Grow(&workspace->sines, static_cast<int64_t>(pieces.size()) * frames * pairs);
  Grow(&workspace->base_cosines, pairs);
  Grow(&workspace->base_sines, pairs);
  float* cosine = workspace->cosines.data();
  float* sine = workspace->sines.data();
  for (const MimiPiece& piece : pieces) {
    const int64_t position = state.position(piece.stream) / MimiTapFrameSamples(MimiTap::kTransformer25);
    int64_t turned = -1;
    for (int64_t frame = position; frame < position + frames; ++frame) {
      const int64_t base = frame / kAngles * kAngles;
      for (size_t i = 0; base != turned && i < frequencies_.size(); ++i) {
        workspace->base_cosines[i] = std::cos(static_cast<double>(base) * frequencies_[i]);
        workspace->base_sines[i] = std::sin(static_cast<double>(base) * frequencies_[i]);
      }
      turned = base;
      const double* step_cosine = cosines_.data() + (frame - base) * pairs;
      const double* step_sine = sines_.data() + (frame - base) * pairs;
      for (int64_t i = 0; i < pairs; ++i) {
        const double c = workspace->base_cosines[static_cast<size_t>(i)];
        const double s = workspace->base_sines[static_cast<size_t>(i)];
        *cosine++ = static_cast<float>(c * step_cosine[i] - s * step_sine[i]);
        *sine++ = static_cast<float>(s * step_cosine[i] + c * step_sine[i]);
      }
    }
  }
}

// One head of one stream: its keys and values go into the ring block by block, each block before its queries.
template <typename T>
void FastTransformer<T>::AttendHead(const Layer& layer, int64_t head, int64_t stream, int64_t position, int64_t frames,
                                    const float* projected, StreamState& state, typename Workspace::Attention* scratch,
                                    T* out) const {
  constexpr int64_t kPair = kTogether<T>;
  T* keys = state.numbers<T>(layer.keys, stream) + head * head_width_ * ring_;
  T* values = state.numbers<T>(layer.values, stream) + head * ring_ * head_width_;
  Grow(&scratch->scores, kQueries * ring_);
  Grow(&scratch->sums, kQueries * head_width_);
  Grow(&scratch->ages, ring_);
  for (int64_t begin = 0; begin < frames; begin += kQueries) {
    const int64_t count = std::min(kQueries, frames - begin);
    for (int64_t frame = begin; frame < begin + count; ++frame) {
      const int64_t place = (position + frame) % ring_;
      const float* key = projected + frame * 3 * width_ + width_ + head * head_width_;
      const float* value = key + width_;
      for (int64_t i = 0; i < head_width_; ++i) Store(key[i], keys + (i / kPair * ring_ + place) * kPair + i % kPair);
      T* to = values + place / kPair * kPair * head_width_ + place % kPair;
      for (int64_t i = 0; i < head_width_; ++i) Store(value[i], to + i * kPair);
    }
    const int64_t last = position + begin + count - 1;
    for (int64_t place = 0; place < ring_; ++place) {
      const int64_t age = (last % ring_ - place + ring_) % ring_;
      // Places that hold nothing yet are older than any window.
      scratch->ages[static_cast<size_t>(place)] = static_cast<int32_t>(age <= last ? age : context_ + kQueries);
    }
    const float* queries = projected + begin * 3 * width_ + head * head_width_;
    float* scores = scratch->scores.data();
    if constexpr (kPair == 2) {
      Grow(&scratch->queries, kQueries * head_width_);
      for (int64_t query = 0; query < count; ++query) {
        Convert(queries + query * 3 * width_, head_width_, scratch->queries.data() + query * head_width_);
      }
      MultiplyPlain(scratch->queries.data(), head_width_, keys, ring_, count, head_width_, ring_, scores, ring_);
    } else {
      MultiplyPlain(queries, 3 * width_, keys, ring_, count, head_width_, ring_, scores, ring_);
    }
    for (int64_t query = 0; query < count; ++query) {
      WindowSoftmax(scratch->ages.data(), static_cast<int32_t>(count - 1 - query), static_cast<int32_t>(context_),
                    ring_, scores + query * ring_);
    }
    float* sums = scratch->sums.data();
    if constexpr (kPair == 2) {
      Grow(&scratch->shares, kQueries * ring_);
      Convert(scores, count * ring_, scratch->shares.data());
      MultiplyPlain(scratch->shares.data(), ring_, values, head_width_, count, ring_, head_width_, sums, head_width_);
    } else {
      MultiplyPlain(scores, ring_, values, head_width_, count, ring_, head_width_, sums, head_width_);
    }
    for (int64_t query = 0; query < count; ++query) {
      Convert(sums + query * head_width_, head_width_, out + (begin + query) * width_ + head * head_width_);
    }
  }
}

template <typename T>
void FastTransformer<T>::Attend(const Layer& layer, absl::Span<const MimiPiece> pieces, int64_t frames,
                                StreamState& state, Workspace* workspace) const {
  const auto tasks = static_cast<int64_t>(pieces.size()) * heads_;
  const int64_t parts = std::min<int64_t>(tasks, ParallelThreads());
  while (static_cast<int64_t>(workspace->attention.size()) < parts) workspace->attention.emplace_back();
  ParallelFor(parts, 1, [&](int64_t first, int64_t end) {
    for (int64_t task = tasks * first / parts; task < tasks * end / parts; ++task) {
      const int64_t item = task / heads_;
      const int64_t stream = pieces[static_cast<size_t>(item)].stream;
      AttendHead(layer, task % heads_, stream, state.position(stream) / MimiTapFrameSamples(MimiTap::kTransformer25),
                 frames, workspace->projected.data() + item * frames * 3 * width_, state,
                 &workspace->attention[static_cast<size_t>(first)], workspace->operand.data() + item * frames * width_);
    }
  });
}

template <typename T>
void FastTransformer<T>::Forward(absl::Span<const MimiPiece> pieces, int64_t frames, StreamState& state,
                                 Workspace* workspace, float* x) const {
  const int64_t rows = static_cast<int64_t>(pieces.size()) * frames;
  const int64_t pairs = head_width_ / 2;
  // One number more than is used: PackedMatrix::Multiply() may read it.
  Grow(&workspace->operand, rows * width_ + 1);
  Grow(&workspace->projected, rows * 3 * width_);
  Grow(&workspace->hidden, rows * feed_forward_);
  Grow(&workspace->hidden_operand, rows * feed_forward_ + 1);
  FillRotations(pieces, frames, state, workspace);
  float* projected = workspace->projected.data();
  float* hidden = workspace->hidden.data();
  const Rows<const T> operand = {workspace->operand.data(), width_, 0};
  const Rows<const T> hidden_operand = {workspace->hidden_operand.data(), feed_forward_, 0};
  const Rows<float> sum = {x, width_, 0};
  const auto normalise = [&](const std::vector<float>& weight, const std::vector<float>& bias) {
    ParallelFor(rows, 1 + kGrain / width_, [&](int64_t begin, int64_t end) {
      LayerNormRows(x + begin * width_, weight.data(), bias.data(), epsilon_, end - begin, width_,
                    workspace->operand.data() + begin * width_);
    });
  };
  for (const Layer& layer : layers_) {
    normalise(layer.norm1_weight, layer.norm1_bias);
    layer.in_projection.Multiply(operand, {projected, 3 * width_, 0}, 1, rows, /*add=*/false);
    ParallelFor(rows, 1 + kGrain / width_, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        RotateHeads(workspace->cosines.data() + row * pairs, workspace->sines.data() + row * pairs, pairs, 2 * heads_,
                    projected + row * 3 * width_);
      }
    });
    Attend(layer, pieces, frames, state, workspace);
    layer.out_projection.Multiply(operand, sum, 1, rows, /*add=*/true);
    normalise(layer.norm2_weight, layer.norm2_bias);
    layer.linear1.Multiply(operand, {hidden, feed_forward_, 0}, 1, rows, /*add=*/false);
    ParallelFor(rows * feed_forward_, kGrain, [&](int64_t begin, int64_t end) {
      Gelu(hidden + begin, end - begin, workspace->hidden_operand.data() + begin);
    });
    layer.linear2.Multiply(hidden_operand, sum, 1, rows, /*add=*/true);
  }
}

template class FastTransformer<float>;
template class FastTransformer<Bfloat16>;

}  // namespace diarflow
