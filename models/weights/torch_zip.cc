#include "models/weights/torch_zip.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "models/weights/mapped_file.h"
#include "models/weights/pickle.h"
#include "models/weights/zip_directory.h"

namespace diarflow {
namespace {

using ZipEntries = std::map<std::string, absl::string_view, std::less<>>;

constexpr absl::string_view kPickleName = "/data.pkl";
constexpr int kMaxDepth = 16;
// Of a tensor's name and of a text for the metadata: a hostile pickle could give one text to very many.
constexpr size_t kMaxText = 1000;
// Of all entries of the table, which dicts that stand in several places multiply; the numbers not counted.
constexpr size_t kMaxTable = 64 << 20;

// Whether the numbers of a tensor follow one another in its storage, last axis fastest.
bool IsRowMajor(const PickleValue& tensor) {
  int64_t step = 1;
  for (size_t axis = tensor.shape.size(); axis-- > 0;) {
    if (tensor.shape[axis] != 1 && tensor.strides[axis] != step) return false;
    step *= tensor.shape[axis];
  }
  return true;
}

// Numbers from the first to behind the last that a tensor has in its storage; with its size.
struct Extent {
  int64_t size = 1;
  int64_t span = 0;
};

absl::StatusOr<Extent> ExtentOf(const PickleValue& tensor) {
  Extent extent;
  int64_t last = 0;
  for (size_t axis = 0; axis < tensor.shape.size(); ++axis) {
    int64_t reach = 0;
    if (__builtin_mul_overflow(extent.size, tensor.shape[axis], &extent.size) ||
        __builtin_mul_overflow(std::max<int64_t>(tensor.shape[axis] - 1, 0), tensor.strides[axis], &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      return absl::DataLossError("its shape is larger than any memory");
    }
  }
  // Another axis may have overflowed before a zero came.
  if (std::count(tensor.shape.begin(), tensor.shape.end(), 0) > 0) return Extent{0, 0};
  if (__builtin_add_overflow(last, int64_t{1}, &extent.span)) {
    return absl::DataLossError("its shape is larger than any memory");
  }
  return extent;
}

class TableReader {
 public:
  TableReader(const ZipEntries& entries, std::string folder, size_t archive_size, std::shared_ptr<const void> owner,
              TensorTable* table)
      : entries_(entries),
        folder_(std::move(folder)),
        copies_left_(archive_size),
        owner_(std::move(owner)),
        table_(table) {}

  absl::Status Read(const Pickle& pickle) {
    if (pickle.values[pickle.root].kind != PickleKind::kDict) {
      return absl::DataLossError("its pickle is not a dict of tensors");
    }
    steps_left_ = 1000 + 4 * pickle.values.size();
    return ReadDict(pickle, pickle.root, "", 0);
  }

 private:
  absl::Status ReadDict(const Pickle& pickle, size_t dict, const std::string& prefix, int depth);
  absl::Status AddTensor(const std::string& name, const PickleValue& tensor);
  absl::Status AddMetadata(const std::string& name, const std::string& text);
  // That one more entry of the table, with so many bytes of text and shape, is not too much.
  absl::Status CheckRoom(size_t bytes);
  absl::StatusOr<absl::string_view> StorageOf(const PickleValue& tensor) const;
  absl::StatusOr<std::shared_ptr<const std::vector<uint8_t>>> CopyInOrder(const PickleValue& tensor,
                                                                          absl::string_view storage, int64_t size);

  const ZipEntries& entries_;
  const std::string folder_;
  size_t copies_left_;  // bytes that views of storages may still take
  size_t table_left_ = kMaxTable;
  size_t steps_left_ = 0;  // one dict may stand in many places, and in itself
  const std::shared_ptr<const void> owner_;
  TensorTable* const table_;
};

absl::Status TableReader::ReadDict(const Pickle& pickle, size_t dict, const std::string& prefix, int depth) {
  if (depth > kMaxDepth) return absl::DataLossError("its dicts stand inside one another too deep");
  const std::vector<size_t>& items = pickle.values[dict].items;
  for (size_t i = 0; i + 1 < items.size(); i += 2) {
    if (steps_left_-- == 0) return absl::DataLossError("its dicts repeat one another");
    const PickleValue& key = pickle.values[items[i]];
    const PickleValue& value = pickle.values[items[i + 1]];
    if (key.kind != PickleKind::kString && key.kind != PickleKind::kInt) continue;
    const std::string name =
        absl::StrCat(prefix, key.kind == PickleKind::kString ? key.text : absl::StrCat(key.integer));
    if (name.size() > kMaxText) {
      return absl::DataLossError(absl::StrCat("it holds a name of more than ", kMaxText, " bytes"));
    }
    if (value.kind == PickleKind::kDict) {
      RETURN_IF_ERROR(ReadDict(pickle, items[i + 1], name + ".", depth + 1));
    } else if (value.kind == PickleKind::kTensor) {
      if (absl::Status status = AddTensor(name, value); !status.ok()) {
        return absl::DataLossError(absl::StrCat("tensor \"", absl::CEscape(name), "\": ", status.message()));
      }
    } else if (depth == 0 && value.kind == PickleKind::kString && value.text.size() <= kMaxText) {
      RETURN_IF_ERROR(AddMetadata(name, value.text));
    } else if (depth == 0 && value.kind == PickleKind::kInt) {
      RETURN_IF_ERROR(AddMetadata(name, absl::StrCat(value.integer)));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::string_view> TableReader::StorageOf(const PickleValue& tensor) const {
  const auto found = entries_.find(absl::StrCat(folder_, "/data/", tensor.text));
  if (found == entries_.end()) {
    return absl::DataLossError(absl::StrCat("its storage \"", absl::CEscape(tensor.text), "\" is not in the archive"));
  }
  const uint64_t width = static_cast<uint64_t>(TensorTypeSize(tensor.type));
  const absl::string_view storage = found->second;
  if (storage.size() % width != 0 || storage.size() / width != static_cast<uint64_t>(tensor.count)) {
    return absl::DataLossError(absl::StrCat("its storage should hold ", tensor.count, " numbers of ",
                                            TensorTypeName(tensor.type), ", but has ", storage.size(), " bytes"));
  }
  return storage;
}

absl::StatusOr<std::shared_ptr<const std::vector<uint8_t>>> TableReader::CopyInOrder(const PickleValue& tensor,
                                                                                     absl::string_view storage,
                                                                                     int64_t size) {
  const size_t width = static_cast<size_t>(TensorTypeSize(tensor.type));
  // Strides of 0 make large tensors of small storages; weights have none.
  if (size > tensor.count || static_cast<size_t>(size) * width > copies_left_) {
    return absl::DataLossError("it shows the same numbers more than once");
  }
  copies_left_ -= static_cast<size_t>(size) * width;
  auto copy = std::make_shared<std::vector<uint8_t>>(static_cast<size_t>(size) * width);
  std::vector<int64_t> index(tensor.shape.size(), 0);
  // The stride of an axis of one place means nothing, and may be anything.
  std::vector<int64_t> strides = tensor.strides;
  for (size_t axis = 0; axis < strides.size(); ++axis) strides[axis] *= tensor.shape[axis] > 1 ? 1 : 0;
  int64_t at = tensor.offset;
  for (size_t i = 0; i < static_cast<size_t>(size); ++i) {
    std::memcpy(copy->data() + i * width, storage.data() + static_cast<size_t>(at) * width, width);
    for (size_t axis = tensor.shape.size(); axis-- > 0;) {
      at += strides[axis];
      if (++index[axis] < tensor.shape[axis]) break;
      at -= index[axis] * strides[axis];
      index[axis] = 0;
    }
  }
  return copy;
}

absl::Status TableReader::CheckRoom(size_t bytes) {
  constexpr size_t kEntry = 200;
  if (bytes + kEntry > table_left_) {
    return absl::DataLossError(absl::StrCat("its names and shapes take more than ", kMaxTable, " bytes"));
  }
  table_left_ -= bytes + kEntry;
  return absl::OkStatus();
}

absl::Status TableReader::AddMetadata(const std::string& name, const std::string& text) {
  RETURN_IF_ERROR(CheckRoom(name.size() + text.size()));
  table_->mutable_metadata()[name] = text;
  return absl::OkStatus();
}

absl::Status TableReader::AddTensor(const std::string& name, const PickleValue& tensor) {
  RETURN_IF_ERROR(CheckRoom(name.size() + tensor.shape.size() * sizeof(int64_t)));
  ASSIGN_OR_RETURN(const absl::string_view storage, StorageOf(tensor));
  ASSIGN_OR_RETURN(const Extent extent, ExtentOf(tensor));
  int64_t end = 0;
  if (__builtin_add_overflow(tensor.offset, extent.span, &end) || end > tensor.count) {
    return absl::DataLossError(absl::StrCat("its ", extent.span, " numbers from ", tensor.offset,
                                            " on reach beyond the ", tensor.count, " of its storage"));
  }
  const int64_t width = TensorTypeSize(tensor.type);
  TensorView view;
  view.type = tensor.type;
  view.shape = tensor.shape;
  view.byte_size = static_cast<size_t>(extent.size * width);
  if (extent.size == 0 || IsRowMajor(tensor)) {
    view.data = reinterpret_cast<const uint8_t*>(storage.data()) + tensor.offset * width;
    return table_->Add(name, std::move(view), owner_);
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<const std::vector<uint8_t>> copy, CopyInOrder(tensor, storage, extent.size));
  view.data = copy->data();
  return table_->Add(name, std::move(view), copy);
}

absl::StatusOr<TensorTable> ParseOwned(absl::string_view bytes, const std::string& source,
                                       std::shared_ptr<const void> owner) {
  TensorTable table(source);
  if (absl::Status status = AddTorchZip(bytes, std::move(owner), &table); !status.ok()) {
    return absl::DataLossError(absl::StrCat(source, " is not a good torch archive: ", status.message()));
  }
  table.set_digest(Sha256().Update(bytes).HexDigest());
  return table;
}

}  // namespace

absl::Status AddTorchZip(absl::string_view bytes, std::shared_ptr<const void> owner, TensorTable* table) {
  ASSIGN_OR_RETURN(const ZipEntries entries, ReadZipDirectory(bytes));
  const std::pair<const std::string, absl::string_view>* described = nullptr;
  for (const auto& entry : entries) {
    if (!absl::EndsWith(entry.first, kPickleName)) continue;
    if (described != nullptr) return absl::DataLossError("it holds two files data.pkl");
    described = &entry;
  }
  if (described == nullptr)
    return absl::DataLossError("it holds no data.pkl: it is a zip, but not one of torch.save()");
  const std::string folder(absl::StripSuffix(described->first, kPickleName));
  const auto order = entries.find(folder + "/byteorder");
  if (order != entries.end() && order->second != "little") {
    return absl::DataLossError(absl::StrCat("its numbers have the byte order \"",
                                            absl::CEscape(order->second.substr(0, 20)), "\", not little"));
  }
  ASSIGN_OR_RETURN(const Pickle pickle, ParsePickle(described->second));
  return TableReader(entries, folder, bytes.size(), std::move(owner), table).Read(pickle);
}

absl::StatusOr<TensorTable> ReadTorchZip(const std::string& path) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  return ParseOwned(file->bytes(), path, file);
}

absl::StatusOr<TensorTable> ParseTorchZip(absl::string_view bytes, const std::string& source) {
  const auto owner = std::make_shared<const std::string>(bytes);
  return ParseOwned(*owner, source, owner);
}

}  // namespace diarflow
