#include "models/weights/gunzip.h"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace diarflow {
namespace {

constexpr size_t kFirstRoom = 1 << 16;
// zlib counts in 32 bits.
constexpr size_t kMaxPiece = 1 << 30;
constexpr int kGzipOnly = 16 + MAX_WBITS;

// The state of zlib, freed when it goes.
struct Inflater {
  z_stream stream = {};
  bool ready = false;

  Inflater() { ready = inflateInit2(&stream, kGzipOnly) == Z_OK; }
  ~Inflater() {
    if (ready) inflateEnd(&stream);
  }
};

}  // namespace

bool LooksLikeGzip(absl::string_view bytes) { return absl::StartsWith(bytes, "\x1f\x8b\x08"); }

UnpackedBytes::~UnpackedBytes() { std::free(data_); }

bool UnpackedBytes::Reserve(size_t capacity) {
  if (capacity <= capacity_) return true;
  void* const grown = std::realloc(data_, capacity);
  if (grown == nullptr) return false;
  data_ = static_cast<char*>(grown);
  capacity_ = capacity;
  return true;
}

absl::StatusOr<std::shared_ptr<const UnpackedBytes>> Gunzip(absl::string_view packed, size_t max_bytes) {
  const absl::Status no_memory = absl::DataLossError("there is no memory to unpack it");
  Inflater inflater;
  if (!inflater.ready) return no_memory;
  z_stream& stream = inflater.stream;
  auto unpacked = std::make_shared<UnpackedBytes>();
  size_t taken = 0, size = 0;
  int result = Z_OK;
  while (result != Z_STREAM_END) {
    // One byte beyond the limit tells a full one from an overflow.
    if (size == unpacked->capacity() && !unpacked->Reserve(std::min(std::max(kFirstRoom, 2 * size), max_bytes + 1))) {
      return no_memory;
    }
    const size_t room = std::min(unpacked->capacity() - size, kMaxPiece);
    const size_t piece = std::min(packed.size() - taken, kMaxPiece);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data() + taken));
    stream.avail_in = static_cast<uInt>(piece);
    stream.next_out = reinterpret_cast<Bytef*>(unpacked->data() + size);
    stream.avail_out = static_cast<uInt>(room);
    result = inflate(&stream, Z_NO_FLUSH);
    taken += piece - stream.avail_in;
    size += room - stream.avail_out;
    if (size > max_bytes) {
      return absl::DataLossError(absl::StrCat("its ", packed.size(), " bytes unpack to more than ", max_bytes,
                                              ", the most that is accepted: where it is sound, give it unpacked"));
    }
    if (result == Z_MEM_ERROR) return no_memory;
    if (result == Z_BUF_ERROR || (result == Z_OK && taken == packed.size() && stream.avail_out > 0)) {
      return absl::DataLossError(absl::StrCat("the gzip was cut after ", packed.size(), " bytes"));
    }
    if (result != Z_OK && result != Z_STREAM_END) {
      return absl::DataLossError(
          absl::StrCat("the gzip is damaged (", stream.msg == nullptr ? "not a stream" : stream.msg, ")"));
    }
  }
  if (taken != packed.size()) return absl::DataLossError("something follows the end of the gzip");
  unpacked->set_size(size);
  return std::shared_ptr<const UnpackedBytes>(std::move(unpacked));
}

}  // namespace diarflow
