#include "models/mimi/fast/seanet.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "models/kernels/parallel.h"
#include "models/kernels/row_kernels.h"

namespace diarflow {
namespace {

// Samples that the stages take at once, from the first on: see the head of seanet.h.
constexpr int64_t kTiles[] = {480, 1920, 9600};
constexpr int64_t kLongestTile = kTiles[2];
// A thread is worth waking for this many numbers of a row kernel, and for this much audio.
constexpr int64_t kGrain = 1 << 15;
constexpr int64_t kGrainSamples = 960;

template <typename T>
FastConv<T> MakeConv(const std::string& name, int64_t stride, const MimiWeights& weights, StateLayout* layout) {
  return FastConv<T>(name, weights.at(name + ".conv.conv.weight"), weights.at(name + ".conv.conv.bias"), stride,
                     layout);
}

std::vector<float> Sum(std::vector<float> a, const std::vector<float>& b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

int64_t RoundUp(int64_t value, int64_t step) { return (value + step - 1) / step * step; }

// body(item, begin, end) for the rows of all items.
template <typename Body>
void ForRows(int64_t items, int64_t rows, int64_t width, const Body& body) {
  ParallelFor(items * rows, 1 + kGrain / width, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t item = begin / rows;
      const int64_t stop = std::min(end, (item + 1) * rows);
      body(item, begin - item * rows, stop - item * rows);
      begin = stop;
    }
  });
}

template <typename T>
void LoadContext(const FastConv<T>& conv, StreamState& state, int64_t stream, int64_t item, ConvInput<T>* input) {
  if (conv.context() > 0) input->LoadContext(item, state.numbers(conv.slot, stream));
}

template <typename T>
void SaveContext(const FastConv<T>& conv, StreamState& state, int64_t stream, int64_t item, ConvInput<T>* input) {
  if (conv.context() > 0) input->SaveContext(item, state.numbers(conv.slot, stream));
}

}  // namespace

template <typename T>
FastSeanet<T>::FastSeanet(const MimiConfig& config, const MimiWeights& weights, StateLayout* layout)
    : first_(MakeConv<float>("encoder.model.0", 1, weights, layout)),
      last_(MakeConv<T>(absl::StrCat("encoder.model.", 3 * config.ratios_size() + 2), 1, weights, layout)) {
  int64_t samples = 1;
  std::vector<float> in_bias = first_.bias;
  for (int i = 0; i < config.ratios_size(); ++i) {
    const std::string unit = absl::StrCat("encoder.model.", 3 * i + 1);
    const std::string down = absl::StrCat("encoder.model.", 3 * i + 3);
    Stage stage = {MakeConv<T>(unit + ".block.1", 1, weights, layout),
                   MakeConv<T>(unit + ".block.3", 1, weights, layout),
                   MakeConv<T>(down, config.ratios(i), weights, layout),
                   in_bias,
                   {},
                   samples,
                   0};
    stage.out_bias = Sum(in_bias, stage.second.bias);
    in_bias = stage.down.bias;
    samples *= config.ratios(i);
    stage.tile = RoundUp(i < 3 ? kTiles[i] : kLongestTile, samples);
    stages_.push_back(std::move(stage));
  }
  int64_t rows = 0;
  for (int64_t i = front_stages() - 1; i >= 0; --i) {
    const Stage& stage = stages_[static_cast<size_t>(i)];
    rows = rows * stage.down.stride + stage.down.context() + stage.second.context() + stage.first.context();
  }
  warm_up_ = RoundUp(rows + first_.context(), stages_.back().samples);
}

template <typename T>
void FastSeanet<T>::StageInput::Reserve(const Stage& stage, int64_t items, int64_t rows_of_item) {
  rows = rows_of_item;
  const auto grow = [](std::vector<float>* values, int64_t size) {
    if (values->size() < static_cast<size_t>(size)) values->resize(static_cast<size_t>(size));
  };
  grow(&x, items * rows * stage.first.in);
  grow(&inner, items * rows * stage.first.out);
  first.Reserve(items, rows);
  second.Reserve(items, rows);
  down.Reserve(items, rows);
}

template <typename T>
FastSeanet<T>::Front::Front(const FastSeanet& seanet) : audio(seanet.first_) {
  for (int64_t i = 0; i < seanet.front_stages(); ++i) {
    const Stage& stage = seanet.stages_[static_cast<size_t>(i)];
    stages.emplace_back(stage);
    stages.back().Reserve(stage, 1, stage.tile / stage.samples);
  }
  const int64_t longest = std::max(kTiles[0], seanet.front_stages() > 0 ? seanet.stages_.front().tile : 0);
  audio.Reserve(1, longest);
  discarded.resize(
      static_cast<size_t>(seanet.warm_up_ / seanet.stages_.back().samples * seanet.stages_.back().first.in));
}

template <typename T>
FastSeanet<T>::Workspace::Workspace(const FastSeanet& seanet) : last_stage(seanet.stages_.back()), last(seanet.last_) {}

template <typename T>
void FastSeanet<T>::RunStage(const Stage& stage, int64_t items, int64_t rows, StageInput* input,
                             Rows<float> out) const {
  const int64_t width = stage.first.in;
  const int64_t inner_width = stage.first.out;
  const Rows<float> x = {input->x.data(), width, input->rows * width};
  const Rows<float> inner = {input->inner.data(), inner_width, input->rows * inner_width};
  ForRows(items, rows, width, [&](int64_t item, int64_t begin, int64_t end) {
    EluRows(x.data + item * x.item_stride + begin * width, stage.in_bias.data(), end - begin, width,
            input->first.fresh(item) + begin * width);
  });
  input->first.Run(inner, items, rows, /*add=*/false);
  ForRows(items, rows, inner_width, [&](int64_t item, int64_t begin, int64_t end) {
    EluRows(inner.data + item * inner.item_stride + begin * inner_width, stage.first.bias.data(), end - begin,
            inner_width, input->second.fresh(item) + begin * inner_width);
  });
  input->second.Run(x, items, rows, /*add=*/true);
  ForRows(items, rows, width, [&](int64_t item, int64_t begin, int64_t end) {
    EluRows(x.data + item * x.item_stride + begin * width, stage.out_bias.data(), end - begin, width,
            input->down.fresh(item) + begin * width);
  });
  input->down.Run(out, items, rows, /*add=*/false);
}

template <typename T>
void FastSeanet<T>::RunFront(int64_t stages, const MimiPiece& piece, int64_t begin, int64_t count, Front* front,
                             float* out) const {
  if (stages == 0) {
    const int64_t longest = kTiles[0];
    for (int64_t at = begin; at < begin + count; at += longest) {
      const int64_t size = std::min(longest, begin + count - at);
      const int64_t copied = std::clamp<int64_t>(piece.size - at, 0, size);
      float* fresh = front->audio.fresh(0);
      if (copied > 0) std::copy_n(piece.samples + at, copied, fresh);
      std::fill(fresh + copied, fresh + size, 0.0f);
      front->audio.Run({out, first_.out, 0}, 1, size, /*add=*/false);
      out += size * first_.out;
    }
    return;
  }
  const Stage& stage = stages_[static_cast<size_t>(stages - 1)];
  StageInput* input = &front->stages[static_cast<size_t>(stages - 1)];
  for (int64_t at = begin; at < begin + count; at += stage.tile) {
    const int64_t size = std::min(stage.tile, begin + count - at);
    RunFront(stages - 1, piece, at, size, front, input->x.data());
    const int64_t rows = size / stage.samples;
    RunStage(stage, 1, rows, input, {out, stage.down.out, 0});
    out += rows / stage.down.stride * stage.down.out;
  }
}

template <typename T>
void FastSeanet<T>::LoadFront(StreamState& state, int64_t stream, Front* front) const {
  LoadContext(first_, state, stream, 0, &front->audio);
  for (size_t i = 0; i < front->stages.size(); ++i) {
    LoadContext(stages_[i].first, state, stream, 0, &front->stages[i].first);
    LoadContext(stages_[i].second, state, stream, 0, &front->stages[i].second);
    LoadContext(stages_[i].down, state, stream, 0, &front->stages[i].down);
  }
}

template <typename T>
void FastSeanet<T>::SaveFront(StreamState& state, int64_t stream, Front* front) const {
  SaveContext(first_, state, stream, 0, &front->audio);
  for (size_t i = 0; i < front->stages.size(); ++i) {
    SaveContext(stages_[i].first, state, stream, 0, &front->stages[i].first);
    SaveContext(stages_[i].second, state, stream, 0, &front->stages[i].second);
    SaveContext(stages_[i].down, state, stream, 0, &front->stages[i].down);
  }
}

// The contexts at a place in the middle of a piece, from the samples before it.
template <typename T>
void FastSeanet<T>::WarmUp(const MimiPiece& piece, int64_t begin, Front* front) const {
  front->audio.ClearContext(0);
  for (StageInput& input : front->stages) {
    input.first.ClearContext(0);
    input.second.ClearContext(0);
    input.down.ClearContext(0);
  }
  RunFront(front_stages(), piece, begin - warm_up_, warm_up_, front, front->discarded.data());
}

// Threads take whole pieces; when there are fewer pieces than threads, each piece is cut.
template <typename T>
void FastSeanet<T>::RunFronts(absl::Span<const MimiPiece> pieces, int64_t samples, StreamState& state,
                              Workspace* workspace) const {
  const auto items = static_cast<int64_t>(pieces.size());
  const int64_t threads = ParallelThreads();
  const int64_t row_samples = stages_.back().samples;
  const int64_t width = stages_.back().first.in;
  const int64_t rows = samples / row_samples;
  int64_t cuts = std::max<int64_t>(1, threads / items);
  cuts = std::min(cuts, samples / std::max(kGrainSamples, warm_up_));
  cuts = std::max<int64_t>(1, cuts);
  const int64_t tasks = std::min(threads, items * cuts);
  std::vector<Front>& fronts = workspace->fronts;
  while (static_cast<int64_t>(fronts.size()) < tasks) fronts.emplace_back(*this);
  const auto run = [&](int64_t item, int64_t first_row, int64_t end_row, Front* front) {
    float* out = workspace->last_stage.x.data() + (item * workspace->last_stage.rows + first_row) * width;
    RunFront(front_stages(), pieces[static_cast<size_t>(item)], first_row * row_samples,
             (end_row - first_row) * row_samples, front, out);
  };
  if (cuts == 1) {
    ParallelFor(tasks, 1, [&](int64_t begin, int64_t end) {
      for (int64_t item = items * begin / tasks; item < items * end / tasks; ++item) {
        Front* front = &fronts[static_cast<size_t>(begin)];
        LoadFront(state, pieces[static_cast<size_t>(item)].stream, front);
        run(item, 0, rows, front);
        SaveFront(state, pieces[static_cast<size_t>(item)].stream, front);
      }
    });
    return;
  }
  ParallelFor(items * cuts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      const MimiPiece& piece = pieces[static_cast<size_t>(task / cuts)];
      const int64_t first_row = rows * (task % cuts) / cuts;
      Front* front = &fronts[static_cast<size_t>(task)];
      if (first_row == 0)
        LoadFront(state, piece.stream, front);
      else
        WarmUp(piece, first_row * row_samples, front);
      run(task / cuts, first_row, rows * (task % cuts + 1) / cuts, front);
    }
  });
  // Only now: the first part of a piece began with the old state.
  for (int64_t item = 0; item < items; ++item) {
    SaveFront(state, pieces[static_cast<size_t>(item)].stream, &fronts[static_cast<size_t>((item + 1) * cuts - 1)]);
  }
}

template <typename T>
void FastSeanet<T>::Forward(absl::Span<const MimiPiece> pieces, int64_t samples, StreamState& state,
                            Workspace* workspace, float* out) const {
  const Stage& stage = stages_.back();
  const auto items = static_cast<int64_t>(pieces.size());
  const int64_t rows = samples / stage.samples;
  const int64_t frames = rows / stage.down.stride;
  StageInput* input = &workspace->last_stage;
  input->Reserve(stage, items, rows);
  workspace->last.Reserve(items, frames);
  RunFronts(pieces, samples, state, workspace);
  for (int64_t item = 0; item < items; ++item) {
    const int64_t stream = pieces[static_cast<size_t>(item)].stream;
    LoadContext(stage.first, state, stream, item, &input->first);
    LoadContext(stage.second, state, stream, item, &input->second);
    LoadContext(stage.down, state, stream, item, &input->down);
    LoadContext(last_, state, stream, item, &workspace->last);
  }
  const int64_t width = last_.in;
  if (workspace->shortened.size() < static_cast<size_t>(items * frames * width))
    workspace->shortened.resize(static_cast<size_t>(items * frames * width));
  const Rows<float> shortened = {workspace->shortened.data(), width, frames * width};
  RunStage(stage, items, rows, input, shortened);
  ForRows(items, frames, width, [&](int64_t item, int64_t begin, int64_t end) {
    EluRows(shortened.data + item * shortened.item_stride + begin * width, stage.down.bias.data(), end - begin, width,
            workspace->last.fresh(item) + begin * width);
  });
  workspace->last.Run({out, last_.out, frames * last_.out}, items, frames, /*add=*/false);
  AddBiasRows(last_.bias.data(), items * frames, last_.out, out);
  for (int64_t item = 0; item < items; ++item) {
    const int64_t stream = pieces[static_cast<size_t>(item)].stream;
    SaveContext(stage.first, state, stream, item, &input->first);
    SaveContext(stage.second, state, stream, item, &input->second);
    SaveContext(stage.down, state, stream, item, &input->down);
    SaveContext(last_, state, stream, item, &workspace->last);
  }
}

template class FastSeanet<float>;
template class FastSeanet<Bfloat16>;

}  // namespace diarflow
