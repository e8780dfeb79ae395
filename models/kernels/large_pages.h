// Memory for numbers that are read from end to end, in pages of two megabytes where the system has them: with small
// pages a core that reads 150 MB of weights in each step waits for addresses.
#ifndef DIARFLOW_MODELS_KERNELS_LARGE_PAGES_H_
#define DIARFLOW_MODELS_KERNELS_LARGE_PAGES_H_

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <vector>

namespace diarflow {

template <typename T>
struct LargePages {
  using value_type = T;

  LargePages() = default;
  template <typename U>
  LargePages(const LargePages<U>&) {}

  T* allocate(size_t count) {
    constexpr size_t kPage = size_t{2} << 20;
    const size_t bytes = count * sizeof(T);
    if (bytes < kPage) return static_cast<T*>(::operator new(bytes, std::align_val_t(kAlignment)));
    void* memory = ::operator new(bytes, std::align_val_t(kPage));
    // Only advice: where it is not taken the pages are small.
    madvise(memory, bytes, MADV_HUGEPAGE);
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, size_t count) {
    constexpr size_t kPage = size_t{2} << 20;
    ::operator delete(memory, std::align_val_t(count * sizeof(T) < kPage ? kAlignment : kPage));
  }

  friend bool operator==(const LargePages&, const LargePages&) { return true; }
  friend bool operator!=(const LargePages&, const LargePages&) { return false; }

 private:
  static constexpr size_t kAlignment = 64;
};

template <typename T>
using LargeVector = std::vector<T, LargePages<T>>;

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_KERNELS_LARGE_PAGES_H_
