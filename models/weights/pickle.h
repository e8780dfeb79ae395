// A reader of Python pickles that executes nothing. It knows the opcodes and the callables that torch.save() needs for
// tables of tensors, and refuses everything else by name.
//
// Callables:  torch._utils._rebuild_tensor_v2, torch._utils._rebuild_parameter, collections.OrderedDict()
// Classes:    torch.FloatStorage and its siblings, only inside the persistent id of a storage,
//             ('storage', CLASS, KEY, LOCATION, COUNT)
// Opcodes:    those of protocol 2 for numbers, strings, bytes, tuples, lists, dicts and the memo; a few of 4.
// BUILD, which sets attributes of an object, is accepted for an OrderedDict alone, and what it would set is dropped.
#ifndef DIARFLOW_MODELS_WEIGHTS_PICKLE_H_
#define DIARFLOW_MODELS_WEIGHTS_PICKLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

enum class PickleKind {
  kNone,
  kBool,
  kInt,
  kFloat,
  kString,  // also bytes
  kTuple,
  kList,
  kDict,
  kGlobal,
  kStorage,
  kTensor,
};

struct PickleValue {
  PickleKind kind = PickleKind::kNone;
  int64_t integer = 0;  // kInt, kBool
  double number = 0;    // kFloat
  std::string text;     // kString; "module name" of kGlobal; the key of kStorage
  // kTuple, kList: the items. kDict: key, value, key, value ... Each an index into Pickle::values.
  std::vector<size_t> items;
  // kStorage and kTensor.
  TensorType type = TensorType::kF32;
  int64_t count = 0;  // of numbers in the storage
  // kTensor, in numbers of its storage.
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;
  int64_t offset = 0;
};

// Values refer to one another by index: those of a hostile pickle may form loops.
struct Pickle {
  std::vector<PickleValue> values;
  size_t root = 0;
};

// kDataLoss with what is wrong, where it stands, and the name of a callable that is refused. Memory is bounded: at
// most 4 MiB of pickle make at most 2^20 values, which hold at most 64 MiB of keys and shapes that are repeated.
absl::StatusOr<Pickle> ParsePickle(absl::string_view bytes);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WEIGHTS_PICKLE_H_
