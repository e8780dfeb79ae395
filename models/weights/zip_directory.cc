// Records of a zip, all numbers little-endian:
//   local header, 30 bytes    signature, version 2, flags 2, method 2, time 4, crc 4, packed 4, size 4, name 2, extra 2
//   directory entry, 46       signature, version 2 + 2, flags 2, method 2, time 4, crc 4, packed 4, size 4, name 2,
//                             extra 2, comment 2, disk 2, attributes 2 + 4, offset 4
//   end record, 22            signature, disk 2, directory's disk 2, entries here 2, entries 2, size 4, offset 4,
//                             comment 2
// A ZIP64 end record (56 bytes) and its locator (20) may stand before the end record. torch.save() writes them always;
// they are needed only where a field of the end record is all ones.
#include "models/weights/zip_directory.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr absl::string_view kLocalSignature = "PK\x03\x04";
constexpr absl::string_view kEntrySignature = "PK\x01\x02";
constexpr absl::string_view kEndSignature = "PK\x05\x06";
constexpr size_t kLocalSize = 30, kEntrySize = 46, kEndSize = 22;
constexpr size_t kMaxComment = 65535;
constexpr uint16_t kEncrypted = 1 << 0, kHasDescriptor = 1 << 3;

// REQUIRES: at + bytes <= data.size().
uint64_t Number(absl::string_view data, size_t at, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<uint8_t>(data[at + i]);
  return value;
}

// Eight tables, so that eight bytes are taken at once (Kounavis and Berry, 2005).
struct CrcTables {
  std::array<std::array<uint32_t, 256>, 8> of;

  CrcTables() {
    for (uint32_t byte = 0; byte < 256; ++byte) {
      uint32_t crc = byte;
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
      of[0][byte] = crc;
    }
    for (size_t table = 1; table < 8; ++table) {
      for (size_t byte = 0; byte < 256; ++byte) {
        const uint32_t before = of[table - 1][byte];
        of[table][byte] = (before >> 8) ^ of[0][before & 0xff];
      }
    }
  }
};

uint32_t Crc32(absl::string_view data) {
  static const CrcTables& tables = *new CrcTables;
  uint32_t crc = ~0u;
  size_t at = 0;
  for (; at + 8 <= data.size(); at += 8) {
    const uint64_t word = Number(data, at, 8) ^ crc;
    crc = 0;
    for (size_t i = 0; i < 8; ++i) crc ^= tables.of[7 - i][(word >> (8 * i)) & 0xff];
  }
  for (; at < data.size(); ++at) crc = (crc >> 8) ^ tables.of[0][(crc ^ static_cast<uint8_t>(data[at])) & 0xff];
  return ~crc;
}

struct Directory {
  uint64_t begin = 0, end = 0;
  uint64_t count = 0;
};

absl::StatusOr<Directory> FindDirectory(absl::string_view archive) {
  if (archive.size() < kEndSize) return absl::DataLossError("it is shorter than the end record of a zip");
  // The comment, which ends the archive, may be of any length.
  const size_t last = archive.size() - kEndSize;
  const size_t first = last > kMaxComment ? last - kMaxComment : 0;
  size_t at = last + 1;
  do {
    if (at == first) return absl::DataLossError("it has no end record: it was cut, or something follows it");
    --at;
  } while (archive.substr(at, 4) != kEndSignature || at + kEndSize + Number(archive, at + 20, 2) != archive.size());
  if (Number(archive, at + 4, 4) != 0) return absl::DataLossError("it is a part of a zip of several disks");
  Directory directory;
  directory.count = Number(archive, at + 10, 2);
  const uint64_t size = Number(archive, at + 12, 4);
  directory.begin = Number(archive, at + 16, 4);
  if (directory.count == 0xffff || size == 0xffffffff || directory.begin == 0xffffffff) {
    return absl::DataLossError("it needs ZIP64, which is not read: it has 4 GB or 65535 entries and more");
  }
  if (Number(archive, at + 8, 2) != directory.count) return absl::DataLossError("its end record counts entries twice");
  directory.end = directory.begin + size;
  if (directory.end > at) return absl::DataLossError("its directory lies outside the archive");
  return directory;
}

struct Entry {
  std::string name;
  uint64_t begin = 0;  // of the local header
  uint64_t end = 0;    // of the data
  uint32_t crc = 0;
  absl::string_view data;
};

absl::StatusOr<Entry> ReadEntry(absl::string_view archive, uint64_t directory_begin, absl::string_view record,
                                absl::string_view name) {
  Entry entry;
  entry.name = std::string(name);
  const uint64_t flags = Number(record, 8, 2);
  if ((flags & kEncrypted) != 0) return absl::DataLossError("it is encrypted");
  if (Number(record, 10, 2) != 0) {
    return absl::DataLossError(
        absl::StrCat("it is compressed (method ", Number(record, 10, 2), "); only stored entries are read"));
  }
  const uint64_t crc = Number(record, 16, 4), size = Number(record, 24, 4);
  entry.begin = Number(record, 42, 4);
  if (size == 0xffffffff || entry.begin == 0xffffffff) return absl::DataLossError("it needs ZIP64, which is not read");
  if (Number(record, 20, 4) != size) return absl::DataLossError("it is stored, but has two sizes");
  if (Number(record, 34, 2) != 0) return absl::DataLossError("it lies on another disk");

  if (entry.begin + kLocalSize > directory_begin || archive.substr(entry.begin, 4) != kLocalSignature) {
    return absl::DataLossError(absl::StrCat("there is no local header at its offset ", entry.begin));
  }
  const absl::string_view local = archive.substr(entry.begin, kLocalSize);
  const uint64_t name_size = Number(local, 26, 2);
  const uint64_t data_begin = entry.begin + kLocalSize + name_size + Number(local, 28, 2);
  entry.end = data_begin + size;
  if (entry.end > directory_begin) {
    return absl::DataLossError(absl::StrCat("its ", size, " bytes reach beyond the archive's data"));
  }
  if (archive.substr(entry.begin + kLocalSize, name_size) != name) {
    return absl::DataLossError("its local header has another name");
  }
  const uint64_t local_flags = Number(local, 6, 2);
  const bool described_behind = (local_flags & kHasDescriptor) != 0;
  const auto agrees = [&](size_t at, uint64_t value) {
    const uint64_t here = Number(local, at, 4);
    return here == value || (described_behind && here == 0);
  };
  if (local_flags != flags || Number(local, 8, 2) != 0 || !agrees(14, crc) || !agrees(18, size) || !agrees(22, size)) {
    return absl::DataLossError("its local header contradicts the directory");
  }
  entry.data = archive.substr(data_begin, size);
  entry.crc = static_cast<uint32_t>(crc);
  return entry;
}

absl::Status AtEntry(absl::string_view name, absl::string_view message) {
  return absl::DataLossError(absl::StrCat("entry \"", absl::CEscape(name), "\": ", message));
}

// Apart first: entries that overlap could have one piece of the archive summed 65,000 times.
absl::Status CheckData(std::vector<Entry> entries) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.begin < b.begin; });
  for (size_t i = 1; i < entries.size(); ++i) {
    if (entries[i].begin < entries[i - 1].end) return absl::DataLossError("two of its entries overlap");
  }
  for (const Entry& entry : entries) {
    if (Crc32(entry.data) != entry.crc) {
      return AtEntry(entry.name, "its data is damaged (the checksum does not fit)");
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool LooksLikeZip(absl::string_view bytes) {
  return absl::StartsWith(bytes, kLocalSignature) || absl::StartsWith(bytes, kEndSignature);
}

absl::StatusOr<std::map<std::string, absl::string_view, std::less<>>> ReadZipDirectory(absl::string_view archive) {
  ASSIGN_OR_RETURN(const Directory directory, FindDirectory(archive));
  std::map<std::string, absl::string_view, std::less<>> entries;
  std::vector<Entry> read;
  uint64_t at = directory.begin;
  for (uint64_t i = 0; i < directory.count; ++i) {
    if (at + kEntrySize > directory.end || archive.substr(at, 4) != kEntrySignature) {
      return absl::DataLossError(absl::StrCat("its directory ends after ", i, " of ", directory.count, " entries"));
    }
    const absl::string_view record = archive.substr(at, kEntrySize);
    const uint64_t name_size = Number(record, 28, 2);
    const uint64_t next = at + kEntrySize + name_size + Number(record, 30, 2) + Number(record, 32, 2);
    if (next > directory.end) return absl::DataLossError(absl::StrCat("entry ", i, " of its directory is cut off"));
    const absl::string_view name = archive.substr(at + kEntrySize, name_size);
    absl::StatusOr<Entry> entry = ReadEntry(archive, directory.begin, record, name);
    if (!entry.ok()) return AtEntry(name, entry.status().message());
    if (!entries.emplace(entry->name, entry->data).second) {
      return absl::DataLossError(absl::StrCat("there are two entries named \"", absl::CEscape(name), "\""));
    }
    read.push_back(*std::move(entry));
    at = next;
  }
  if (at != directory.end) return absl::DataLossError("its directory holds more than its entries");
  RETURN_IF_ERROR(CheckData(std::move(read)));
  return entries;
}

}  // namespace diarflow
