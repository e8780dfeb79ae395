#include "models/training/crop_pool.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace diarflow {
namespace {

FloatArray RowsOf(const FloatArray& values, int64_t first, int64_t count) {
  const int64_t width = values.dim(1);
  FloatArray rows = FloatArray::Zeros({count, width});
  std::copy_n(values.data() + first * width, count * width, rows.mutable_data());
  return rows;
}

}  // namespace

AdapterCrop CropOf(const AdapterCrop& session, int64_t first, int64_t count) {
  const int64_t frames_per_label = session.latents.dim(0) / session.labels.dim(0);
  return {RowsOf(session.latents, first * frames_per_label, count * frames_per_label),
          RowsOf(session.labels, first, count)};
}

std::vector<AdapterCrop> CropsOf(const AdapterCrop& session, int64_t labels) {
  std::vector<AdapterCrop> crops;
  const int64_t all = session.labels.dim(0);
  for (int64_t first = 0; first < all; first += labels) {
    crops.push_back(CropOf(session, first, std::min(labels, all - first)));
  }
  return crops;
}

ColumnShuffle DrawShuffle(int64_t first, int64_t last, int64_t width, Random* random) {
  std::vector<int64_t> order(static_cast<size_t>(last - first));
  std::iota(order.begin(), order.end(), first);
  random->Shuffle(&order);
  ColumnShuffle shuffle;
  shuffle.from.resize(static_cast<size_t>(width));
  std::iota(shuffle.from.begin(), shuffle.from.end(), 0);
  shuffle.sign.assign(static_cast<size_t>(width), 1.0f);
  for (size_t i = 0; i < order.size(); ++i) {
    shuffle.from[static_cast<size_t>(first) + i] = order[i];
    shuffle.sign[static_cast<size_t>(first) + i] = random->Below(2) == 0 ? 1.0f : -1.0f;
  }
  return shuffle;
}

void CropPool::Put(int64_t number, AdapterCrop session) {
  const auto size = static_cast<int64_t>(places_.size());
  for (next_ = std::max(next_, number - size + 1); next_ <= number; ++next_) {
    AdapterCrop& place = places_[static_cast<size_t>(next_ % size)];
    if (!place.labels.empty()) --filled_;
    place = {};
  }
  places_[static_cast<size_t>(number % size)] = std::move(session);
  ++filled_;
}

std::vector<AdapterCrop> CropPool::Draw(int count, int64_t labels, Random* random) const {
  std::vector<const AdapterCrop*> sessions;
  for (const AdapterCrop& place : places_) {
    if (!place.labels.empty()) sessions.push_back(&place);
  }
  std::vector<AdapterCrop> crops;
  for (int i = 0; i < count; ++i) {
    const AdapterCrop& session = *sessions[static_cast<size_t>(random->Below(static_cast<int64_t>(sessions.size())))];
    const int64_t all = session.labels.dim(0), taken = std::min(labels, all);
    crops.push_back(CropOf(session, random->Below(all - taken + 1), taken));
  }
  return crops;
}

}  // namespace diarflow
