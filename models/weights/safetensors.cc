// The bytes of a safetensors file:
//   8 bytes        N, the length of the header, unsigned, little-endian; at most 100,000,000
//   N bytes        the header, a JSON object in UTF-8 that begins with '{'; spaces may follow it
//   the rest       the numbers, little-endian, row-major
// Each member of the header is one tensor: {"dtype": "F32", "shape": [64, 1, 7], "data_offsets": [begin, end]}, with
// offsets in bytes from the end of the header. The tensors cover the rest exactly: no holes, no overlaps. The member
// "__metadata__" maps strings to strings.
#include "models/weights/safetensors.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "models/weights/mapped_file.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using nlohmann::json;

constexpr uint64_t kMaxHeaderBytes = 100000000;
// Of JSON values in the header: a byte or two make one, which takes 16 and more. A tensor has some 12.
constexpr size_t kMaxHeaderValues = 1 << 24;
constexpr size_t kMaxAxes = 64;
constexpr TensorType kTypes[] = {TensorType::kBool, TensorType::kU8,  TensorType::kI8,  TensorType::kI16,
                                 TensorType::kI32,  TensorType::kI64, TensorType::kF16, TensorType::kBF16,
                                 TensorType::kF32,  TensorType::kF64};

// A name in a message: hostile ones may be long or hold anything.
std::string Quoted(absl::string_view name) {
  return absl::StrCat("\"", absl::Utf8SafeCEscape(name.substr(0, 200)), name.size() > 200 ? "..." : "", "\"");
}

// JSON itself allows a member twice: then two readers could see two different files.
absl::StatusOr<json> ParseHeader(absl::string_view text) {
  if (text.empty() || text[0] != '{') return absl::DataLossError("its header does not begin with '{'");
  std::set<std::string> names;
  std::string repeated;
  size_t values = 0;
  const auto callback = [&](int depth, json::parse_event_t event, json& parsed) {
    // What is not kept takes no memory.
    if (++values > kMaxHeaderValues) return false;
    if (event == json::parse_event_t::key && depth == 1) {
      const std::string& name = parsed.get_ref<const std::string&>();
      if (!names.insert(name).second) repeated = name;
    }
    return true;
  };
  json header = json::parse(text.begin(), text.end(), callback, /*allow_exceptions=*/false);
  if (values > kMaxHeaderValues) {
    return absl::DataLossError(absl::StrCat("its header holds more than ", kMaxHeaderValues, " values"));
  }
  if (header.is_discarded() || !header.is_object()) return absl::DataLossError("its header is not a JSON object");
  if (!repeated.empty()) return absl::DataLossError(absl::StrCat("its header names ", Quoted(repeated), " twice"));
  return header;
}

absl::StatusOr<uint64_t> ReadCount(const json& value, absl::string_view what) {
  if (!value.is_number_unsigned() || value.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX)) {
    return absl::DataLossError(absl::StrCat("its ", what, " is not a count"));
  }
  return value.get<uint64_t>();
}

struct Entry {
  std::string name;
  TensorView view;
  uint64_t begin = 0;
  uint64_t end = 0;
};

absl::StatusOr<Entry> ReadEntry(const std::string& name, const json& value, absl::string_view numbers) {
  Entry entry;
  entry.name = name;
  if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") ||
      !value.contains("data_offsets")) {
    return absl::DataLossError("it has not exactly the members dtype, shape and data_offsets");
  }
  const json& dtype = value["dtype"];
  const auto type = std::find_if(std::begin(kTypes), std::end(kTypes), [&](TensorType t) {
    return dtype.is_string() && dtype == std::string(TensorTypeName(t));
  });
  if (type == std::end(kTypes)) return absl::DataLossError("its dtype is unknown");
  entry.view.type = *type;

  const json& shape = value["shape"];
  if (!shape.is_array()) return absl::DataLossError("its shape is not a list");
  if (shape.size() > kMaxAxes) return absl::DataLossError(absl::StrCat("its shape has more than ", kMaxAxes, " axes"));
  uint64_t bytes = static_cast<uint64_t>(TensorTypeSize(*type));
  for (const json& dim : shape) {
    ASSIGN_OR_RETURN(const uint64_t count, ReadCount(dim, "shape"));
    if (__builtin_mul_overflow(bytes, count, &bytes)) return absl::DataLossError("its shape is larger than any memory");
    entry.view.shape.push_back(static_cast<int64_t>(count));
  }

  const json& offsets = value["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2) return absl::DataLossError("its data_offsets are not two numbers");
  ASSIGN_OR_RETURN(entry.begin, ReadCount(offsets[0], "data_offsets"));
  ASSIGN_OR_RETURN(entry.end, ReadCount(offsets[1], "data_offsets"));
  if (entry.begin > entry.end || entry.end > numbers.size()) {
    return absl::DataLossError(absl::StrCat("its data_offsets [", entry.begin, ", ", entry.end, "] are outside the ",
                                            numbers.size(), " bytes of numbers in the file"));
  }
  if (entry.end - entry.begin != bytes) {
    return absl::DataLossError(absl::StrCat("its shape ", ShapeString(entry.view.shape), " of ", TensorTypeName(*type),
                                            " needs ", bytes, " bytes, but its data_offsets hold ",
                                            entry.end - entry.begin));
  }
  entry.view.data = reinterpret_cast<const uint8_t*>(numbers.data()) + entry.begin;
  entry.view.byte_size = bytes;
  return entry;
}

absl::Status CheckCover(std::vector<Entry> entries, uint64_t size) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::make_pair(a.begin, a.end) < std::make_pair(b.begin, b.end);
  });
  uint64_t covered = 0;
  for (const Entry& entry : entries) {
    if (entry.begin < covered)
      return absl::DataLossError(absl::StrCat("tensor ", Quoted(entry.name), " overlaps another one"));
    if (entry.begin > covered)
      return absl::DataLossError(absl::StrCat("there is a hole before tensor ", Quoted(entry.name)));
    covered = entry.end;
  }
  if (covered != size)
    return absl::DataLossError(absl::StrCat(size - covered, " bytes at its end belong to no tensor"));
  return absl::OkStatus();
}

absl::Status Parse(absl::string_view bytes, const std::shared_ptr<const void>& owner, TensorTable* table) {
  if (bytes.size() < 8) return absl::DataLossError("it is shorter than 8 bytes");
  uint64_t header_size = 0;
  for (int i = 7; i >= 0; --i) header_size = header_size << 8 | static_cast<uint8_t>(bytes[i]);
  if (absl::StartsWith(bytes, "version https://git-lfs")) {
    return absl::InvalidArgumentError("it is a Git LFS pointer, not the file itself: git lfs pull brings it");
  }
  if (absl::StartsWith(bytes, "PK")) {
    return absl::InvalidArgumentError("it is a zip archive, as torch.save writes: a safetensors file is needed");
  }
  if (header_size > kMaxHeaderBytes) {
    return absl::DataLossError(absl::StrCat("its header of ", header_size, " bytes is longer than ", kMaxHeaderBytes));
  }
  if (header_size > bytes.size() - 8) {
    return absl::DataLossError(absl::StrCat("it ends inside its header of ", header_size, " bytes"));
  }
  ASSIGN_OR_RETURN(const json header, ParseHeader(bytes.substr(8, header_size)));
  const absl::string_view numbers = bytes.substr(8 + header_size);
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") {
      if (!value.is_object()) return absl::DataLossError("its __metadata__ is not an object");
      for (const auto& [key, text] : value.items()) {
        if (!text.is_string())
          return absl::DataLossError(absl::StrCat("its __metadata__ ", Quoted(key), " is not a string"));
        table->mutable_metadata()[key] = text.get<std::string>();
      }
      continue;
    }
    absl::StatusOr<Entry> entry = ReadEntry(name, value, numbers);
    if (!entry.ok()) return absl::DataLossError(absl::StrCat("tensor ", Quoted(name), ": ", entry.status().message()));
    entries.push_back(*std::move(entry));
  }
  RETURN_IF_ERROR(CheckCover(entries, numbers.size()));
  for (const Entry& entry : entries) RETURN_IF_ERROR(table->Add(entry.name, entry.view, owner));
  return absl::OkStatus();
}

absl::StatusOr<TensorTable> ParseOwned(absl::string_view bytes, const std::string& source,
                                       std::shared_ptr<const void> owner) {
  TensorTable table(source);
  if (absl::Status status = Parse(bytes, owner, &table); !status.ok()) {
    return absl::Status(status.code(), absl::StrCat(source, " is not a good safetensors file: ", status.message()));
  }
  table.set_digest(Sha256().Update(bytes).HexDigest());
  return table;
}

}  // namespace

absl::StatusOr<TensorTable> ReadSafetensors(const std::string& path) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  return ParseOwned(file->bytes(), path, file);
}

absl::StatusOr<TensorTable> ParseSafetensors(absl::string_view bytes, const std::string& source) {
  const auto owner = std::make_shared<const std::string>(bytes);
  return ParseOwned(*owner, source, owner);
}

std::string SerializeSafetensors(const TensorTable& table) {
  json header = json::object();
  if (!table.metadata().empty()) header["__metadata__"] = table.metadata();
  // Wide numbers first, so that every tensor is aligned to its own numbers, without holes.
  std::vector<std::pair<absl::string_view, const TensorView*>> order;
  for (const auto& [name, tensor] : table.tensors()) order.emplace_back(name, &tensor);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return TensorTypeSize(a.second->type) > TensorTypeSize(b.second->type);
  });
  uint64_t offset = 0;
  for (const auto& [name, tensor] : order) {
    header[std::string(name)] = {{"dtype", std::string(TensorTypeName(tensor->type))},
                                 {"shape", tensor->shape},
                                 {"data_offsets", {offset, offset + tensor->byte_size}}};
    offset += tensor->byte_size;
  }
  // Names that are not UTF-8 are written with replacement characters, never thrown about.
  std::string text = header.dump(-1, ' ', false, json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');
  std::string bytes;
  bytes.reserve(8 + text.size() + offset);
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(static_cast<uint64_t>(text.size()) >> (8 * i)));
  bytes += text;
  for (const auto& [name, tensor] : order) bytes.append(reinterpret_cast<const char*>(tensor->data), tensor->byte_size);
  return bytes;
}

absl::Status WriteSafetensors(const std::string& path, const TensorTable& table) {
  return WriteFileAtomically(path, SerializeSafetensors(table));
}

}  // namespace diarflow
