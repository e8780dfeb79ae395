// Crops out of the last sessions that have come: a training draws from many sessions at a time, though they come one by
// one and only so many are kept.
#ifndef DIARFLOW_MODELS_TRAINING_CROP_POOL_H_
#define DIARFLOW_MODELS_TRAINING_CROP_POOL_H_

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "models/training/training_run.h"

namespace diarflow {

// Frames and labels [first, first + count) of a session, counted in labels. REQUIRES: they are there.
AdapterCrop CropOf(const AdapterCrop& session, int64_t first, int64_t count);

// A session cut into crops of `labels` one behind the other; the last one may be shorter.
std::vector<AdapterCrop> CropsOf(const AdapterCrop& session, int64_t labels);

// Columns [first, last) of `width` in another order and with signs of their own, drawn; the others as they are.
// REQUIRES: 0 <= first <= last <= width.
ColumnShuffle DrawShuffle(int64_t first, int64_t last, int64_t width, Random* random);

class CropPool {
 public:
  // REQUIRES: size > 0.
  explicit CropPool(int64_t size) : places_(static_cast<size_t>(size)) {}

  // Session number `number`, in the place of the one so many before it. Those between it and the last one that came are
  // missing: what they would have replaced goes as well, so that the pool depends on the number alone and on which
  // sessions there are. REQUIRES: numbers rise.
  void Put(int64_t number, AdapterCrop session);

  bool empty() const { return filled_ == 0; }

  // `count` crops of `labels` each, of sessions that are drawn; a session that is shorter is taken whole. What is drawn
  // depends on the state of `random` and on the pool alone. REQUIRES: not empty().
  std::vector<AdapterCrop> Draw(int count, int64_t labels, Random* random) const;

 private:
  std::vector<AdapterCrop> places_;  // with no labels: free
  int64_t next_ = 0;                 // the number behind the last one
  int64_t filled_ = 0;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TRAINING_CROP_POOL_H_
