// The objects that a pickle of tensors may make: what stands for a class, a storage, a tensor. All errors are
// kDataLoss.
#ifndef DIARFLOW_MODELS_WEIGHTS_PICKLE_OBJECTS_H_
#define DIARFLOW_MODELS_WEIGHTS_PICKLE_OBJECTS_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "models/weights/pickle.h"

namespace diarflow {

// A callable or a class by its name; only those of pickle.h, an error names any other.
absl::StatusOr<PickleValue> MakePickleGlobal(absl::string_view module, absl::string_view name);

// What the persistent id ('storage', class, key, location, count) stands for.
absl::StatusOr<PickleValue> MakePickleStorage(const Pickle& pickle, size_t id);

// What `callable` would give for the tuple `arguments`: a tensor, or an empty dict.
absl::StatusOr<PickleValue> CallPickleGlobal(const Pickle& pickle, size_t callable, size_t arguments);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WEIGHTS_PICKLE_OBJECTS_H_
