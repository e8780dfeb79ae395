#include "models/roofline/roofline.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "ATen/Parallel.h"
#include "ATen/native/CPUBlas.h"
#include "ATen/ops/mm.h"
#include "ATen/ops/ones.h"
#include "c10/core/InferenceMode.h"
#include "c10/util/Exception.h"

namespace diarflow {
namespace {

using Clock = std::chrono::steady_clock;

double Since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Units that all threads do together in a second: `work` does some and says how many, for its thread.
double Rate(int threads, double seconds, const std::function<double(int)>& work) {
  std::vector<double> rates(static_cast<size_t>(threads));
  std::vector<std::thread> running;
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      work(thread);
      double done = 0;
      const auto start = Clock::now();
      while (Since(start) < seconds) done += work(thread);
      rates[static_cast<size_t>(thread)] = done / Since(start);
    });
  }
  for (std::thread& thread : running) thread.join();
  double sum = 0;
  for (const double rate : rates) sum += rate;
  return sum;
}

// Rows that overlap nowhere, in the second-level cache with their panel of weights.
template <typename T>
double KernelRate(int threads, double seconds) {
  constexpr int64_t kRows = 240, kDepth = 256, kColumns = 64;
  struct Data {
    std::vector<T> x = std::vector<T>(kRows * kDepth, T(1.0f)), y = std::vector<T>(kDepth * kColumns, T(1.0f));
    std::vector<float> out = std::vector<float>(kRows * kColumns);
  };
  std::vector<Data> data(static_cast<size_t>(threads));
  return Rate(threads, seconds, [&](int thread) {
    Data& mine = data[static_cast<size_t>(thread)];
    constexpr int kRepeats = 20;
    for (int i = 0; i < kRepeats; ++i) {
      at::native::cpublas::brgemm(kRows, kColumns, kDepth, kDepth, kColumns, kColumns, false, mine.x.data(),
                                  mine.y.data(), mine.out.data(), sizeof(T) == 2);
    }
    return kRepeats * 2.0 * kRows * kDepth * kColumns;
  });
}

double ProductRate(at::ScalarType type, int threads, double seconds) {
  constexpr int64_t kSize = 1024;
  const int before = at::get_num_threads();
  at::set_num_threads(threads);
  const at::Tensor x = at::ones({kSize, kSize}, type), y = at::ones({kSize, kSize}, type);
  at::mm(x, y);
  const auto start = Clock::now();
  double done = 0;
  while (Since(start) < seconds) {
    at::mm(x, y);
    done += 2.0 * kSize * kSize * kSize;
  }
  const double rate = done / Since(start);
  at::set_num_threads(before);
  return rate;
}

}  // namespace

double PeakGflops(Operand operand, int threads, double seconds) {
  const c10::InferenceMode guard;
  double best = 0;
  try {
    best = ProductRate(operand == Operand::kFloat32 ? at::kFloat : at::kBFloat16, threads, seconds);
    best = std::max(best, operand == Operand::kFloat32 ? KernelRate<float>(threads, seconds)
                                                       : KernelRate<at::BFloat16>(threads, seconds));
  } catch (const c10::Error&) {
    // No such kernels here.
  }
  return best / 1e9;
}

double PeakReadBandwidth(int threads, double seconds) {
  constexpr size_t kNumbers = size_t{48} << 20;
  std::vector<std::vector<int64_t>> memory(static_cast<size_t>(threads));
  for (auto& mine : memory) mine.assign(kNumbers / static_cast<size_t>(threads), 1);
  volatile int64_t sink = 0;
  return Rate(threads, seconds, [&](int thread) {
    const std::vector<int64_t>& mine = memory[static_cast<size_t>(thread)];
    int64_t sums[8] = {};
    for (size_t i = 0; i + 8 <= mine.size(); i += 8) {
      for (size_t lane = 0; lane < 8; ++lane) sums[lane] += mine[i + lane];
    }
    for (const int64_t sum : sums) sink = sink + sum;
    return 8.0 * static_cast<double>(mine.size());
  });
}

}  // namespace diarflow
