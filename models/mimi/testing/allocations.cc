#include "models/mimi/testing/allocations.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

// What the C library's allocator is called inside of it: so that the functions below need not look it up, which would
// allocate.
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* block, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
}

namespace diarflow {
namespace {

constexpr int kDepth = 24;
constexpr int kMostStacks = 4096;

struct Stack {
  void* frames[kDepth];
  int depth;
};

thread_local bool counting = false;
thread_local bool with_sources = false;
thread_local int64_t allocations = 0;
Stack stacks[kMostStacks];
int kept = 0;

void Count() {
  if (!counting) return;
  ++allocations;
  if (!with_sources || kept == kMostStacks) return;
  counting = false;
  stacks[kept].depth = backtrace(stacks[kept].frames, kDepth);
  ++kept;
  counting = true;
}

}  // namespace

AllocationCount::AllocationCount(bool sources) {
  // Its first call loads a library.
  void* frame[1];
  backtrace(frame, 1);
  kept = 0;
  allocations = 0;
  with_sources = sources;
  counting = true;
}

AllocationCount::~AllocationCount() { counting = false; }

int64_t AllocationCount::count() const { return allocations; }

std::map<std::string, int64_t> AllocationCount::Sources() const {
  counting = false;
  std::map<std::string, int64_t> sources;
  for (int i = 0; i < kept; ++i) {
    std::string source;
    // The first frames are this file's.
    for (int frame = 2; frame < stacks[i].depth && source.empty(); ++frame) {
      Dl_info info;
      if (dladdr(stacks[i].frames[frame], &info) == 0 || info.dli_sname == nullptr) continue;
      int status = 0;
      char* name = abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status);
      std::string readable = status == 0 ? name : info.dli_sname;
      std::free(name);
      // In front of a template's name stands what it gives.
      if (readable.find("void ") == 0) readable.erase(0, 5);
      if (readable.find("diarflow::") == 0 || readable.find("dnnl") != std::string::npos) source = readable;
    }
    ++sources[source.empty() ? "elsewhere" : source.substr(0, source.find('('))];
  }
  return sources;
}

}  // namespace diarflow

extern "C" {

void* malloc(size_t size) {
  diarflow::Count();
  return __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
  diarflow::Count();
  return __libc_calloc(count, size);
}

void* realloc(void* block, size_t size) {
  diarflow::Count();
  return __libc_realloc(block, size);
}

void* memalign(size_t alignment, size_t size) {
  diarflow::Count();
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void** block, size_t alignment, size_t size) {
  *block = memalign(alignment, size);
  return *block == nullptr ? 12 : 0;
}

}  // extern "C"
