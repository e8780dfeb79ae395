#include "models/kernels/torch_parallel.h"

#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "models/torch_threads.h"

namespace diarflow {
namespace {

TEST(TorchParallelTest, PartsMakeUpTheWholeOnSeveralThreads) {
  SetModelThreads(3);
  for (const int64_t count : {0, 1, 10, 1000}) {
    std::vector<int> seen(static_cast<size_t>(count));
    std::set<std::thread::id> threads;
    std::mutex mutex;
    TorchParallelFor(count, /*grain=*/100, [&](int64_t begin, int64_t end) {
      const std::lock_guard<std::mutex> lock(mutex);
      threads.insert(std::this_thread::get_id());
      for (int64_t i = begin; i < end; ++i) ++seen[static_cast<size_t>(i)];
    });
    EXPECT_EQ(seen, std::vector<int>(static_cast<size_t>(count), 1));
    EXPECT_EQ(threads.size(), count > 100 ? 3 : count > 0 ? 1 : 0);
  }
  SetModelThreads(1);
}

}  // namespace
}  // namespace diarflow
