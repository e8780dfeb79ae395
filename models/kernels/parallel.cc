#include "models/kernels/parallel.h"

#include <algorithm>

#include "ATen/Parallel.h"
#include "tbb/parallel_for.h"
#include "tbb/partitioner.h"
#include "tbb/task_arena.h"

namespace diarflow {
namespace {

thread_local bool inside = false;

struct Inside {
  Inside() { inside = true; }
  ~Inside() { inside = false; }
};

}  // namespace

int ParallelThreads() { return inside ? 1 : at::get_num_threads(); }

void ParallelFor(int64_t count, int64_t grain, absl::FunctionRef<void(int64_t, int64_t)> body) {
  const int64_t parts = std::min<int64_t>(count / std::max<int64_t>(1, grain), ParallelThreads());
  if (parts <= 1) {
    if (count > 0) body(0, count);
    return;
  }
  // Isolated: a thread that waits takes no other work of the pipeline, which could hold it up for long.
  tbb::this_task_arena::isolate([&] {
    tbb::parallel_for(
        int64_t{0}, parts,
        [&](int64_t part) {
          const Inside guard;
          body(count * part / parts, count * (part + 1) / parts);
        },
        tbb::simple_partitioner());
  });
}

}  // namespace diarflow
