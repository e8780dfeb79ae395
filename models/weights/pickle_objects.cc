#include "models/weights/pickle_objects.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr size_t kMaxAxes = 64;
// Each tensor holds its own copy.
constexpr size_t kMaxKey = 255;

struct StorageClass {
  absl::string_view global;
  TensorType type;
};
constexpr StorageClass kStorageClasses[] = {
    {"torch BoolStorage", TensorType::kBool}, {"torch ByteStorage", TensorType::kU8},
    {"torch CharStorage", TensorType::kI8},   {"torch ShortStorage", TensorType::kI16},
    {"torch IntStorage", TensorType::kI32},   {"torch LongStorage", TensorType::kI64},
    {"torch HalfStorage", TensorType::kF16},  {"torch BFloat16Storage", TensorType::kBF16},
    {"torch FloatStorage", TensorType::kF32}, {"torch DoubleStorage", TensorType::kF64},
};
constexpr absl::string_view kRebuildTensor = "torch._utils _rebuild_tensor_v2";
constexpr absl::string_view kRebuildParameter = "torch._utils _rebuild_parameter";
constexpr absl::string_view kOrderedDict = "collections OrderedDict";

// A name in a message: hostile ones may be long or hold anything.
std::string Quoted(absl::string_view name) {
  return absl::StrCat("\"", absl::CEscape(name.substr(0, 80)), name.size() > 80 ? "..." : "", "\"");
}

absl::Status TakeCounts(const Pickle& pickle, size_t tuple, std::vector<int64_t>* counts) {
  const PickleValue& value = pickle.values[tuple];
  if (value.kind != PickleKind::kTuple) return absl::DataLossError("a shape is not a tuple");
  if (value.items.size() > kMaxAxes) {
    return absl::DataLossError(absl::StrCat("a tensor has more than ", kMaxAxes, " axes"));
  }
  for (const size_t item : value.items) {
    if (pickle.values[item].kind != PickleKind::kInt || pickle.values[item].integer < 0) {
      return absl::DataLossError("a shape holds something besides counts");
    }
    counts->push_back(pickle.values[item].integer);
  }
  return absl::OkStatus();
}

// (storage, offset, shape, strides, requires_grad, backward_hooks[, metadata])
absl::StatusOr<PickleValue> RebuildTensor(const Pickle& pickle, const std::vector<size_t>& arguments) {
  const auto value = [&](size_t i) -> const PickleValue& { return pickle.values[arguments[i]]; };
  if (arguments.size() < 6 || arguments.size() > 7 || value(0).kind != PickleKind::kStorage ||
      value(1).kind != PickleKind::kInt || value(1).integer < 0) {
    return absl::DataLossError("a tensor is not made from (storage, offset, shape, strides, ...)");
  }
  PickleValue tensor = value(0);
  tensor.kind = PickleKind::kTensor;
  tensor.offset = value(1).integer;
  RETURN_IF_ERROR(TakeCounts(pickle, arguments[2], &tensor.shape));
  RETURN_IF_ERROR(TakeCounts(pickle, arguments[3], &tensor.strides));
  if (tensor.shape.size() != tensor.strides.size()) {
    return absl::DataLossError("a tensor has a stride too many or too few");
  }
  return tensor;
}

// (tensor, requires_grad, backward_hooks)
absl::StatusOr<PickleValue> RebuildParameter(const Pickle& pickle, const std::vector<size_t>& arguments) {
  if (arguments.size() != 3 || pickle.values[arguments[0]].kind != PickleKind::kTensor) {
    return absl::DataLossError("a parameter is not made from (tensor, requires_grad, hooks)");
  }
  return pickle.values[arguments[0]];
}

}  // namespace

absl::StatusOr<PickleValue> MakePickleGlobal(absl::string_view module, absl::string_view name) {
  const std::string global = absl::StrCat(module, " ", name);
  bool allowed = global == kRebuildTensor || global == kRebuildParameter || global == kOrderedDict;
  for (const StorageClass& storage : kStorageClasses) allowed = allowed || global == storage.global;
  if (!allowed) {
    return absl::DataLossError(absl::StrCat("it asks for ", Quoted(absl::StrCat(module, ".", name)),
                                            ", which is refused: only tensors and plain values are read"));
  }
  PickleValue value;
  value.kind = PickleKind::kGlobal;
  value.text = global;
  return value;
}

absl::StatusOr<PickleValue> MakePickleStorage(const Pickle& pickle, size_t id) {
  const std::vector<size_t>& items = pickle.values[id].items;
  const auto value = [&](size_t i) -> const PickleValue& { return pickle.values[items[i]]; };
  if (pickle.values[id].kind != PickleKind::kTuple || items.size() != 5 || value(0).kind != PickleKind::kString ||
      value(0).text != "storage" || value(1).kind != PickleKind::kGlobal || value(2).kind != PickleKind::kString ||
      value(4).kind != PickleKind::kInt || value(4).integer < 0) {
    return absl::DataLossError("a persistent id is not ('storage', class, key, location, count)");
  }
  if (value(2).text.size() > kMaxKey) {
    return absl::DataLossError(absl::StrCat("the key of a storage is longer than ", kMaxKey, " bytes"));
  }
  PickleValue storage;
  storage.kind = PickleKind::kStorage;
  storage.text = value(2).text;
  storage.count = value(4).integer;
  for (const StorageClass& known : kStorageClasses) {
    if (known.global != value(1).text) continue;
    storage.type = known.type;
    return storage;
  }
  return absl::DataLossError(absl::StrCat("a storage has the class ", Quoted(value(1).text)));
}

absl::StatusOr<PickleValue> CallPickleGlobal(const Pickle& pickle, size_t callable, size_t arguments) {
  if (pickle.values[callable].kind != PickleKind::kGlobal || pickle.values[arguments].kind != PickleKind::kTuple) {
    return absl::DataLossError("a call is not of a callable with a tuple");
  }
  const std::string& name = pickle.values[callable].text;
  const std::vector<size_t>& items = pickle.values[arguments].items;
  if (name == kRebuildTensor) return RebuildTensor(pickle, items);
  if (name == kRebuildParameter) return RebuildParameter(pickle, items);
  if (name == kOrderedDict && items.empty()) {
    PickleValue dict;
    dict.kind = PickleKind::kDict;
    return dict;
  }
  return absl::DataLossError(absl::StrCat("a call of ", Quoted(name), " is refused"));
}

}  // namespace diarflow
