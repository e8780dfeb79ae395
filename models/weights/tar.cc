// A tar is a row of blocks of 512 bytes: a header, then the member's data, filled up with zeros to whole blocks.
//   header    name 100, mode 8, user 8, group 8, size 12, time 12, checksum 8, kind 1, link 100, magic 6, version 2,
//             user's name 32, group's name 32, device 8 + 8, prefix 155 (only after the magic "ustar\0")
// Numbers are octal text, or, with the first bit set, big-endian binary (GNU). The checksum is the sum of the header's
// bytes with the checksum's own as spaces. Kinds: '0', '\0' and '7' files, '5' folders, '1' and '2' links, '3', '4' and
// '6' devices and pipes; 'L' and 'K' hold the next member's name or link, 'x' its records "LENGTH key=value\n", and 'g'
// such records for all that follow.
#include "models/weights/tar.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr size_t kBlock = 512;
constexpr size_t kChecksumAt = 148, kChecksumSize = 8;
constexpr size_t kMagicAt = 257;
constexpr size_t kMaxName = 4096;
// Of the records or the long name of one member.
constexpr size_t kMaxDescription = 1 << 20;

std::string Quoted(absl::string_view name) {
  return absl::StrCat("\"", absl::CEscape(name.substr(0, 80)), name.size() > 80 ? "..." : "", "\"");
}

bool IsZero(absl::string_view bytes) { return bytes.find_first_not_of('\0') == absl::string_view::npos; }

// A text of at most `size` bytes that a zero may end.
absl::string_view TextAt(absl::string_view header, size_t at, size_t size) {
  const absl::string_view field = header.substr(at, size);
  return field.substr(0, field.find('\0'));
}

absl::StatusOr<uint64_t> NumberAt(absl::string_view header, size_t at, size_t size, absl::string_view what) {
  absl::string_view field = header.substr(at, size);
  const uint8_t first = static_cast<uint8_t>(field[0]);
  uint64_t value = first & 0x7f;
  if ((first & 0x80) != 0) {
    for (size_t i = 1; i < size; ++i) {
      if (value >> 55 != 0) return absl::DataLossError(absl::StrCat("its ", what, " is larger than any memory"));
      value = value << 8 | static_cast<uint8_t>(field[i]);
    }
    return value;
  }
  while (!field.empty() && field.front() == ' ') field.remove_prefix(1);
  while (!field.empty() && (field.back() == ' ' || field.back() == '\0')) field.remove_suffix(1);
  // At most 12 digits of three bits.
  value = 0;
  for (const char digit : field) {
    if (digit < '0' || digit > '7') return absl::DataLossError(absl::StrCat("its ", what, " is not an octal number"));
    value = value << 3 | static_cast<uint64_t>(digit - '0');
  }
  if (field.empty()) return absl::DataLossError(absl::StrCat("its ", what, " is empty"));
  return value;
}

// REQUIRES: header.size() == kBlock.
absl::Status CheckSum(absl::string_view header) {
  ASSIGN_OR_RETURN(const uint64_t stored, NumberAt(header, kChecksumAt, kChecksumSize, "checksum"));
  uint64_t sum = kChecksumSize * ' ';
  for (size_t i = 0; i < kBlock; ++i) {
    if (i < kChecksumAt || i >= kChecksumAt + kChecksumSize) sum += static_cast<uint8_t>(header[i]);
  }
  if (sum != stored) return absl::DataLossError("its header is damaged (the checksum does not fit)");
  return absl::OkStatus();
}

absl::StatusOr<std::string> CleanName(absl::string_view name) {
  if (name.size() > kMaxName) return absl::DataLossError(absl::StrCat("its name is longer than ", kMaxName, " bytes"));
  if (absl::StartsWith(name, "/")) return absl::DataLossError("its name is absolute, which is refused");
  if (name.find('\0') != absl::string_view::npos) return absl::DataLossError("its name holds a zero byte");
  std::vector<absl::string_view> parts;
  for (const absl::string_view part : absl::StrSplit(name, '/')) {
    if (part == "..") return absl::DataLossError("its name holds \"..\", which is refused");
    if (!part.empty() && part != ".") parts.push_back(part);
  }
  return absl::StrJoin(parts, "/");
}

class Reader {
 public:
  explicit Reader(absl::string_view archive) : archive_(archive) {}

  absl::StatusOr<std::map<std::string, absl::string_view, std::less<>>> Run() {
    while (true) {
      if (archive_.size() - at_ < kBlock) {
        return absl::DataLossError(absl::StrCat("it has no end mark: it was cut after ", archive_.size(), " bytes"));
      }
      const absl::string_view header = archive_.substr(at_, kBlock);
      if (IsZero(header)) break;
      const size_t begin = at_;
      if (absl::Status status = ReadMember(header); !status.ok()) {
        const std::string name = has_name_ ? name_ : std::string(TextAt(header, 0, 100));
        return absl::DataLossError(absl::StrCat("member ", Quoted(name), " at byte ", begin, ": ", status.message()));
      }
    }
    if (described_) return absl::DataLossError("its last member describes one that does not follow");
    if (archive_.size() - at_ < 2 * kBlock) {
      return absl::DataLossError(absl::StrCat("its end mark was cut after ", archive_.size(), " bytes"));
    }
    if (!IsZero(archive_.substr(at_))) return absl::DataLossError("something follows its end mark");
    return std::move(members_);
  }

 private:
  absl::Status ReadMember(absl::string_view header);
  absl::StatusOr<absl::string_view> TakeData(uint64_t size);
  absl::Status TakeRecords(absl::string_view records, bool global);
  absl::Status AddFile(absl::string_view header, char kind, absl::string_view data);

  const absl::string_view archive_;
  size_t at_ = 0;
  std::map<std::string, absl::string_view, std::less<>> members_;
  // What stood before the next member.
  bool described_ = false, has_name_ = false, has_size_ = false;
  std::string name_;
  uint64_t size_ = 0;
};

// REQUIRES: at_ <= archive_.size().
absl::StatusOr<absl::string_view> Reader::TakeData(uint64_t size) {
  const uint64_t left = archive_.size() - at_;
  const uint64_t padding = (kBlock - size % kBlock) % kBlock;
  if (size > left || padding > left - size) {
    return absl::DataLossError(absl::StrCat("its ", size, " bytes reach beyond the archive's end"));
  }
  const absl::string_view data = archive_.substr(at_, size);
  at_ += static_cast<size_t>(size + padding);
  return data;
}

absl::Status Reader::ReadMember(absl::string_view header) {
  RETURN_IF_ERROR(CheckSum(header));
  at_ += kBlock;
  const char kind = header[156];
  ASSIGN_OR_RETURN(uint64_t size, NumberAt(header, 124, 12, "size"));
  if (kind == 'L' || kind == 'K' || kind == 'x' || kind == 'g') {
    if (size > kMaxDescription) {
      return absl::DataLossError(absl::StrCat("it describes a member in more than ", kMaxDescription, " bytes"));
    }
    ASSIGN_OR_RETURN(const absl::string_view data, TakeData(size));
    if (kind != 'g') described_ = true;
    if (kind == 'x' || kind == 'g') return TakeRecords(data, kind == 'g');
    if (kind == 'L') {
      has_name_ = true;
      name_ = std::string(data.substr(0, data.find('\0')));
    }
    return absl::OkStatus();
  }
  if (has_size_) size = size_;
  switch (kind) {
    case '1':
    case '2': return absl::DataLossError("it is a link, which is refused");
    case '3':
    case '4':
    case '6': return absl::DataLossError("it is a device or a pipe, which is refused");
    case '0':
    case '\0':
    case '5':
    case '7': break;
    default:
      return absl::DataLossError(
          absl::StrCat("it is of the kind \"", absl::CEscape(std::string(1, kind)), "\", which is refused"));
  }
  ASSIGN_OR_RETURN(const absl::string_view data, TakeData(size));
  RETURN_IF_ERROR(AddFile(header, kind, data));
  described_ = has_name_ = has_size_ = false;
  return absl::OkStatus();
}

absl::Status Reader::AddFile(absl::string_view header, char kind, absl::string_view data) {
  std::string name = name_;
  if (!has_name_) {
    name = std::string(TextAt(header, 0, 100));
    const absl::string_view prefix = TextAt(header, 345, 155);
    if (header.substr(kMagicAt, 6) == absl::string_view("ustar\0", 6) && !prefix.empty()) {
      name = absl::StrCat(prefix, "/", name);
    }
  }
  ASSIGN_OR_RETURN(const std::string clean, CleanName(name));
  // Before there was a kind for folders, a slash ended their names.
  if (kind == '5' || absl::EndsWith(name, "/")) {
    if (!data.empty()) return absl::DataLossError("it is a folder, but has data");
    return absl::OkStatus();
  }
  if (clean.empty()) return absl::DataLossError("it is a file without a name");
  if (!members_.emplace(clean, data).second) {
    return absl::DataLossError(absl::StrCat("there are two members named ", Quoted(clean)));
  }
  return absl::OkStatus();
}

absl::Status Reader::TakeRecords(absl::string_view records, bool global) {
  while (!records.empty()) {
    const size_t space = records.find(' ');
    uint64_t length = 0;
    if (space == absl::string_view::npos || space > 8 || !absl::SimpleAtoi(records.substr(0, space), &length) ||
        length < space + 3 || length > records.size() || records[length - 1] != '\n') {
      return absl::DataLossError("its records are not \"LENGTH key=value\"");
    }
    const absl::string_view record = records.substr(space + 1, length - space - 2);
    records.remove_prefix(length);
    const size_t equals = record.find('=');
    if (equals == absl::string_view::npos) return absl::DataLossError("a record of it has no value");
    const absl::string_view key = record.substr(0, equals), value = record.substr(equals + 1);
    if (absl::StartsWith(key, "GNU.sparse.")) return absl::DataLossError("it is sparse, which is refused");
    if (key != "path" && key != "size") continue;
    if (global) return absl::DataLossError(absl::StrCat("it gives all members the same ", key));
    if (key == "path") {
      has_name_ = true;
      name_ = std::string(value);
      continue;
    }
    if (value.empty() || value.size() > 18 || !absl::SimpleAtoi(value, &size_)) {
      return absl::DataLossError("the size in its records is not a number");
    }
    has_size_ = true;
  }
  return absl::OkStatus();
}

}  // namespace

bool LooksLikeTar(absl::string_view bytes) { return bytes.size() >= kBlock && CheckSum(bytes.substr(0, kBlock)).ok(); }

bool HasTarMark(absl::string_view bytes) {
  return bytes.size() >= kMagicAt + 5 && bytes.substr(kMagicAt, 5) == "ustar";
}

absl::StatusOr<std::map<std::string, absl::string_view, std::less<>>> ReadTar(absl::string_view archive) {
  return Reader(archive).Run();
}

}  // namespace diarflow
