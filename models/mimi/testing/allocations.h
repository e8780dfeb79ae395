// Counts the heap allocations of the program that links this: malloc and its kin, operator new too, as it calls malloc.
#ifndef DIARFLOW_MODELS_MIMI_TESTING_ALLOCATIONS_H_
#define DIARFLOW_MODELS_MIMI_TESTING_ALLOCATIONS_H_

#include <cstdint>
#include <map>
#include <string>

namespace diarflow {

// Between its making and its end, the allocations of the thread that made it.
class AllocationCount {
 public:
  // With `sources` the call stack of each is kept (slow, and itself not counted).
  explicit AllocationCount(bool sources = false);
  ~AllocationCount();

  int64_t count() const;
  // Our functions that allocated, innermost first, with how often.
  std::map<std::string, int64_t> Sources() const;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_TESTING_ALLOCATIONS_H_
