#include "bench/peak_memory.h"

#include <cstring>
#include <fstream>
#include <memory>

#include "gtest/gtest.h"

namespace diarflow {
namespace {

constexpr size_t kBytes = size_t{200} << 20;

TEST(PeakMemoryTest, RemembersWhatIsGoneUntilItIsReset) {
  ResetPeakMemory();
  const double before = PeakMemoryMb();
  EXPECT_GT(before, 0);
  auto memory = std::make_unique<char[]>(kBytes);
  std::memset(memory.get(), 1, kBytes);
  // Read again, so that no compiler leaves it out.
  EXPECT_EQ(memory[kBytes / 2], 1);
  memory.reset();
  EXPECT_GT(PeakMemoryMb(), before + 190);
  if (!std::ofstream("/proc/self/clear_refs").is_open()) GTEST_SKIP() << "this system does not reset peaks";
  ResetPeakMemory();
  EXPECT_LT(PeakMemoryMb(), before + 100);
}

}  // namespace
}  // namespace diarflow
