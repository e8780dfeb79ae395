// How the learning rate goes up and down: factors of the base rate for update number `update`, from 0.
#ifndef DIARFLOW_MODELS_TRAINING_SCHEDULES_H_
#define DIARFLOW_MODELS_TRAINING_SCHEDULES_H_

#include <cstdint>

namespace diarflow {

// update / warm_up below warm_up, then sqrt(warm_up / update): the first update has the rate 0. Without a warm-up 1 /
// sqrt(update), 1 at first. The schedule of the original experiments.
double WarmUpInverseSquareRoot(int64_t update, int64_t warm_up);

// (update + 1) / (warm_up + 1) up to warm_up, then the root of its inverse: the form of NVIDIA NeMo.
double WarmUpInverseSquareRootFromOne(int64_t update, int64_t warm_up);

// (update + 1) / warm_up below warm_up, then half a cosine down to 0 at `updates`.
double WarmUpCosine(int64_t update, int64_t warm_up, int64_t updates);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TRAINING_SCHEDULES_H_
