#include "models/torch_threads.h"

#include <ATen/Parallel.h>

namespace diarflow {

void SetModelThreads(int threads) { at::set_num_threads(threads); }

}  // namespace diarflow
